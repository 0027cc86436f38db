//! Mistakes in the content, with the file and line that the author has to change.

use std::fmt;

/// All mistakes that a build found.
#[derive(Debug)]
pub struct BuildErrors(pub(crate) Vec<BuildError>);

impl BuildErrors {
    /// `Ok` if there are none, so that a pass over the content can report all its mistakes before it stops.
    pub(crate) fn unless_empty(errors: Vec<BuildError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }
}

impl fmt::Display for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.iter().map(ToString::to_string).collect::<Vec<_>>();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for BuildErrors {}

impl From<BuildError> for BuildErrors {
    fn from(error: BuildError) -> Self {
        Self(vec![error])
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {fault}")]
pub(crate) struct BuildError {
    /// The file, relative to the crate: `content/guide.md`.
    pub(crate) file: String,
    /// The line in it, counted from 1.
    pub(crate) line: usize,
    pub(crate) fault: Fault,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the error texts describe the variants")]
#[non_exhaustive]
pub enum Fault {
    #[error("a page must begin with front matter between two lines of `---`")]
    NoFrontMatter,
    #[error("the front matter has no `{0}`")]
    Missing(&'static str),
    #[error("the front matter has an unknown key or value: `{0}`")]
    UnknownFrontMatter(String),
    #[error("unknown variable `{0}`")]
    UnknownVariable(String),
    #[error("the path {path} already belongs to {other}")]
    DuplicatePath { path: String, other: String },
    #[error("another heading of the page already has the id `{0}`")]
    DuplicateId(String),
    #[error("broken link: {0}")]
    BrokenLink(String),
    #[error("a page's title is its only first-level heading; start with `##`")]
    SecondTitle,
    /// HTML could add a script, a style or content from another origin, and a review could miss it.
    #[error("use Markdown instead of HTML")]
    RawHtml,
    #[error("a table column has no heading; screen readers announce it with every cell")]
    UnnamedColumn,
    #[error("can't read the description of the API: {0}")]
    NoOpenApi(String),
    #[error("the page has `languages: all`, but the {language} translation, content/{file}, is missing")]
    MissingTranslation { language: &'static str, file: String },
    #[error("this translates {0}, but there is no such page with `languages: all`")]
    NoOriginal(String),
    #[error("the English page has a heading with the id `{0}`; this page doesn't")]
    MissingId(String),
    #[error("the English page has no heading with the id `{0}`")]
    UnknownId(String),
    #[error("{0}")]
    Message(String),
    #[error("there is no message `{0}` in locales/")]
    NoMessage(String),
    #[error("a message must be inline text; this starts a heading, list, quote, code block or rule")]
    Block,
    #[error("there are no {0} messages")]
    NoMessages(&'static str),
    #[error("there is no picture {0}; use `/pictures/NAME` for the file content/pictures/NAME")]
    NoSuchPicture(String),
    #[error("the picture {0} has no alternative text; write it in the square brackets")]
    NoAltText(String),
    #[error("this isn't a PNG or WebP picture")]
    NotAPicture,
    #[error("there is no file `{0}`, or two files import each other")]
    NoSuchAsset(String),
    #[error("the layout failed: {0}")]
    Layout(#[from] askama::Error),
}

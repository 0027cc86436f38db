//! What can be wrong with the content, said so that its author finds the line.

use std::fmt;

/// All faults that one build found.
#[derive(Debug)]
pub struct BuildErrors(pub(crate) Vec<BuildError>);

impl BuildErrors {
    /// The faults, in the order of the content's files and lines.
    pub fn iter(&self) -> std::slice::Iter<'_, BuildError> {
        self.0.iter()
    }

    /// `Ok` if nothing was found, so that a pass over the content can report everything at once and then stop.
    pub(crate) fn unless_empty(errors: Vec<BuildError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }
}

impl fmt::Display for BuildErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildErrors {}

impl From<BuildError> for BuildErrors {
    fn from(error: BuildError) -> Self {
        Self(vec![error])
    }
}

/// One fault, and where it is.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {fault}")]
pub struct BuildError {
    /// The file, relative to the crate: `content/guide.md`.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file does not begin with front matter, or the front matter has no end.
    #[error("the page has to begin with front matter between two lines of `---`")]
    NoFrontMatter,
    /// The front matter lacks a key that the page needs.
    #[error("the front matter has no `{0}`")]
    Missing(&'static str),
    /// The front matter has a line that is not understood.
    #[error("`{0}` is not understood in the front matter")]
    UnknownFrontMatter(String),
    /// A `{{ variable }}` that the site does not have.
    #[error("the site has no variable `{0}`")]
    UnknownVariable(String),
    /// Two files give the same URL path.
    #[error("the path {path} is already taken by {other}")]
    DuplicateSlug {
        /// The path that both claim.
        path: String,
        /// The file that has it.
        other: String,
    },
    /// Two headings of a page have the same id, so that a link could only lead to the first.
    #[error("the page already has a heading with the id `{0}`")]
    DuplicateAnchor(String),
    /// A link to a page, or to a heading, that does not exist.
    #[error("the link to {0} leads nowhere")]
    BrokenLink(String),
    /// A first-level heading in the text: the title of the front matter is the page's only one.
    #[error("a page's title is its only first-level heading; begin with `##`")]
    SecondTitle,
    /// HTML in Markdown, which could carry a script, a style or another origin past review.
    #[error("write Markdown, not HTML")]
    RawHtml,
    /// The first row of a table has an empty cell.
    #[error("a column of this table has no name; readers who can't see where it stands are told its name")]
    NamelessColumn,
    /// The description of the API, of which the reference is made, can't be read.
    #[error("the description of the API can't be read: {0}")]
    NoOpenApi(String),
    /// A page that is to be there in every language is missing in one.
    #[error("the page is to be there in all languages; the {language} one, content/{file}, is missing")]
    MissingTranslation {
        /// The language, in English.
        language: &'static str,
        /// The file that is missing.
        file: String,
    },
    /// A translation of a page that is not there, or that is in English only.
    #[error("there is no page {0} with `languages: all`, which this one could translate")]
    NoOriginal(String),
    /// A translation lacks a heading that links lead to.
    #[error("the English page has a heading with the id `{0}`, and this one has not")]
    MissingAnchor(String),
    /// A translation has a heading that the English page has not.
    #[error("the English page has no heading with the id `{0}`")]
    UnknownAnchor(String),
    /// A message is missing in a language.
    #[error("the {language} messages have no `{key}`")]
    MissingMessage {
        /// The message.
        key: String,
        /// The language, in English.
        language: &'static str,
    },
    /// A message that English does not have, so that no layout can use it.
    #[error("the English messages have no `{0}`")]
    NoEnglishMessage(String),
    /// A message that has other variables than the English one.
    #[error("`{0}` has other variables than the English message")]
    OtherVariables(String),
    /// A message that is there twice.
    #[error("the message `{0}` is there twice")]
    DuplicateMessage(String),
    /// A layout asks for a message that does not exist.
    #[error("there is no message `{0}` in locales/")]
    NoMessage(String),
    /// A message that Markdown takes for a heading, a list, or a quote.
    #[error("a message is a sentence within a layout; this one begins a block of its own")]
    Block,
    /// There are no messages of a language at all.
    #[error("there are no messages in {0}")]
    MissingLanguage(&'static str),
    /// A file of messages can't be read, or a message can't be put together.
    #[error("the messages can't be read: {0}")]
    Fluent(String),
    /// A picture that is not in `content/pictures/`. Pictures from elsewhere are not shown.
    #[error("there is no picture {0}; pictures are `/pictures/NAME`, and lie in `content/pictures/`")]
    NoSuchPicture(String),
    /// A picture without a text for those who can't see it.
    #[error("the picture {0} needs words in its brackets, for those who can't see it")]
    NoAltText(String),
    /// A picture whose size can't be told.
    #[error("this is no PNG and no WebP picture")]
    NotAPicture,
    /// A script imports a module that is not among the assets.
    #[error("there is no asset `{0}`")]
    NoSuchAsset(String),
    /// A layout could not be filled.
    #[error("the layout failed: {0}")]
    Layout(#[from] askama::Error),
}

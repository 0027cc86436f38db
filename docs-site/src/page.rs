//! A page that was read: where it stands, what it is called, what it says.

use std::collections::BTreeMap;

use crate::content::Source;
use crate::front_matter::{self, FrontMatter, Layout};
use crate::markdown::{self, Rendered};
use crate::picture::Pictures;
use crate::variables::Substitution;
use crate::{BuildError, BuildErrors, Fault, SiteVariables};

/// One page of the site, ready to be laid out.
#[derive(Debug)]
pub(crate) struct Page {
    /// How faults name its file.
    file: String,
    /// Its URL path, which its file's name decides.
    pub(crate) path: String,
    /// Its front matter, with the variables filled in.
    pub(crate) front: FrontMatter,
    pub(crate) body: Rendered,
    /// How many lines of the file come before its text.
    lines_before: usize,
}

/// Reads all pages, in the order in which readers meet them: by `order`, then by path.
pub(crate) fn read_all(
    sources: &[Source],
    pictures: &Pictures,
    site: &SiteVariables,
) -> Result<Vec<Page>, BuildErrors> {
    let substitution = Substitution::new(site);
    let mut errors = Vec::new();
    let mut pages = Vec::<Page>::new();
    let mut taken = BTreeMap::new();
    for source in sources {
        let Some(page) = Page::read(source, pictures, &substitution, &mut errors) else {
            continue;
        };
        match taken.get(&page.path) {
            Some(other) => {
                let fault = Fault::DuplicateSlug { path: page.path.clone(), other: String::clone(other) };
                errors.push(page.error(1, fault));
            }
            None => {
                taken.insert(page.path.clone(), page.file.clone());
                pages.push(page);
            }
        }
    }
    BuildErrors::unless_empty(errors)?;
    pages.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(pages)
}

impl Page {
    fn read(
        source: &Source,
        pictures: &Pictures,
        substitution: &Substitution,
        errors: &mut Vec<BuildError>,
    ) -> Option<Self> {
        let mut report = |line, fault| errors.push(BuildError { file: source.name(), line, fault });
        let marked = substitution.mark(&source.text, &mut report);
        let (mut front, text, lines_before) = front_matter::split(&marked, &mut report)?;
        front.title = substitution.fill(&front.title);
        front.description = substitution.fill(&front.description);
        front.nav = front.nav.map(|nav| substitution.fill(&nav));
        for change in &mut front.changes {
            change.what = substitution.fill(&change.what);
        }
        let body = markdown::render(text, substitution, pictures, |line, fault| report(lines_before + line, fault));
        Some(Self { file: source.name(), path: path_of(&source.file), front, body, lines_before })
    }

    /// A fault on a line of this page's file.
    pub(crate) fn error(&self, line: usize, fault: Fault) -> BuildError {
        BuildError { file: self.file.clone(), line, fault }
    }

    /// A fault on a line of this page's text.
    pub(crate) fn error_in_text(&self, line: usize, fault: Fault) -> BuildError {
        self.error(self.lines_before + line, fault)
    }

    pub(crate) fn is_below(&self, section: &Self) -> bool {
        self.path != section.path && self.path.starts_with(&section.path)
    }

    /// Whether the page is of use to somebody who was not sent there by a mail or a form.
    pub(crate) fn is_public(&self) -> bool {
        let layout = self.front.layout;
        !matches!(layout, Layout::ResetPassword | Layout::Activate | Layout::CheckYourMail | Layout::NotFound)
    }

    /// The page's address with its host. `site_url` is without a slash at the end.
    pub(crate) fn url(&self, site: &SiteVariables) -> String {
        format!("{}{}", site.site_url.trim_end_matches('/'), self.path)
    }

    /// The path of the folder that the page is in.
    pub(crate) fn folder(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        path.rfind('/').map_or("/", |at| &path[..=at])
    }

    /// The last part of the path: the code of a problem.
    pub(crate) fn slug(&self) -> &str {
        self.path.trim_matches('/').rsplit('/').next().unwrap_or_default()
    }

    fn sort_key(&self) -> (u32, &str) {
        (self.front.order.unwrap_or(u32::MAX), &self.path)
    }
}

/// `guide.md` and `guide/index.md` are both `/guide/`. Only the page for missing pages keeps its name, because static
/// hosts look for it by that name.
fn path_of(file: &str) -> String {
    let name = file.trim_end_matches(".md");
    match name.strip_suffix("index").unwrap_or(name).trim_end_matches('/') {
        "" => "/".to_owned(),
        "404" => "/404.html".to_owned(),
        path => format!("/{path}/"),
    }
}

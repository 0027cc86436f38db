//! A page that was read: where it stands, what it is called, what it says.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Addresses;
use crate::content::Source;
use crate::front_matter::{self, FrontMatter, Layout};
use crate::language::{Edition, Language};
use crate::markdown::{self, Rendered};
use crate::picture::Pictures;
use crate::words::{AllWords, Words};
use crate::{BuildError, BuildErrors, Fault, SiteVariables};

/// One page of the site, ready to be laid out.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// How faults name its file.
    file: String,
    pub(crate) edition: Edition,
    /// The URL path of the English page that it is or translates. Its file's name decides.
    pub(crate) original: String,
    /// Its URL path.
    pub(crate) path: String,
    /// Its front matter, with the variables filled in.
    pub(crate) front: FrontMatter,
    pub(crate) body: Rendered,
    /// How many lines of the file come before its text.
    lines_before: usize,
}

/// Reads all pages, in the order in which readers meet them: by `order`, then by path.
pub(crate) fn read_all(sources: &[Source], pictures: &Pictures, words: &AllWords) -> Result<Vec<Page>, BuildErrors> {
    let mut errors = Vec::new();
    let mut pages = Vec::<Page>::new();
    let mut taken = BTreeMap::new();
    for source in sources {
        let Some(page) = Page::read(source, pictures, words, &mut errors) else {
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
    let mut pages = join_translations(pages, &mut errors);
    BuildErrors::unless_empty(errors)?;
    pages.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(pages)
}

/// The pages that there are in every language.
pub(crate) fn addresses(pages: &[Page]) -> Addresses {
    let translated = pages.iter().filter(|page| page.is_translated_original());
    Addresses::new(translated.map(|page| page.original.clone()))
}

/// Gives each translation what its original decides, tells what does not fit together, and makes `/en/`.
fn join_translations(pages: Vec<Page>, errors: &mut Vec<BuildError>) -> Vec<Page> {
    let (originals, mut joined): (Vec<_>, Vec<_>) =
        pages.into_iter().partition(|page| page.edition == Edition::Unprefixed);
    let by_path = originals.iter().filter(|page| page.is_translated_original());
    let by_path = by_path.map(|page| (page.original.as_str(), page)).collect::<BTreeMap<_, _>>();
    let mut there = BTreeSet::new();
    for page in &mut joined {
        match by_path.get(page.original.as_str()) {
            Some(original) => {
                page.take_over(original, errors);
                there.insert((page.edition.language(), original.original.as_str()));
            }
            None => errors.push(page.error(1, Fault::NoOriginal(page.original.clone()))),
        }
    }
    for original in by_path.values() {
        let others = Language::ALL.into_iter().filter(|language| *language != Language::English);
        for language in others.filter(|language| !there.contains(&(*language, original.original.as_str()))) {
            let file = format!("{}/{}", language.tag(), original.file.trim_start_matches("content/"));
            errors.push(original.error(1, Fault::MissingTranslation { language: language.english_name(), file }));
        }
        joined.push(original.once_more_in_english());
    }
    joined.extend(originals);
    joined
}

impl Page {
    fn read(source: &Source, pictures: &Pictures, words: &AllWords, errors: &mut Vec<BuildError>) -> Option<Self> {
        let (language, original) = Language::of_file(&source.file);
        let edition = match language {
            Language::English => Edition::Unprefixed,
            language => Edition::Of(language),
        };
        let mut report = |line, fault| errors.push(BuildError { file: source.name(), line, fault });
        let words = words.of(language).map_err(|fault| report(1, fault)).ok()?;
        let Words { substitution, .. } = words;
        let marked = substitution.mark(&source.text, &mut report);
        let (mut front, text, lines_before) = front_matter::split(&marked, &mut report)?;
        front.title = substitution.fill(&front.title);
        front.description = substitution.fill(&front.description);
        front.nav = front.nav.map(|nav| substitution.fill(&nav));
        for change in &mut front.changes {
            change.what = substitution.fill(&change.what);
        }
        let body = markdown::render(text, words, pictures, |line, fault| report(lines_before + line, fault));
        let original = path_of(original);
        let path = edition.path(&original);
        Some(Self { file: source.name(), edition, original, path, front, body, lines_before })
    }

    fn is_translated_original(&self) -> bool {
        self.edition == Edition::Unprefixed && self.front.in_all_languages
    }

    /// A translation says what it is called; what it is, its original has said.
    fn take_over(&mut self, original: &Self, errors: &mut Vec<BuildError>) {
        let FrontMatter { layout, order, nav, .. } = &original.front;
        (self.front.layout, self.front.order) = (*layout, *order);
        if nav.is_some() && self.front.nav.is_none() {
            errors.push(self.error(1, Fault::Missing("nav")));
        }
        let ids = |page: &Self| page.body.headings.iter().map(|heading| heading.id.clone()).collect::<BTreeSet<_>>();
        let (own, theirs) = (ids(self), ids(original));
        errors.extend(theirs.difference(&own).map(|id| self.error(1, Fault::MissingAnchor(id.clone()))));
        for heading in self.body.headings.iter().filter(|heading| !theirs.contains(&heading.id)) {
            errors.push(self.error_in_text(heading.line, Fault::UnknownAnchor(heading.id.clone())));
        }
    }

    /// The page for readers whose browser asks for another language, and who chose English.
    fn once_more_in_english(&self) -> Self {
        let edition = Edition::Of(Language::English);
        Self { edition, path: edition.path(&self.original), ..self.clone() }
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
        self.edition == section.edition && self.path != section.path && self.path.starts_with(&section.path)
    }

    /// Whether the page is of use to somebody who was not sent there by a mail or a form.
    pub(crate) fn is_public(&self) -> bool {
        let layout = self.front.layout;
        !matches!(layout, Layout::ResetPassword | Layout::Activate | Layout::CheckYourMail | Layout::NotFound)
    }

    /// The page's one address for those who are not there yet, with its host.
    pub(crate) fn url(&self, site: &SiteVariables) -> String {
        site.url_of(if self.edition.is_listed() { &self.path } else { &self.original })
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

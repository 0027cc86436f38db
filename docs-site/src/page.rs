//! Reads the pages and joins them with their translations.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Addresses;
use crate::content::Source;
use crate::front_matter::{self, FrontMatter, Layout};
use crate::language::{Edition, Language};
use crate::markdown::{self, Rendered};
use crate::picture::Pictures;
use crate::words::{AllWords, Words};
use crate::{BuildError, BuildErrors, Fault, SiteVariables};

/// A page with its rendered text, but without its layout.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its file in error messages.
    file: String,
    pub(crate) edition: Edition,
    /// The path of the English page that it is or translates.
    pub(crate) original: String,
    pub(crate) path: String,
    pub(crate) front: FrontMatter,
    pub(crate) body: Rendered,
    /// The number of lines of the front matter.
    lines_before: usize,
}

/// Reads all pages, sorted by `order`, then by path.
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
                let fault = Fault::DuplicatePath { path: page.path.clone(), other: String::clone(other) };
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

/// The pages that exist in every language.
pub(crate) fn addresses(pages: &[Page]) -> Addresses {
    let translated = pages.iter().filter(|page| page.is_translated_original());
    Addresses::new(translated.map(|page| page.original.clone()))
}

/// Copies settings of the originals to their translations, checks that both match, and adds the pages of `/en/`.
fn join_translations(pages: Vec<Page>, errors: &mut Vec<BuildError>) -> Vec<Page> {
    let (originals, mut joined): (Vec<_>, Vec<_>) =
        pages.into_iter().partition(|page| page.edition == Edition::Unprefixed);
    let by_path = originals.iter().filter(|page| page.is_translated_original());
    let by_path = by_path.map(|page| (page.original.as_str(), page)).collect::<BTreeMap<_, _>>();
    let mut translated = BTreeSet::new();
    for page in &mut joined {
        match by_path.get(page.original.as_str()) {
            Some(original) => {
                page.follow(original, errors);
                translated.insert((page.edition.language(), original.original.as_str()));
            }
            None => errors.push(page.error(1, Fault::NoOriginal(page.original.clone()))),
        }
    }
    for original in by_path.values() {
        let others = Language::ALL.into_iter().filter(|language| *language != Language::English);
        for language in others.filter(|language| !translated.contains(&(*language, original.original.as_str()))) {
            let file = format!("{}/{}", language.tag(), original.file.trim_start_matches("content/"));
            errors.push(original.error(1, Fault::MissingTranslation { language: language.english_name(), file }));
        }
        joined.push(original.in_chosen_english());
    }
    joined.extend(originals);
    joined
}

impl Page {
    fn read(source: &Source, pictures: &Pictures, words: &AllWords, errors: &mut Vec<BuildError>) -> Option<Self> {
        let (language, original) = Language::of_file(&source.file);
        let edition = Edition::listed(language);
        let mut report = |line, fault| errors.push(BuildError { file: source.name(), line, fault });
        let words = words.of(language);
        let Words { substitution, .. } = words;
        let marked = substitution.mark(&source.text, &mut report);
        let (mut front, text, lines_before) = front_matter::split(&marked, &mut report)?;
        front.title = substitution.fill(&front.title);
        front.description = substitution.fill(&front.description);
        front.nav = front.nav.map(|nav| substitution.fill(&nav));
        let body = markdown::render(text, words, pictures, |line, fault| report(lines_before + line, fault));
        let original = path_of(original);
        let path = edition.path(&original);
        Some(Self { file: source.name(), edition, original, path, front, body, lines_before })
    }

    fn is_translated_original(&self) -> bool {
        self.edition == Edition::Unprefixed && self.front.in_all_languages
    }

    /// Takes over the layout and order of the original, and checks that the headings match.
    fn follow(&mut self, original: &Self, errors: &mut Vec<BuildError>) {
        let FrontMatter { layout, order, nav, .. } = &original.front;
        (self.front.layout, self.front.order) = (*layout, *order);
        if nav.is_some() && self.front.nav.is_none() {
            errors.push(self.error(1, Fault::Missing("nav")));
        }
        let ids = |page: &Self| page.body.headings.iter().map(|heading| heading.id.clone()).collect::<BTreeSet<_>>();
        let (own, theirs) = (ids(self), ids(original));
        errors.extend(theirs.difference(&own).map(|id| self.error(1, Fault::MissingId(id.clone()))));
        for heading in self.body.headings.iter().filter(|heading| !theirs.contains(&heading.id)) {
            errors.push(self.error_in_text(heading.line, Fault::UnknownId(heading.id.clone())));
        }
    }

    /// The same page below `/en/`, for readers whose browser prefers another language but who chose English.
    fn in_chosen_english(&self) -> Self {
        let edition = Edition::Of(Language::English);
        Self { edition, path: edition.path(&self.original), ..self.clone() }
    }

    /// An error at a line of the file.
    pub(crate) fn error(&self, line: usize, fault: Fault) -> BuildError {
        BuildError { file: self.file.clone(), line, fault }
    }

    /// An error at a line of the text, counted after the front matter.
    pub(crate) fn error_in_text(&self, line: usize, fault: Fault) -> BuildError {
        self.error(self.lines_before + line, fault)
    }

    pub(crate) fn is_below(&self, section: &Self) -> bool {
        self.edition == section.edition && self.path != section.path && self.path.starts_with(&section.path)
    }

    /// Whether search engines may list the page. Emails and forms lead to the others.
    pub(crate) fn is_public(&self) -> bool {
        let layout = self.front.layout;
        !matches!(layout, Layout::ResetPassword | Layout::Activate | Layout::CheckYourMail | Layout::NotFound)
    }

    /// The canonical URL of the page.
    pub(crate) fn url(&self, site: &SiteVariables) -> String {
        site.url_of(if self.edition.is_listed() { &self.path } else { &self.original })
    }

    pub(crate) fn folder(&self) -> &str {
        let path = self.path.trim_end_matches('/');
        path.rfind('/').map_or("/", |at| &path[..=at])
    }

    /// The last part of the path, for example the code of a problem.
    pub(crate) fn slug(&self) -> &str {
        self.path.trim_matches('/').rsplit('/').next().unwrap_or_default()
    }

    fn sort_key(&self) -> (u32, &str) {
        (self.front.order.unwrap_or(u32::MAX), &self.path)
    }
}

/// `guide.md` and `guide/index.md` both become `/guide/`. The page for missing pages keeps its name, because static
/// hosts look for `404.html`.
fn path_of(file: &str) -> String {
    let name = file.trim_end_matches(".md");
    match name.strip_suffix("index").unwrap_or(name).trim_end_matches('/') {
        "" => "/".to_owned(),
        "404" => "/404.html".to_owned(),
        path => format!("/{path}/"),
    }
}

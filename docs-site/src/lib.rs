//! The support site: its content, its pages and its generator.
//!
//! Everything is compiled in: the Markdown of `content/`, the layouts of `templates/` and the styles and scripts of
//! `assets/`. [`build`] is a pure function from the [variables of a deployment](SiteVariables) to a map of URL paths
//! and bytes, which the local server keeps in memory and the `mailkey-docs-site` program writes to a folder.
//!
//! What a page may rely on, and what the tests hold it to: no inline script or style, nothing from another origin, and
//! no script at all on a page that is only read.

mod addresses;
mod assets;
mod console;
mod content;
mod error;
mod feeds;
mod front_matter;
mod highlight;
mod language;
mod links;
mod markdown;
mod outline;
mod page;
mod picture;
mod reference;
mod render;
mod schema;
mod search_index;
mod structured_data;
mod stylesheet;
mod variables;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use content::Content;
pub use error::{BuildError, BuildErrors, Fault};
pub use language::Language;
pub use variables::SiteVariables;

use addresses::Addresses;
use assets::Assets;
use content::{PictureFile, Source};
use language::Edition;
use outline::Outline;
use page::Page;
use picture::Pictures;
use words::{AllWords, MessageFile};

/// The finished site: URL paths, such as `/`, `/guide/` or `/assets/site.<hash>.css`, in order, and what each answers
/// with. `/404.html` is the page for every path that is not in the map.
pub type Site = BTreeMap<String, Asset>;

/// One answer of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The body, exactly as it goes out.
    pub bytes: Vec<u8>,
    /// The value of its `Content-Type` header.
    pub content_type: &'static str,
    /// Of a page: the language that it is in.
    pub language: Option<Language>,
}

/// Where the pages of a language are: `/de/guide/` is the German `/guide/`. What has an English page at such an address
/// is there in every language.
pub fn address_in(language: Language, path: &str) -> String {
    Edition::Of(language).path(path)
}

/// Builds the whole site for one deployment. Equal variables give equal bytes.
///
/// # Errors
///
/// Every fault of the content that was found, each with its file and line.
pub fn build(site: &SiteVariables) -> Result<Site, BuildErrors> {
    build_content(Content::compiled_in(), site)
}

/// [`build`], with other content than what is compiled in.
///
/// # Errors
///
/// As [`build`].
pub fn build_content(content: Content, site: &SiteVariables) -> Result<Site, BuildErrors> {
    let Content { mut sources, pictures } = content;
    let codes = |source: &Source| source.file.strip_prefix("problems/")?.strip_suffix(".md").map(str::to_owned);
    let problems = sources.iter().filter_map(codes).collect::<Vec<_>>();
    sources.extend(reference::sources(&problems.iter().map(String::as_str).collect())?);
    let parts = Parts::read(&sources, pictures, words::FILES, site)?;
    links::check_words(&parts.words, &parts.pages, &parts.addresses)?;
    parts.lay_out(site)
}

/// [`build`], with pages, pictures and messages as arguments, so that the tests can break them.
#[cfg(test)]
fn build_from(
    sources: &[Source],
    pictures: Vec<PictureFile>,
    messages: &[MessageFile],
    site: &SiteVariables,
) -> Result<Site, BuildErrors> {
    Parts::read(sources, pictures, messages, site)?.lay_out(site)
}

/// What was written, read and found to be right.
struct Parts {
    words: AllWords,
    pictures: Pictures,
    pages: Vec<Page>,
    addresses: Addresses,
}

impl Parts {
    fn read(
        sources: &[Source],
        pictures: Vec<PictureFile>,
        messages: &[MessageFile],
        site: &SiteVariables,
    ) -> Result<Self, BuildErrors> {
        let words = AllWords::read(messages, site)?;
        let pictures = Pictures::read(pictures)?;
        let pages = page::read_all(sources, &pictures, &words)?;
        let addresses = page::addresses(&pages);
        // The content may lead to these, which are not made of it.
        let made = console::paths().chain([feeds::FEED]).collect::<Vec<_>>();
        links::check(&pages, &addresses, &made)?;
        Ok(Self { words, pictures, pages, addresses })
    }

    fn lay_out(self, site: &SiteVariables) -> Result<Site, BuildErrors> {
        let Self { words, pictures, pages, addresses } = self;
        let mut assets = Assets::hashed()?;
        let mut index = BTreeMap::<Edition, Vec<String>>::new();
        for (edition, parts) in search_index::parts(&pages, &addresses) {
            for (number, part) in parts.into_iter().enumerate() {
                let name = match edition {
                    Edition::Unprefixed => format!("search-{number}.json"),
                    Edition::Of(language) => format!("search-{}-{number}.json", language.tag()),
                };
                assets.add(name.clone(), part);
                index.entry(edition).or_default().push(name);
            }
        }

        let outline = Outline::of(&pages);
        let context = Context {
            pages: &pages,
            outline: &outline,
            site,
            words: &words,
            addresses: &addresses,
            assets: &assets,
            index: &index,
        };
        let mut built = feeds::build(&context)?;
        for page in &pages {
            let html = render::html(page, &context).map_err(|fault| page.error(1, fault))?;
            let language = Some(page.edition.language());
            let content_type = "text/html; charset=utf-8";
            built.insert(page.path.clone(), Asset { bytes: html.into_bytes(), content_type, language });
        }
        built.extend(console::build(site, &assets)?);
        built.extend(assets.into_site());
        built.extend(pictures.into_site());
        Ok(built)
    }
}

/// What a page is laid out with.
struct Context<'a> {
    pages: &'a [Page],
    outline: &'a Outline<'a>,
    site: &'a SiteVariables,
    words: &'a AllWords,
    addresses: &'a Addresses,
    assets: &'a Assets,
    /// The names of the assets that the search of an edition reads.
    index: &'a BTreeMap<Edition, Vec<String>>,
}

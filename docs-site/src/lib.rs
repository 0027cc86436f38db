//! The support site and the admin console.
//!
//! The content, layouts, styles and scripts are compiled in. [`build`] is a pure function from the
//! [variables of a deployment](SiteVariables) to a map of paths and bytes. The local server keeps the map in memory; the
//! `mailkey-docs-site` program writes it to a folder.

mod addresses;
mod assets;
mod console;
mod content;
mod error;
mod front_matter;
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
mod sitemap;
mod stylesheet;
mod variables;
mod words;

/// The files of the site, listed by the build script.
mod files {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use content::Content;
pub use error::{BuildErrors, Fault};
pub use language::Language;
pub use variables::{InvalidLogo, LogoFile, SiteVariables};

use addresses::Addresses;
use assets::Assets;
use content::Source;
use error::BuildError;
use language::Edition;
use outline::Outline;
use page::Page;
use picture::Pictures;
use words::AllWords;

/// The finished site: a map from paths such as `/guide/` or `/assets/site.<hash>.css`. `/404.html` is the response for
/// every path that is missing in the map.
pub type Site = BTreeMap<String, Asset>;

/// The response for one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The body.
    pub bytes: Vec<u8>,
    /// The value of the `Content-Type` header.
    pub content_type: &'static str,
    /// The language of a page.
    pub language: Option<Language>,
}

impl Asset {
    fn html(html: String, language: Language) -> Self {
        Self { bytes: html.into_bytes(), content_type: "text/html; charset=utf-8", language: Some(language) }
    }
}

/// The path of a page in a language: `/de/guide/` for the German `/guide/`. An English page that exists in all languages
/// has such a path too.
pub fn address_in(language: Language, path: &str) -> String {
    Edition::Of(language).path(path)
}

/// Builds the site for a deployment. Equal variables give equal bytes.
pub fn build(site: &SiteVariables) -> Result<Site, BuildErrors> {
    build_content(Content::compiled_in(), site)
}

/// Like [`build`], with other content than the compiled-in one.
pub fn build_content(content: Content, site: &SiteVariables) -> Result<Site, BuildErrors> {
    let Content { mut sources, pictures } = content;
    let code = |source: &Source| source.file.strip_prefix("problems/")?.strip_suffix(".md").map(str::to_owned);
    let problems = sources.iter().filter_map(code).collect();
    sources.extend(reference::sources(&problems)?);
    let parts = Parts::read(Content { sources, pictures }, &words::sources(), site)?;
    links::check_words(&parts.words, &parts.pages, &parts.addresses)?;
    parts.lay_out(site)
}

/// The parsed and checked content.
struct Parts {
    words: AllWords,
    pictures: Pictures,
    pages: Vec<Page>,
    addresses: Addresses,
}

impl Parts {
    fn read(content: Content, words: &[mailkey_words::Source], site: &SiteVariables) -> Result<Self, BuildErrors> {
        let words = AllWords::read(words, site)?;
        let pictures = Pictures::read(content.pictures)?;
        let pages = page::read_all(&content.sources, &pictures, &words)?;
        let addresses = page::addresses(&pages);
        links::check(&pages, &addresses, &console::paths().collect::<Vec<_>>())?;
        Ok(Self { words, pictures, pages, addresses })
    }

    fn lay_out(self, site: &SiteVariables) -> Result<Site, BuildErrors> {
        let Self { words, pictures, pages, addresses } = self;
        let mut assets = Assets::of_site(&site.colours())?;
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
        let in_sitemap = |fault| BuildError { file: "templates/sitemap.xml".to_owned(), line: 1, fault };
        let mut built = sitemap::build(&context).map_err(in_sitemap)?;
        for page in &pages {
            let html = render::html(page, &context).map_err(|fault| page.error(1, fault))?;
            built.insert(page.path.clone(), Asset::html(html, page.edition.language()));
        }
        built.extend(console::build(site, &assets)?);
        built.extend(assets.into_site());
        built.extend(pictures.into_site());
        built.extend(site.logo.iter().map(LogoFile::asset));
        Ok(built)
    }
}

/// Everything that the layout of a page needs.
struct Context<'a> {
    pages: &'a [Page],
    outline: &'a Outline<'a>,
    site: &'a SiteVariables,
    words: &'a AllWords,
    addresses: &'a Addresses,
    assets: &'a Assets,
    /// The names of the files of each edition's search index.
    index: &'a BTreeMap<Edition, Vec<String>>,
}

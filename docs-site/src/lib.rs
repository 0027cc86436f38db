//! The support site: its content, its pages and its generator.
//!
//! Everything is compiled in: the Markdown of `content/`, the layouts of `templates/` and the styles and scripts of
//! `assets/`. [`build`] is a pure function from the [variables of a deployment](SiteVariables) to a map of URL paths
//! and bytes, which the local server keeps in memory and the `mailkey-docs-site` program writes to a folder.
//!
//! What a page may rely on, and what the tests hold it to: no inline script or style, nothing from another origin, and
//! no script at all on a page that is only read.

mod assets;
mod console;
mod content;
mod error;
mod feeds;
mod front_matter;
mod highlight;
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

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use content::Content;
pub use error::{BuildError, BuildErrors, Fault};
pub use variables::SiteVariables;

use assets::Assets;
use content::{PictureFile, Source};
use outline::Outline;
use picture::Pictures;

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
    build_from(&sources, pictures, site)
}

/// [`build`], with all pages and pictures as arguments, so that the tests can break them.
fn build_from(sources: &[Source], pictures: Vec<PictureFile>, site: &SiteVariables) -> Result<Site, BuildErrors> {
    let pictures = Pictures::read(pictures)?;
    let pages = page::read_all(sources, &pictures, site)?;
    // The content may lead to these, which are not made of it.
    let made = console::paths().chain([feeds::FEED]).collect::<Vec<_>>();
    links::check(&pages, &made)?;
    let mut assets = Assets::hashed()?;
    let mut index = Vec::new();
    for (number, part) in search_index::parts(&pages).into_iter().enumerate() {
        let name = format!("search-{number}.json");
        assets.add(name.clone(), part);
        index.push(name);
    }

    let mut built = feeds::build(&pages, site);
    let outline = Outline::of(&pages);
    for page in &pages {
        let html = render::html(page, &outline, site, &assets, &index).map_err(|fault| page.error(1, fault))?;
        built.insert(page.path.clone(), Asset { bytes: html.into_bytes(), content_type: "text/html; charset=utf-8" });
    }
    built.extend(console::build(site, &assets)?);
    built.extend(assets.into_site());
    built.extend(pictures.into_site());
    Ok(built)
}

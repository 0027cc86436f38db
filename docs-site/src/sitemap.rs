//! `/sitemap.xml` and `/robots.txt`.

use askama::Template;

use crate::language::{Edition, Language};
use crate::page::Page;
use crate::{Asset, Context, Fault, Site, SiteVariables};

const PATH: &str = "/sitemap.xml";

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Sitemap<'a> {
    /// The URL of each page and of its translations.
    pages: Vec<(String, Vec<(&'a str, String)>)>,
}

pub(crate) fn build(context: &Context<'_>) -> Result<Site, Fault> {
    let listed = context.pages.iter().filter(|page| page.is_public() && page.edition.is_listed());
    let pages = listed.map(|page| (page.url(context.site), alternates(page, context))).collect();
    Ok(Site::from([
        (PATH.to_owned(), asset(Sitemap { pages }.render()?, "application/xml")),
        ("/robots.txt".to_owned(), asset(robots(context.site), "text/plain; charset=utf-8")),
    ]))
}

/// The URLs of a page in every language, with the language's tag, or `x-default` for all other languages.
pub(crate) fn alternates(page: &Page, context: &Context<'_>) -> Vec<(&'static str, String)> {
    if !context.addresses.is_translated(&page.original) {
        return Vec::new();
    }
    let url = |language| context.site.url_of(&Edition::listed(language).path(&page.original));
    let languages = Language::ALL.into_iter().map(|language| (language.tag(), url(language)));
    languages.chain([("x-default", url(Language::English))]).collect()
}

fn robots(site: &SiteVariables) -> String {
    format!("User-agent: *\nDisallow: /api/\nDisallow: /admin/\nSitemap: {}\n", site.url_of(PATH))
}

fn asset(text: String, content_type: &'static str) -> Asset {
    Asset { bytes: text.into_bytes(), content_type, language: None }
}

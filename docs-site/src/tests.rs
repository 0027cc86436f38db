//! Tests with content of their own.

mod languages;
mod mistakes;
mod rendering;

use crate::content::{Content, PictureFile, Source};
use crate::{Parts, Site, SiteVariables, words};

/// The beginning of a picture of 3 by 2 pixels, which contains its size.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02";

fn home() -> Source {
    Source::written("index.md", "---\ntitle: Home\ndescription: Here.\n---\n## Way in {#in}\n")
}

fn variables() -> SiteVariables {
    SiteVariables {
        site_url: "https://portal.example/".to_owned(),
        portal_url: None,
        portal_name: "*Tom* & <Jerry>'s".to_owned(),
        support_email: "help@portal.example".to_owned(),
        sending_domain: "mail.portal.example".to_owned(),
        sending_ips: vec!["192.0.2.1".to_owned(), "192.0.2.2".to_owned()],
        min_password_length: 15,
        brand_colour: None,
        logo: None,
    }
}

/// Builds the site, without checking the links of the layouts, most of whose pages are missing here.
fn build(content: Content, words: &[mailkey_words::Source]) -> Result<Site, Vec<String>> {
    let built = Parts::read(content, words, &variables()).and_then(|parts| parts.lay_out(&variables()));
    built.map_err(|errors| errors.0.iter().map(ToString::to_string).collect())
}

fn build_sources(sources: &[Source]) -> Result<Site, Vec<String>> {
    let picture = |name: &str| PictureFile { name: name.to_owned(), bytes: PNG.to_vec() };
    let pictures = ["form.png", "record.png", "record-dark.png"].map(picture).to_vec();
    build(Content { sources: sources.to_vec(), pictures }, &words::sources())
}

/// Builds a home page and one page with the given text.
fn build_with(text: &str) -> Result<Site, Vec<String>> {
    build_sources(&[home(), Source::written("page.md", text)])
}

#[track_caller]
fn check_faults(text: &str, expected: &[&str]) {
    assert_eq!(build_with(text).expect_err("the content is invalid"), expected);
}

#[track_caller]
fn check_contains(text: &str, expected: &str) {
    let html = text_at(&build_with(text).expect("the content is valid"), "/page/");
    assert!(html.contains(expected), "{expected} is not in {html}");
}

#[track_caller]
fn text_at(site: &Site, path: &str) -> String {
    String::from_utf8(site[path].bytes.clone()).expect("the page is UTF-8")
}

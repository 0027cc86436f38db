//! Tests of the finished site.

#![allow(clippy::expect_used, reason = "these are helpers of tests")]

mod api;
mod deployment;
mod edge;
mod languages;
mod pages;
mod reference;
mod service;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use mailkey_docs_site::{Language, Site, SiteVariables, address_in, build};

fn variables() -> SiteVariables {
    SiteVariables {
        site_url: "https://portal.example".to_owned(),
        portal_url: None,
        portal_name: "Harbour Portal".to_owned(),
        support_email: "help@portal.example".to_owned(),
        sending_domain: "mail.portal.example".to_owned(),
        sending_ips: vec!["192.0.2.1".to_owned()],
        min_password_length: SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
        brand_colour: None,
        logo: None,
    }
}

fn site() -> &'static Site {
    static SITE: LazyLock<Site> = LazyLock::new(built);
    &SITE
}

fn built() -> Site {
    build(&variables()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// All pages except those of the console: their paths and their HTML.
fn pages() -> Vec<(&'static str, &'static str)> {
    let pages = site().iter().filter(|(_, asset)| asset.content_type.starts_with("text/html"));
    let pages = pages.filter(|(path, _)| !path.starts_with("/admin/"));
    pages.map(|(path, _)| (path.as_str(), html(path))).collect()
}

/// The HTML of a page.
#[track_caller]
fn html(path: &str) -> &'static str {
    html_of(site(), path)
}

#[track_caller]
fn html_of<'a>(site: &'a Site, path: &str) -> &'a str {
    std::str::from_utf8(&site[path].bytes).expect("pages are UTF-8")
}

/// The text between two markers, at their first occurrence.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    found.unwrap_or_else(|| panic!("{start} … {end} is missing")).0
}

/// The values of an attribute, in their order on the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The language that a path names.
fn language_of(path: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|language| path.starts_with(&address_in(*language, "/")))
}

/// The paths of the English pages that exist in all languages.
fn translated_paths() -> BTreeSet<&'static str> {
    site().keys().filter_map(|path| path.strip_prefix("/en")).collect()
}

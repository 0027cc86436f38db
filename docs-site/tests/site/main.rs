//! What every reader of the finished site can rely on.

#![allow(clippy::expect_used, reason = "the helpers of a test are part of it")]

mod deployment;
mod edge;
mod inventory;
mod languages;
mod pages;
mod reference;
mod service;

use std::path::Path;
use std::sync::LazyLock;

use mailkey_docs_site::{Language, Site, SiteVariables, address_in, build};

fn variables() -> SiteVariables {
    SiteVariables {
        site_url: "https://portal.example".to_owned(),
        portal_name: "Harbour Portal".to_owned(),
        support_email: "help@portal.example".to_owned(),
        sending_domain: "mail.portal.example".to_owned(),
        sending_ips: vec!["192.0.2.1".to_owned()],
        min_password_length: SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
    }
}

fn site() -> &'static Site {
    static SITE: LazyLock<Site> = LazyLock::new(built);
    &SITE
}

fn built() -> Site {
    build(&variables()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// All pages but those of the console, which has its own tests: their paths and their HTML.
fn pages(site: &Site) -> Vec<(&str, &str)> {
    let pages = site.iter().filter(|(_, asset)| asset.content_type.starts_with("text/html"));
    let pages = pages.filter(|(path, _)| !path.starts_with("/admin/"));
    pages.map(|(path, asset)| (path.as_str(), std::str::from_utf8(&asset.bytes).expect("pages are UTF-8"))).collect()
}

/// What stands between two markers, the first time.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    found.unwrap_or_else(|| panic!("{start} … {end} is missing")).0
}

/// The values of an attribute, in the order of the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn language_of(path: &str) -> Language {
    let named = |language: &Language| path.starts_with(&address_in(*language, "/"));
    Language::ALL.into_iter().find(named).unwrap_or(Language::English)
}

/// A file of the service, of which these pages tell.
fn source_of(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/common/domain/src").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

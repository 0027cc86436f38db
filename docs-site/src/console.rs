//! The admin console: static pages below `/admin/` whose modules speak to the API.
//!
//! A page is a fragment of `console/pages/` inside of `console/shell.html`, and one module of `console/`. The pages
//! hold no data; what a caller may see is decided by the API, which each page asks for it.

use askama::Template;

use crate::assets::Assets;
use crate::{Asset, BuildError, Fault, Language, Site, SiteVariables};

#[cfg(test)]
mod tests;

/// Pairs each name with the text of its file.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../console/", $name)))),*]
    };
}

/// The modules and the style of the console. A module comes after those that it imports, because its own hash covers
/// theirs.
static FILES: &[(&str, &str)] = files![
    "console.css",
    "words.mjs",
    "dom.mjs",
    "times.mjs",
    "api.mjs",
    "frame.mjs",
    "dialog.mjs",
    "follow.mjs",
    "actions.mjs",
    "diagnosis-view.mjs",
    "mail-list.mjs",
    "user-search.mjs",
    "filters.mjs",
    "charts.mjs",
    "sender-view.mjs",
    "overview.mjs",
    "users.mjs",
    "user.mjs",
    "diagnosis.mjs",
    "email-log.mjs",
    "email.mjs",
    "suppressions.mjs",
    "security-settings.mjs",
    "audit-log.mjs",
    "api-keys.mjs",
    "sender.mjs",
];

/// A page of the console.
struct ConsolePage {
    path: &'static str,
    title: &'static str,
    description: &'static str,
    /// The page of the support site that explains its task.
    help: &'static str,
    module: &'static str,
    main: &'static str,
}

macro_rules! page {
    ($path:literal, $name:literal, $help:literal, $title:literal, $description:literal) => {
        ConsolePage {
            path: $path,
            title: $title,
            description: $description,
            help: concat!("/admins/", $help),
            module: concat!($name, ".mjs"),
            main: include_str!(concat!("../console/pages/", $name, ".html")),
        }
    };
}

static PAGES: &[ConsolePage] = &[
    page!("/admin/", "overview", "", "Overview", "What became of the portal's mail lately, and how the sender is."),
    page!("/admin/users/", "users", "find-a-user/", "Users", "Find a user by name or email address."),
    page!("/admin/user/", "user", "why-no-email/", "User", "A user's record, and why email did not arrive."),
    page!("/admin/diagnosis/", "diagnosis", "why-no-email/", "Diagnosis", "Why mail to an address does not arrive."),
    page!(
        "/admin/email-log/",
        "email-log",
        "read-the-email-log/",
        "Email log",
        "Every system email, with what became of it."
    ),
    page!("/admin/email/", "email", "read-the-email-log/", "Email", "One email with its timeline."),
    page!(
        "/admin/suppressions/",
        "suppressions",
        "lift-a-suppression/",
        "Suppressions",
        "Addresses that mail is no longer sent to."
    ),
    page!(
        "/admin/security-settings/",
        "security-settings",
        "change-security-settings/",
        "Security settings",
        "Locks, links, passwords and limits."
    ),
    page!(
        "/admin/audit-log/",
        "audit-log",
        "read-the-audit-log/",
        "Audit log",
        "Who did what to whom, when, and from where."
    ),
    page!("/admin/api-keys/", "api-keys", "make-an-api-key/", "API keys", "Keys for programs that call the API."),
    page!(
        "/admin/sender/",
        "sender",
        "check-the-sender/",
        "Sender",
        "The account at SES, the domain, and news of delivery."
    ),
];

/// The navigation: path, name, and whether only an administrator sees it.
static NAV: &[(&str, &str, bool)] = &[
    ("/admin/", "Overview", false),
    ("/admin/users/", "Users", false),
    ("/admin/diagnosis/", "Diagnosis", false),
    ("/admin/email-log/", "Email log", false),
    ("/admin/suppressions/", "Suppressions", false),
    ("/admin/sender/", "Sender", false),
    ("/admin/security-settings/", "Security settings", true),
    ("/admin/audit-log/", "Audit log", true),
    ("/admin/api-keys/", "API keys", true),
];

#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    site: &'a SiteVariables,
    title: &'static str,
    description: &'static str,
    help: &'static str,
    main: &'static str,
    nav: &'static [(&'static str, &'static str, bool)],
    /// The page of the navigation that this page is, or belongs to.
    current: &'static str,
    icon: &'a str,
    stylesheet: &'a str,
    script: &'a str,
}

/// Where the pages of the console are.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|page| page.path)
}

/// The pages of the console with its style and its modules. The icon is one of the site's own assets.
///
/// # Errors
///
/// A module imports what is not there, or a page can't be laid out.
pub(crate) fn build(site: &SiteVariables, of_site: &Assets) -> Result<Site, BuildError> {
    let assets = Assets::hashed_from(FILES)?;
    let mut built = Site::new();
    for page in PAGES {
        let html = render(page, site, &assets, of_site).map_err(|fault| BuildError {
            file: format!("console/pages/{}", page.module.replace(".mjs", ".html")),
            line: 1,
            fault,
        })?;
        let content_type = "text/html; charset=utf-8";
        let asset = Asset { bytes: html.into_bytes(), content_type, language: Some(Language::English) };
        built.insert(page.path.to_owned(), asset);
    }
    built.extend(assets.into_site());
    Ok(built)
}

fn render(page: &ConsolePage, site: &SiteVariables, assets: &Assets, of_site: &Assets) -> Result<String, Fault> {
    let shell = Shell {
        site,
        title: page.title,
        description: page.description,
        help: page.help,
        main: page.main.trim_end(),
        nav: NAV,
        current: nav_of(page.path),
        icon: of_site.path("icon.svg")?,
        stylesheet: assets.path("console.css")?,
        script: assets.path(page.module)?,
    };
    Ok(shell.render()?)
}

fn nav_of(path: &'static str) -> &'static str {
    match path {
        "/admin/user/" => "/admin/users/",
        "/admin/email/" => "/admin/email-log/",
        path => path,
    }
}

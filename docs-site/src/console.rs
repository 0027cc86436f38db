//! The admin console: static pages below `/admin/` whose modules call the API.
//!
//! A page is `console/pages/<name>.html` inside `console/shell.html`, with the module `console/<name>.mjs`. The pages
//! contain no data. The API decides what the caller may see.

use askama::Template;

use crate::assets::Assets;
use crate::{Asset, BuildError, Fault, Language, Site, SiteVariables, files};

/// A page of the console.
struct ConsolePage {
    /// The name of its files, and the last part of its path.
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// The page of the support site that explains it, below `/admins/`.
    help: &'static str,
    nav: Nav,
}

/// Where a page is in the navigation.
enum Nav {
    Everyone,
    AdminsOnly,
    /// It has no entry of its own. The entry of this page is the current one.
    Within(&'static str),
}

impl ConsolePage {
    const fn new(
        name: &'static str,
        nav: Nav,
        help: &'static str,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self { name, title, description, help, nav }
    }

    fn path(&self) -> String {
        path_of(self.name)
    }

    /// The path of its entry in the navigation.
    fn entry(&self) -> String {
        match self.nav {
            Nav::Within(name) => path_of(name),
            Nav::Everyone | Nav::AdminsOnly => self.path(),
        }
    }
}

fn path_of(name: &str) -> String {
    if name == "overview" { "/admin/".to_owned() } else { format!("/admin/{name}/") }
}

/// All pages, in the order of the navigation.
static PAGES: &[ConsolePage] = &[
    ConsolePage::new(
        "overview",
        Nav::Everyone,
        "",
        "Overview",
        "Recent email from the portal, and the sender’s state.",
    ),
    ConsolePage::new("users", Nav::Everyone, "find-a-user/", "Users", "Find a user by name or email address."),
    ConsolePage::new(
        "user",
        Nav::Within("users"),
        "why-no-email/",
        "User",
        "A user’s record, and why an email did not arrive.",
    ),
    ConsolePage::new(
        "diagnosis",
        Nav::Everyone,
        "why-no-email/",
        "Diagnosis",
        "Why email to an address does not arrive.",
    ),
    ConsolePage::new(
        "email-log",
        Nav::Everyone,
        "read-the-email-log/",
        "Email log",
        "All system emails and what happened to them.",
    ),
    ConsolePage::new("email", Nav::Within("email-log"), "read-the-email-log/", "Email", "One email and its timeline."),
    ConsolePage::new(
        "suppressions",
        Nav::Everyone,
        "remove-a-suppression/",
        "Suppressions",
        "Addresses we no longer email, and why.",
    ),
    ConsolePage::new(
        "sender",
        Nav::Everyone,
        "check-the-sender/",
        "Sender",
        "The SES account, the sending domain and delivery events.",
    ),
    ConsolePage::new(
        "security-settings",
        Nav::AdminsOnly,
        "change-security-settings/",
        "Security settings",
        "Lockout, links, passwords and limits.",
    ),
    ConsolePage::new(
        "audit-log",
        Nav::AdminsOnly,
        "read-the-audit-log/",
        "Audit log",
        "Who did what to whom, when, and from where.",
    ),
    ConsolePage::new(
        "api-keys",
        Nav::AdminsOnly,
        "make-an-api-key/",
        "API keys",
        "Keys for programs that call the API.",
    ),
];

#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    site: &'a SiteVariables,
    title: &'static str,
    description: &'static str,
    help: String,
    main: &'static str,
    /// Path, title, and whether only administrators see it.
    nav: Vec<(String, &'static str, bool)>,
    /// The path of the current entry of the navigation.
    current: String,
    icon: &'a str,
    stylesheet: &'a str,
    script: &'a str,
}

/// The paths of all pages.
pub(crate) fn paths() -> impl Iterator<Item = String> {
    PAGES.iter().map(ConsolePage::path)
}

/// The pages of the console, its style sheet and its modules. The icon is an asset of the site.
pub(crate) fn build(site: &SiteVariables, site_assets: &Assets) -> Result<Site, BuildError> {
    let is_asset = |(name, _): &&(&str, &str)| name.ends_with(".mjs") || name.ends_with(".css");
    let assets = Assets::hashed(
        "console",
        &files::CONSOLE.iter().filter(is_asset).copied().collect::<Vec<_>>(),
        &site.colours(),
    )?;
    let mut built = Site::new();
    for page in PAGES {
        let file = format!("pages/{}.html", page.name);
        let html = render(page, &file, site, &assets, site_assets).map_err(|fault| BuildError {
            file: format!("console/{file}"),
            line: 1,
            fault,
        })?;
        built.insert(page.path(), Asset::html(html, Language::English));
    }
    built.extend(assets.into_site());
    Ok(built)
}

fn render(
    page: &ConsolePage,
    file: &str,
    site: &SiteVariables,
    assets: &Assets,
    site_assets: &Assets,
) -> Result<String, Fault> {
    let main = files::CONSOLE.iter().find(|(name, _)| *name == file).map(|(_, text)| text.trim_end());
    let entry = |page: &ConsolePage| match page.nav {
        Nav::Within(_) => None,
        Nav::Everyone => Some((page.path(), page.title, false)),
        Nav::AdminsOnly => Some((page.path(), page.title, true)),
    };
    let shell = Shell {
        site,
        title: page.title,
        description: page.description,
        help: format!("/admins/{}", page.help),
        main: main.ok_or_else(|| Fault::NoSuchAsset(file.to_owned()))?,
        nav: PAGES.iter().filter_map(entry).collect(),
        current: page.entry(),
        icon: site_assets.path("icon.svg")?,
        stylesheet: assets.path("console.css")?,
        script: assets.path(&format!("{}.mjs", page.name))?,
    };
    Ok(shell.render()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn built() -> Vec<(String, String)> {
        let site = SiteVariables {
            site_url: "https://portal.example".to_owned(),
            portal_url: None,
            portal_name: "Tom & <Jerry>".to_owned(),
            support_email: "help@portal.example".to_owned(),
            sending_domain: "mail.portal.example".to_owned(),
            sending_ips: Vec::new(),
            min_password_length: 15,
            brand_colour: None,
            logo: None,
        };
        let built = build(&site, &Assets::of_site("").expect("the assets are valid")).expect("the console is valid");
        let pages = built.into_iter().filter(|(path, _)| path.starts_with("/admin/"));
        pages.map(|(path, asset)| (path, String::from_utf8(asset.bytes).expect("pages are UTF-8"))).collect()
    }

    #[test]
    fn every_file_of_pages_is_a_page() {
        let files = files::CONSOLE.iter().filter_map(|(name, _)| name.strip_prefix("pages/")?.strip_suffix(".html"));
        assert_eq!(files.collect::<BTreeSet<_>>(), PAGES.iter().map(|page| page.name).collect());
    }

    #[test]
    fn the_name_of_the_portal_is_escaped() {
        for (path, html) in built() {
            assert!(html.contains("Tom &#38; &#60;Jerry&#62;</title>") && !html.contains("<Jerry>"), "{path}");
        }
    }

    #[test]
    fn every_page_has_one_current_entry_in_the_navigation() {
        for (path, html) in built() {
            assert_eq!(html.matches("aria-current=\"page\"").count(), 1, "{path}");
        }
    }

    /// Data from the API must never become HTML, code or a style. Only one module calls the API.
    #[test]
    fn no_module_uses_an_api_that_is_unsafe_or_reserved() {
        let unsafe_apis = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "setHTMLUnsafe",
            "createContextualFragment",
            "eval(",
            "new Function",
            "localStorage",
            "\"style\"",
        ];
        for (name, text) in files::CONSOLE.iter().filter(|(name, _)| name.ends_with(".mjs")) {
            let reserved = if *name == "api.mjs" { &[][..] } else { &["fetch(", "XMLHttpRequest"] };
            for api in unsafe_apis.iter().chain(reserved) {
                assert!(!text.contains(api), "{name} uses {api}");
            }
        }
    }
}

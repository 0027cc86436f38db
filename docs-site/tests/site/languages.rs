//! The pages in every language.

use std::collections::BTreeSet;

use mailkey_docs_site::{Language, address_in};

use super::{attributes, between, language_of, pages, site, source_of};

/// The pages in all languages, but for the steps of the walk-through.
pub(crate) const IN_ALL_LANGUAGES: [&str; 11] = [
    "/",
    "/404.html",
    "/activate/",
    "/check-your-mail/",
    "/faq/",
    "/forgot-password/",
    "/guide/",
    "/help/no-email/",
    "/reset-password/",
    "/search/",
    "/sign-in/",
];

#[test]
fn every_page_leads_to_every_language() {
    for (path, html) in pages(site()) {
        let footer = between(html, "<nav class=\"languages\"", "</nav>");
        let original = language_of(path).tag();
        let original = path.strip_prefix(&format!("/{original}")).unwrap_or(path);
        let translated = IN_ALL_LANGUAGES.contains(&original) || original.starts_with("/help/");
        let there = if translated && original != "/404.html" { original } else { "/" };
        for language in Language::ALL {
            let (path, tag, name) = (address_in(language, there), language.tag(), language.own_name());
            let link = format!("<a href=\"{path}\" lang=\"{tag}\"");
            assert!(footer.contains(&link) && footer.contains(&format!(">{name}</a>")), "{path}: {footer}");
        }
    }
}

/// The reasons of the service for refusing a password.
#[test]
fn every_reason_for_refusing_a_password_has_words_in_every_language() {
    let source = source_of("account/password.rs");
    let codes = between(&source, "pub fn code(self) -> &'static str {", "\n    }\n");
    let codes = codes.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>();
    assert_eq!(codes.len(), 5);
    for path in ["/reset-password/", "/activate/"] {
        for language in Language::ALL {
            let html = String::from_utf8_lossy(&site()[&address_in(language, path)].bytes).into_owned();
            assert_eq!(attributes(&html, "data-reason").into_iter().collect::<BTreeSet<_>>(), codes);
        }
    }
}

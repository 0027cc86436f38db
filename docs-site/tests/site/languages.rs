//! The pages in all languages.

use mailkey_docs_site::{Language, address_in};

use super::{between, language_of, pages, translated_paths};

#[test]
fn every_page_links_to_every_language() {
    let translated = translated_paths();
    for (path, html) in pages() {
        let languages = between(html, "<nav class=\"languages\"", "</nav>");
        let original = language_of(path).map_or(path, |language| &path[1 + language.tag().len()..]);
        let target = if translated.contains(original) && original != "/404.html" { original } else { "/" };
        for language in Language::ALL {
            let (address, tag, name) = (address_in(language, target), language.tag(), language.own_name());
            let link = format!("<a href=\"{address}\" lang=\"{tag}\"");
            assert!(languages.contains(&link) && languages.contains(&format!(">{name}</a>")), "{path}: {languages}");
        }
    }
}

#[test]
fn everything_that_a_locked_out_member_reads_is_in_every_language() {
    let translated = translated_paths();
    let walk_through = pages().into_iter().map(|(path, _)| path).filter(|path| path.starts_with("/help/"));
    let forms = ["/activate/", "/check-your-mail/", "/forgot-password/", "/reset-password/", "/sign-in/"];
    let others = ["/", "/404.html", "/faq/", "/guide/", "/search/"];
    for path in walk_through.chain(forms).chain(others) {
        assert!(translated.contains(path), "{path} needs `languages: all`");
    }
}

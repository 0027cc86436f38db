//! Rules for every page.

use std::collections::BTreeSet;

use mailkey_docs_site::Language;

use super::{attributes, between, built, html_of, language_of, pages, site};

/// The size limit for a page without scripts, including its style sheets and icon, uncompressed and without the navigation
/// at its side. Pictures load lazily and have their own limit. The browser's tests apply a limit of 20 KiB to what is
/// transferred.
const READING_PAGE_BYTES: usize = 24 * 1024;
const PICTURE_BYTES: usize = 42 * 1024;

#[test]
fn two_builds_are_equal() {
    assert_eq!(built(), built());
}

#[test]
fn every_page_has_a_language_a_title_a_description_and_one_heading() {
    for (path, html) in pages() {
        assert!(html.starts_with("<!doctype html>"), "{path}");
        let language = language_of(path).unwrap_or(Language::English);
        let direction = if language == Language::Arabic { " dir=\"rtl\"" } else { "" };
        assert!(html.contains(&format!("<html lang=\"{}\"{direction}>", language.tag())), "{path}");
        assert_eq!(site()[path].language, Some(language), "{path}");
        assert!(html.contains(" · Harbour Portal</title>"), "{path}");
        assert!(html.contains("<meta name=\"description\" property=\"og:description\" content=\""), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert_eq!(html.matches("<main").count(), 1, "{path}");
    }
}

#[test]
fn no_two_pages_have_the_same_title() {
    // Those below `/en/` repeat the English ones.
    let pages = pages().into_iter().filter(|(path, _)| !path.starts_with("/en/")).collect::<Vec<_>>();
    let titles = pages.iter().map(|(path, html)| (language_of(path), between(html, "<title>", "</title>")));
    assert_eq!(titles.collect::<BTreeSet<_>>().len(), pages.len());
}

#[test]
fn no_page_has_an_inline_script_or_style() {
    for (path, html) in pages() {
        assert!(!html.contains(" style=") && !html.contains("<style"), "{path}");
        assert!(attribute_names(html).all(|name| !name.starts_with("on")), "{path}");
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" type=\"module\" src=\"/assets/"), "{path}");
            assert!(between(script, ">", "</script>").is_empty(), "{path}");
        }
    }
}

fn attribute_names(html: &str) -> impl Iterator<Item = &str> {
    let tags = html.split('<').filter_map(|tag| tag.split('>').next());
    tags.flat_map(str::split_whitespace).filter_map(|word| word.split_once('=')).map(|(name, _)| name)
}

#[test]
fn nothing_is_loaded_from_another_origin() {
    for (path, asset) in site() {
        let text = String::from_utf8_lossy(&asset.bytes);
        for source in attributes(&text, "src") {
            assert!(source.starts_with("/assets/"), "{path}: {source}");
        }
        assert!(!text.contains("url(") && !text.contains("@import"), "{path}");
    }
}

#[test]
fn every_internal_link_has_a_target() {
    let site = site();
    for (path, html) in pages() {
        for link in attributes(html, "href").into_iter().chain(attributes(html, "src")) {
            let link = link.strip_prefix("https://portal.example").unwrap_or(link);
            let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
            if target.starts_with("mailto:") || target.starts_with("https://") {
                continue;
            }
            let target = if target.is_empty() { if fragment.is_empty() { "/" } else { path } } else { target };
            assert!(site.contains_key(target), "{path} links to {link}");
            let has_id = || attributes(html_of(site, target), "id").contains(&fragment);
            assert!(fragment.is_empty() || has_id(), "{path} links to {link}");
        }
    }
}

#[test]
fn every_import_of_a_script_has_a_target() {
    let site = site();
    for (path, asset) in site.iter().filter(|(path, _)| path.ends_with(".js") || path.ends_with(".mjs")) {
        let text = String::from_utf8_lossy(&asset.bytes);
        for import in text.lines().filter(|line| line.starts_with("import ")) {
            assert!(site.contains_key(between(import, "from \"", "\"")), "{path}: {import}");
        }
    }
}

#[test]
fn every_id_is_unique_and_every_reference_to_one_has_a_target() {
    for (path, html) in pages() {
        let ids = attributes(html, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}");
        for name in ["for", "aria-describedby", "aria-labelledby"] {
            for id in attributes(html, name).iter().flat_map(|value| value.split(' ')) {
                assert!(ids.contains(&id), "{path}: there is no id {id}");
            }
        }
    }
}

#[test]
fn a_page_without_a_form_is_small_and_has_no_script_but_copy_buttons() {
    let site = site();
    for (path, html) in pages().iter().filter(|(path, _)| !has_script(path)) {
        let loaded = attributes(html, "href").into_iter().filter(|href| href.starts_with("/assets/"));
        let bytes =
            html.len() + loaded.collect::<BTreeSet<_>>().iter().map(|path| site[*path].bytes.len()).sum::<usize>();
        let side =
            if html.contains("<nav class=\"side\"") { between(html, "<nav class=\"side\"", "</nav>").len() } else { 0 };
        let bytes = bytes - side;
        assert!(bytes <= READING_PAGE_BYTES, "{path}: {bytes} bytes");
        let is_for_developers = path.starts_with("/operators/") || path.starts_with("/reference/");
        for script in html.split("<script type=\"module\" src=\"").skip(1) {
            assert!(is_for_developers && script.starts_with("/assets/copy."), "{path}");
        }
    }
}

/// Whether a page may have a script.
fn has_script(path: &str) -> bool {
    let path = language_of(path).map_or(path, |language| &path[1 + language.tag().len()..]);
    ["/activate/", "/check-your-mail/", "/forgot-password/", "/reset-password/", "/search/", "/sign-in/"]
        .contains(&path)
}

#[test]
fn every_task_of_an_administrator_has_a_picture_and_every_picture_is_small_and_used() {
    let site = site();
    let mut shown = BTreeSet::new();
    for (path, html) in pages() {
        let sources = attributes(html, "src").into_iter().chain(attributes(html, "srcset"));
        let pictures = sources.filter(|source| site[*source].content_type == "image/webp").collect::<Vec<_>>();
        let is_task = path.starts_with("/admins/") && path != "/admins/";
        assert_eq!(pictures.len(), if is_task { 2 } else { 0 }, "{path}: one picture and its dark variant");
        shown.extend(pictures);
    }
    let pictures = site.iter().filter(|(_, asset)| asset.content_type == "image/webp");
    assert!(pictures.clone().all(|(_, asset)| asset.bytes.len() <= PICTURE_BYTES));
    assert_eq!(shown, pictures.map(|(path, _)| path.as_str()).collect());
}

#[test]
fn no_form_except_the_search_puts_its_fields_into_the_url() {
    for (path, html) in pages() {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            // People may share the URL of a search.
            if form.contains(" role=\"search\"") {
                assert_eq!(attributes(form, "name"), ["q"], "{path}");
                continue;
            }
            assert!(form.contains(" method=\"post\""), "{path}");
            assert!(form.contains("<button type=\"submit\""), "{path}");
            assert!(
                between(form, "<button type=\"submit\"", ">").contains(" disabled"),
                "{path}: the button is enabled before its script runs"
            );
        }
    }
}

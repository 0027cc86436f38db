//! Translations: what is checked, and what is generated.

use std::path::Path;

use super::{build, home, text_at};
use crate::content::{Content, Source};
use crate::{Site, files, words};

const GUIDE: &str = "---\ntitle: Guide\ndescription: D\nnav: Guide\nlanguages: all\norder: 4\n---\n## Junk {#junk}\n\n[in](/#in) [self](/guide/)\n";

/// A translation of [`GUIDE`].
fn translated(language: &str) -> String {
    format!(
        "---\ntitle: Guide in {language}\ndescription: D\nnav: {language}\n---\n## {language} {{#junk}}\n\n[in](/#in) [self](/guide/#junk)\n"
    )
}

/// A home page and the guide in every language. The German guide has the given text.
fn content(german: &str) -> Content {
    let mut sources = vec![home(), Source::written("guide.md", GUIDE)];
    for tag in ["fr", "es", "ar"] {
        sources.push(Source::generated(format!("{tag}/guide.md"), translated(tag), "a test"));
    }
    sources.push(Source::generated("de/guide.md".to_owned(), german.to_owned(), "a test"));
    Content { sources, ..Content::default() }
}

fn built() -> Site {
    build(content(&translated("de")), &words::sources()).expect("the content is valid")
}

#[track_caller]
fn check_faults(german: &str, expected: &[&str]) {
    let faults = build(content(german), &words::sources()).expect_err("the translation is invalid");
    assert_eq!(faults, expected);
}

#[test]
fn a_missing_translation_is_refused() {
    let sources = [home(), Source::written("guide.md", GUIDE)];
    let content = Content { sources: sources.to_vec(), ..Content::default() };
    let faults = build(content, &words::sources()).expect_err("four translations are missing");
    assert_eq!(faults.len(), 4);
    let german = "content/guide.md:1: the page has `languages: all`, but the German translation, content/de/guide.md, is missing";
    assert_eq!(faults[0], german);
}

#[test]
fn a_translation_without_an_original_is_refused() {
    let page = || "---\ntitle: T\ndescription: D\n---\n".to_owned();
    // The home page of this test is in English only.
    let sources = ["de/other.md", "de/index.md"].map(|file| Source::generated(file.to_owned(), page(), "a test"));
    let content = Content { sources: [&[home()], &sources[..]].concat(), ..Content::default() };
    let faults = build(content, &words::sources()).expect_err("the originals are missing");
    assert_eq!(
        faults,
        ["other", ""].map(|name| {
            let (file, path) = if name.is_empty() { ("index", "/".to_owned()) } else { (name, format!("/{name}/")) };
            format!("de/{file}.md (a test):1: this translates {path}, but there is no such page with `languages: all`")
        })
    );
}

#[test]
fn a_translation_has_the_headings_of_its_original() {
    check_faults(
        "---\ntitle: T\ndescription: D\nnav: N\n---\n\n## Anders {#anders}\n",
        &[
            "de/guide.md (a test):1: the English page has a heading with the id `junk`; this page doesn't",
            "de/guide.md (a test):7: the English page has no heading with the id `anders`",
        ],
    );
}

#[test]
fn a_translation_must_have_a_name_in_the_navigation_if_its_original_has_one() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n## Spam {#junk}\n",
        &["de/guide.md (a test):1: the front matter has no `nav`"],
    );
}

#[test]
fn a_broken_link_and_an_unknown_variable_of_a_translation_are_refused_at_their_lines() {
    check_faults(
        "---\ntitle: T\ndescription: D\nnav: N\n---\n## Spam {#junk}\n\n{{ portal }}\n",
        &["de/guide.md (a test):8: unknown variable `portal`"],
    );
    check_faults(
        "---\ntitle: T\ndescription: D\nnav: N\n---\n## Spam {#junk}\n\n[a](/guide/#junk)\n[b](/guide/#spam) [c](/gone/)\n",
        &["de/guide.md (a test):9: broken link: /guide/#spam", "de/guide.md (a test):9: broken link: /gone/"],
    );
}

#[test]
fn links_stay_in_the_language_or_name_the_language_of_their_target() {
    let site = built();
    let german = text_at(&site, "/de/guide/");
    assert!(german.contains("<html lang=\"de\">"));
    assert!(german.contains("<a href=\"/#in\" hreflang=\"en\">in</a> <a href=\"/de/guide/#junk\">self</a>"));
    assert!(text_at(&site, "/en/guide/").contains("<a href=\"/#in\">in</a> <a href=\"/en/guide/\">self</a>"));
    assert!(text_at(&site, "/guide/").contains("<a href=\"/#in\">in</a> <a href=\"/guide/\">self</a>"));
    assert!(text_at(&site, "/ar/guide/").contains("<html lang=\"ar\" dir=\"rtl\">"));
}

#[test]
fn search_engines_see_every_language_and_one_english_page() {
    let site = built();
    let url = "https://portal.example";
    for path in ["/guide/", "/en/guide/", "/de/guide/"] {
        let html = text_at(&site, path);
        let canonical = path.trim_start_matches("/en");
        assert!(html.contains(&format!("<link rel=\"canonical\" href=\"{url}{canonical}\">")), "{path}");
        for (language, path) in
            [("en", "/guide/"), ("de", "/de/guide/"), ("ar", "/ar/guide/"), ("x-default", "/guide/")]
        {
            assert!(html.contains(&format!("<link rel=\"alternate\" hreflang=\"{language}\" href=\"{url}{path}\">")));
        }
    }
    let map = text_at(&site, "/sitemap.xml");
    assert_eq!(map.matches("<loc>").count(), 1 + 5, "the home page, and the guide in each language");
    assert!(!map.contains("/en/"));
    assert_eq!(map.matches("hreflang=\"fr\" href=\"https://portal.example/fr/guide/\"").count(), 5);
}

#[test]
fn each_language_has_its_own_search_index() {
    let site = built();
    let index = |language: &str| site.keys().find(|path| path.starts_with(&format!("/assets/search-{language}")));
    assert!(text_at(&site, index("de-0").expect("the asset exists")).starts_with("[[\"/de/guide/\",\"Guide in de\""));
    assert!(index("en").is_none());
}

/// The messages of the layouts, with the text of one file changed.
fn with_change(language: &str, file: &str, change: impl Fn(&str) -> String) -> Vec<mailkey_words::Source> {
    let mut sources = words::sources();
    let changed = sources.iter_mut().find(|source| source.language == language && source.file == file);
    let source = changed.expect("the file exists");
    source.text = change(&source.text);
    sources
}

#[test]
fn a_mistake_in_a_message_is_refused_at_its_line() {
    let block = "a message must be inline text; this starts a heading, list, quote, code block or rule";
    for (from, to, id, problem) in [
        ("password =", "email-address = A\npassword =", "email-address", "`email-address` is defined twice"),
        ("{ $address }", "{ $until }", "you-entered", "`you-entered` uses $until, but the English message doesn't"),
        ("{ $address }", "da", "you-entered", "`you-entered` doesn't use $address, but the English message does"),
        ("password = ", "password = # ", "password", block),
        ("**{ $address }**", "<b>{ $address }</b>", "you-entered", "use Markdown instead of HTML"),
    ] {
        let words = with_change("de", "forms.ftl", |text| text.replacen(from, to, 1));
        let expected = format!("locales/de/forms.ftl:{}: {problem}", line_of(&words, "de", id));
        let faults = build(content(&translated("de")), &words).expect_err(&expected);
        assert!(faults.contains(&expected), "{expected}: {faults:?}");
    }
    let words = with_change("de", "forms.ftl", |text| text.replacen("password =", "# password =", 1));
    let line = line_of(&words, "en", "password");
    let expected = format!("locales/en/forms.ftl:{line}: `password` is missing in locales/de/forms.ftl");
    assert_eq!(build(content(&translated("de")), &words).expect_err(&expected), [expected.as_str()]);
}

/// The last line of `forms.ftl` that defines a message.
fn line_of(sources: &[mailkey_words::Source], language: &str, id: &str) -> usize {
    let source = sources.iter().find(|source| source.language == language && source.file == "forms.ftl");
    let lines = source.expect("the file exists").text.lines().collect::<Vec<_>>();
    lines.iter().rposition(|line| line.starts_with(&format!("{id} ="))).expect("the message exists") + 1
}

#[test]
fn a_layout_can_neither_choose_by_a_number_nor_use_an_unknown_variable() {
    for (value, expected) in [
        ("{ $count ->\n *[other] x\n }", "layouts can't choose by a number"),
        ("{ $portal }", "unknown variable `portal`"),
    ] {
        let words = words::sources().into_iter().map(|source| {
            let text = source.text + &format!("\nnew = {value}\n");
            mailkey_words::Source { text, ..source }
        });
        let words = words.filter(|source| source.file == "forms.ftl").collect::<Vec<_>>();
        let faults = build(content(&translated("de")), &words).expect_err(expected);
        assert!(faults[0].starts_with("locales/en/forms.ftl:") && faults[0].ends_with(expected), "{faults:?}");
    }
}

#[test]
fn a_language_without_messages_is_refused() {
    let without = words::sources().into_iter().filter(|source| source.language != "es").collect::<Vec<_>>();
    let faults = build(content(&translated("de")), &without).expect_err("there is no Spanish");
    assert_eq!(faults, ["locales/es:1: there are no Spanish messages"]);
}

#[test]
fn every_message_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let templates = [root.join("templates"), root.join("templates/parts"), root.join("src")];
    let files = templates.iter().flat_map(|folder| std::fs::read_dir(folder).expect("the folder can be listed"));
    let files = files.map(|entry| entry.expect("the entry can be read").path()).filter(|path| path.is_file());
    let text = files.map(|file| std::fs::read_to_string(file).expect("the file can be read")).collect::<String>();
    for (name, messages) in files::LOCALES.iter().filter(|(name, _)| name.starts_with("en/")) {
        let ids = messages.lines().filter_map(|line| line.split_once(" = ")).map(|(id, _)| id);
        for id in ids.filter(|id| !id.starts_with(['#', ' ']) && !id.starts_with("fill-") && !id.starts_with("reason-"))
        {
            assert!(text.contains(&format!("\"{id}\"")), "{name}: nothing uses {id}");
        }
    }
}

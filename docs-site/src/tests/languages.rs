//! What has to be there in every language, and what happens if it is not.

use std::path::Path;

use super::{HOME, Source, build_from, files_in, text_at, variables, words};
use crate::words::MessageFile;
use crate::{Language, Site};

const GUIDE: &str = "---\ntitle: Guide\ndescription: D\nnav: Guide\nlanguages: all\norder: 4\n---\n## Junk {#junk}\n\n[in](/#in) [self](/guide/)\n";

/// A translation of [`GUIDE`].
fn translated(language: &str) -> String {
    format!(
        "---\ntitle: Guide in {language}\ndescription: D\nnav: {language}\n---\n## {language} {{#junk}}\n\n[in](/#in) [self](/guide/#junk)\n"
    )
}

/// A home page and the guide in every language; that of German has another text.
fn sources(german: &str) -> Vec<Source> {
    let mut sources = vec![HOME, Source::written("guide.md", GUIDE)];
    for tag in ["fr", "es", "ar"] {
        sources.push(Source::made(format!("{tag}/guide.md"), translated(tag), "a test"));
    }
    sources.push(Source::made("de/guide.md".to_owned(), german.to_owned(), "a test"));
    sources
}

fn built() -> Site {
    build_from(&sources(&translated("de")), Vec::new(), words::FILES, &variables()).expect("the content is right")
}

#[track_caller]
fn check_faults(german: &str, expected: &[&str]) {
    let faults =
        build_from(&sources(german), Vec::new(), words::FILES, &variables()).expect_err("the translation is wrong");
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

#[test]
fn a_page_that_is_missing_in_a_language_is_refused() {
    let sources = [HOME, Source::written("guide.md", GUIDE)];
    let faults = build_from(&sources, Vec::new(), words::FILES, &variables()).expect_err("four are missing");
    let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(faults.len(), 4);
    let german =
        "content/guide.md:1: the page is to be there in all languages; the German one, content/de/guide.md, is missing";
    assert_eq!(faults[0], german);
}

#[test]
fn a_translation_of_nothing_is_refused() {
    let page = || "---\ntitle: T\ndescription: D\n---\n".to_owned();
    // The home page of this test is in English only.
    let sources = ["de/other.md", "de/index.md"].map(|file| Source::made(file.to_owned(), page(), "a test"));
    let faults =
        build_from(&[&[HOME], &sources[..]].concat(), Vec::new(), words::FILES, &variables()).expect_err("of what?");
    assert_eq!(
        faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["other", ""].map(|name| {
            let (file, path) = if name.is_empty() { ("index", "/".to_owned()) } else { (name, format!("/{name}/")) };
            format!(
                "de/{file}.md (a test):1: there is no page {path} with `languages: all`, which this one could translate"
            )
        })
    );
}

#[test]
fn a_translation_has_the_headings_of_its_original() {
    check_faults(
        "---\ntitle: T\ndescription: D\nnav: N\n---\n\n## Anders {#anders}\n",
        &[
            "de/guide.md (a test):1: the English page has a heading with the id `junk`, and this one has not",
            "de/guide.md (a test):7: the English page has no heading with the id `anders`",
        ],
    );
}

#[test]
fn a_translation_has_a_name_in_the_navigation_if_its_original_has_one() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n## Spam {#junk}\n",
        &["de/guide.md (a test):1: the front matter has no `nav`"],
    );
}

#[test]
fn a_broken_link_and_an_unknown_variable_of_a_translation_are_refused_at_their_lines() {
    check_faults(
        "---\ntitle: T\ndescription: D\nnav: N\n---\n## Spam {#junk}\n\n{{ portal }}\n",
        &["de/guide.md (a test):8: the site has no variable `portal`"],
    );
    check_faults(
        "---\ntitle: T\ndescription: D\nnav: N\n---\n## Spam {#junk}\n\n[a](/guide/#junk)\n[b](/guide/#spam) [c](/gone/)\n",
        &[
            "de/guide.md (a test):9: the link to /guide/#spam leads nowhere",
            "de/guide.md (a test):9: the link to /gone/ leads nowhere",
        ],
    );
}

#[test]
fn links_stay_in_the_language_and_say_so_where_they_leave_it() {
    let site = built();
    let german = text_at(&site, "/de/guide/");
    assert!(german.contains("<html lang=\"de\">"));
    assert!(german.contains("<a href=\"/#in\" hreflang=\"en\">in</a> <a href=\"/de/guide/#junk\">self</a>"));
    assert!(text_at(&site, "/en/guide/").contains("<a href=\"/#in\">in</a> <a href=\"/en/guide/\">self</a>"));
    assert!(text_at(&site, "/guide/").contains("<a href=\"/#in\">in</a> <a href=\"/guide/\">self</a>"));
    assert!(text_at(&site, "/ar/guide/").contains("<html lang=\"ar\" dir=\"rtl\">"));
}

#[test]
fn search_engines_are_told_of_every_language_and_of_one_english_page() {
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
fn each_language_has_a_feed_and_an_index_of_its_own() {
    let site = built();
    assert!(text_at(&site, "/de/feed.xml").contains("xml:lang=\"de\""));
    assert!(!site.contains_key("/en/feed.xml"));
    let index = |language: &str| site.keys().find(|path| path.starts_with(&format!("/assets/search-{language}")));
    assert!(text_at(&site, index("de-0").expect("it is there")).starts_with("[[\"/de/guide/\",\"Guide in de\""));
    assert!(index("en").is_none());
}

/// The words of the layouts, but for those of one file.
fn messages(name: &str, text: &'static str) -> Vec<MessageFile> {
    words::FILES.iter().map(|file| if file.name == name { MessageFile { text, ..*file } } else { *file }).collect()
}

#[test]
fn a_message_that_is_missing_strange_or_broken_is_refused_at_its_line() {
    let file = words::FILES.iter().find(|file| file.name == "de/forms.ftl").expect("it is there");
    for (from, to, expected) in [
        (
            "password =",
            "email-address = A\npassword =",
            "locales/de/forms.ftl:8: the message `email-address` is there twice",
        ),
        ("password = Passwort\n", "", "locales/en/forms.ftl:9: the German messages have no `password`"),
        ("password =", "pasword = A\npassword =", "locales/de/forms.ftl:8: the English messages have no `pasword`"),
        (
            "{ $address }",
            "{ $adress }",
            "locales/de/forms.ftl:25: `you-entered` has other variables than the English message",
        ),
        ("{ $address }", "da", "locales/de/forms.ftl:25: `you-entered` has other variables than the English message"),
        (
            "password = Passwort",
            "password = # Passwort",
            "locales/de/forms.ftl:8: a message is a sentence within a layout; this one begins a block of its own",
        ),
        ("**{ $address }**", "<b>{ $address }</b>", "locales/de/forms.ftl:25: write Markdown, not HTML"),
    ] {
        let text = file.text.replacen(from, to, 1).leak();
        let faults =
            build_from(&[HOME], Vec::new(), &messages("de/forms.ftl", text), &variables()).expect_err(expected);
        let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(faults.contains(&expected.to_owned()), "{faults:?}");
    }
    let faults =
        build_from(&[HOME], Vec::new(), &messages("fr/shell.ftl", "skip = {\n"), &variables()).expect_err("no Fluent");
    assert!(faults.to_string().contains("locales/fr/shell.ftl:1: the messages can't be read: "), "{faults}");
}

#[test]
fn a_language_that_no_layout_can_speak_is_refused() {
    let without = words::FILES.iter().filter(|file| file.language != Language::Spanish).copied().collect::<Vec<_>>();
    let faults = build_from(&[HOME], Vec::new(), &without, &variables()).expect_err("there is no Spanish");
    assert!(faults.iter().all(|fault| fault.to_string().contains("the Spanish messages have no")), "{faults}");
}

#[test]
fn every_file_of_messages_is_registered() {
    let registered = words::FILES.iter().map(|file| file.name.to_owned()).collect();
    assert_eq!(files_in("locales"), registered, "add new files to src/words.rs");
}

#[test]
fn every_message_is_said_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files =
        ["templates", "src"].map(|folder| files_in(folder).into_iter().map(move |file| root.join(folder).join(file)));
    let files = files.into_iter().flatten().filter(|file| !file.ends_with("tests.rs"));
    let text = files.map(|file| std::fs::read_to_string(file).expect("it can be read")).collect::<String>();
    let english = words::FILES.iter().filter(|file| file.language == Language::English);
    for line in english.flat_map(|file| file.text.lines()) {
        let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.starts_with(['#', ' '])) else { continue };
        let said = key.starts_with("fill-") || text.contains(&format!("\"{key}\""));
        assert!(
            said || text.contains(&format!("\"{}\"", key.trim_start_matches("reason-").replace('-', "_"))),
            "{key}"
        );
    }
}

//! What the function at the distribution's edge knows of the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mailkey_docs_site::{Language, address_in};

use super::{between, site};

/// The distribution has the same function, which has to know these addresses.
#[test]
fn the_edge_knows_the_languages_and_the_pages_that_they_have() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("edge/choose-language.js");
    let script = std::fs::read_to_string(path).expect("the function is there");
    let quoted = |text: &str| text.split('\'').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let languages = quoted(between(&script, "const LANGUAGES = [", "]"));
    assert_eq!(languages, Language::ALL.map(|language| language.tag().to_owned()).into());
    let pages = |path: &&String| path.ends_with('/');
    let translated = site().keys().filter(pages).filter_map(|path| path.strip_prefix("/en").map(str::to_owned));
    let translated = translated.collect::<BTreeSet<_>>();
    assert_eq!(quoted(between(&script, "const PAGES = [", "]")), translated);

    let mut english_only = BTreeMap::<&str, Vec<&str>>::new();
    let in_a_language = |path: &str| Language::ALL.iter().any(|language| path.starts_with(&address_in(*language, "/")));
    for path in site().keys().filter(pages).filter(|path| !translated.contains(*path) && !in_a_language(path)) {
        let (folder, name) = path.trim_end_matches('/').rsplit_once('/').expect("a path begins with a slash");
        english_only.entry(&path[..=folder.len()]).or_default().push(name);
    }
    let lines = english_only.iter().map(|(folder, names)| format!("  '{folder}': '{}',\n", names.join(" ")));
    let expected = format!("\n{}", lines.collect::<String>());
    let listed = between(&script, "const ENGLISH_PAGES = {", "};");
    assert!(
        listed == expected,
        "ENGLISH_PAGES of choose-language.js, and of infra/template.yaml, should be:\n{expected}"
    );

    let files = site().keys().filter(|path| !path.ends_with('/') && !path.starts_with("/assets/"));
    let files = files.filter(|path| !path.ends_with("/404.html")).map(String::as_str).collect::<BTreeSet<_>>();
    let feeds = ["/feed.xml", "/ar/feed.xml", "/de/feed.xml", "/es/feed.xml", "/fr/feed.xml"];
    assert_eq!(
        files,
        feeds.into_iter().chain(["/robots.txt", "/sitemap.xml"]).collect(),
        "FILES of choose-language.js"
    );
}

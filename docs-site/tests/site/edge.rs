//! The lists of pages in the function at the distribution's edge.

use std::collections::{BTreeMap, BTreeSet};

use mailkey_docs_site::Language;

use super::{language_of, site, translated_paths};

#[test]
fn the_function_at_the_edge_knows_all_languages_pages_and_files() {
    let languages = Language::ALL.map(|language| format!("'{}'", language.tag())).join(", ");
    let translated = translated_paths().into_iter().filter(|path| path.ends_with('/')).collect::<BTreeSet<_>>();
    let quoted = translated.iter().map(|path| format!("  '{path}',\n")).collect::<String>();
    check_contains(&format!("const LANGUAGES = [{languages}];\n\nconst PAGES = [\n{quoted}];\n"));

    let mut folders = BTreeMap::<&str, Vec<&str>>::new();
    let english = site().keys().filter(|path| path.ends_with('/') && language_of(path).is_none());
    for path in english.filter(|path| !translated.contains(path.as_str())) {
        let (folder, name) = path.trim_end_matches('/').rsplit_once('/').expect("a path begins with a slash");
        folders.entry(&path[..=folder.len()]).or_default().push(name);
    }
    let lines = folders.iter().map(|(folder, names)| format!("  '{folder}': '{}',\n", names.join(" ")));
    check_contains(&format!("const ENGLISH_PAGES = {{\n{}}};\n", lines.collect::<String>()));

    let files = site().keys().filter(|path| !path.ends_with('/') && !path.starts_with("/assets/"));
    let files = files.filter(|path| !path.ends_with("/404.html")).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(files, ["/robots.txt", "/sitemap.xml"], "FILES of choose-language.js has others");
}

#[track_caller]
fn check_contains(lists: &str) {
    let found = include_str!("../../edge/choose-language.js").contains(lists);
    assert!(found, "docs-site/edge/choose-language.js, and its copy in infra/template.yaml, must contain:\n{lists}");
}

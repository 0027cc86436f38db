//! Checks that documents and code agree: every problem has a test that produces it, the map in ARCHITECTURE.md lists
//! the crates and files that exist, and the tables of security requirements are complete and name tests that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mailkey_tests::PROBLEMS;

/// Problems that no request can produce while the service works. This list may only shrink.
const OUT_OF_REACH: &[&str] = &[];

#[test]
fn every_problem_is_produced_by_a_test() {
    let folders = ["tests/tests", "tests/attacks", "tests/faults"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let others = files.filter(|file| !file.ends_with("agreement.rs"));
    let tests = others.map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>();
    for (code, ..) in PROBLEMS {
        let reached = !OUT_OF_REACH.contains(&code);
        assert_eq!(tests.contains(&format!("\"{code}\"")), reached, "{code}");
    }
}

#[test]
fn the_map_names_every_crate_with_its_folder() {
    let text = architecture();
    let listed: BTreeSet<_> = cells(&text).filter(|(name, _)| name.starts_with("mailkey")).collect();
    let mut there = BTreeSet::new();
    let folders = ["functions", "functions/common", "infra"].into_iter().flat_map(folders_in);
    for folder in folders.chain(["docs-site", "tests"].map(Into::into)) {
        let Ok(manifest) = std::fs::read_to_string(root().join(&folder).join("Cargo.toml")) else { continue };
        let name = manifest.split("name = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        // The function crates share a row.
        if folder == format!("functions/{}", name.trim_start_matches("mailkey-")) {
            assert!(text.contains(&format!("`{}`", name.trim_start_matches("mailkey-"))), "{name} is on the map");
        } else {
            there.insert((name.to_owned(), folder));
        }
    }
    assert_eq!(
        listed,
        there.into_iter().chain([("mailkey-<function>".to_owned(), "functions/<function>".to_owned())]).collect()
    );
}

#[test]
fn the_files_that_the_map_names_exist() {
    let text = architecture();
    let named = text.split('`').skip(1).step_by(2).filter(|name| name.contains('/') && !name.contains([' ', '<', '{']));
    let files: Vec<_> = named.filter(|name| !name.starts_with('/') && !name.starts_with("POST")).collect();
    assert!(files.len() > 20, "the map names files");
    for file in files {
        assert!(root().join(file).exists(), "{file} is named in ARCHITECTURE.md");
    }
}

/// The requirements of OWASP ASVS 5.0.0 at levels 1 and 2, except those of V10: each section with the last number of a
/// requirement at these levels.
const ASVS: &str = "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 \
                    4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 \
                    7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 \
                    13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 \
                    17.1:1 17.2:4 17.3:2";

#[test]
fn the_tables_of_security_requirements_name_each_one_once() {
    let expected = ASVS.split_whitespace().flat_map(|section| {
        let (section, last) = section.split_once(':').unwrap();
        (1..=last.parse().unwrap()).map(move |number: u32| format!("{section}.{number}"))
    });
    let mut missing: BTreeSet<_> = expected.collect();
    // With the 29 of V10, which is one row, these are the 253 that the page promises.
    assert_eq!(missing.len() + 29, 253);
    for (_, row) in requirement_rows().into_iter().filter(|(page, _)| !page.starts_with("nist")) {
        for number in numbers(&row[0]) {
            assert!(missing.remove(&number), "{number} is unknown or listed twice");
        }
    }
    assert!(missing.is_empty(), "no table has {missing:?}");
}

#[test]
fn every_test_in_the_tables_of_security_requirements_exists() {
    let mut tests = String::new();
    for folder in ["functions", "infra", "docs-site/src", "docs-site/tests", "tests"] {
        read_sources(&root().join(folder), &mut tests);
    }
    let mut named = 0;
    for (page, row) in requirement_rows().into_iter().filter(|(_, row)| row.len() == 4) {
        let [requirement, met, how, test] = row.as_slice() else { unreachable!("the row has four cells") };
        assert!(["Yes", "Partly", "No", "–"].contains(&met.as_str()), "{page}: {requirement}: {met}");
        assert!(!how.is_empty(), "{page}: {requirement}");
        for name in test.split('`').skip(1).step_by(2) {
            let exists = [format!("fn {name}("), format!("test(\"{name}\"")].iter().any(|start| tests.contains(start));
            assert!(exists, "{page}: {requirement}: there is no test {name}");
            named += 1;
        }
    }
    assert!(named > 150, "the tables name tests");
}

/// The rows of the tables about ASVS and NIST SP 800-63B-4, with the name of their page. The list of chapters that don't
/// apply has two columns, the tables of requirements have four.
fn requirement_rows() -> Vec<(String, Vec<String>)> {
    let operators = root().join("docs-site/content/operators");
    let pages = std::fs::read_dir(operators.join("asvs")).unwrap().map(|entry| entry.unwrap().path());
    let mut rows = Vec::new();
    for page in pages.chain(["nist-sp-800-63b.md", "nist-sp-800-63b-sessions.md"].map(|page| operators.join(page))) {
        let text = std::fs::read_to_string(&page).unwrap();
        let mut is_listed = false;
        for line in text.lines().filter(|line| line.starts_with("| ")) {
            let row: Vec<_> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
            match row[0].as_str() {
                "Requirement" => is_listed = row.len() == 4,
                "Requirements" => is_listed = true,
                "Column" | "Way" | "Purpose" | "Log" => is_listed = false,
                _ if is_listed => rows.push((page.file_name().unwrap().to_string_lossy().into_owned(), row)),
                _ => {}
            }
        }
    }
    rows
}

/// The numbers in a cell: `1.2.3`, or `1.2.6–8` for three of them.
fn numbers(cell: &str) -> Vec<String> {
    let words = cell.split([' ', ',', '(', ')']).filter(|word| word.matches('.').count() == 2);
    let ranges = words.filter(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(|word| {
        let (first, last) = word.split_once('–').map_or((word, None), |(first, last)| (first, last.parse().ok()));
        let (section, first) = first.rsplit_once('.').unwrap();
        let first: u32 = first.parse().unwrap();
        (first..=last.unwrap_or(first)).map(move |number| format!("{section}.{number}"))
    });
    ranges.flatten().collect()
}

/// Appends the Rust and JavaScript files below a folder, except compiled and installed ones, and this file.
fn read_sources(folder: &Path, to: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is = |ends: &[&str]| ends.iter().any(|end| path.as_os_str().to_string_lossy().ends_with(end));
        if path.is_dir() && !is(&["target", "node_modules"]) {
            read_sources(&path, to);
        } else if path.is_file() && is(&[".rs", ".js", ".mjs"]) && !is(&["agreement.rs"]) {
            to.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn architecture() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// The first two cells of each row of a table, without backticks.
fn cells(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.lines().filter(|line| line.starts_with("| `")).filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().to_owned());
        Some((cells.next()?, cells.next()?))
    })
}

fn folders_in(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

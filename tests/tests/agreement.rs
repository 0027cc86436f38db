//! Checks that documents and code agree: every problem has a test that produces it, and the map in ARCHITECTURE.md
//! lists the crates and files that exist.

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

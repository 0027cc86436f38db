//! Checks that documents and code agree: every problem has a test that produces it, and the map in ARCHITECTURE.md
//! lists the crates and modules that exist.

use std::collections::{BTreeMap, BTreeSet};
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
fn the_map_lists_every_crate_at_its_path() {
    let text = architecture();
    let map = section(&text, "## The map");
    let listed: BTreeMap<_, _> = rows(map).map(|cells| (cells[0].clone(), cells[1].clone())).collect();
    let mut there = BTreeMap::new();
    for folder in ["functions", "functions/common", "infra"]
        .into_iter()
        .flat_map(folders_in)
        .chain(["docs-site", "tests"].map(Into::into))
    {
        let Ok(manifest) = std::fs::read_to_string(root().join(&folder).join("Cargo.toml")) else { continue };
        let name = manifest.split("name = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        there.insert(name.to_owned(), folder);
    }
    assert_eq!(listed, there);
}

#[test]
fn the_map_lists_every_module() {
    let text = architecture();
    for (heading, folder) in [
        ("### Modules of `mailkey`", "functions/common/domain/src"),
        ("### Modules of `mailkey-local`", "infra/local/src"),
    ] {
        let rows = rows(section(&text, heading)).collect::<Vec<_>>();
        let listed = rows.iter().flat_map(|cells| cells[0].split(", ").map(|name| name.to_owned()));
        let listed: BTreeSet<_> = listed.collect();
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let names =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").to_owned());
        let there: BTreeSet<_> = names.filter(|name| !["lib", "tests", "snapshots"].contains(&name.as_str())).collect();
        assert_eq!(listed, there, "{heading}");
    }
}

fn architecture() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// The text between a heading and the next one.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("{heading}\n")).unwrap_or_else(|| panic!("there is no {heading}"));
    rest.split("\n#").next().unwrap()
}

/// The rows of a table without its header; each cell without backticks and without text in parentheses.
fn rows(section: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    section.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells = line.trim_matches('|').split('|').map(|cell| {
            let cell = cell.split(" (").next().unwrap_or_default();
            cell.replace('`', "").trim().to_owned()
        });
        cells.collect()
    })
}

fn folders_in(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

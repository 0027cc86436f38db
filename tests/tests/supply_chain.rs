//! Which dependencies the project may have, and which code it must not contain.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The lines of one table of a manifest.
fn section<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
    let lines = manifest.lines().skip_while(move |line| *line != name).skip(1);
    lines.take_while(|line| !line.starts_with('[')).collect()
}

fn members() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let members = manifest.lines().skip_while(|line| *line != "members = [").skip(1).take_while(|line| *line != "]");
    members.map(|line| line.trim().trim_matches(['"', ',']).to_owned()).collect()
}

#[test]
fn the_dependencies_page_gives_a_reason_for_exactly_the_direct_dependencies() {
    let manifest = read("Cargo.toml");
    let named = section(&manifest, "[workspace.dependencies]").into_iter().filter_map(|line| line.split_once(" = "));
    let named: BTreeSet<_> = named.map(|(name, _)| name).filter(|name| !name.starts_with("mailkey")).collect();
    let page = read("docs-site/content/operators/dependencies.md");
    let rows: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).collect();
    assert!(rows.iter().all(|(_, reason)| reason.len() > 10));
    assert_eq!(rows.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), named);
    assert_eq!(rows.len(), named.len(), "each dependency is listed once");
}

/// A crate with its own version of a dependency would bypass the page.
#[test]
fn every_crate_inherits_its_dependencies_and_lints_from_the_workspace() {
    let members = members();
    assert!(members.len() >= 17, "{members:?}");
    for member in members {
        let manifest = read(&format!("{member}/Cargo.toml"));
        assert_eq!(section(&manifest, "[lints]").first(), Some(&"workspace = true"), "{member}");
        for table in ["[dependencies]", "[dev-dependencies]", "[build-dependencies]"] {
            for line in section(&manifest, table).into_iter().filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                assert!(line.contains("workspace = true"), "{member}: {line}");
            }
        }
    }
    let manifest = read("Cargo.toml");
    assert!(section(&manifest, "[workspace.lints.rust]").contains(&"unsafe_code = \"forbid\""));
}

/// A forbidden lint can't be re-enabled, but a file that no crate compiles isn't linted.
#[test]
fn no_file_contains_unsafe_code() {
    let mut folders = members().iter().map(|member| root().join(member)).collect::<Vec<_>>();
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["node_modules", "target", "fuzz"].contains(&name.as_str()) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                files += 1;
                let word = ["unsafe", " {"].concat();
                assert!(!fs::read_to_string(&path).unwrap().contains(&word), "{}", path.display());
            }
        }
    }
    assert!(files > 200, "{files} files");
}

//! Which crate may depend on what: the rules of "Code layout", checked against the dependency graph.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Crates of AWS, of HTTP and of async runtimes: nothing that decides needs them.
const NOT_IN_THE_DOMAIN: &[&str] =
    &["aws-", "axum", "futures", "h2", "hickory", "http", "hyper", "lambda_", "reqwest", "tokio", "tower"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What `cargo metadata` knows: packages, and who depends on whom.
struct Graph(Value);

impl Graph {
    fn read() -> Self {
        let cargo = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--offline",
                "--locked",
                "--filter-platform",
                "x86_64-unknown-linux-gnu",
            ])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
        Self(serde_json::from_slice(&cargo.stdout).unwrap())
    }

    fn packages(&self) -> &[Value] {
        self.0["packages"].as_array().unwrap()
    }

    /// Our own crates below `folder`: name and manifest.
    fn ours_below(&self, folder: &str) -> impl Iterator<Item = &Value> {
        let folder = fs::canonicalize(root().join(folder)).unwrap();
        self.packages().iter().filter(move |package| Path::new(text(&package["manifest_path"])).starts_with(&folder))
    }

    /// The direct dependencies of each package that are linked, not those of its tests or its build script.
    fn linked(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let names: BTreeMap<_, _> =
            self.packages().iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let nodes = self.0["resolve"]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| {
                let linked = node["deps"].as_array().unwrap().iter().filter(|dependency| {
                    dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
                });
                (names[text(&node["id"])], linked.map(|dependency| names[text(&dependency["pkg"])]).collect())
            })
            .collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn the_domain_links_no_aws_http_or_async_crate() {
    let graph = Graph::read();
    let linked = graph.linked();
    let mut open: Vec<&str> = linked["mailkey"].iter().copied().collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        assert!(!NOT_IN_THE_DOMAIN.iter().any(|banned| name.starts_with(banned)), "the domain links {name}");
        if seen.insert(name) {
            open.extend(&linked[name]);
        }
    }
    assert!(seen.contains("jiff") && seen.len() > 10, "the graph was read: {seen:?}");
}

#[test]
fn one_crate_links_the_client_of_dynamodb_and_one_that_of_ses() {
    let graph = Graph::read();
    let linked = graph.linked();
    for (client, only) in [("aws-sdk-dynamodb", "mailkey-dynamodb"), ("aws-sdk-sesv2", "mailkey-ses")] {
        let names = graph.ours_below("functions").map(|package| text(&package["name"]));
        let with_client: Vec<_> = names.filter(|name| linked[name].contains(client)).collect();
        assert_eq!(with_client, [only], "{client}");
    }
}

#[test]
fn no_crate_below_functions_has_a_feature_but_lambda() {
    let graph = Graph::read();
    let mut with_lambda = 0;
    for package in graph.ours_below("functions") {
        let features: Vec<_> = package["features"].as_object().unwrap().keys().collect();
        let is_handler = !text(&package["manifest_path"]).contains("/common/");
        let expected: &[&str] = if is_handler { &["lambda"] } else { &[] };
        assert_eq!(features, expected, "{}", package["name"]);
        with_lambda += usize::from(is_handler);
    }
    assert!(with_lambda >= 13, "{with_lambda} handlers");
}

/// One direction between any two modules of the domain: what imports each other is one module in two files.
#[test]
fn modules_of_the_domain_do_not_import_each_other_in_a_circle() {
    let source = root().join("functions/common/domain/src");
    let lib = fs::read_to_string(source.join("lib.rs")).unwrap();
    let at_root = reexports(&lib);
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let module = inside.iter().next().unwrap().to_string_lossy();
        let module = module.trim_end_matches(".rs").to_owned();
        if module == "lib" || inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap().lines();
        let code: String = code.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let named = names_behind_crate(&code).into_iter().map(|name| at_root.get(&name).cloned().unwrap_or(name));
        imports.entry(module.clone()).or_default().extend(named.filter(|name| *name != module));
    }
    assert!(imports.len() > 20 && imports["sender"].contains("dns"), "the imports were read: {imports:?}");
    // Whatever imports nothing that is left can't be part of a circle.
    loop {
        let left: BTreeSet<_> = imports.keys().cloned().collect();
        let before = imports.len();
        imports.retain(|_, imported| imported.iter().any(|name| left.contains(name)));
        if imports.len() == before {
            break;
        }
    }
    // And neither can be what is imported by nothing that is left.
    loop {
        let imported: BTreeSet<_> = imports.values().flatten().cloned().collect();
        let before = imports.len();
        imports.retain(|module, _| imported.contains(module));
        if imports.len() == before {
            break;
        }
    }
    assert!(imports.is_empty(), "{imports:?}");
}

/// The names that `lib.rs` shows at the root, with the modules they come from.
fn reexports(lib: &str) -> BTreeMap<String, String> {
    let lines = lib.lines().filter_map(|line| line.strip_prefix("pub use ")?.strip_suffix(';')?.split_once("::"));
    lines
        .flat_map(|(module, names)| {
            let names = names.trim_matches(['{', '}']).split(',');
            names.map(move |name| (name.trim().to_owned(), module.to_owned()))
        })
        .collect()
}

/// The first segment behind each `crate::`, also in `crate::{a, b::{c, d}}`.
fn names_behind_crate(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    names.insert(word(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    names
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

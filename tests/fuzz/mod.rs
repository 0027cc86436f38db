//! Replays the fuzzers' corpora: inputs that once reached new code must still be harmless.

#[path = "targets.rs"]
mod targets;

use std::{collections::BTreeSet, fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};

/// A function that tries one input.
type Try = fn(&[u8]);

/// The targets whose parsers are accessible from here.
const TARGETS: [(&str, Try); 8] = [
    ("address", targets::address),
    ("token", targets::token),
    ("cursor", targets::cursor),
    ("json_body", targets::json_body),
    ("query", targets::query),
    ("ses_event", targets::ses_event),
    ("smtp_reply", targets::smtp_reply),
    ("imported_hash", targets::imported_hash),
];

/// These are replayed next to the code that they fuzz, which is private.
const ELSEWHERE: [&str; 2] = ["import_line", "front_matter"];

#[test]
fn fuzz_corpora_are_replayed() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= 4, "{name} has {} inputs", inputs.len());
        inputs.iter().for_each(|input| target(input));
    }
}

#[test]
fn fuzz_targets_are_all_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let targets: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let replayed = TARGETS.iter().map(|(name, _)| *name).chain(ELSEWHERE).map(str::to_owned);
    assert_eq!(targets, replayed.collect());
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/corpora/{name}.txt"));
    let lines = fs::read_to_string(path).unwrap();
    lines.lines().map(|line| BASE64_STANDARD.decode(line).unwrap()).collect()
}

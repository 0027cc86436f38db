//! Attacks on the running system, over HTTP. Each test begins with the number of the case it proves; what a case is
//! about and why stands on the page `docs-site/content/operators/threat-model.md`.

mod accounts;
mod audit;
mod enumeration;
mod events;
mod headers;
mod lists;
mod lockout;
mod mail;
mod networks;
mod passwords;
mod paths;
mod privacy;
mod redemption;
mod requests;
mod tokens;

use std::{collections::BTreeSet, fs, path::Path};

/// So many cases there are.
const CASES: u32 = 32;

/// A case without a test is a promise without a proof, on the page or here.
#[test]
fn every_case_has_its_test_and_its_line_on_the_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks");
    let mut tested = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        // A number without the attribute would be a helper, which nobody runs.
        let tests = source.split("#[tokio::test]\n").skip(1).filter_map(|test| test.split("fn case_").nth(1)?.get(..2));
        tested.extend(tests.map(|number| number.parse::<u32>().unwrap()));
    }
    assert_eq!(tested, (1..=CASES).collect());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs-site/content/operators/threat-model.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse::<u32>().ok());
    assert_eq!(rows.collect::<Vec<_>>(), (1..=CASES).collect::<Vec<_>>());
}

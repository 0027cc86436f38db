//! Attacks on the running system, over HTTP. Each test name starts with the number of the case that it covers; a few of
//! these tests are beside others of the same subject, in `tests/tests`. The page
//! `docs-site/content/operators/attacks.md` lists the cases.

mod access_notices;
mod accounts;
mod audit;
mod enumeration;
mod events;
mod headers;
mod known_devices;
mod lists;
mod lockout;
mod mail;
mod networks;
mod own_password;
mod owners;
mod passwords;
mod paths;
mod privacy;
mod redemption;
mod requests;
mod second_factor;
mod sessions;
mod three_attackers;
mod tokens;

use std::{collections::BTreeSet, fs, path::Path};

/// The number of cases in the threat model.
const CASES: u32 = 50;

/// Every case needs a test here and a row on the page.
#[test]
fn every_case_has_a_test_and_a_row_on_the_page() {
    let mut tested = BTreeSet::new();
    let folders = ["attacks", "tests"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    for file in folders.into_iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        // Only functions with the test attribute count, and not those whose name merely begins in the same way.
        let tests = source.split("test]\n").skip(1).filter_map(|test| test.split("fn case_").nth(1)?.get(..2));
        tested.extend(tests.filter_map(|number| number.parse::<u32>().ok()));
    }
    assert_eq!(tested, (1..=CASES).collect());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs-site/content/operators/attacks.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse::<u32>().ok());
    assert_eq!(rows.collect::<Vec<_>>(), (1..=CASES).collect::<Vec<_>>());
}

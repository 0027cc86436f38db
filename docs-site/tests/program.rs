//! The program that writes the site to a folder.

#![allow(clippy::expect_used, reason = "the helpers of a test are part of it")]

use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailkey-docs-site")).args(arguments).output().expect("the program starts")
}

#[test]
fn it_writes_every_page_where_a_static_host_looks_for_it() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
    let output = run(&[
        "--out",
        &out.to_string_lossy(),
        "--site-url",
        "https://portal.example",
        "--portal-name",
        "Harbour Portal",
        "--support-email",
        "help@portal.example",
        "--sending-domain",
        "mail.portal.example",
        "--min-password-length",
        "8",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for file in ["index.html", "guide/index.html", "problems/invalid-token/index.html", "404.html"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let page = std::fs::read_to_string(out.join("reset-password/index.html")).expect("the page was written");
    assert!(page.contains("At least 8 characters."));
}

#[test]
fn it_says_what_is_missing_and_what_is_unknown() {
    let all =
        ["--out", "unused", "--site-url", "u", "--portal-name", "n", "--support-email", "e", "--sending-domain", "d"];
    let unknown = [&all[..], &["--color", "red"]].concat();
    for (arguments, expected) in [(&all[2..], "--out is missing"), (&unknown, "--color is unknown")] {
        let output = run(arguments);
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).starts_with(expected), "{expected}");
    }
}

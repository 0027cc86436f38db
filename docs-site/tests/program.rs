//! Tests of the program.

#![allow(clippy::expect_used, reason = "these are helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

const SITE: [&str; 8] = [
    "--site-url",
    "https://portal.example",
    "--portal-name",
    "Harbour Portal",
    "--support-email",
    "help@portal.example",
    "--sending-domain",
    "mail.portal.example",
];

fn run(out: &Path, arguments: &[&str]) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mailkey-docs-site"));
    let output = program.arg("--out").arg(out).args(SITE).args(arguments).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_page_is_written_where_static_hosts_look_for_it() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
    run(&out, &["--min-password-length", "8"]);
    for file in ["index.html", "guide/index.html", "problems/invalid-token/index.html", "404.html"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let page = std::fs::read_to_string(out.join("reset-password/index.html")).expect("the page was written");
    assert!(page.contains("At least 8 characters."));
}

#[test]
fn content_of_a_folder_gives_the_same_site_as_the_same_content_compiled_in() {
    let content = concat!(env!("CARGO_MANIFEST_DIR"), "/content");
    let [one, other] = [("from-folder", &["--content", content][..]), ("compiled-in", &[])].map(|(name, more)| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&out);
        run(&out, more);
        let mut files = Vec::new();
        collect(&out, &out, &mut files);
        files.sort();
        files
    });
    assert!(!one.is_empty() && one == other);
}

/// The paths and contents of all files below a folder.
fn collect(folder: &Path, root: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            collect(&path, root, files);
        } else {
            let name = path.strip_prefix(root).expect("the file is below the root").to_path_buf();
            files.push((name, std::fs::read(&path).expect("the file can be read")));
        }
    }
}

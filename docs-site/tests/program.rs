//! The program that writes the site to a folder.

#![allow(clippy::expect_used, reason = "the helpers of a test are part of it")]

use std::io::{BufRead, Read, Write};
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

/// A copy of the content in a folder of its own, to be changed.
fn copy_of_content(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), &folder);
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder can be listed") {
        let entry = entry.expect("the entry can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

#[test]
fn content_of_a_folder_gives_the_same_site_as_the_same_content_compiled_in() {
    let content = copy_of_content("same-content");
    let outs = ["from-folder", "compiled-in"].map(|name| Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    let content = content.to_string_lossy();
    for (out, more) in outs.iter().zip([&["--content", &content][..], &[]]) {
        let _ = std::fs::remove_dir_all(out);
        let output = run(&[&["--out", &out.to_string_lossy()], &SITE[..], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for file in ["index.html", "sitemap.xml", "feed.xml", "faq/index.html", "reference/list-users/index.html"] {
        let [one, other] = outs.clone().map(|out| std::fs::read(out.join(file)).expect("it was written"));
        assert!(one == other, "{file}");
    }
}

#[test]
fn watching_writes_what_changed_tells_what_is_wrong_and_serves_it() {
    let content = copy_of_content("watched-content");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watched");
    let _ = std::fs::remove_dir_all(&out);
    let mut watching = Watching::start(&[
        &["--watch", "--port", "0", "--content", &content.to_string_lossy(), "--out", &out.to_string_lossy()],
        &SITE[..],
    ]);
    let address = watching.line("at http://");
    let address = address.split("http://").nth(1).expect("an address").trim_end_matches('/').to_owned();
    assert!(get(&address, "/glossary/").contains("/_watch/reload.js"));
    assert!(!std::fs::read_to_string(out.join("glossary/index.html")).expect("it is there").contains("_watch"));

    let page = content.join("glossary.md");
    let text = std::fs::read_to_string(&page).expect("the page is there");
    std::fs::write(&page, text.clone() + "\n## Lamplighter {#lamplighter}\n\nLights lamps.\n")
        .expect("it can be written");
    // The page itself, and the search, whose index has a new name.
    watching.line(" files written");
    assert!(get(&address, "/glossary/").contains("id=\"lamplighter\""));
    assert!(std::fs::read_to_string(out.join("glossary/index.html")).expect("it is there").contains("lamplighter"));

    std::fs::write(&page, text.clone() + "\n[away](/gone/)\n").expect("it can be written");
    assert!(get_until(&address, "/_watch/events", "faults").contains("content/glossary.md:"));
    assert!(get(&address, "/glossary/").contains("lamplighter"), "what was right stays");

    std::fs::write(&page, text).expect("it can be written");
    watching.line(" files written");
    assert!(!get(&address, "/glossary/").contains("lamplighter"));
}

/// The program while it watches; it ends with the test.
struct Watching {
    child: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Watching {
    fn start(arguments: &[&[&str]]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mailkey-docs-site"))
            .args(arguments.concat())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        let lines = std::io::BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    /// The next line that has these words in it.
    fn line(&mut self, words: &str) -> String {
        let found = self.lines.by_ref().map_while(Result::ok).find(|line| line.contains(words));
        found.expect("the program says it")
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut answer = String::new();
    connect(address, path).read_to_string(&mut answer).expect("there is an answer");
    answer
}

/// What comes up to the line after the one that has these words in it.
fn get_until(address: &str, path: &str, words: &str) -> String {
    let mut lines = std::io::BufReader::new(connect(address, path)).lines().map_while(Result::ok);
    lines.find(|line| line.contains(words)).expect("the words come");
    lines.next().expect("there is more")
}

fn connect(address: &str, path: &str) -> std::net::TcpStream {
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("it takes requests");
    stream
}

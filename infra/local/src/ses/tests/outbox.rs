//! Tests the outbox in a file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{TestClock, TestSes};
use crate::ses::Outbox;

/// Creates a folder for one test.
pub(super) fn folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let folder = std::env::temp_dir().join(format!("mailkey-ses-{name}-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[tokio::test]
async fn emails_survive_a_restart() {
    let folder = folder("outbox");
    let file = folder.join("outbox.jsonl");
    let clock = TestClock::new();
    let open = || Outbox::open(&file, clock.clock()).expect("an outbox");

    let first = TestSes::with_outbox(open(), clock.clone());
    for to in ["a@example.com", "b@example.com"] {
        first.send(to).await.expect("sent");
        clock.forward(1);
    }
    let again = TestSes::with_outbox(open(), clock.clone());
    assert_eq!(again.ses.outbox().newest_first(), first.ses.outbox().newest_first());
    again.send("c@example.com").await.expect("sent");
    let to: Vec<_> = open().newest_first().iter().map(|mail| mail.to.clone()).collect();
    assert_eq!(to, ["c@example.com", "b@example.com", "a@example.com"]);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn an_incomplete_last_line_is_removed_and_later_emails_are_unaffected() {
    let folder = folder("torn");
    let file = folder.join("outbox.jsonl");
    let clock = TestClock::new();
    let open = || Outbox::open(&file, clock.clock()).expect("an outbox");

    TestSes::with_outbox(open(), clock.clone()).send("a@example.com").await.expect("sent");
    let mut torn = OpenOptions::new().append(true).open(&file).expect("the file");
    torn.write_all(b"{\"id\":\"01J0\",\"to\":\"b@exam").expect("torn");
    TestSes::with_outbox(open(), clock.clone()).send("c@example.com").await.expect("sent");
    let to: Vec<_> = open().newest_first().iter().map(|mail| mail.to.clone()).collect();
    assert_eq!(to, ["c@example.com", "a@example.com"]);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn an_outbox_keeps_the_newest_two_thousand_emails() {
    let folder = folder("surplus");
    let file = folder.join("outbox.jsonl");
    let clock = TestClock::new();
    let open = || Outbox::open(&file, clock.clock()).expect("an outbox");

    TestSes::with_outbox(open(), clock.clone()).send("old@example.com").await.expect("sent");
    let old = std::fs::read_to_string(&file).expect("the file");
    let new = old.replace("old@example.com", "new@example.com");
    std::fs::write(&file, old + &new.repeat(2000)).expect("written");
    let opened = open();
    assert_eq!(opened.newest_first().len(), 2000);
    assert!(opened.to("old@example.com").is_empty());

    TestSes::with_outbox(opened.clone(), clock.clone()).send("newest@example.com").await.expect("sent");
    assert_eq!(opened.newest_first().len(), 2000);
    assert_eq!(std::fs::read_to_string(&file).expect("the file").lines().count(), 2001);
    assert_eq!(open().newest_first()[0].to, "newest@example.com");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("mode");
    let file = folder.join("outbox.jsonl");
    Outbox::open(&file, TestClock::new().clock()).expect("an outbox");
    assert_eq!(std::fs::metadata(&file).expect("metadata").permissions().mode() & 0o777, 0o600);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn an_email_prints_without_its_address_and_link() {
    let test = TestSes::new();
    test.send("ada@example.com").await.expect("sent");
    let printed = format!("{:?}", test.ses.outbox().newest_first());
    assert!(!printed.contains("ada") && !printed.contains("token"), "{printed}");
}

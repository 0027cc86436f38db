//! Starting and stopping: a clean end, and one line for whatever is in the way.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use mailkey_tests::{ALICE, Folder, Mailkey, NEW_PASSWORD, Setup};
use serde_json::json;

#[tokio::test]
async fn it_ends_cleanly_when_asked_and_goes_on_where_it_was() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    let mailkey = setup.start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    let session = mailkey.signed_in(ALICE, NEW_PASSWORD).await;
    let mails = mailkey.mail_number(2, ALICE).await;
    let tables = mailkey.settled().await;
    let (status, logs) = mailkey.terminate().await;
    assert_eq!(status.code(), Some(0), "{}", logs.join("\n"));

    let mailkey = setup.start().await;
    assert_eq!(mailkey.tables().await.of("Users"), tables.of("Users"), "nobody is settled twice");
    mailkey.session(&session).await.expect_status(200);
    assert_eq!(mailkey.outbox(ALICE).await[0], mails);
    assert_eq!(mailkey.terminate().await.0.code(), Some(0));
}

#[tokio::test]
async fn it_ends_although_a_client_keeps_its_connection() {
    let mailkey = Mailkey::start().await;
    mailkey.get("/api/health").await.expect_status(200);
    let idle = std::net::TcpStream::connect(mailkey.address()).unwrap();
    assert_eq!(mailkey.terminate().await.0.code(), Some(0));
    drop(idle);
}

#[tokio::test]
async fn it_says_where_to_go_and_how_to_sign_in() {
    let mailkey = Setup::new().env("MAILKEY_ADMIN_EMAIL", "root@example.net").start().await;
    let greeting = mailkey.greeting().join("\n");
    for what in ["/forgot-password/", "/_local/outbox/", "/sign-in/", "root@example.net", ALICE, "Ctrl-C"] {
        assert!(greeting.contains(what), "{what} is missing:\n{greeting}");
    }
    let (_, password) = greeting.split_once("root@example.net, password ").expect("the password made up");
    let password = password.split_whitespace().next().unwrap();
    let user = mailkey.sign_in("root@example.net", password).await.expect_status(200).json();
    assert_eq!(user["user"]["role"], "admin");
}

#[tokio::test]
async fn an_administrators_password_that_is_given_is_taken_and_not_shown() {
    let given = "a password that was given";
    let mailkey = Setup::new().env("MAILKEY_ADMIN_PASSWORD", given).start().await;
    mailkey.sign_in("admin@example.com", given).await.expect_status(200);
    let said = [mailkey.greeting(), mailkey.logs()].concat().join("\n");
    assert!(!said.contains(given));
}

#[tokio::test]
async fn it_listens_on_this_machine_only() {
    let mailkey = Mailkey::start().await;
    assert!(mailkey.address().ip().is_loopback());
    let port = mailkey.address().port();
    // Were it to listen on every address, this one would be taken, too.
    drop(TcpListener::bind(("127.0.0.2", port)).expect("127.0.0.2 is free"));
}

/// What shows the inside is for this machine: neither a page of another site can turn its switches, nor a name that
/// somebody points at 127.0.0.1 show what is in the outbox (DNS rebinding).
#[tokio::test]
async fn other_sites_neither_look_inside_nor_turn_switches() {
    let mailkey = Mailkey::start().await;
    mailkey.new_token(ALICE).await;
    for path in [
        "/_local/outbox.json",
        "/_local/outbox/",
        "/_local/tables.json",
        "/_local/calls.json?request_id=x",
        "/_local/clock",
        "/_local/ses-faults",
    ] {
        for host in ["evil.test", "127.0.0.1.evil.test", "evil.test:80", "localhost.evil.test", ""] {
            let request = mailkey.request(reqwest::Method::GET, path).header("host", host);
            let answer = mailkey.send(request).await;
            assert!(matches!(answer.status, 400 | 403 | 404 | 421), "{path} at {host:?}: {}", answer.status);
            assert!(!answer.text().contains("alice"), "{path} at {host:?}");
        }
    }
    for (path, body) in [
        ("/_local/clock", json!({ "offset_ms": 1 })),
        ("/_local/ses-faults", json!({ "mode": "fail" })),
        ("/_local/dynamodb-faults", json!({ "mode": "fail" })),
    ] {
        for origin in ["https://evil.test", "null"] {
            let request = mailkey.request(reqwest::Method::PUT, path).header("origin", origin);
            mailkey.send(request.json(&body)).await.expect_problem("origin-refused");
        }
        let unchanged = mailkey.get(path).await.expect_status(200).json();
        assert_ne!(unchanged["mode"], "fail");
        assert_ne!(unchanged["offset_ms"], 1);
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let setup = Setup::new().arg("--port").arg(&port);
    let line = refusal(&setup);
    assert!(line.contains(&port), "{line}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_used_is_said_in_one_line() {
    let folder = Folder::new();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    assert!(refusal(&Setup::new().data_dir(&file)).contains("a-file"));
    assert!(refusal(&Setup::new().data_dir(&file.join("below"))).contains("a-file"));
    assert!(refusal(&Setup::new().data_dir("/proc/no-such-folder".as_ref())).contains("no-such-folder"));

    let damaged = folder.path().join("damaged");
    std::fs::create_dir(&damaged).unwrap();
    std::fs::write(damaged.join("tables.sqlite"), "this is no database, and never was one".repeat(100)).unwrap();
    assert!(refusal(&Setup::new().data_dir(&damaged)).contains("tables.sqlite"));
}

#[tokio::test]
async fn secrets_that_are_damaged_are_not_made_anew() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    setup.start().await.kill();
    std::fs::write(folder.path().join("secrets.json"), "{}").unwrap();
    assert!(refusal(&setup).contains("secrets.json"));
    assert_eq!(std::fs::read_to_string(folder.path().join("secrets.json")).unwrap(), "{}");
}

#[tokio::test]
async fn a_data_folder_is_used_by_one_process_at_a_time() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    let mailkey = setup.start().await;
    assert!(refusal(&setup).contains("in use"));
    mailkey.kill();
    setup.start().await;
}

#[tokio::test]
async fn what_others_on_the_machine_must_not_read_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let data = folder.path().join("data");
    let mailkey = Setup::new().data_dir(&data).start().await;
    mailkey.new_token(ALICE).await;
    for file in ["secrets.json", "outbox.jsonl"] {
        let mode = std::fs::metadata(data.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}: {mode:o}");
    }
}

#[tokio::test]
async fn a_configuration_that_makes_no_sense_is_refused() {
    for setup in [
        Setup::new().env("MAILKEY_LINK_LIFETIME", "soon"),
        Setup::new().env("MAILKEY_REQUEST_BUCKET", "60"),
        Setup::new().env("MAILKEY_ADMIN_EMAIL", "nobody"),
        Setup::new().arg("--port").arg("65536"),
        Setup::new().arg("--seed").arg("/no/such/file.json"),
        Setup::new().arg("--no-such-flag"),
    ] {
        let output = setup.command().output().unwrap();
        assert!(!output.status.success(), "{setup:?}");
        assert!(!output.stderr.is_empty());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("panicked"), "{said}");
    }
}

/// Starts what can't start, and answers the one line that says why; whatever it said of its progress aside.
pub(crate) fn refusal(setup: &Setup) -> String {
    let (mut child, begun) = (setup.command().spawn().unwrap(), Instant::now());
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("it started: it does not end by itself");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it started: {said}");
    let lines: Vec<_> = said.lines().filter(|line| !line.ends_with(" ...")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].starts_with("mailkey: "), "{said}");
    lines[0].to_owned()
}

//! Starting and stopping: a clean shutdown, and a one-line error if the service can't start.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use mailkey_tests::{ALICE, Folder, Mailkey, NEW_PASSWORD, PASSWORD, Setup};
use serde_json::json;

#[tokio::test]
async fn it_stops_cleanly_and_resumes_with_the_same_data() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    let mailkey = setup.start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    let session = mailkey.signed_in(ALICE, NEW_PASSWORD).await;
    let emails = mailkey.mail_number(2, ALICE).await;
    let tables = mailkey.settled().await;
    let (status, logs) = mailkey.terminate().await;
    assert_eq!(status.code(), Some(0), "{}", logs.join("\n"));

    let mailkey = setup.start().await;
    assert_eq!(mailkey.tables().await.of("Users"), tables.of("Users"), "the users are not seeded again");
    mailkey.session(&session).await.expect_status(200);
    assert_eq!(mailkey.outbox(ALICE).await[0], emails);
    assert_eq!(mailkey.terminate().await.0.code(), Some(0));
}

#[tokio::test]
async fn it_stops_although_a_client_keeps_its_connection_open() {
    let mailkey = Mailkey::start().await;
    mailkey.get("/api/health").await.expect_status(200);
    let idle = std::net::TcpStream::connect(mailkey.address()).unwrap();
    assert_eq!(mailkey.terminate().await.0.code(), Some(0));
    drop(idle);
}

#[tokio::test]
async fn it_prints_the_addresses_and_how_to_sign_in() {
    let mailkey = Setup::new().env("MAILKEY_ADMIN_EMAIL", "root@example.net").start().await;
    let greeting = mailkey.greeting().join("\n");
    for what in ["/forgot-password/", "/_local/outbox/", "/sign-in/", "root@example.net", ALICE, "Ctrl-C"] {
        assert!(greeting.contains(what), "{what} is missing:\n{greeting}");
    }
    let (_, password) = greeting.split_once("root@example.net, password ").expect("the generated password");
    let password = password.split_whitespace().next().unwrap();
    let user = mailkey.sign_in("root@example.net", password).await.expect_status(200).json();
    assert_eq!(user["user"]["role"], "admin");
}

#[tokio::test]
async fn a_given_administrator_password_works_and_is_not_printed() {
    let given = "a password that was given";
    let mailkey = Setup::new().env("MAILKEY_ADMIN_PASSWORD", given).start().await;
    mailkey.sign_in("admin@example.com", given).await.expect_status(200);
    let said = [mailkey.greeting(), mailkey.logs()].concat().join("\n");
    assert!(!said.contains(given));
}

#[tokio::test]
async fn case_49_an_empty_or_weak_administrator_password_is_refused_and_nothing_is_written() {
    let folder = Folder::new();
    let data = folder.path().join("data");
    for weak in ["", "short", "aaaaaaaaaaaaaaa", "admin@example.com1", "correct horse battery staple"] {
        let line = refusal(&Setup::new().data_dir(&data).env("MAILKEY_ADMIN_PASSWORD", weak));
        assert!(line.contains("MAILKEY_ADMIN_PASSWORD"), "{line}");
        assert!(!data.exists());
    }
}

#[tokio::test]
async fn a_seed_with_a_mistake_creates_nobody_and_can_be_corrected() {
    let folder = Folder::new();
    let (data, seed) = (folder.path().join("data"), folder.path().join("seed.json"));
    let setup = Setup::new().data_dir(&data).arg("--seed").arg(&seed);
    let person =
        |email: &str| json!({ "email": email, "display_name": "Dana", "status": "active", "password": PASSWORD });
    let weak =
        json!({ "email": "c@example.com", "display_name": "C", "status": "active", "password": "password1234567" });
    for (third, named) in [
        (json!({ "email": "c@example.com", "display_name": "C", "status": "asleep" }), "status"),
        (weak, "easy to guess"),
        (person("A@example.com"), "twice"),
        (person("admin@example.com"), "twice"),
    ] {
        std::fs::write(&seed, json!([person("a@example.com"), person("b@example.com"), third]).to_string()).unwrap();
        let line = refusal(&setup);
        assert!(line.contains("user 3") && line.contains(named), "{line}");
    }
    std::fs::write(&seed, json!([person("a@example.com")]).to_string()).unwrap();
    let mailkey = setup.start().await;
    mailkey.sign_in("a@example.com", PASSWORD).await.expect_status(200);
    let greeting = mailkey.greeting().join("\n");
    let (_, password) = greeting.split_once("admin@example.com, password ").expect("the generated password");
    mailkey.sign_in("admin@example.com", password.split_whitespace().next().unwrap()).await.expect_status(200);
}

#[tokio::test]
async fn a_wrong_option_creates_nobody_so_that_the_next_start_shows_the_password() {
    let folder = Folder::new();
    let data = folder.path().join("data");
    for option in ["--watch", "--watch-failures-only", "--portal-url"] {
        refusal(&Setup::new().data_dir(&data).arg(option).arg("foo"));
    }
    let mailkey = Setup::new().data_dir(&data).start().await;
    assert!(mailkey.greeting().join("\n").contains("admin@example.com, password "));
}

#[tokio::test]
async fn the_start_message_is_true_for_existing_data() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    assert!(setup.start().await.greeting().join("\n").contains(PASSWORD));
    let other = setup.env("MAILKEY_ADMIN_EMAIL", "other@example.net");
    let greeting = other.start().await.greeting().join("\n");
    for gone in ["other@example.net", PASSWORD, ALICE, "shown only now"] {
        assert!(!greeting.contains(gone), "{gone}:\n{greeting}");
    }
}

#[tokio::test]
async fn case_49_only_the_owner_can_read_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let data = folder.path().join("data");
    let mailkey = Setup::new().data_dir(&data).start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    // Files of an earlier version are closed at the next start.
    drop(mailkey);
    for file in ["tables.sqlite", "lock"] {
        std::fs::set_permissions(data.join(file), PermissionsExt::from_mode(0o644)).unwrap();
    }
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    let _again = Setup::new().data_dir(&data).start().await;
    assert_eq!([mode(&data), mode(&data.join("tables.sqlite")), mode(&data.join("lock"))], [0o700, 0o600, 0o600]);
}

/// Clients that send half a body and wait.
#[tokio::test]
async fn case_49_half_sent_bodies_time_out_while_others_are_served() {
    use std::io::{Read, Write};
    let mailkey = Mailkey::start().await;
    let head = "POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let mut half_sent = Vec::new();
    for _ in 0..256 {
        let mut stream = std::net::TcpStream::connect(mailkey.address()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        half_sent.push(stream);
    }
    let started = Instant::now();
    for _ in 0..20 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
        mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    }
    assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
    let answers = tokio::task::spawn_blocking(move || {
        let answer = |mut stream: std::net::TcpStream| {
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            answer
        };
        half_sent.into_iter().map(answer).collect::<Vec<_>>()
    });
    for answer in answers.await.unwrap() {
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    let took = started.elapsed();
    assert!((Duration::from_secs(9)..Duration::from_secs(16)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn case_49_traces_contain_neither_hashes_nor_addresses() {
    let folder = Folder::new();
    let mailkey = Setup::new().data_dir(folder.path()).env("MAILKEY_LOG", "trace").start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    let (_, logs) = mailkey.terminate().await;
    assert!(!logs.is_empty());
    for line in logs {
        for secret in ["argon2id", "alice", PASSWORD, NEW_PASSWORD] {
            assert!(!line.to_lowercase().contains(secret), "{secret}: {line}");
        }
    }
}

#[tokio::test]
async fn the_help_and_the_documentation_list_every_variable() {
    let output = Setup::new().arg("--help").command().output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let page = include_str!("../../docs-site/content/operators/local-mode.md");
    let variables = |text: &str| {
        let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        words.filter(|word| word.starts_with("MAILKEY_")).map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(variables(&help), variables(page));
    for variable in ["MAILKEY_ADMIN_PASSWORD", "MAILKEY_LOG", "MAILKEY_PORT", "MAILKEY_SEED"] {
        assert!(help.contains(variable), "{help}");
    }
}

#[tokio::test]
async fn it_listens_on_the_loopback_address_only() {
    let mailkey = Mailkey::start().await;
    assert!(mailkey.address().ip().is_loopback());
    let port = mailkey.address().port();
    // A server that listens on all addresses would occupy this one too.
    drop(TcpListener::bind(("127.0.0.2", port)).expect("127.0.0.2 is free"));
}

/// The local tools are for this machine only: another site's page can't use them, and a host name that someone points
/// at 127.0.0.1 can't read the outbox (DNS rebinding).
#[tokio::test]
async fn other_sites_cannot_read_or_use_the_local_tools() {
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
async fn a_port_in_use_is_reported_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let setup = Setup::new().arg("--port").arg(&port);
    let line = refusal(&setup);
    assert!(line.contains(&port), "{line}");
}

#[tokio::test]
async fn an_unusable_data_folder_is_reported_in_one_line() {
    let folder = Folder::new();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    assert!(refusal(&Setup::new().data_dir(&file)).contains("a-file"));
    assert!(refusal(&Setup::new().data_dir(&file.join("below"))).contains("a-file"));
    assert!(refusal(&Setup::new().data_dir("/proc/no-such-folder".as_ref())).contains("no-such-folder"));

    let damaged = folder.path().join("damaged");
    std::fs::create_dir(&damaged).unwrap();
    std::fs::write(damaged.join("tables.sqlite"), "this isn't a database and never was one".repeat(100)).unwrap();
    assert!(refusal(&Setup::new().data_dir(&damaged)).contains("tables.sqlite"));
}

#[tokio::test]
async fn damaged_secrets_are_not_replaced() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    setup.start().await.kill();
    std::fs::write(folder.path().join("secrets.json"), "{}").unwrap();
    assert!(refusal(&setup).contains("secrets.json"));
    assert_eq!(std::fs::read_to_string(folder.path().join("secrets.json")).unwrap(), "{}");
}

#[tokio::test]
async fn only_one_process_can_use_a_data_folder() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    let mailkey = setup.start().await;
    assert!(refusal(&setup).contains("in use"));
    mailkey.kill();
    setup.start().await;
}

#[tokio::test]
async fn only_the_owner_can_read_the_secrets_and_the_outbox() {
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
async fn an_invalid_configuration_is_rejected() {
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

/// Starts a service that can't start, and returns the one line that says why, without progress messages.
pub(crate) fn refusal(setup: &Setup) -> String {
    let (mut child, begun) = (setup.command().spawn().unwrap(), Instant::now());
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("it started: it is still running");
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

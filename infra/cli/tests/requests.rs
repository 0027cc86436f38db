//! The requests and exit codes of `mailkey diagnose`, `suppressions`, `sender`, `second-factor` and others.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri},
};
use serde_json::{Value, json};

const ID: &str = "01JC000000000000000000000A";

/// Sends one response to every request and records the requests.
struct Service {
    answer: (u16, Value),
    requests: Mutex<Vec<String>>,
}

async fn answer(State(service): State<Arc<Service>>, method: Method, uri: Uri, body: Bytes) -> (StatusCode, String) {
    let body = String::from_utf8(body.to_vec()).unwrap();
    service.requests.lock().unwrap().push(format!("{method} {uri} {body}").trim_end().to_owned());
    if uri.path() == format!("/api/admin/users/{ID}") {
        return (StatusCode::OK, json!({ "id": ID, "email": "alice@example.com" }).to_string());
    }
    let (status, body) = &service.answer;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    (StatusCode::from_u16(*status).unwrap(), body)
}

#[derive(Debug)]
struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
    requests: Vec<String>,
}

async fn run(line: &str, status: u16, body: Value) -> Ran {
    run_with_input(line, "", status, body).await
}

/// Runs the command with `input` as its standard input.
async fn run_with_input(line: &str, input: &'static str, status: u16, body: Value) -> Ran {
    let service = Arc::new(Service { answer: (status, body), requests: Mutex::default() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().fallback(answer).with_state(Arc::clone(&service));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailkey"));
    command.env_clear().env("MAILKEY_URL", url).env("MAILKEY_API_KEY", "mk_key").args(line.split(' '));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let finish = move || {
        let mut child = command.spawn().unwrap();
        // A command that rejects its arguments doesn't read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(finish).await.unwrap();
    let requests = service.requests.lock().unwrap().clone();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { exit: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr), requests }
}

fn diagnosis(certainty: &str) -> Value {
    json!({
        "email": "alice@example.com", "summary": "The account is locked.",
        "findings": [{
            "cause": "account_locked", "certainty": certainty, "summary": "Too many wrong passwords.", "evidence": [],
            "fix": { "text": "Unlock it.", "action": { "method": "POST", "path": format!("/api/admin/users/{ID}/unlock") } },
            "docs_url": "https://p.example/findings/account-locked/",
        }],
        "checked": [], "event_path": { "summary": "No test email has been sent yet." }, "user": { "id": ID, "email": "alice@example.com" },
    })
}

#[tokio::test]
async fn a_diagnosis_takes_an_address_or_an_id() {
    let by_address = run("diagnose alice+x@example.com", 200, diagnosis("certain")).await;
    assert_eq!(by_address.exit, 5, "{by_address:?}");
    assert!(by_address.stdout.contains("mailkey unlock alice@example.com\n"), "{by_address:?}");
    assert_eq!(by_address.requests, ["GET /api/admin/diagnosis?email=alice%2Bx%40example.com"]);

    let by_id = run(&format!("diagnose {ID}"), 200, diagnosis("possible")).await;
    assert_eq!(by_id.exit, 0, "{by_id:?}");
    let expected = [&*format!("GET /api/admin/users/{ID}"), "GET /api/admin/diagnosis?email=alice%40example.com"];
    assert_eq!(by_id.requests, expected);
}

#[tokio::test]
async fn json_output_is_the_response_and_has_the_same_exit_code() {
    let ran = run("diagnose alice@example.com --json", 200, diagnosis("likely")).await;
    assert_eq!(ran.exit, 5, "{ran:?}");
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap(), diagnosis("likely"));
}

#[tokio::test]
async fn an_empty_response_is_an_error() {
    for line in ["diagnose alice@example.com", "sender"] {
        let ran = run(line, 200, json!({})).await;
        assert_eq!(ran.exit, 4, "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
}

#[tokio::test]
async fn a_problem_with_the_sender_is_an_exit_code() {
    for (ok, exit) in [(true, 0), (false, 5)] {
        let sender = json!({ "from": "recover@p.example", "ok": ok, "checks": [], "alarms": [], "canary": {} });
        for line in ["sender", "sender --json"] {
            let ran = run(line, 200, sender.clone()).await;
            assert_eq!((ran.exit, ran.requests), (exit, vec!["GET /api/admin/sender".to_owned()]), "{line}");
        }
    }
}

#[tokio::test]
async fn watch_prints_what_to_run_and_check_fails_if_a_sender_is_silent() {
    let sender = |last: Value| {
        json!({
            "watched_topic": "arn:aws:sns:eu-west-1:123456789012:mailkey-watched-events",
            "watched_senders": [{ "sender": "portal.example", "last_event_at": last }],
        })
    };
    for (line, last, exit, said) in [
        ("watch list", Value::Null, 0, "portal.example"),
        ("watch check", Value::Null, 5, "portal.example"),
        ("watch check", json!("2026-11-22T10:00:00Z"), 0, "2026-11-22T10:00:00Z"),
        ("watch add news@other.example", Value::Null, 0, "WatchedSenders=portal.example,news@other.example\n"),
        ("watch add other.example --cognito", Value::Null, 0, "COGNITO_DEFAULT"),
        ("watch add portal.example", Value::Null, 2, ""),
        ("watch remove portal.example", Value::Null, 0, "WatchedSenders=\n"),
        ("watch remove other.example", Value::Null, 2, ""),
        ("watch add other.example --json", Value::Null, 0, "\"WatchedSenders\": \"portal.example,other.example\""),
    ] {
        let ran = run(line, 200, sender(last)).await;
        assert_eq!(ran.exit, exit, "{line}: {ran:?}");
        assert!(ran.stdout.contains(said), "{line}: {ran:?}");
        assert_eq!(ran.requests, ["GET /api/admin/sender"], "nothing is stored");
    }
    let local = run("watch add other.example", 200, json!({ "watched_senders": [] })).await;
    assert!(local.stdout.contains("--watch 'other.example'"), "{local:?}");
}

#[tokio::test]
async fn each_suppressions_command_sends_its_request() {
    let suppression =
        json!({ "address": "a@b.example", "reason": "manual", "scope": "all", "since": "2026-11-01T00:00:00Z" });
    let page = json!({ "suppressions": [suppression], "next_cursor": null });
    let path = "/api/admin/suppressions";
    for (line, status, body, request, said) in [
        ("list --limit 5", 200, page, format!("GET {path}?limit=5"), "a@b.example  manual  all"),
        ("show a@b.example", 200, suppression.clone(), format!("GET {path}/a@b.example"), "reason   manual"),
        (
            "add a@b.example --reason why",
            200,
            suppression,
            format!("PUT {path}/a@b.example {{\"reason\":\"why\"}}"),
            "manual",
        ),
        (
            "remove a/b@b.example",
            204,
            Value::Null,
            format!("DELETE {path}/a%2Fb@b.example"),
            "a/b@b.example gets email again.\n",
        ),
        (
            "remove --resend a@b.example",
            202,
            json!({ "email_id": ID }),
            format!("POST {path}/a@b.example/remove-and-resend"),
            "mailkey email-log show 01JC000000000000000000000A",
        ),
    ] {
        let ran = run(&format!("suppressions {line}"), status, body).await;
        assert_eq!((ran.exit, &ran.requests), (0, &vec![request]), "{line}: {ran:?}");
        assert!(ran.stdout.contains(said), "{line}: {ran:?}");
    }
}

#[tokio::test]
async fn setting_up_a_second_factor_shows_the_secret_takes_a_code_and_prints_the_recovery_codes() {
    let uri = "otpauth://totp/P:a%40b.example?secret=ABCDEFGH&issuer=P";
    let body = json!({ "secret": "ABCDEFGH", "otpauth_uri": uri, "recovery_codes": ["aaaa-bbbb", "cccc-dddd"] });
    let sent = [
        "GET /api/session",
        "POST /api/second-factor {}",
        r#"POST /api/second-factor/confirm {"one_time_code":"123 456"}"#,
    ];
    let ran = run_with_input("second-factor set-up", "123 456\n", 200, body.clone()).await;
    assert_eq!((ran.exit, &*ran.stdout), (0, "aaaa-bbbb\ncccc-dddd\n"), "{ran:?}");
    assert!(ran.stderr.contains("ABCD EFGH") && ran.stderr.contains(uri), "{ran:?}");
    assert_eq!(ran.requests, sent);
    let ran = run_with_input("second-factor set-up --json", "123 456\n", 200, body.clone()).await;
    let printed: Vec<Value> = serde_json::Deserializer::from_str(&ran.stdout).into_iter().map(Result::unwrap).collect();
    assert_eq!(printed, [body.clone(), body.clone()]);
    // Without a code, nothing is confirmed.
    let ran = run("second-factor set-up", 200, body).await;
    assert_eq!(
        (ran.exit, &*ran.requests),
        (2, &sent[..2].iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_second_factor_is_replaced_only_if_that_is_said() {
    let refused = run("second-factor set-up", 200, json!({ "second_factor": "set_up" })).await;
    assert_eq!((refused.exit, refused.requests.as_slice()), (2, &["GET /api/session".to_owned()][..]));
    assert!(refused.stderr.contains("mailkey second-factor set-up --replace"), "{refused:?}");
}

#[tokio::test]
async fn csv_and_json_exclude_each_other() {
    let refused = run("audit --csv --json", 200, Value::Null).await;
    assert_eq!((refused.exit, refused.requests.len()), (2, 0), "{refused:?}");
    let csv = run("audit --csv", 200, json!("id,at")).await;
    assert_eq!((csv.exit, csv.stdout.as_str()), (0, "\"id,at\""), "{csv:?}");
}

#[tokio::test]
async fn a_second_factor_is_removed_and_sessions_end_by_their_routes() {
    for (line, request, said) in [
        (format!("second-factor remove {ID}"), format!("DELETE /api/admin/users/{ID}/second-factor"), "Removed"),
        (format!("sessions end {ID}"), format!("DELETE /api/sessions/{ID}"), "Ended the session"),
        ("sessions end-others".to_owned(), "DELETE /api/sessions".to_owned(), "Ended all your other"),
        (format!("sessions end-all {ID}"), format!("DELETE /api/admin/users/{ID}/sessions"), "Ended every"),
    ] {
        let ran = run(&line, 204, Value::Null).await;
        assert_eq!((ran.exit, &*ran.requests), (0, &[request][..]), "{line}: {ran:?}");
        assert!(ran.stdout.contains(said), "{line}: {ran:?}");
    }
}

#[tokio::test]
async fn an_erasure_needs_the_address_again_and_an_export_prints_json() {
    let erasure = json!({ "id": ID, "state": "done", "erased": 17 });
    for (line, exit, requests) in [
        ("erase a@b.example --confirm a@b.example", 0, vec![r#"POST /api/admin/erasures {"address":"a@b.example"}"#]),
        ("erase a@b.example --confirm A@B.example", 0, vec![r#"POST /api/admin/erasures {"address":"a@b.example"}"#]),
        ("erase a@b.example --confirm b@b.example", 2, vec![]),
        ("erase a@b.example", 2, vec![]),
    ] {
        let ran = run(line, 202, erasure.clone()).await;
        assert_eq!(
            (ran.exit, ran.requests.iter().map(String::as_str).collect::<Vec<_>>()),
            (exit, requests),
            "{line}: {ran:?}"
        );
        assert_eq!(ran.stdout.contains("17 items"), exit == 0, "{line}: {ran:?}");
    }
    let user = run(&format!("erase {ID} --confirm alice@example.com"), 202, erasure).await;
    assert_eq!(user.requests[1], format!(r#"POST /api/admin/erasures {{"user_id":"{ID}"}}"#), "{user:?}");
    let exported = run("export-person a@b.example", 200, json!({ "tables": { "Users": [] } })).await;
    assert_eq!(exported.requests, [r#"POST /api/admin/exports {"address":"a@b.example"}"#]);
    assert_eq!(serde_json::from_str::<Value>(&exported.stdout).unwrap(), json!({ "tables": { "Users": [] } }));
}

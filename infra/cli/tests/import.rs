//! `mailkey import` against a slow service that rejects some users and some requests.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::{
    collections::HashSet,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};

#[derive(Default)]
struct Service {
    users: Mutex<HashSet<String>>,
    requests: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    pause: Duration,
}

async fn import(State(service): State<Arc<Service>>, body: Bytes) -> (StatusCode, String) {
    let number = service.requests.fetch_add(1, Ordering::SeqCst);
    let open = service.open.fetch_add(1, Ordering::SeqCst) + 1;
    service.most_open.fetch_max(open, Ordering::SeqCst);
    tokio::time::sleep(service.pause).await;
    service.open.fetch_sub(1, Ordering::SeqCst);
    let problem = |status: u16, code: &str| {
        let body = json!({ "type": "", "title": "A Title", "detail": "A detail.", "code": code });
        (StatusCode::from_u16(status).unwrap(), body.to_string())
    };
    let request: Value = serde_json::from_slice(&body).unwrap();
    let users = request["users"].as_array().unwrap();
    if number == 1 {
        return problem(503, "service-unavailable");
    }
    if body.len() > 16 * 1024 || users.len() > 25 {
        return problem(413, "payload-too-large");
    }
    if users.iter().any(|user| user["display_name"] == "request rejected") {
        return problem(400, "malformed-request");
    }
    let results: Vec<_> = users.iter().map(|user| outcome(&service, user)).collect();
    (StatusCode::OK, json!({ "results": results }).to_string())
}

fn outcome(service: &Service, user: &Value) -> Value {
    let email = user["email"].as_str().unwrap();
    if user["role"] == "king" {
        return json!({ "email": email, "outcome": "refused", "reason": "A role is member, support or admin." });
    }
    let new = service.users.lock().unwrap().insert(email.to_owned());
    json!({ "email": email, "outcome": if new { "created" } else { "exists" } })
}

async fn serve(service: Arc<Service>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/api/admin/users/import", post(import)).with_state(service);
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

/// A file, removed on drop.
struct File(PathBuf);

impl File {
    fn of(name: &str, lines: impl Iterator<Item = String>) -> Self {
        let path = std::env::temp_dir().join(format!("mailkey-cli-import-{}-{name}.jsonl", std::process::id()));
        fs::write(&path, lines.map(|line| line + "\n").collect::<String>()).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn command(url: &str, file: &File) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailkey"));
    command
        .env_clear()
        .env("MAILKEY_URL", url)
        .env("MAILKEY_API_KEY", "mk_key")
        .args(["import", "--json"])
        .arg(&file.0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn report(mut command: Command, interrupt_after: Option<Duration>) -> (i32, Value) {
    let child = command.spawn().unwrap();
    if let Some(after) = interrupt_after {
        tokio::time::sleep(after).await;
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    }
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), report)
}

fn user(number: usize) -> String {
    json!({ "email": format!("u{number}@x.example"), "display_name": "ü".repeat(100), "password_hash": "x".repeat(number % 900) })
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_created_or_reported() {
    let service = Arc::new(Service { pause: Duration::from_millis(20), ..Service::default() });
    let url = serve(Arc::clone(&service)).await;
    let file = File::of(
        "reported",
        (1..=1000).map(|number| match number {
            300 => "no JSON".to_owned(),
            301 => json!({ "email": "king@x.example", "display_name": "K", "role": "king" }).to_string(),
            302 => json!({ "email": "whole@x.example", "display_name": "request rejected" }).to_string(),
            number => user(number),
        }),
    );
    let (exit, first) = report(command(&url, &file), None).await;
    assert_eq!((exit, &first["created"], &first["done"]), (1, &json!(997), &json!(1000)), "{first}");
    let lines: Vec<_> = first["refused"].as_array().unwrap().iter().map(|refusal| &refusal["line"]).collect();
    assert_eq!(lines, [300, 301, 302]);
    assert_eq!(service.most_open.load(Ordering::SeqCst), 4);

    let (exit, again) = report(command(&url, &file), None).await;
    assert_eq!((exit, &again["created"], &again["existed"]), (1, &json!(0), &json!(997)), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_stops_after_the_open_requests_and_the_next_run_continues() {
    let service = Arc::new(Service { pause: Duration::from_millis(100), ..Service::default() });
    let url = serve(Arc::clone(&service)).await;
    let file = File::of("stopped", (1..=2000).map(user));
    let (exit, stopped) = report(command(&url, &file), Some(Duration::from_millis(800))).await;
    assert_eq!(exit, 130, "{stopped}");
    let created = stopped["created"].as_u64().unwrap();
    assert!((1..2000).contains(&created), "{stopped}");
    // Every user that was created is counted.
    assert_eq!(service.users.lock().unwrap().len() as u64, created);

    let (exit, finished) = report(command(&url, &file), None).await;
    assert_eq!((exit, finished["existed"].as_u64()), (0, Some(created)), "{finished}");
    assert_eq!(service.users.lock().unwrap().len(), 2000);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_service_the_report_shows_the_progress() {
    let file = File::of("unreachable", (1..=3).map(user));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut checked = command(&url, &file);
    checked.arg("--check");
    assert_eq!(report(checked, None).await.0, 0);
    let (exit, unreachable) = report(command(&url, &file), None).await;
    assert_eq!((exit, &unreachable["done"], &unreachable["lines"]), (4, &json!(0), &json!(3)), "{unreachable}");
}

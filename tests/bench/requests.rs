//! Measures a request in the release binary of a function: instructions and allocations, counted by valgrind, with a
//! local Lambda Runtime API, DynamoDB and SES. TLS is not included, because the connections are unencrypted.
//! `cargo run -p mailkey-tests --bin bench-requests [FOLDER]`: FOLDER contains a folder with a `bootstrap` for each
//! function. The default is `target/lambda`, where `tests/stack/run` leaves them. Each function handles a few events
//! and then more; the difference is the cost of an event. Exceeding a limit is a failure.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

#[path = "lambda_environment.rs"]
mod lambda_environment;
#[path = "valgrind.rs"]
mod valgrind;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Response, StatusCode},
    routing::{get, post},
};
use lambda_environment::{KEY, lambda_environment};
use mailkey::{
    Clock, EmailAddress, Locale, OsEntropy, SystemClock,
    account::{NewUser, Role, User, UserId, UserStatus},
    entropy::new_ulid,
};
use mailkey_dynamodb::{Database, UserStore};
use mailkey_local::{
    dynamodb::LocalDynamoDb,
    ses::{self, LocalSes, Outbox, SuppressionList},
    tables,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, Notify},
};
use valgrind::{ALLOCATIONS, INSTRUCTIONS, Table, Tool};

/// The two numbers of events for each function.
const EVENTS: [usize; 2] = [5, 25];

/// A function, its events, and the limits for one event.
struct Case {
    function: &'static str,
    what: &'static str,
    event: fn(usize) -> Value,
    instructions: u64,
    allocations: u64,
}

const CASES: [Case; 2] = [
    Case {
        function: "forgot-password",
        what: "a request for a link",
        event: request,
        instructions: 1_200_000,
        allocations: 700,
    },
    Case { function: "mailer", what: "the email for it", event: record, instructions: 9_100_000, allocations: 5_700 },
];

#[tokio::main]
async fn main() -> ExitCode {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/lambda");
    let folder = std::env::args().nth(1).map_or(default, PathBuf::from);
    let mut table = Table::new("event");
    for case in &CASES {
        let binary = folder.join(case.function).join("bootstrap");
        let counted = [counted(&binary, case, INSTRUCTIONS).await, counted(&binary, case, ALLOCATIONS).await];
        table.row(case.what, counted, [case.instructions, case.allocations]);
    }
    table.end()
}

/// The cost of one event.
async fn counted(binary: &Path, case: &Case, tool: Tool) -> u64 {
    let mut sums = Vec::new();
    for events in EVENTS {
        sums.push(tool.sum(&run(binary, case, tool, events).await));
    }
    (sums[1] - sums[0]) / (EVENTS[1] - EVENTS[0]) as u64
}

/// Runs a function under valgrind with this many events and returns valgrind's output.
async fn run(binary: &Path, case: &Case, tool: Tool, events: usize) -> String {
    let outside = Outside::new(events).await;
    outside.events.lock().await.extend((0..events).map(case.event));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().to_string();
    tokio::spawn(axum::serve(listener, outside.router()).into_future());

    let url = format!("http://{here}");
    let mut command = tool.command();
    command
        .arg(binary)
        .env_clear()
        .envs(lambda_environment(&here))
        .envs([("MAILKEY_LOG", "error"), ("AWS_ENDPOINT_URL", url.as_str())])
        .stdin(Stdio::null())
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    tokio::time::timeout(Duration::from_secs(300), outside.done.notified()).await.unwrap();
    // SIGTERM ends the program normally, and valgrind prints its totals.
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(outside.refused.lock().await.as_slice(), [""; 0], "every event is handled");
    String::from_utf8(ended.stderr).unwrap()
}

/// The services around a function: the Lambda Runtime API, DynamoDB and SES.
struct Outside {
    dynamodb: LocalDynamoDb,
    ses: LocalSes,
    events: Mutex<Vec<Value>>,
    refused: Mutex<Vec<String>>,
    done: Notify,
}

impl Outside {
    async fn new(people: usize) -> Arc<Self> {
        let dynamodb = LocalDynamoDb::in_memory().unwrap();
        tables::create(&dynamodb).unwrap();
        let users = UserStore::new(Database::new(dynamodb.client(), ""));
        for number in 0..people {
            users.create(&NewUser { user: person(number), password_hash: None }, Vec::new()).await.unwrap();
        }
        let clock: ses::Clock = Arc::new(|| SystemClock.now());
        let ses = LocalSes::new(Outbox::in_memory(Arc::clone(&clock)), SuppressionList::in_memory(), clock);
        Arc::new(Self { dynamodb, ses, events: Mutex::default(), refused: Mutex::default(), done: Notify::new() })
    }

    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .route("/", post(database))
            .with_state(Arc::clone(self))
            .merge(ses::endpoint(self.ses.clone()))
    }
}

/// Returns the next event. Without one, never responds.
async fn next_event(State(outside): State<Arc<Outside>>) -> Response<Body> {
    let Some(event) = outside.events.lock().await.pop() else {
        outside.done.notify_one();
        return std::future::pending().await;
    };
    let deadline = SystemClock.now().as_millisecond() + 60_000;
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:bench")
        .body(Body::from(event.to_string()))
        .unwrap()
}

async fn answered(State(outside): State<Arc<Outside>>, answer: String) -> StatusCode {
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let accepted = answer["statusCode"] == 202 || answer["batchItemFailures"] == json!([]);
    if !accepted {
        outside.refused.lock().await.push(answer.to_string());
    }
    StatusCode::ACCEPTED
}

async fn failed(State(outside): State<Arc<Outside>>, answer: String) -> StatusCode {
    outside.refused.lock().await.push(answer);
    StatusCode::ACCEPTED
}

/// DynamoDB, with table names without their prefix.
async fn database(State(outside): State<Arc<Outside>>, headers: HeaderMap, body: String) -> Response<Body> {
    let operation = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap();
    let request: Value = serde_json::from_str(&body.replace("\"bench-", "\"")).unwrap();
    let (status, answer) = match outside.dynamodb.run(operation, &request) {
        Ok(answer) => (200, answer.to_string()),
        Err(error) => (error.status_code(), error.to_json()),
    };
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(answer)).unwrap()
}

fn address(number: usize) -> String {
    format!("person{number}@example.com")
}

fn person(number: usize) -> User {
    User {
        id: UserId(new_ulid(SystemClock.now(), &OsEntropy).unwrap()),
        email: EmailAddress::parse(&address(number)).unwrap(),
        display_name: "Alice Example".to_owned(),
        role: Role::Member,
        status: UserStatus::Active,
        locale: Locale::default(),
        created_at: SystemClock.now(),
        last_sign_in_at: None,
        token_generation: 0,
        session_generation: 0,
        external_id: None,
    }
}

/// A request as the HTTP API passes it to a function.
fn request(number: usize) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /api/forgot-password",
        "rawPath": "/api/forgot-password",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json", "host": "api.example.com", "x-forwarded-proto": "https",
            "x-mailkey-edge-key": KEY, "x-mailkey-viewer-ip": "192.0.2.1",
        },
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "api.example.com", "domainPrefix": "api",
            "http": {
                "method": "POST", "path": "/api/forgot-password", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
            "requestId": "id", "routeKey": "POST /api/forgot-password", "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_000_i64,
        },
        "body": json!({ "email": address(number) }).to_string(),
        "isBase64Encoded": false,
    })
}

/// A record from the stream of the request table.
fn record(number: usize) -> Value {
    let now = SystemClock.now();
    let email_id = new_ulid(now, &OsEntropy).unwrap().to_string();
    let image = json!({
        "request_key": { "S": email_id }, "email_id": { "S": email_id }, "kind": { "S": "password_reset" },
        "trigger": { "S": "self_service" }, "address": { "S": address(number) },
        "requested_at": { "N": now.as_millisecond().to_string() },
        "ttl": { "N": (now.as_second() + 604_800).to_string() }, "schema": { "N": "1" },
    });
    json!({ "Records": [{ "eventName": "INSERT", "dynamodb": { "SequenceNumber": "1", "NewImage": image } }] })
}

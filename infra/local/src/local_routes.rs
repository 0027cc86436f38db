//! Routes for tests that exist only in the local service: the clock, the recorded calls, faults and tables.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, Uri, header::HOST},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use mailkey::{Clock, clock::rfc3339};
use mailkey_api::{
    http::{JsonBody, StrictJson},
    problem::{Problem, ProblemType},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    calls::{self, CallBook},
    clock::ShiftedClock,
    dynamodb::{FaultPlan, LocalDynamoDb},
    pump::Inlet,
};

/// State that the `/_local/` routes read and change.
#[derive(Clone)]
pub struct Inside {
    /// The process's clock, which tests can shift.
    pub clock: Arc<ShiftedClock>,
    /// The calls of recent requests and mailer runs.
    pub calls: CallBook,
    /// The embedded tables, with fault injection.
    pub dynamodb: LocalDynamoDb,
    /// The requests that wait for the mailer.
    pub requests: Inlet,
    /// The tables that `tables.json` returns.
    pub tables: Vec<String>,
}

/// The routes under `/_local/` that read and change this state.
pub fn routes(inside: Inside) -> Router {
    Router::new()
        .route("/_local/clock", get(clock).put(set_clock))
        .route("/_local/calls.json", get(calls_of))
        .route("/_local/dynamodb-faults", get(faults).put(set_faults))
        .route("/_local/email-requests", get(email_requests))
        .route("/_local/tables.json", get(tables))
        .with_state(inside)
}

/// Rejects requests with another host name than this machine's, so that a site can't reach these routes by pointing its
/// name at 127.0.0.1 (DNS rebinding).
pub fn for_this_machine_only(routes: Router) -> Router {
    routes.layer(middleware::from_fn(async |request: Request, next: Next| {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        match name {
            "127.0.0.1" | "localhost" => next.run(request).await,
            _ => Problem::new(ProblemType::NotFound).into_response(),
        }
    }))
}

async fn clock(State(inside): State<Inside>) -> JsonBody {
    JsonBody(json!({ "now": rfc3339(inside.clock.now()), "offset_ms": inside.clock.offset_ms() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offset {
    offset_ms: i64,
}

async fn set_clock(State(inside): State<Inside>, StrictJson(body): StrictJson<Offset>) -> StatusCode {
    inside.clock.shift_to(body.offset_ms);
    StatusCode::NO_CONTENT
}

/// The calls of a request, or of the mailer for an email. Without an id: all calls since the previous such query,
/// starting with the first.
async fn calls_of(State(inside): State<Inside>, uri: Uri) -> Result<Response, Problem> {
    let Some(query) = uri.query() else {
        return Ok(JsonBody(json!(calls::everything())).into_response());
    };
    let named = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let calls = match (named("request_id="), named("email_id=")) {
        (Some(request_id), _) => inside.calls.of(request_id),
        (None, Some(email_id)) => inside.calls.of_email(email_id),
        (None, None) => None,
    };
    let calls = calls.ok_or(Problem::new(ProblemType::NotFound))?;
    Ok(JsonBody(json!(calls)).into_response())
}

async fn faults(State(inside): State<Inside>) -> JsonBody {
    JsonBody(json!(inside.dynamodb.faults().plan()))
}

async fn set_faults(State(inside): State<Inside>, StrictJson(plan): StrictJson<FaultPlan>) -> StatusCode {
    inside.dynamodb.faults().set(plan);
    StatusCode::NO_CONTENT
}

/// How many requests the mailer isn't done with.
async fn email_requests(State(inside): State<Inside>) -> JsonBody {
    JsonBody(json!({ "waiting": inside.requests.in_progress() }))
}

/// Every item of every table, in DynamoDB's JSON format; with `?only=A,B`, of these tables.
async fn tables(State(inside): State<Inside>, uri: Uri) -> Result<JsonBody, Problem> {
    let only = uri.query().and_then(|query| query.strip_prefix("only=")).map(str::to_owned);
    let dump = tokio::task::spawn_blocking(move || {
        let is_wanted =
            |table: &&String| only.as_ref().is_none_or(|only| only.split(',').any(|name| table.ends_with(name)));
        let items = |table: String| Some((table.clone(), inside.dynamodb.items(&table).ok()?));
        inside.tables.iter().filter(is_wanted).cloned().map(items).collect::<Option<_>>()
    });
    let dump: BTreeMap<String, Vec<Value>> =
        dump.await.ok().flatten().ok_or(Problem::new(ProblemType::InternalError))?;
    Ok(JsonBody(json!(dump)))
}

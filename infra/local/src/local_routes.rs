//! Routes that exist on one machine only, for tests: the clock, the calls to DynamoDB, its faults and its tables.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, Uri, header::HOST},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use mailkey::Clock;
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
};

/// What these routes look into.
#[derive(Clone)]
pub struct Inside {
    /// The clock.
    pub clock: Arc<ShiftedClock>,
    /// The calls of the latest requests.
    pub calls: CallBook,
    /// The database.
    pub dynamodb: LocalDynamoDb,
    /// The names of its tables.
    pub tables: Vec<String>,
}

/// The routes.
pub fn routes(inside: Inside) -> Router {
    Router::new()
        .route("/_local/clock", get(clock).put(set_clock))
        .route("/_local/calls.json", get(calls_of))
        .route("/_local/dynamodb-faults", get(faults).put(set_faults))
        .route("/_local/tables.json", get(tables))
        .with_state(inside)
}

/// Lets nobody but a page of this machine look inside: a name that some other site's owner points at 127.0.0.1 gets
/// nothing (DNS rebinding).
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
    JsonBody(json!({ "now": inside.clock.now().to_string(), "offset_ms": inside.clock.offset_ms() }))
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

/// The calls of a request, or of the mailer for an email, by its id; without one those of everything since this was
/// last asked, from the first time on.
async fn calls_of(State(inside): State<Inside>, uri: Uri) -> Result<Response, Problem> {
    let Some(query) = uri.query() else {
        return Ok(JsonBody(json!(calls::everything())).into_response());
    };
    let named = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let calls = match (named("request_id="), named("log_id=")) {
        (Some(request_id), _) => inside.calls.of(request_id),
        (None, Some(log_id)) => inside.calls.of_email(log_id),
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

/// Every item of every table, as DynamoDB has it.
async fn tables(State(inside): State<Inside>) -> Result<JsonBody, Problem> {
    let dump = tokio::task::spawn_blocking(move || {
        let items = |table: String| Some((table.clone(), inside.dynamodb.items(&table).ok()?));
        inside.tables.iter().cloned().map(items).collect::<Option<_>>()
    });
    let dump: BTreeMap<String, Vec<Value>> =
        dump.await.ok().flatten().ok_or(Problem::new(ProblemType::InternalError))?;
    Ok(JsonBody(json!(dump)))
}

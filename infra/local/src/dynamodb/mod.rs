//! The embedded DynamoDB: an engine over SQLite, behind the protocol that the AWS SDK speaks, without a socket.

mod engine;
mod faults;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Region, timeout::TimeoutConfig},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header::CONTENT_TYPE},
    routing::post,
};
use dynoxide::{Database as Engine, DynoxideError};
use serde_json::{Value, json};

use crate::{
    calls::{self, Call},
    in_process,
};
pub use faults::{Fault, FaultMode, FaultPlan, Faults};

/// What happens to a table that somebody watches: an item was put there.
pub type OnPut = Arc<dyn Fn(&Value) + Send + Sync>;

/// The embedded DynamoDB. Clones share everything.
#[derive(Clone)]
pub struct LocalDynamoDb {
    engine: Engine,
    faults: Faults,
    watched: Vec<(String, OnPut)>,
}

impl LocalDynamoDb {
    /// Keeps everything in a file. What was written survives the end of the process, however that comes; a power failure may
    /// take the last moments back, all tables as of one moment. SQLite's log is not waited for at each write, but each time
    /// it is folded into the file.
    ///
    /// # Errors
    ///
    /// What the engine says of a file that it can't use.
    pub fn open(path: &Path) -> Result<Self, DynoxideError> {
        let engine = Engine::new(&path.to_string_lossy())?;
        // The engine's way to say `PRAGMA synchronous = NORMAL`, which it returns to after loads in bulk.
        engine.disable_bulk_loading()?;
        Ok(Self::with(engine))
    }

    /// Keeps everything in memory.
    ///
    /// # Errors
    ///
    /// What the engine says.
    pub fn in_memory() -> Result<Self, DynoxideError> {
        Ok(Self::with(Engine::memory()?))
    }

    fn with(engine: Engine) -> Self {
        Self { engine, faults: Faults::default(), watched: Vec::new() }
    }

    /// Calls `on_put` with each new item of `table`, once it is stored. That is what a stream does on AWS; a stream of
    /// the engine itself would make each write slower than the last.
    #[must_use]
    pub fn watching(mut self, table: &str, on_put: OnPut) -> Self {
        self.watched.push((table.to_owned(), on_put));
        self
    }

    /// The switch that makes it fail.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The items of a table, page after page, as DynamoDB has them.
    ///
    /// # Errors
    ///
    /// What the engine says.
    pub fn items(&self, table: &str) -> Result<Vec<Value>, DynoxideError> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": table });
        loop {
            let mut page = self.run("Scan", scan.clone())?;
            if let Some(found) = page["Items"].as_array_mut() {
                items.append(found);
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => return Ok(items),
                last => scan["ExclusiveStartKey"] = last,
            }
        }
    }

    /// Runs an operation in this very thread, past the switch for faults.
    ///
    /// # Errors
    ///
    /// What the engine says.
    pub fn run(&self, operation: &str, request: Value) -> Result<Value, DynoxideError> {
        engine::run(&self.engine, operation, request)
    }

    /// An SDK client of this database, with the time-outs that the functions have on AWS.
    pub fn client(&self) -> Client {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(2));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .endpoint_url("http://dynamodb.local")
            .allow_no_auth()
            .timeout_config(timeouts.build())
            .http_client(in_process::connector(self.router()));
        Client::from_conf(config.build())
    }

    fn router(&self) -> Router {
        Router::new().route("/", post(answer)).with_state(self.clone())
    }
}

async fn answer(State(database): State<LocalDynamoDb>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let Ok(mut request) = serde_json::from_slice::<Value>(&body) else {
        return respond(StatusCode::BAD_REQUEST, r#"{"__type":"SerializationException"}"#.to_owned());
    };
    let table = table_of(&request);
    if let Some((status, body)) = database.faults.strike(&operation, &table).await {
        calls::note(Call { operation, table, write_units: 0.0, read_units: 0.0, written: BTreeMap::new() });
        return respond(status, body);
    }
    if calls::are_counted() {
        request["ReturnConsumedCapacity"] = "INDEXES".into();
    }
    let put: Vec<_> = database.watched.iter().map(|(table, _)| items_put(&request, table)).collect();
    let engine = database.engine.clone();
    let named = operation.clone();
    // The engine works in the thread that calls it, and a write waits for the disk.
    let done = tokio::task::spawn_blocking(move || engine::run(&engine, &named, request)).await;
    match done {
        Ok(Ok(answer)) => {
            calls::note(count(operation, table, &answer));
            for ((_, on_put), items) in database.watched.iter().zip(put) {
                items.iter().for_each(|item| on_put(item));
            }
            respond(StatusCode::OK, answer.to_string())
        }
        Ok(Err(error)) => {
            // A write whose condition does not hold is charged like a write.
            let body = error.to_json();
            let write_units = if body.contains("ConditionalCheckFailed") { 1.0 } else { 0.0 };
            let written = BTreeMap::from([(table.clone(), write_units)]);
            calls::note(Call { operation, table, write_units, read_units: 0.0, written });
            let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
            respond(status, body)
        }
        Err(_) => respond(StatusCode::INTERNAL_SERVER_ERROR, r#"{"__type":"InternalServerError"}"#.to_owned()),
    }
}

fn respond(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

/// The table of a request; of a transaction, the first.
fn table_of(request: &Value) -> String {
    let first = || request["TransactItems"][0].as_object()?.values().next()?["TableName"].as_str();
    let batch = || request["RequestItems"].as_object()?.keys().next().map(String::as_str);
    request["TableName"].as_str().or_else(first).or_else(batch).unwrap_or_default().to_owned()
}

/// The items that a request puts into a table.
fn items_put(request: &Value, table: &str) -> Vec<Value> {
    let single = (request["TableName"] == table).then(|| &request["Item"]).filter(|item| item.is_object());
    let transaction = request["TransactItems"].as_array().into_iter().flatten().map(|action| &action["Put"]);
    let many = transaction.filter(|put| put["TableName"] == table).map(|put| &put["Item"]);
    single.into_iter().chain(many).cloned().collect()
}

fn count(operation: String, table: String, answer: &Value) -> Call {
    let capacity = &answer["ConsumedCapacity"];
    let tables = capacity.as_array().map_or(std::slice::from_ref(capacity), Vec::as_slice);
    let units: f64 = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
    let reads = matches!(operation.as_str(), "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems");
    let (read_units, write_units) = if reads { (units, 0.0) } else { (0.0, units) };
    let written = |of: &Value| Some((of["TableName"].as_str()?.to_owned(), of["Table"]["CapacityUnits"].as_f64()?));
    let written = if reads { BTreeMap::new() } else { tables.iter().filter_map(written).collect() };
    Call { operation, table, write_units, read_units, written }
}

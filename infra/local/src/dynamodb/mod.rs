//! The embedded DynamoDB: an engine over SQLite that speaks the AWS protocol in process, without a socket.

mod engine;
mod faults;
mod stream;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

use crate::{
    calls::{self, Call},
    in_process,
};
use engine::Answered;
pub use faults::{Fault, FaultMode, FaultPlan, Faults};
pub use stream::OnChange;
use stream::Stream;

/// Called with each new item of a watched table.
pub type OnPut = Arc<dyn Fn(&Value) + Send + Sync>;

/// The embedded DynamoDB. Clones share their state.
#[derive(Clone)]
pub struct LocalDynamoDb {
    engine: Engine,
    faults: Faults,
    watched: Vec<(String, OnPut)>,
    streams: Vec<Stream>,
    /// Held during a write to a table with a stream, so that its records are in order.
    in_order: Arc<Mutex<()>>,
}

impl LocalDynamoDb {
    /// Stores the tables in a file. Writes survive the end of the process. After a power failure the most recent writes
    /// may be lost, consistently across tables: SQLite syncs its log only at checkpoints.
    pub fn open(path: &Path) -> Result<Self, DynoxideError> {
        let engine = Engine::new(&path.to_string_lossy())?;
        // Sets `PRAGMA synchronous = NORMAL`, the engine's setting after a bulk load.
        engine.disable_bulk_loading()?;
        Ok(Self::with(engine))
    }

    /// Stores the tables in memory.
    pub fn in_memory() -> Result<Self, DynoxideError> {
        Ok(Self::with(Engine::memory()?))
    }

    fn with(engine: Engine) -> Self {
        let faults = Faults::default();
        Self { engine, faults, watched: Vec::new(), streams: Vec::new(), in_order: Arc::default() }
    }

    /// Calls `on_put` with each new item of `table` once it is stored, as a stream does on AWS. A stream of the engine
    /// would make each write slower than the one before.
    #[must_use]
    pub fn watching(mut self, table: &str, on_put: OnPut) -> Self {
        self.watched.push((table.to_owned(), on_put));
        self
    }

    /// Calls `on_change` with a stream record, with both images, for each changed item of `table`, whose key has the
    /// attributes `key`. Each write of an item that may exist costs two reads more, so use [`watching`](Self::watching)
    /// for items that don't change.
    #[must_use]
    pub fn streaming(mut self, table: &str, key: &[&'static str], on_change: OnChange) -> Self {
        self.streams.push(Stream { table: table.to_owned(), key: key.to_vec(), on_change });
        self
    }

    /// Injects faults into calls through the SDK.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Direct access to the engine, without faults.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns all items of a table in DynamoDB's JSON format.
    pub fn items(&self, table: &str) -> Result<Vec<Value>, DynoxideError> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": table });
        loop {
            let mut page = self.run("Scan", &scan)?;
            if let Some(found) = page["Items"].as_array_mut() {
                items.append(found);
            }
            match page["LastEvaluatedKey"].take() {
                Value::Null => return Ok(items),
                last => scan["ExclusiveStartKey"] = last,
            }
        }
    }

    /// Runs an operation in the calling thread, without faults.
    pub fn run(&self, operation: &str, request: &Value) -> Result<Value, DynoxideError> {
        let answered = engine::run(&self.engine, operation, request.to_string().as_bytes(), false)?;
        serde_json::from_str(&answered.body).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
    }

    /// An SDK client of this database with the timeouts that the functions have on AWS.
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

    /// Runs short operations inline, because handing them to another thread costs more than the work. Operations that
    /// read a whole table would block other tasks, so they run in a blocking thread.
    async fn perform(&self, operation: &str, body: Bytes, counted: bool) -> Result<Answered, DynoxideError> {
        let streamed = stream::items_changed(&self.streams, operation, &body);
        if !streamed.is_empty() {
            return self.perform_with_records(operation, &body, counted, streamed);
        }
        if !matches!(operation, "Scan" | "CreateTable" | "UpdateTable" | "DescribeTable") {
            return engine::run(&self.engine, operation, &body, counted);
        }
        let (engine, operation) = (self.engine.clone(), operation.to_owned());
        let done = tokio::task::spawn_blocking(move || engine::run(&engine, &operation, &body, counted)).await;
        done.unwrap_or_else(|broken| Err(DynoxideError::InternalServerError(broken.to_string())))
    }

    /// Runs a write to tables with streams.
    fn perform_with_records(
        &self,
        operation: &str,
        body: &[u8],
        counted: bool,
        items: Vec<stream::ChangedItem<'_>>,
    ) -> Result<Answered, DynoxideError> {
        let _in_order = self.in_order.lock().unwrap_or_else(PoisonError::into_inner);
        let before = |item: &stream::ChangedItem<'_>| {
            if item.new_image().is_some() { Ok(Value::Null) } else { self.image(item) }
        };
        let before: Vec<_> = items.iter().map(before).collect::<Result<_, _>>()?;
        let answered = engine::run(&self.engine, operation, body, counted)?;
        for (item, before) in items.iter().zip(before) {
            let after = item.new_image().cloned().map_or_else(|| self.image(item), Ok)?;
            item.publish(before, after);
        }
        Ok(answered)
    }

    /// The item as it is stored, or null.
    fn image(&self, item: &stream::ChangedItem<'_>) -> Result<Value, DynoxideError> {
        Ok(self.run("GetItem", &item.get())?["Item"].take())
    }

    fn router(&self) -> Router {
        Router::new().route("/", post(answer)).with_state(self.clone())
    }
}

async fn answer(State(database): State<LocalDynamoDb>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let Ok(touched) = serde_json::from_slice::<Touched>(&body) else {
        return respond(StatusCode::BAD_REQUEST, r#"{"__type":"SerializationException"}"#.to_owned());
    };
    let tables: Vec<_> = touched.tables().collect();
    let table = tables.first().copied().unwrap_or_default().to_owned();
    if let Some((status, body)) = database.faults.strike(&operation, &tables).await {
        calls::note(Call { operation, table, write_units: 0.0, read_units: 0.0, written: BTreeMap::new() });
        return respond(status, body);
    }
    let watched = database.watched.iter().filter(|(table, _)| touched.tables().any(|touched| touched == table));
    let put: Vec<_> = watched.map(|(table, on_put)| (on_put, items_put(&body, table))).collect();
    match database.perform(&operation, body, calls::are_counted()).await {
        Ok(answered) => {
            calls::note(count(operation, table, &answered.capacity));
            for (on_put, items) in put {
                items.iter().for_each(|item| on_put(item));
            }
            respond(StatusCode::OK, answered.body)
        }
        Err(error) => {
            // DynamoDB charges a write whose condition fails like any other write.
            let body = error.to_json();
            let write_units = if body.contains("ConditionalCheckFailed") { 1.0 } else { 0.0 };
            let written = BTreeMap::from([(table.clone(), write_units)]);
            calls::note(Call { operation, table, write_units, read_units: 0.0, written });
            let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
            respond(status, body)
        }
    }
}

fn respond(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

/// The tables that a request names; other fields are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Touched {
    table_name: Option<String>,
    transact_items: Option<Vec<BTreeMap<String, Action>>>,
    request_items: Option<BTreeMap<String, IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Action {
    table_name: String,
}

impl Touched {
    fn tables(&self) -> impl Iterator<Item = &str> {
        let actions = self.transact_items.iter().flatten().flat_map(BTreeMap::values);
        let single = self.table_name.as_deref().into_iter();
        let batch = self.request_items.iter().flat_map(BTreeMap::keys);
        single.chain(actions.map(|action| &*action.table_name)).chain(batch.map(|table| &**table))
    }
}

/// The items that a request puts into `table`.
fn items_put(body: &[u8], table: &str) -> Vec<Value> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let single = (request["TableName"] == table).then(|| &request["Item"]).filter(|item| item.is_object());
    let transaction = request["TransactItems"].as_array().into_iter().flatten().map(|action| &action["Put"]);
    let many = transaction.filter(|put| put["TableName"] == table).map(|put| &put["Item"]);
    single.into_iter().chain(many).cloned().collect()
}

fn count(operation: String, table: String, capacity: &Value) -> Call {
    let tables = capacity.as_array().map_or(std::slice::from_ref(capacity), Vec::as_slice);
    let units: f64 = tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
    let reads = matches!(operation.as_str(), "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems");
    let (read_units, write_units) = if reads { (units, 0.0) } else { (0.0, units) };
    let written = |of: &Value| Some((of["TableName"].as_str()?.to_owned(), of["Table"]["CapacityUnits"].as_f64()?));
    let written = if reads { BTreeMap::new() } else { tables.iter().filter_map(written).collect() };
    Call { operation, table, write_units, read_units, written }
}

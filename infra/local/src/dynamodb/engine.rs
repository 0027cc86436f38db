//! From an operation's name and its JSON to the engine's call, and back.

use dynoxide::{Database as Engine, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Runs one operation.
///
/// # Errors
///
/// What DynamoDB would answer, refused conditions among it.
pub(super) fn run(engine: &Engine, operation: &str, request: Value) -> Result<Value, DynoxideError> {
    match operation {
        "GetItem" => call(request, |request| engine.get_item(request)),
        "PutItem" => call(request, |request| engine.put_item(request)),
        "UpdateItem" => call(request, |request| engine.update_item(request)),
        "DeleteItem" => call(request, |request| engine.delete_item(request)),
        "Query" => call(request, |request| engine.query(request)),
        "Scan" => call(request, |request| engine.scan(request)),
        "BatchGetItem" => call(request, |request| engine.batch_get_item(request)),
        "BatchWriteItem" => call(request, |request| engine.batch_write_item(request)),
        "TransactGetItems" => call(request, |request| engine.transact_get_items(request)),
        "TransactWriteItems" => call(request, |request| engine.transact_write_items(request)),
        "CreateTable" => call(request, |request| engine.create_table(request)),
        "UpdateTable" => call(request, |request| engine.update_table(request)),
        "DescribeTable" => call(request, |request| engine.describe_table(request)),
        "ListTables" => call(request, |request| engine.list_tables(request)),
        "UpdateTimeToLive" => call(request, |request| engine.update_time_to_live(request)),
        "DescribeTimeToLive" => call(request, |request| engine.describe_time_to_live(request)),
        _ => Err(DynoxideError::ValidationException(format!("{operation} is not offered on one machine"))),
    }
}

fn call<Request: DeserializeOwned, Answer: Serialize>(
    request: Value,
    operation: impl FnOnce(Request) -> Result<Answer, DynoxideError>,
) -> Result<Value, DynoxideError> {
    let request = serde_json::from_value(request).map_err(|e| DynoxideError::ValidationException(e.to_string()))?;
    serde_json::to_value(operation(request)?).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}

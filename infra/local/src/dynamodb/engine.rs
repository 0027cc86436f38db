//! Translates an operation name and its JSON to a call of the engine, and the result back to JSON.

use dynoxide::{
    Database as Engine, DynoxideError,
    actions::{
        batch_get_item::BatchGetItemRequest, batch_write_item::BatchWriteItemRequest, delete_item::DeleteItemRequest,
        get_item::GetItemRequest, put_item::PutItemRequest, query::QueryRequest, scan::ScanRequest,
        transact_get_items::TransactGetItemsRequest, transact_write_items::TransactWriteItemsRequest,
        update_item::UpdateItemRequest,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The result of an operation.
pub(super) struct Answered {
    pub(super) body: String,
    /// The consumed capacity in DynamoDB's format, if it is counted.
    pub(super) capacity: Value,
}

/// An operation whose units can be counted. The caller doesn't see them in the response.
macro_rules! on_items {
    ($engine:ident, $counted:ident, $operation:ident, $request:expr) => {{
        let mut request = $request;
        if !$counted {
            return answered(&$engine.$operation(request)?, Value::Null);
        }
        request.return_consumed_capacity = Some("INDEXES".to_owned());
        let mut answer = $engine.$operation(request)?;
        let capacity = serde_json::to_value(answer.consumed_capacity.take()).map_err(unspeakable)?;
        answered(&answer, capacity)
    }};
}

/// Runs one operation. A condition that fails is an error, as in DynamoDB.
pub(super) fn run(engine: &Engine, operation: &str, body: &[u8], counted: bool) -> Result<Answered, DynoxideError> {
    match operation {
        "GetItem" => on_items!(engine, counted, get_item, read::<GetItemRequest>(body)?),
        "PutItem" => on_items!(engine, counted, put_item, read::<PutItemRequest>(body)?),
        "UpdateItem" => on_items!(engine, counted, update_item, read::<UpdateItemRequest>(body)?),
        "DeleteItem" => on_items!(engine, counted, delete_item, read::<DeleteItemRequest>(body)?),
        "Query" => on_items!(engine, counted, query, read::<QueryRequest>(body)?),
        "Scan" => on_items!(engine, counted, scan, read::<ScanRequest>(body)?),
        "BatchGetItem" => on_items!(engine, counted, batch_get_item, read::<BatchGetItemRequest>(body)?),
        "BatchWriteItem" => on_items!(engine, counted, batch_write_item, read::<BatchWriteItemRequest>(body)?),
        "TransactGetItems" => on_items!(engine, counted, transact_get_items, read::<TransactGetItemsRequest>(body)?),
        "TransactWriteItems" => on_items!(engine, counted, transact_write_items, transaction(body)?),
        "CreateTable" => answered(&engine.create_table(read(body)?)?, Value::Null),
        "UpdateTable" => answered(&engine.update_table(read(body)?)?, Value::Null),
        "DescribeTable" => answered(&engine.describe_table(read(body)?)?, Value::Null),
        "ListTables" => answered(&engine.list_tables(read(body)?)?, Value::Null),
        "UpdateTimeToLive" => answered(&engine.update_time_to_live(read(body)?)?, Value::Null),
        "DescribeTimeToLive" => answered(&engine.describe_time_to_live(read(body)?)?, Value::Null),
        _ => Err(DynoxideError::ValidationException(format!("{operation} isn't supported by the local DynamoDB"))),
    }
}

/// A transaction without its idempotency token. The engine scans the tokens of the last ten minutes on each transaction,
/// so a flood would slow itself down. Responses can't be lost within the process, so no transaction is sent twice.
fn transaction(body: &[u8]) -> Result<TransactWriteItemsRequest, DynoxideError> {
    Ok(TransactWriteItemsRequest { client_request_token: None, ..read(body)? })
}

fn read<Request: DeserializeOwned>(body: &[u8]) -> Result<Request, DynoxideError> {
    serde_json::from_slice(body).or_else(|_| {
        // Parsing through a `Value` gives DynamoDB's wording of the error, without line and column.
        let value: Value = serde_json::from_slice(body).map_err(unreadable)?;
        serde_json::from_value(value).map_err(unreadable)
    })
}

fn unreadable(error: serde_json::Error) -> DynoxideError {
    DynoxideError::ValidationException(error.to_string())
}

fn unspeakable(error: serde_json::Error) -> DynoxideError {
    DynoxideError::InternalServerError(error.to_string())
}

fn answered(answer: &impl Serialize, capacity: Value) -> Result<Answered, DynoxideError> {
    Ok(Answered { body: serde_json::to_string(answer).map_err(unspeakable)?, capacity })
}

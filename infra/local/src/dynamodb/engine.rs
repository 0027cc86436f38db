//! From an operation's name and its JSON to the engine's call, and back.

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

/// What an operation answers.
pub(super) struct Answered {
    /// Its JSON.
    pub(super) body: String,
    /// What it consumed, in DynamoDB's form, if that is counted.
    pub(super) capacity: Value,
}

/// An operation whose units can be counted, for whoever counts them and not for the caller.
macro_rules! on_items {
    ($engine:ident, $body:ident, $counted:ident, $operation:ident, $Request:ty) => {{
        let mut request: $Request = read($body)?;
        if !$counted {
            return answered(&$engine.$operation(request)?, Value::Null);
        }
        request.return_consumed_capacity = Some("INDEXES".to_owned());
        let mut answer = $engine.$operation(request)?;
        let capacity = serde_json::to_value(answer.consumed_capacity.take()).map_err(unspeakable)?;
        answered(&answer, capacity)
    }};
}

/// Runs one operation.
///
/// # Errors
///
/// What DynamoDB would answer, refused conditions among it.
pub(super) fn run(engine: &Engine, operation: &str, body: &[u8], counted: bool) -> Result<Answered, DynoxideError> {
    match operation {
        "GetItem" => on_items!(engine, body, counted, get_item, GetItemRequest),
        "PutItem" => on_items!(engine, body, counted, put_item, PutItemRequest),
        "UpdateItem" => on_items!(engine, body, counted, update_item, UpdateItemRequest),
        "DeleteItem" => on_items!(engine, body, counted, delete_item, DeleteItemRequest),
        "Query" => on_items!(engine, body, counted, query, QueryRequest),
        "Scan" => on_items!(engine, body, counted, scan, ScanRequest),
        "BatchGetItem" => on_items!(engine, body, counted, batch_get_item, BatchGetItemRequest),
        "BatchWriteItem" => on_items!(engine, body, counted, batch_write_item, BatchWriteItemRequest),
        "TransactGetItems" => on_items!(engine, body, counted, transact_get_items, TransactGetItemsRequest),
        "TransactWriteItems" => on_items!(engine, body, counted, transact_write_items, TransactWriteItemsRequest),
        "CreateTable" => answered(&engine.create_table(read(body)?)?, Value::Null),
        "UpdateTable" => answered(&engine.update_table(read(body)?)?, Value::Null),
        "DescribeTable" => answered(&engine.describe_table(read(body)?)?, Value::Null),
        "ListTables" => answered(&engine.list_tables(read(body)?)?, Value::Null),
        "UpdateTimeToLive" => answered(&engine.update_time_to_live(read(body)?)?, Value::Null),
        "DescribeTimeToLive" => answered(&engine.describe_time_to_live(read(body)?)?, Value::Null),
        _ => Err(DynoxideError::ValidationException(format!("{operation} is not offered on one machine"))),
    }
}

fn read<Request: DeserializeOwned>(body: &[u8]) -> Result<Request, DynoxideError> {
    serde_json::from_slice(body).or_else(|_| {
        // Once more, by way of a value: so what is wrong is said as DynamoDB says it, without a line and a column.
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

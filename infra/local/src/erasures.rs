//! Continues erasures, as the stream of their table does on AWS, and erases the local outbox.

use std::{sync::Arc, time::Duration};

use mailkey::EmailAddress;
use mailkey_erasures::Erasures;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{dynamodb::LocalDynamoDb, ses::Outbox};

/// The table whose stream continues the erasures.
pub const FED_BY: &str = "Erasures";

/// The delay before a failed erasure continues.
const PAUSE: Duration = Duration::from_millis(500);

/// Continues erasures once it runs.
#[derive(Debug)]
pub struct Pump(Arc<Notify>);

/// Creates the pump, and what tells it that an erasure was stored.
pub fn pump() -> (Arc<Notify>, Pump) {
    let started = Arc::new(Notify::new());
    (Arc::clone(&started), Pump(started))
}

impl Pump {
    /// Runs for as long as the process lives, beginning with what a former one left.
    pub async fn run(self, function: Erasures, outbox: Outbox, dynamodb: LocalDynamoDb) {
        loop {
            let unfinished = unfinished(&dynamodb).await;
            for erasure in &unfinished {
                if let Err(error) = forget(&outbox, erasure) {
                    tracing::warn!(%error, "can't erase emails in the outbox");
                }
            }
            if unfinished.is_empty() {
                self.0.notified().await;
            } else if !advance(&function, &unfinished).await {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The stored items of erasures that aren't finished.
async fn unfinished(dynamodb: &LocalDynamoDb) -> Vec<Value> {
    let dynamodb = dynamodb.clone();
    let items = tokio::task::spawn_blocking(move || dynamodb.items(FED_BY)).await;
    let items = items.ok().and_then(Result::ok).unwrap_or_default();
    items.into_iter().filter(|item| item["step"].is_object()).collect()
}

fn forget(outbox: &Outbox, erasure: &Value) -> Result<(), crate::ses::OutboxError> {
    let address = erasure["address_key"]["S"].as_str().and_then(|address| EmailAddress::parse(address).ok());
    match address {
        Some(address) => outbox.forget(address.key().as_str()),
        None => Ok(()),
    }
}

/// Delivers one stream record for each erasure; returns false if one must be retried.
async fn advance(function: &Erasures, unfinished: &[Value]) -> bool {
    let record = |(number, item): (usize, &Value)| {
        json!({
            "eventSource": "aws:dynamodb",
            "dynamodb": { "Keys": { "id": item["id"] }, "SequenceNumber": number.to_string() },
        })
    };
    let records: Vec<_> = unfinished.iter().enumerate().map(record).collect();
    let answer = function.handle_event(&json!({ "Records": records })).await;
    answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty)
}

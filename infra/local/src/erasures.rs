//! Continues erasures, as the stream of their table does on AWS, and erases the local outbox.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

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
pub struct Pump(Arc<Inlet>);

/// What a change of the table tells the pump.
#[derive(Debug, Default)]
pub struct Inlet {
    changed: Notify,
    /// Addresses that are being erased. A finished erasure no longer names them.
    addresses: Mutex<BTreeSet<String>>,
}

/// Creates the pump and its inlet.
pub fn pump() -> (Arc<Inlet>, Pump) {
    let inlet = Arc::new(Inlet::default());
    (Arc::clone(&inlet), Pump(inlet))
}

impl Inlet {
    /// Takes a stream record of the table.
    pub fn take(&self, record: &Value) {
        self.keep(&record["dynamodb"]["NewImage"]);
        self.changed.notify_one();
    }

    fn keep(&self, erasure: &Value) {
        let former = erasure["former"]["L"].as_array().into_iter().flatten();
        let addresses = former.chain([&erasure["address_key"]]).filter_map(|address| address["S"].as_str());
        self.lock().extend(addresses.map(str::to_owned));
    }

    /// Erases the emails to these addresses from the outbox.
    fn forget(&self, outbox: &Outbox) {
        let addresses = std::mem::take(&mut *self.lock());
        for address in addresses {
            if let Err(error) = outbox.forget(&address) {
                tracing::warn!(%error, "can't erase emails in the outbox");
                self.lock().insert(address);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pump {
    /// Runs for as long as the process lives, beginning with what a former one left.
    pub async fn run(self, function: Erasures, outbox: Outbox, dynamodb: LocalDynamoDb) {
        let inlet = self.0;
        loop {
            let unfinished = unfinished(&dynamodb).await;
            unfinished.iter().for_each(|erasure| inlet.keep(erasure));
            inlet.forget(&outbox);
            if unfinished.is_empty() {
                inlet.changed.notified().await;
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

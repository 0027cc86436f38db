//! The queue between the local SES and the consumer of its events, in place of SNS and SQS. SES stores each event
//! before it answers. Delivery is at least once, in any order, and repeats until the consumer accepts the event.
//!
//! The queue has its own table, which is not part of the template. Its writes bypass the fault injection: SES must not
//! lose events because the database under test fails.

mod door;
mod pump;
mod queued_event;
#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dynoxide::DynoxideError;
use mailkey::{
    OsEntropy, SharedClock,
    entropy::{NoEntropy, new_ulid},
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::dynamodb::LocalDynamoDb;
pub use door::routes;
pub use pump::EventPump;
use queued_event::{Form, QueuedEvent};

pub(crate) const TABLE: &str = "LocalEvents";

/// DynamoDB's limit of actions in one transaction.
const ACTIONS: usize = 100;

/// The queue can't store an event.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The engine rejected the write.
    #[error("{TABLE}: {0}")]
    Refused(#[from] DynoxideError),
    /// There were no random bytes for an id.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// The queue's sending side. Clones share it.
#[derive(Clone)]
pub struct EventQueue {
    dynamodb: LocalDynamoDb,
    clock: SharedClock,
    sender: UnboundedSender<QueuedEvent>,
    /// The number of entries that the consumer hasn't accepted yet.
    waiting: Arc<AtomicUsize>,
}

impl EventQueue {
    /// Opens the queue with the events a previous process left, and returns it with its pump, which isn't running yet.
    pub fn open(dynamodb: LocalDynamoDb, clock: SharedClock) -> Result<(Self, EventPump), QueueError> {
        if dynamodb.engine().get_table_metadata(TABLE)?.is_none() {
            let table = json!({
                "TableName": TABLE,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            });
            dynamodb.run("CreateTable", &table)?;
        }
        let (sender, waiting) = unbounded_channel();
        let queue = Self { dynamodb, clock, sender, waiting: Arc::default() };
        for queued in queued_event::read(&queue.dynamodb.items(TABLE)?) {
            queue.send(queued);
        }
        Ok((queue.clone(), EventPump::new(queue, waiting)))
    }

    /// Stores the events of one email: all of them, or none if the process ends midway. Waits for the disk.
    pub fn publish(&self, events: &[Value]) {
        let now = self.clock.now();
        let queued = |event: &Value| {
            Ok(QueuedEvent::new(new_ulid(now, &OsEntropy)?.to_string(), Form::Event, event.to_string(), now))
        };
        let events: Result<Vec<_>, QueueError> = events.iter().map(queued).collect();
        // If the disk fails, keep the events in memory at least.
        let put = events.and_then(|events| {
            let kept = self.keep(&events);
            events.into_iter().for_each(|queued| self.send(queued));
            kept
        });
        if let Err(error) = put {
            tracing::error!(%error, "can't store the events of the local SES");
        }
    }

    /// Stores a posted body, to deliver it unchanged. Waits for the disk.
    pub fn put(&self, payload: String) -> Result<(), QueueError> {
        let now = self.clock.now();
        let queued = QueuedEvent::new(new_ulid(now, &OsEntropy)?.to_string(), Form::Payload, payload, now);
        // A long text is complete once its last item is written.
        for item in queued.items() {
            self.dynamodb.run("PutItem", &json!({ "TableName": TABLE, "Item": item }))?;
        }
        self.send(queued);
        Ok(())
    }

    /// The number of events that are queued or being delivered.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    fn send(&self, queued: QueuedEvent) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _ = self.sender.send(queued);
    }

    /// Stores all entries, or none.
    fn keep(&self, events: &[QueuedEvent]) -> Result<(), QueueError> {
        let put = |item| json!({ "Put": { "TableName": TABLE, "Item": item } });
        let puts: Vec<_> = events.iter().flat_map(QueuedEvent::items).map(put).collect();
        self.dynamodb.run("TransactWriteItems", &json!({ "TransactItems": puts }))?;
        Ok(())
    }

    /// Deletes the entries that were accepted.
    fn forget(&self, events: &[QueuedEvent]) -> Result<(), QueueError> {
        let delete = |key| json!({ "Delete": { "TableName": TABLE, "Key": { "id": { "S": key } } } });
        let deletes: Vec<_> = events.iter().flat_map(QueuedEvent::keys).map(delete).collect();
        for some in deletes.chunks(ACTIONS) {
            self.dynamodb.run("TransactWriteItems", &json!({ "TransactItems": some }))?;
        }
        Ok(())
    }
}

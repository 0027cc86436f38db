//! The queue between the local SES and the consumer of its events, as SNS and SQS are on AWS: what SES tells is kept
//! before SES answers, is handed over at least once, in any order, and again until it is taken.
//!
//! It lies in a table of its own, which is none of the template's, and is written past the switch for faults: a
//! database that fails is no reason why SES should forget.

mod door;
mod letter;
mod pump;
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
use letter::{Form, Letter};
pub use pump::EventPump;

const TABLE: &str = "LocalEvents";

/// So many actions are in a transaction at most.
const ACTIONS: usize = 100;

/// The queue can't keep something.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The engine refuses.
    #[error("{TABLE}: {0}")]
    Refused(#[from] DynoxideError),
    /// What waits can't be named.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// The way into the queue. Clones share it.
#[derive(Clone)]
pub struct EventQueue {
    dynamodb: LocalDynamoDb,
    clock: SharedClock,
    letters: UnboundedSender<Letter>,
    /// How many letters are not taken yet.
    waiting: Arc<AtomicUsize>,
}

impl EventQueue {
    /// The queue, with what a former process left in it, and its pump, not yet running.
    ///
    /// # Errors
    ///
    /// [`QueueError`].
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
        let (letters, waiting) = unbounded_channel();
        let queue = Self { dynamodb, clock, letters, waiting: Arc::default() };
        for letter in letter::read(&queue.dynamodb.items(TABLE)?) {
            queue.send(letter);
        }
        Ok((queue.clone(), EventPump::new(queue, waiting)))
    }

    /// Takes what SES tells of a mail: all of its events or, where the process ends in the middle, none. It waits for
    /// the disk.
    pub fn publish(&self, events: &[Value]) {
        let now = self.clock.now();
        let letter = |event: &Value| {
            Ok(Letter::new(new_ulid(now, &OsEntropy)?.to_string(), Form::Event, event.to_string(), now))
        };
        let letters: Result<Vec<_>, QueueError> = events.iter().map(letter).collect();
        // Where the disk fails, the events are at least not lost while the process lives.
        let put = letters.and_then(|letters| {
            let kept = self.keep(&letters);
            letters.into_iter().for_each(|letter| self.send(letter));
            kept
        });
        if let Err(error) = put {
            tracing::error!(%error, "events of the local SES can't be kept");
        }
    }

    /// Takes something as it came in, to be handed over as it is. It waits for the disk.
    ///
    /// # Errors
    ///
    /// [`QueueError`]: it is not taken.
    pub fn put(&self, payload: String) -> Result<(), QueueError> {
        let now = self.clock.now();
        let letter = Letter::new(new_ulid(now, &OsEntropy)?.to_string(), Form::Payload, payload, now);
        // Of a long one the last piece makes it whole.
        for item in letter.items() {
            self.dynamodb.run("PutItem", &json!({ "TableName": TABLE, "Item": item }))?;
        }
        self.send(letter);
        Ok(())
    }

    /// How many wait, or are being handed over.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    fn send(&self, letter: Letter) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _ = self.letters.send(letter);
    }

    /// Keeps letters together: all of them, or none.
    fn keep(&self, letters: &[Letter]) -> Result<(), QueueError> {
        let put = |item| json!({ "Put": { "TableName": TABLE, "Item": item } });
        let puts: Vec<_> = letters.iter().flat_map(Letter::items).map(put).collect();
        self.dynamodb.run("TransactWriteItems", &json!({ "TransactItems": puts }))?;
        Ok(())
    }

    /// Forgets what was taken.
    fn forget(&self, letters: &[Letter]) -> Result<(), QueueError> {
        let delete = |key| json!({ "Delete": { "TableName": TABLE, "Key": { "id": { "S": key } } } });
        let deletes: Vec<_> = letters.iter().flat_map(Letter::keys).map(delete).collect();
        for some in deletes.chunks(ACTIONS) {
            self.dynamodb.run("TransactWriteItems", &json!({ "TransactItems": some }))?;
        }
        Ok(())
    }
}

//! Tells the portal behind what happened.
//!
//! What happened is written down by whoever did it, in the same transaction, in a table with a stream: the audit log,
//! the recovery requests, the suppressions. This function reads the streams and puts events on EventBridge. So no event
//! is lost and none tells of what did not happen; one may come twice, under the same id.

mod event;

use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use serde_json::{Value, json};

pub use event::{DomainEvent, event_of};

/// The `source` of our events.
pub const SOURCE: &str = "mailkey";

/// What the function works with.
#[derive(Debug, Clone)]
pub struct DomainEvents {
    /// EventBridge.
    pub client: Client,
    /// The bus.
    pub bus: String,
}

impl DomainEvents {
    /// Handles a batch of a stream and answers which records have to come again (`ReportBatchItemFailures`). The order
    /// of what happened to one user is kept: Lambda goes on at the first record that failed.
    pub async fn handle_event(&self, payload: &Value) -> Value {
        let records = payload["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let events: Vec<_> = records.iter().filter_map(|record| Some((record, event_of(record)?))).collect();
        let mut failures = Vec::new();
        // EventBridge takes ten at once, and a batch of the template has no more.
        for ten in events.chunks(10) {
            failures.extend(self.put(ten).await);
        }
        json!({ "batchItemFailures": failures })
    }

    async fn put(&self, events: &[(&Value, DomainEvent)]) -> Vec<Value> {
        let entries = events.iter().map(|(_, event)| self.entry(event));
        let answer = self.client.put_events().set_entries(Some(entries.collect())).send().await;
        let refused: Vec<bool> = match answer {
            Ok(answer) => answer.entries().iter().map(|entry| entry.error_code().is_some()).collect(),
            Err(error) => {
                let error = aws_sdk_eventbridge::error::DisplayErrorContext(&error).to_string();
                tracing::error!(error, "EventBridge took none of a batch");
                vec![true; events.len()]
            }
        };
        let mut failures = Vec::new();
        for ((record, event), refused) in events.iter().zip(refused) {
            let (id, name) = (&event.id, event.name);
            if refused {
                tracing::warn!(id, event = name, metric = "DomainEventsAgain", "an event must come again");
                failures.push(json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
            } else {
                tracing::info!(id, event = name, metric = "DomainEvents", "the portal is told");
            }
        }
        failures
    }

    fn entry(&self, event: &DomainEvent) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(event.name)
            .time(aws_sdk_eventbridge::primitives::DateTime::from_millis(event.at.as_millisecond()))
            .detail(event.detail.to_string())
            .build()
    }
}

//! Puts events on EventBridge.

use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use serde_json::{Value, json};

use crate::{DomainEvent, event_of};

/// The `source` of every event that we publish.
pub const SOURCE: &str = "mailkey";

/// The dependencies of this function.
#[derive(Debug, Clone)]
pub struct DomainEvents {
    /// The EventBridge client.
    pub client: Client,
    /// Name of the event bus.
    pub bus: String,
}

impl DomainEvents {
    /// Publishes a batch and returns the records to retry (`ReportBatchItemFailures`). Lambda resumes at the first
    /// record that failed, which keeps the order of each user's events.
    pub async fn handle_event(&self, payload: &Value) -> Value {
        let records = payload["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let events: Vec<_> = records.iter().filter_map(|record| Some((record, event_of(record)?))).collect();
        let mut failures = Vec::new();
        // `PutEvents` accepts ten entries, and the template's batches aren't larger.
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
                tracing::error!(error, "EventBridge rejected the whole batch");
                vec![true; events.len()]
            }
        };
        let mut failures = Vec::new();
        for ((record, event), refused) in events.iter().zip(refused) {
            let (id, name) = (&event.id, event.name);
            if refused {
                tracing::warn!(id, event = name, metric = "DomainEventsAgain", "event must be retried");
                failures.push(json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
            } else {
                tracing::info!(id, event = name, metric = "DomainEvents", "event published");
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

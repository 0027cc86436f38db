//! Handles stream events: takes records and returns those that failed.
//!
//! Lambda retries from the first failed record on. Later records that succeeded are delivered again, but nothing is
//! sent twice.

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use mailkey::{
    RequestId,
    email_log::{Origin, counts::EmailCounts},
};
use mailkey_dynamodb::{
    client::{Item, item_from_json},
    read_image,
};
use serde_json::{Value, json};
use tracing::Instrument;

use crate::{Mailer, Retry};

impl Mailer {
    /// Handles a DynamoDB stream event and returns the records to retry (`ReportBatchItemFailures`). A bad record
    /// doesn't block the others.
    pub async fn handle_event(&self, event: &Value) -> Value {
        let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let counts = Mutex::default();
        let done = join_all(records.iter().map(|record| self.handle_record(record, &counts))).await;
        let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.app.db.email_counts().add(Origin::Mailkey, &counts, self.app.now()).await;
        let failures = records.iter().zip(done).filter(|(_, done)| !done);
        let failures = failures.map(|(record, _)| json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
        json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
    }

    /// Returns whether the record is done.
    async fn handle_record(&self, record: &Value, counts: &Mutex<EmailCounts>) -> bool {
        if record["eventName"] != "INSERT" {
            return true;
        }
        let image = item_from_json(&record["dynamodb"]["NewImage"]).unwrap_or_default();
        let span = tracing::info_span!("email", request_id = request_id_of(&image).map(tracing::field::display));
        self.handle_image(&image, counts).instrument(span).await
    }

    async fn handle_image(&self, image: &Item, counts: &Mutex<EmailCounts>) -> bool {
        let handled = match read_image(image) {
            Ok(request) => self.handle(&request, counts).await,
            Err(_) => Err(Retry::NoRequest),
        };
        if let Err(error) = &handled {
            let email_id = image.get("email_id").and_then(|id| id.as_s().ok());
            tracing::warn!(email_id, %error, metric = "RequestNotHandled", "an email request must come again");
        }
        handled.is_ok()
    }
}

/// The API request that led to an item.
fn request_id_of(image: &Item) -> Option<RequestId> {
    RequestId::parse(image.get("request_id")?.as_s().ok()?)
}

/// Whether the event comes from the schedule, which triggers a canary, rather than from the stream.
pub fn is_schedule(event: &Value) -> bool {
    matches!(event["source"].as_str(), Some("aws.events" | "aws.scheduler"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_parsed_from_a_stream_record() {
        let record = json!({
            "eventName": "INSERT",
            "dynamodb": {
                "SequenceNumber": "111",
                "NewImage": {
                    "request_key": {"S": "k"}, "email_id": {"S": "01JXXXXXXXXXXXXXXXXXXXXXXX"}, "kind": {"S": "password_reset"},
                    "trigger": {"S": "self_service"}, "address": {"S": "alice@example.com"}, "requested_at": {"N": "1800000000000"},
                    "ttl": {"N": "1800604800"}, "schema": {"N": "1"},
                },
            },
        });
        let image = item_from_json(&record["dynamodb"]["NewImage"]).unwrap();
        assert_eq!(read_image(&image).unwrap().address.as_typed(), "alice@example.com");
        assert_eq!(item_from_json(&json!({ "eventName": "INSERT" })["dynamodb"]["NewImage"]), None);
    }

    #[test]
    fn schedule_events_are_told_apart_from_stream_events() {
        assert!(is_schedule(&json!({ "source": "aws.scheduler" })));
        assert!(!is_schedule(&json!({ "Records": [] })));
    }
}

//! Handles stream events: takes records and returns those that failed.
//!
//! Lambda retries from the first failed record on. Later records that succeeded are delivered again, but nothing is
//! sent twice.

use futures_util::future::join_all;
use mailkey::{
    audit::{Notice, read_notice},
    database::{Item, item_from_json},
    email_log::{EmailKind, Trigger},
    recovery::{RecoveryRequest, read_image},
    request_id,
};
use serde_json::{Value, json};

use crate::{Mailer, NotYet};

impl Mailer {
    /// Handles a DynamoDB stream event and returns the records to retry (`ReportBatchItemFailures`). A bad record
    /// doesn't block the others.
    pub async fn handle_event(&self, event: &Value) -> Value {
        let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let done = join_all(records.iter().map(|record| self.handle_record(record))).await;
        let failures = records.iter().zip(done).filter(|(_, done)| !done);
        let failures = failures.map(|(record, _)| json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
        json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
    }

    /// Returns whether the record is done.
    async fn handle_record(&self, record: &Value) -> bool {
        if record["eventName"] != "INSERT" {
            return true;
        }
        let image = item_from_json(&record["dynamodb"]["NewImage"]).unwrap_or_default();
        let request_id = image.get("request_id").and_then(|id| id.as_s().ok()).cloned();
        request_id::scope(request_id, self.handle_image(&image)).await
    }

    async fn handle_image(&self, image: &Item) -> bool {
        let handled = match self.request_of(image).await {
            Ok(request) => self.handle(&request).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &handled {
            let log_id = ["log_id", "notice_id"].iter().find_map(|name| image.get(*name)?.as_s().ok());
            tracing::warn!(log_id, %error, metric = "RequestNotHandled", "recovery request must be retried");
        }
        handled.is_ok()
    }

    /// The request in a record. It comes from the table of requests, or from the audit log, where a redemption's entry
    /// requests the notice to the owner.
    async fn request_of(&self, image: &Item) -> Result<RecoveryRequest, NotYet> {
        if !image.contains_key("notice_id") {
            return read_image(image).map_err(|_| NotYet::NoRequest);
        }
        let Notice { log_id, user_id, at } = read_notice(image).map_err(|_| NotYet::NoRequest)?;
        let user = self.users.get(user_id).await?.ok_or(NotYet::NoRequest)?;
        let (kind, trigger) = (EmailKind::PasswordChanged, Trigger::System);
        Ok(RecoveryRequest::unique(log_id, kind, trigger, user.email, at).about(user_id))
    }
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
                    "request_key": {"S": "k"}, "log_id": {"S": "01JXXXXXXXXXXXXXXXXXXXXXXX"}, "kind": {"S": "password_reset"},
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

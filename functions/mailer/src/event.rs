//! The stream's event: records in, the failed ones out.
//!
//! Lambda retries from the first failed record on; those behind it that succeeded come again and find themselves done.

use std::sync::Arc;

use mailkey::{
    database::item_from_json,
    recovery::{RecoveryRequest, read_image},
    request_id,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{Mailer, NotYet};

impl Mailer {
    /// Handles a DynamoDB stream's event and answers which of its records have to come again
    /// (`ReportBatchItemFailures`). One bad record holds up no other.
    pub async fn handle_event(self: &Arc<Self>, event: &Value) -> Value {
        let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut tasks = JoinSet::new();
        for (number, record) in records.iter().enumerate().filter(|(_, record)| record["eventName"] == "INSERT") {
            let request = request_of(record);
            let mailer = Arc::clone(self);
            let request_id = request.as_ref().and_then(|request| request.request_id.clone());
            let handling = async move { (number, mailer.handle_record(request).await) };
            tasks.spawn(request_id::scope(request_id, handling));
        }
        let mut done = vec![true; records.len()];
        for (number, handled) in tasks.join_all().await {
            done[number] = handled;
        }
        let failures = records.iter().zip(done).filter(|(_, done)| !done);
        let failures = failures.map(|(record, _)| json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
        json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
    }

    async fn handle_record(&self, request: Option<RecoveryRequest>) -> bool {
        let log_id = request.as_ref().map(|request| request.log_id.to_string());
        let handled = match request {
            Some(request) => self.handle(&request).await,
            None => Err(NotYet::NoRequest),
        };
        if let Err(error) = &handled {
            tracing::warn!(log_id, %error, metric = "RequestNotHandled", "a recovery request must come again");
        }
        handled.is_ok()
    }
}

/// Whether an event is the schedule's, which asks for a canary, and not the stream's.
pub fn is_schedule(event: &Value) -> bool {
    matches!(event["source"].as_str(), Some("aws.events" | "aws.scheduler"))
}

fn request_of(record: &Value) -> Option<RecoveryRequest> {
    read_image(&item_from_json(&record["dynamodb"]["NewImage"])?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_from_a_streams_record() {
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
        assert_eq!(request_of(&record).unwrap().address.as_typed(), "alice@example.com");
        assert_eq!(request_of(&json!({ "eventName": "INSERT" })), None);
    }
}

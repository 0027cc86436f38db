//! Handles events of the stream and of the queue of delayed requests.
//!
//! A record that fails moves to the queue, so that it doesn't hold up the records behind it. Only while SES accepts no more
//! emails per second, records stay in the stream: those behind them would fail as well.

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mailkey::{
    RequestId,
    email_log::{Origin, counts::EmailCounts},
    settings::SecuritySettings,
};
use mailkey_dynamodb::{
    StoreError,
    client::{Item, item_from_json},
    read_image,
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tracing::Instrument;

use crate::{
    Mailer, Retry,
    delayed::{Delayed, Message},
};

/// What came of an event's records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handled {
    /// The records or messages that Lambda must deliver again.
    pub failed: Vec<String>,
    /// Those to process later. Of the queue's messages, each is also in `failed`.
    pub delayed: Vec<Delayed>,
}

impl Handled {
    /// The response to Lambda (`ReportBatchItemFailures`).
    pub fn into_answer(self) -> Value {
        let failures = self.failed.iter().map(|item| json!({ "itemIdentifier": item }));
        json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
    }
}

/// What the records of one event share.
#[derive(Default)]
pub(crate) struct Batch {
    /// The changes of the statistics, which are written at the end.
    pub(crate) counts: Mutex<EmailCounts>,
    settings: OnceCell<SecuritySettings>,
}

impl Batch {
    /// The security settings, read once.
    pub(crate) async fn settings(&self, mailer: &Mailer) -> Result<SecuritySettings, StoreError> {
        self.settings.get_or_try_init(async || mailer.app.db.settings().get().await).await.copied()
    }
}

/// How processing one record ended.
enum Outcome {
    Done,
    Failed(String),
    Delayed(Delayed),
}

impl Mailer {
    /// Handles an event of the stream or of the queue.
    pub async fn handle_event(&self, event: &Value) -> Handled {
        let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let batch = Batch::default();
        let outcomes = join_all(records.iter().map(|record| self.handle_any(record, &batch))).await;
        let counts = batch.counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.app.db.email_counts().add(Origin::Mailkey, &counts, self.app.now()).await;
        let mut handled = Handled::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Done => {}
                Outcome::Failed(item) => handled.failed.push(item),
                Outcome::Delayed(delayed) => {
                    handled.failed.extend(delayed.receipt.is_some().then(|| delayed.item.clone()));
                    handled.delayed.push(delayed);
                }
            }
        }
        handled
    }

    async fn handle_any(&self, record: &Value, batch: &Batch) -> Outcome {
        if is_message(record) {
            self.handle_message(record, batch).await
        } else {
            self.handle_record(record, batch).await
        }
    }

    async fn handle_record(&self, record: &Value, batch: &Batch) -> Outcome {
        if record["eventName"] != "INSERT" {
            return Outcome::Done;
        }
        let image = item_from_json(&record["dynamodb"]["NewImage"]).unwrap_or_default();
        let item = record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned();
        match self.handle_image(&image, batch).await {
            Ok(()) => Outcome::Done,
            Err(Retry::TooFast) if is_young(&image, self.app.now()) => Outcome::Failed(item),
            Err(_) => Delayed::of_record(&item, &image).map_or(Outcome::Failed(item), Outcome::Delayed),
        }
    }

    /// Processes a request that waited in the queue. After a day, it is closed. If its item is gone, so is the request.
    async fn handle_message(&self, record: &Value, batch: &Batch) -> Outcome {
        let Some(message) = Message::parse(record) else {
            // The queue keeps it for a while and then moves it to the dead-letter queue.
            return Outcome::Failed(record["messageId"].as_str().unwrap_or_default().to_owned());
        };
        let handled = match self.app.db.email_requests().item(&message.request_key).await {
            Ok(None) => Ok(()),
            Ok(Some(image)) => self.handle_late(&image, &message, batch).await,
            Err(error) => Err(Retry::Store(error)),
        };
        match handled {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Delayed(message.delayed()),
        }
    }

    async fn handle_late(&self, image: &Item, message: &Message, batch: &Batch) -> Result<(), Retry> {
        let handled = self.handle_image(image, batch).await;
        if handled.is_err() && message.is_too_old(self.app.now()) {
            let request = read_image(image).map_err(|_| Retry::NoRequest)?;
            tracing::error!(email_id = %request.email_id, metric = "RequestsGivenUp", "an email request failed for a day");
            return self.give_up(&request, batch).await;
        }
        handled
    }

    async fn handle_image(&self, image: &Item, batch: &Batch) -> Result<(), Retry> {
        let span = tracing::info_span!("email", request_id = request_id_of(image).map(tracing::field::display));
        let handling = async {
            let handled = match read_image(image) {
                Ok(request) => self.handle(&request, batch).await,
                Err(_) => Err(Retry::NoRequest),
            };
            handled.inspect_err(|error| {
                let email_id = image.get("email_id").and_then(|id| id.as_s().ok());
                tracing::warn!(email_id, %error, metric = "RequestNotHandled", "an email request must come again");
            })
        };
        handling.instrument(span).await
    }
}

/// How long a request waits in the stream while SES accepts no more emails per second: well below the stream's limit.
const WAITS_IN_STREAM: SignedDuration = SignedDuration::from_mins(30);

fn is_young(image: &Item, now: Timestamp) -> bool {
    read_image(image).is_ok_and(|request| now.duration_since(request.requested_at) < WAITS_IN_STREAM)
}

/// Whether a record comes from the queue of delayed requests.
fn is_message(record: &Value) -> bool {
    record["eventSource"] == "aws:sqs"
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

//! Requests that wait in a queue, because processing them failed.
//!
//! A stream delivers its records in order, so one that fails would hold up those behind it. It moves to a queue instead,
//! which delivers it again after growing delays. The queue's message has only the key of the request. The request itself
//! stays in its table, so an erasure finds it there.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mailkey_dynamodb::client::Item;
use serde_json::{Value, json};

/// After this time, the request is closed as failed. Links are useless by then.
pub(crate) const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The first delay. Each is twice the one before.
const FIRST_DELAY: Duration = Duration::from_secs(60);

/// The longest delay: what SQS allows for a new message.
pub const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// A request to process again later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delayed {
    /// What the event source calls the record or the message.
    pub item: String,
    /// The key of the request, if it is new in the queue.
    pub request_key: Option<String>,
    /// The handle of the queue's message, if it came from there.
    pub receipt: Option<String>,
    /// How often it was processed before, in the queue.
    pub attempts: u32,
}

impl Delayed {
    /// The stored request behind a record of the stream.
    pub(crate) fn of_record(item: &str, image: &Item) -> Option<Self> {
        let request_key = image.get("request_key")?.as_s().ok()?.clone();
        Some(Self { item: item.to_owned(), request_key: Some(request_key), receipt: None, attempts: 0 })
    }

    /// How long it waits.
    pub fn delay(&self) -> Duration {
        FIRST_DELAY.saturating_mul(1 << self.attempts.min(10)).min(LONGEST_DELAY)
    }

    /// The body of the queue's message.
    pub fn body(&self) -> String {
        json!({ "request_key": self.request_key }).to_string()
    }
}

/// A message of the queue, as Lambda delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) receipt: Option<String>,
    pub(crate) request_key: String,
    pub(crate) attempts: u32,
    pub(crate) sent_at: Option<Timestamp>,
}

impl Message {
    pub(crate) fn parse(record: &Value) -> Option<Self> {
        let body: Value = serde_json::from_str(record["body"].as_str()?).ok()?;
        let number = |name: &str| record["attributes"][name].as_str()?.parse::<i64>().ok();
        Some(Self {
            id: record["messageId"].as_str()?.to_owned(),
            receipt: record["receiptHandle"].as_str().map(ToOwned::to_owned),
            request_key: body["request_key"].as_str()?.to_owned(),
            attempts: number("ApproximateReceiveCount").and_then(|count| count.try_into().ok()).unwrap_or(1),
            sent_at: number("SentTimestamp").and_then(|at| Timestamp::from_millisecond(at).ok()),
        })
    }

    /// Whether it has waited longer than requests are retried.
    pub(crate) fn is_too_old(&self, now: Timestamp) -> bool {
        self.sent_at.is_some_and(|sent_at| now.duration_since(sent_at) > GIVE_UP_AFTER)
    }

    pub(crate) fn delayed(self) -> Delayed {
        Delayed { item: self.id, request_key: None, receipt: self.receipt, attempts: self.attempts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey_dynamodb::client::{item, s};

    #[test]
    fn delays_grow_from_one_minute_to_fifteen() {
        let delays = (0..6).map(|attempts| {
            Delayed { item: String::new(), request_key: None, receipt: None, attempts }.delay().as_secs() / 60
        });
        assert_eq!(delays.collect::<Vec<_>>(), [1, 2, 4, 8, 15, 15]);
    }

    #[test]
    fn a_message_has_the_key_of_its_request_and_no_address() {
        let image = item([("request_key", s("1.abc")), ("address", s("alice@example.com"))]);
        let delayed = Delayed::of_record("111", &image).unwrap();
        assert_eq!((delayed.body().as_str(), delayed.attempts), (r#"{"request_key":"1.abc"}"#, 0));
        let record = json!({
            "messageId": "m-1", "receiptHandle": "r-1", "body": delayed.body(), "eventSource": "aws:sqs",
            "attributes": { "ApproximateReceiveCount": "3", "SentTimestamp": "1800000000000" },
        });
        let message = Message::parse(&record).unwrap();
        let sent_at = Timestamp::from_second(1_800_000_000).unwrap();
        assert_eq!((message.request_key.as_str(), message.sent_at), ("1.abc", Some(sent_at)));
        assert!(!message.is_too_old(sent_at + GIVE_UP_AFTER));
        assert!(message.is_too_old(sent_at + GIVE_UP_AFTER + SignedDuration::from_millis(1)));
        let again = message.delayed();
        assert_eq!((again.attempts, again.receipt.as_deref()), (3, Some("r-1")));
        assert_eq!(Delayed::of_record("111", &item([("email_id", s("x"))])), None, "nothing names the request");
    }
}

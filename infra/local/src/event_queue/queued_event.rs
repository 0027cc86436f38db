//! A queued event: as it is stored in the table, and as the consumer receives it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ses::REGION;

/// The largest part of a text in one item, in bytes. DynamoDB allows 400 KB for an item.
const PIECE: usize = 300_000;

const TOPIC: &str = "arn:aws:sns:local:000000000000:ses-events";
const QUEUE: &str = "arn:aws:sqs:local:000000000000:ses-events";

/// What kind of text is queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An event of the local SES.
    Event,
    /// A body that was posted, in any wrapping.
    Payload,
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Payload => "payload",
        }
    }
}

/// One queued event or payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueuedEvent {
    /// The record id that the consumer reports to ask for a retry.
    pub(super) id: String,
    pub(super) form: Form,
    text: String,
    sent_at: Timestamp,
    /// The number of failed deliveries to the consumer.
    pub(super) failures: u32,
}

impl QueuedEvent {
    pub(super) fn new(id: String, form: Form, text: String, now: Timestamp) -> Self {
        Self { id, form, text, sent_at: now, failures: 0 }
    }

    /// Counts one more failed delivery.
    pub(super) fn after_failure(self) -> Self {
        Self { failures: self.failures.saturating_add(1), ..self }
    }

    /// The items that store the text. It is complete once the last one is written.
    pub(super) fn items(&self) -> Vec<Value> {
        let pieces = pieces(&self.text);
        let of = pieces.len().to_string();
        let item = |(key, piece): (String, &&str)| {
            json!({
                "id": { "S": key },
                "of": { "N": of },
                "form": { "S": self.form.as_str() },
                "sent_at": { "N": self.sent_at.as_millisecond().to_string() },
                "text": { "S": piece },
            })
        };
        self.keys().into_iter().zip(&pieces).map(item).collect()
    }

    pub(super) fn keys(&self) -> Vec<String> {
        (0..pieces(&self.text).len()).map(|number| format!("{}#{number:03}", self.id)).collect()
    }

    /// The payload as Lambda would parse it.
    pub(super) fn payload(&self) -> Value {
        payload(&self.text)
    }

    /// The record that Lambda builds from an SQS message.
    pub(super) fn record(&self) -> Value {
        let notification = json!({
            "Type": "Notification",
            "MessageId": self.id,
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": self.text,
            "Timestamp": self.sent_at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "SignatureVersion": "1",
            "Signature": "",
        });
        let body = notification.to_string();
        let sent_at = self.sent_at.as_millisecond().to_string();
        json!({
            "messageId": self.id,
            "receiptHandle": self.id,
            "md5OfBody": format!("{:x}", md5::compute(&body)),
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": self.failures.saturating_add(1).to_string(),
                "SentTimestamp": sent_at,
                "ApproximateFirstReceiveTimestamp": sent_at,
                "SenderId": "local",
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": QUEUE,
            "awsRegion": REGION,
        })
    }
}

/// Parses a payload as JSON, or returns it as a string.
pub(super) fn payload(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_else(|_| text.into())
}

/// Reads the complete entries of the table, oldest first. Incomplete ones were either not accepted or are already
/// deleted.
pub(super) fn read(items: &[Value]) -> Vec<QueuedEvent> {
    let mut by_id = BTreeMap::<&str, BTreeMap<&str, &Value>>::new();
    for item in items {
        if let Some((id, number)) = item["id"]["S"].as_str().and_then(|key| key.split_once('#')) {
            by_id.entry(id).or_default().insert(number, item);
        }
    }
    by_id.into_iter().filter_map(|(id, pieces)| whole(id, &pieces)).collect()
}

fn whole(id: &str, pieces: &BTreeMap<&str, &Value>) -> Option<QueuedEvent> {
    let first = pieces.values().next()?;
    let number = |name: &str| first[name]["N"].as_str()?.parse::<i64>().ok();
    if usize::try_from(number("of")?).ok()? != pieces.len() {
        return None;
    }
    let form = if first["form"]["S"] == Form::Event.as_str() { Form::Event } else { Form::Payload };
    let text: Option<String> = pieces.values().map(|item| item["text"]["S"].as_str()).collect();
    Some(QueuedEvent::new(id.to_owned(), form, text?, Timestamp::from_millisecond(number("sent_at")?).ok()?))
}

fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > PIECE {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued(text: &str) -> QueuedEvent {
        QueuedEvent::new(
            "01J".to_owned(),
            Form::Payload,
            text.to_owned(),
            Timestamp::from_millisecond(1_800_000_000_000).unwrap(),
        )
    }

    #[test]
    fn a_text_of_any_length_is_stored_in_items_and_read_back_unchanged() {
        for text in ["", "x", &"é".repeat(PIECE), &"a".repeat(6_000_000)] {
            let queued = queued(text);
            let mut items = queued.items();
            assert!(items.iter().all(|item| item.to_string().len() < 400_000));
            assert_eq!(items.len(), queued.keys().len());
            items.reverse();
            assert_eq!(read(&items), [queued]);
            items.pop();
            assert_eq!(read(&items), []);
        }
    }

    #[test]
    fn a_record_has_the_form_lambda_receives_from_sns_through_sqs() {
        let record = queued("{\"eventType\":\"Send\"}").record();
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["Message"], "{\"eventType\":\"Send\"}");
        assert_eq!(body["Timestamp"], "2027-01-15T08:00:00.000Z");
        assert_eq!(record["attributes"]["SentTimestamp"], "1800000000000");
    }
}

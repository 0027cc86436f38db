//! What waits in the queue: as it lies in the table, and as the consumer is handed it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ses::REGION;

/// An item may have 400 KB. A longer text lies in pieces of at most so many bytes.
const PIECE: usize = 300_000;

const TOPIC: &str = "arn:aws:sns:local:000000000000:ses-events";
const QUEUE: &str = "arn:aws:sqs:local:000000000000:ses-events";

/// What a letter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An event of SES's.
    Event,
    /// What came in from outside, in whatever wrapping.
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

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    /// Its name, by which the consumer says what has to come again.
    pub(super) id: String,
    pub(super) form: Form,
    text: String,
    sent_at: Timestamp,
    /// How often it was handed over in vain.
    pub(super) failures: u32,
}

impl Letter {
    pub(super) fn new(id: String, form: Form, text: String, now: Timestamp) -> Self {
        Self { id, form, text, sent_at: now, failures: 0 }
    }

    /// The same, handed over in vain once more.
    pub(super) fn after_failure(self) -> Self {
        Self { failures: self.failures.saturating_add(1), ..self }
    }

    /// The items that hold it, of which the last makes it whole.
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

    /// The keys of those items.
    pub(super) fn keys(&self) -> Vec<String> {
        (0..pieces(&self.text).len()).map(|number| format!("{}#{number:03}", self.id)).collect()
    }

    /// What came in from outside, as Lambda would have parsed it.
    pub(super) fn payload(&self) -> Value {
        payload(&self.text)
    }

    /// The record of the event that Lambda makes of messages in a queue.
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

/// What came in as text: JSON, or else the text.
pub(super) fn payload(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_else(|_| text.into())
}

/// The letters that lie whole in the table, the oldest first. One that does not was never taken, or is taken already.
pub(super) fn read(items: &[Value]) -> Vec<Letter> {
    let mut by_id = BTreeMap::<&str, BTreeMap<&str, &Value>>::new();
    for item in items {
        if let Some((id, number)) = item["id"]["S"].as_str().and_then(|key| key.split_once('#')) {
            by_id.entry(id).or_default().insert(number, item);
        }
    }
    by_id.into_iter().filter_map(|(id, pieces)| whole(id, &pieces)).collect()
}

fn whole(id: &str, pieces: &BTreeMap<&str, &Value>) -> Option<Letter> {
    let first = pieces.values().next()?;
    let number = |name: &str| first[name]["N"].as_str()?.parse::<i64>().ok();
    if usize::try_from(number("of")?).ok()? != pieces.len() {
        return None;
    }
    let form = if first["form"]["S"] == Form::Event.as_str() { Form::Event } else { Form::Payload };
    let text: Option<String> = pieces.values().map(|item| item["text"]["S"].as_str()).collect();
    Some(Letter::new(id.to_owned(), form, text?, Timestamp::from_millisecond(number("sent_at")?).ok()?))
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

    fn letter(text: &str) -> Letter {
        Letter::new(
            "01J".to_owned(),
            Form::Payload,
            text.to_owned(),
            Timestamp::from_millisecond(1_800_000_000_000).unwrap(),
        )
    }

    #[test]
    fn a_letter_of_any_length_lies_in_items_and_comes_out_as_it_was() {
        for text in ["", "x", &"é".repeat(PIECE), &"a".repeat(6_000_000)] {
            let letter = letter(text);
            let mut items = letter.items();
            assert!(items.iter().all(|item| item.to_string().len() < 400_000));
            assert_eq!(items.len(), letter.keys().len());
            items.reverse();
            assert_eq!(read(&items), [letter]);
            items.pop();
            assert_eq!(read(&items), []);
        }
    }

    #[test]
    fn a_record_is_what_lambda_gets_of_a_queue_behind_a_topic() {
        let record = letter("{\"eventType\":\"Send\"}").record();
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["Message"], "{\"eventType\":\"Send\"}");
        assert_eq!(body["Timestamp"], "2027-01-15T08:00:00.000Z");
        assert_eq!(record["attributes"]["SentTimestamp"], "1800000000000");
    }
}

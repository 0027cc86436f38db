//! The key that makes an event one, however often it comes.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::event::SesEvent;

/// 132 bits of the hash: more than enough for the events of one mail, and short in a table.
const LENGTH: usize = 22;

/// Names what an event says of one recipient, who is given in canonical form.
///
/// SNS's message id would not do: with both notification systems on, one bounce has two. Nor would the mail's id alone,
/// or with the time: several things happen to an email, some in the same millisecond.
pub fn event_key(event: &SesEvent, address_key: &str) -> String {
    let occurrence = match (&event.feedback_id, event.at) {
        (Some(feedback_id), _) => feedback_id.clone(),
        (None, Some(at)) => at.as_millisecond().to_string(),
        (None, None) => String::new(),
    };
    let mut hash = Sha256::new();
    for part in [event.mail.message_id.as_deref().unwrap_or_default(), address_key, event.kind.as_str(), &occurrence] {
        // With its length before it, no part can pass for the end of another.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut key = BASE64_URL_SAFE_NO_PAD.encode(hash.finalize());
    key.truncate(LENGTH);
    key
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::ses_event::{Content, unwrap};

    fn event(json: &Value) -> SesEvent {
        match unwrap(json).remove(0).content {
            Content::Event(event) => *event,
            other => panic!("{other:?}"),
        }
    }

    fn bounce(system: &str, id: &str, at: &str) -> Value {
        json!({ system: "Bounce", "mail": {"messageId": "m-1", "destination": ["a@example.com"]},
            "bounce": {"bounceType": "Permanent", "feedbackId": id, "timestamp": at} })
    }

    #[test]
    fn one_bounce_told_by_both_systems_has_one_key() {
        let published = event(&bounce("eventType", "f-1", "2026-01-01T00:00:00Z"));
        let notified = event(&bounce("notificationType", "f-1", "2026-01-01T00:00:00.7Z"));
        assert_ne!(published.system, notified.system);
        assert_eq!(event_key(&published, "a@example.com"), event_key(&notified, "a@example.com"));
        assert_eq!(event_key(&published, "a@example.com").len(), LENGTH);
    }

    #[test]
    fn what_differs_in_anything_has_another_key() {
        let first = bounce("eventType", "f-1", "2026-01-01T00:00:00Z");
        let mut untimed = bounce("eventType", "", "2026-01-01T00:00:00Z");
        let mut other_mail = first.clone();
        other_mail["mail"]["messageId"] = json!("m-2");
        let mut keys = vec![
            event_key(&event(&first), "a@example.com"),
            event_key(&event(&first), "b@example.com"),
            event_key(&event(&other_mail), "a@example.com"),
            event_key(&event(&bounce("eventType", "f-2", "2026-01-01T00:00:00Z")), "a@example.com"),
            event_key(&event(&untimed), "a@example.com"),
            event_key(&event(&bounce("eventType", "", "2026-01-01T00:00:00.001Z")), "a@example.com"),
        ];
        untimed["bounce"]["timestamp"] = Value::Null;
        keys.push(event_key(&event(&untimed), "a@example.com"));
        untimed["eventType"] = json!("Send");
        keys.push(event_key(&event(&untimed), "a@example.com"));
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }
}

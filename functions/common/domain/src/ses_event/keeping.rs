//! What of a raw event is kept, as evidence for people.

use serde_json::{Map, Value, json};

use super::field;

/// In bytes. The timeline of an email is read as a whole, and a table's item has 400 KB at most.
const ROOM: usize = 4 * 1024;

/// Never kept: what an email said, what may hold a secret (the link of a click; what confirms a subscription), and who
/// was where.
const LEFT_OUT: &[&str] = &[
    "headers",
    "commonHeaders",
    "content",
    "link",
    "linkTags",
    "Token",
    "SubscribeURL",
    "UnsubscribeURL",
    "Signature",
    "ipAddress",
];

/// The tags that say something about our mail. SES adds the caller's IP address and identity.
const KEPT_TAGS: &[&str] = &["email_id", "kind", "ses:configuration-set", "ses:from-domain", "ses:outgoing-ip"];

/// The event as compact JSON of at most 4 KiB, without the mail's headers and content, without links, without anything
/// that could be a token. What does not fit is cut: `{"bytes": <how long it was>, "start": "..."}`.
pub fn raw_for_keeping(raw: &Value) -> String {
    let whole = kept(raw, 0).to_string();
    if whole.len() <= ROOM {
        return whole;
    }
    let frame = json!({ "bytes": whole.len(), "start": "" }).to_string().len();
    // Compact JSON has no control characters; these two are what becomes longer in a text.
    let cost = |c: char| if matches!(c, '"' | '\\') { 2 } else { c.len_utf8() };
    let mut left = ROOM.saturating_sub(frame);
    let fits = |c: &char| {
        let room = left.checked_sub(cost(*c));
        left = room.unwrap_or(left);
        room.is_some()
    };
    let start: String = whole.chars().take_while(fits).collect();
    json!({ "bytes": whole.len(), "start": start }).to_string()
}

/// `depth` bounds the recursion: what comes as text is 128 deep at most, and no event is anywhere near it.
fn kept(value: &Value, depth: usize) -> Value {
    match value {
        _ if depth > 32 => Value::Null,
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()))
            .map(|(key, value)| match value {
                Value::Object(tags) if key == "tags" => (key.clone(), Value::Object(kept_tags(tags))),
                _ => (field::without_tokens(key).into_owned(), kept(value, depth + 1)),
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(|value| kept(value, depth + 1)).collect(),
        Value::String(text) => field::without_tokens(text).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn kept_tags(tags: &Map<String, Value>) -> Map<String, Value> {
    let told = tags.iter().filter(|(name, _)| KEPT_TAGS.contains(&name.as_str()));
    told.map(|(name, value)| (name.clone(), kept(value, 0))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neither_headers_nor_links_nor_tokens_are_kept() {
        let token = "T".repeat(43);
        let raw = json!({
            "eventType": "Click",
            "mail": {
                "messageId": "m-1",
                "headers": [{"name": "Subject", "value": "Reset your password"}],
                "commonHeaders": {"subject": "Reset your password"},
                "tags": {"email_id": ["L"], "ses:caller-identity": ["me"], "ses:source-ip": ["192.0.2.1"]},
            },
            "click": {"link": format!("https://a.test/#{token}"), "ipAddress": "192.0.2.1", "note": format!("x={token}")},
        });
        let kept: Value = serde_json::from_str(&raw_for_keeping(&raw)).unwrap();
        let expected = json!({
            "eventType": "Click",
            "mail": {"messageId": "m-1", "tags": {"email_id": ["L"]}},
            "click": {"note": "x=[removed]"},
        });
        assert_eq!(kept, expected);
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_how_long_it_was() {
        for filling in ["x", "\"", "\\", "\u{1}", "ü", "😀 "] {
            let raw = json!({ "diagnosticCode": filling.repeat(20_000) });
            let kept = raw_for_keeping(&raw);
            assert!(kept.len() <= ROOM && kept.len() > ROOM - 16, "{filling:?}: {}", kept.len());
            let read: Value = serde_json::from_str(&kept).unwrap();
            assert_eq!(read["bytes"], raw.to_string().len());
            assert!(raw.to_string().starts_with(read["start"].as_str().unwrap()));
        }
    }

    #[test]
    fn depth_does_no_harm() {
        let mut raw = json!({});
        for _ in 0..1_000 {
            raw = json!({ "a": raw });
        }
        assert!(raw_for_keeping(&raw).len() < 500);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_text_is_kept_as_json_in_bounds(text in "\\PC{0,2500}") {
            let kept = raw_for_keeping(&Value::String(text));
            prop_assert!(kept.len() <= ROOM);
            prop_assert!(serde_json::from_str::<Value>(&kept).is_ok());
        }
    }
}

//! That no envelope and no damage changes more of an event than it should.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    samples::{event, sample, told},
    *,
};

fn sns(message: &Value) -> Value {
    json!({"Type": "Notification", "MessageId": "n-1", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Subject": null,
        "Message": format!("{message}\n"), "Timestamp": "2026-01-02T03:04:05.006Z"})
}

fn sqs(receipt: &str, body: &str) -> Value {
    json!({"messageId": receipt, "receiptHandle": "h", "body": body, "eventSource": "aws:sqs",
        "attributes": {"SentTimestamp": "1767323045007"}})
}

#[test]
fn one_bounce_is_the_same_event_in_every_envelope() {
    let bridge = sample("wraps-eb-bounce");
    let bare = bridge["detail"].clone();
    let expected = unwrap(&bare);
    let expected = event(&expected[0]);
    let batch = |record: Value| json!({ "Records": [record] });
    for (wrapped, receipt, published_at) in [
        (json!(bare.to_string()), None, None),
        (bridge.clone(), None, Some("2025-01-15T10:30:02Z")),
        (sns(&bare), None, Some("2026-01-02T03:04:05.006Z")),
        (batch(json!({"EventSource": "aws:sns", "Sns": sns(&bare)})), None, Some("2026-01-02T03:04:05.006Z")),
        (batch(sqs("r-1", &format!("{bare}\n"))), Some("r-1"), Some("2026-01-02T03:04:05.007Z")),
        (batch(sqs("r-1", &sns(&bare).to_string())), Some("r-1"), Some("2026-01-02T03:04:05.006Z")),
        (batch(sqs("r-1", &bridge.to_string())), Some("r-1"), Some("2025-01-15T10:30:02Z")),
        (batch(sqs("r-1", &sns(&bridge).to_string())), Some("r-1"), Some("2025-01-15T10:30:02Z")),
        (json!([sqs("r-1", &sns(&bare).to_string())]), Some("r-1"), Some("2026-01-02T03:04:05.006Z")),
    ] {
        let records = unwrap(&wrapped);
        assert_eq!(records, unwrap_text(&format!("\u{feff}{wrapped}\n")));
        assert_eq!(records.len(), 1, "{wrapped}");
        assert_eq!(event(&records[0]), expected, "{wrapped}");
        assert_eq!(records[0].raw, bare, "{wrapped}");
        assert_eq!(records[0].receipt.as_deref(), receipt, "{wrapped}");
        assert_eq!(records[0].published_at.map(|at| at.to_string()).as_deref(), published_at, "{wrapped}");
    }
}

#[test]
fn only_ses_speaks_for_ses_on_the_event_bus() {
    let mut forged = sample("wraps-eb-bounce");
    forged["source"] = json!("my.app");
    assert_eq!(
        told(&unwrap(&forged)[0]),
        "not understood: it is no event of SES: an EventBridge event of another source"
    );
}

#[test]
fn what_is_wrapped_too_often_is_left_alone() {
    let bare = sample("aws-ep-bounce");
    let mut wrapped = bare.clone();
    for depth in 1..=5 {
        wrapped = json!(wrapped.to_string());
        let records = unwrap(&wrapped);
        match depth {
            1..=3 => assert_eq!(records, unwrap(&bare)),
            _ => assert_eq!(records[0].content, Content::NotUnderstood(NotUnderstood::TooDeep)),
        }
    }
    let mut wrapped = bare;
    for _ in 0..200 {
        wrapped = json!({ "Message": wrapped });
    }
    assert_eq!(unwrap(&wrapped)[0].content, Content::NotUnderstood(NotUnderstood::TooDeep));
}

#[test]
fn garbage_in_a_batch_costs_nobody_else_anything() {
    let good = sns(&sample("aws-ep-delivery")).to_string();
    let bodies =
        (0..10).map(|index| sqs(&format!("r-{index}"), if index == 4 { "{\"eventType\": \"Bou" } else { &good }));
    let records = unwrap(&json!({ "Records": bodies.collect::<Vec<_>>() }));
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record.receipt, Some(format!("r-{index}")));
        let garbage = record.content == Content::NotUnderstood(NotUnderstood::NotJson);
        assert_eq!((garbage, matches!(record.content, Content::Event(_))), (index == 4, index != 4));
    }
    assert_eq!(records.len(), 10);
}

#[test]
fn setting_up_a_topic_is_of_no_consequence() {
    let text = "Successfully validated SNS topic for Amazon SES event publishing.\n";
    let notice = json!({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have"});
    for record in [
        unwrap_text(text),
        unwrap(&json!({"Records": [sqs("r-1", text)]})),
        unwrap(&json!({"Type": "Notification", "Message": text})),
        unwrap(&sns(&notice)),
    ] {
        assert_eq!(record[0].content, Content::NonDelivery(NonDeliveryEvent::TopicValidated));
    }
}

#[test]
fn whom_it_hit_is_never_guessed_among_several() {
    let mut raw = sample("aws-fn-bounce-dsn-3rcpt");
    for missing in [json!(null), json!([]), json!({}), json!("?"), json!([{"emailAddress": 7}])] {
        raw["bounce"]["bouncedRecipients"] = missing;
        raw["mail"]["destination"] = json!(["jane@example.com", "mary@example.com"]);
        assert!(event(&unwrap(&raw)[0]).recipients.is_empty());
        raw["mail"]["destination"] = json!("Jane <jane@example.com>");
        assert_eq!(event(&unwrap(&raw)[0]).recipients[0].address, "jane@example.com");
    }
    raw["bounce"]["bouncedRecipients"] =
        json!(["\"M\" <Mary@example.com>", {"emailAddress": "rfc822;joe@example.com"}]);
    assert_eq!(
        told(&unwrap(&raw)[0]),
        "bounce Permanent/General | Mary@example.com, joe@example.com | 2016-01-27T14:59:38.237Z"
    );
}

#[test]
fn what_is_no_event_says_why() {
    for (raw, expected) in [
        (json!({"eventType": "Bounce"}), "not understood: it is no event of SES: it has a type, but names no mail"),
        (
            json!({"eventType": "Bounce", "mail": []}),
            "not understood: it is no event of SES: it has a type, but names no mail",
        ),
        (json!({"eventType": "Fax", "mail": {}}), "ignored unknown_type Fax"),
        (json!({"notificationType": "Send", "mail": {}}), "ignored unknown_type Send"),
        (json!({"eventType": 7}), "not understood: it is no event of SES: neither an event type nor a known envelope"),
        (json!({"Records": 7}), "not understood: it is no event of SES: neither an event type nor a known envelope"),
        (json!({"Type": "Party"}), "not understood: it is no event of SES: an unknown type of SNS message"),
        (json!({"Type": "Notification"}), "not understood: it is no event of SES: neither an object nor a text"),
        (
            json!({"source": "aws.ses", "detail-type": "Email Bounced", "detail": {}}),
            "not understood: it is no event of SES: an EventBridge event without a record of SES",
        ),
        (json!({"source": "aws.ses", "detail-type": "Moon Phase", "detail": {}}), "ignored unknown_type Moon Phase"),
        (json!({"Records": [{"eventSource": "aws:ses", "ses": {"receipt": {}, "mail": {}}}]}), "ignored inbound_mail"),
        (json!(null), "not understood: it is no event of SES: neither an object nor a text"),
        (json!(""), "not understood: it is no JSON"),
    ] {
        assert_eq!(told(&unwrap(&raw)[0]), expected, "{raw}");
    }
    assert!(unwrap(&json!({"Records": []})).is_empty());
}

#[test]
fn a_message_of_256_kib_is_read() {
    let mut raw = sample("aws-ep-bounce");
    raw["mail"]["headers"] = (0..5_000).map(|index| json!({"name": "X-Padding", "value": index.to_string()})).collect();
    raw["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = json!("\\\"".repeat(12_000));
    let records = unwrap(&json!({"Records": [sqs("r-1", &sns(&raw).to_string())]}));
    assert_eq!(event(&records[0]).recipients[0].diagnostic.as_ref().map(String::len), Some(1_000));
}

/// Calls `visit` with the value, changed in one place, for every place in it.
fn damaged(whole: &Value, pointer: &str, visit: &mut impl FnMut(&str, &Value)) {
    for damage in [json!(null), json!(7), json!(true), json!([]), json!([null]), json!({}), json!(""), json!("x")] {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap() = damage;
        visit(pointer, &changed);
    }
    let children: Vec<String> = match whole.pointer(pointer).unwrap() {
        Value::Object(object) => object.keys().map(|key| key.replace('~', "~0").replace('/', "~1")).collect(),
        Value::Array(array) => (0..array.len()).map(|index| index.to_string()).collect(),
        _ => Vec::new(),
    };
    for child in children {
        damaged(whole, &format!("{pointer}/{child}"), visit);
    }
}

#[test]
fn one_damaged_field_never_costs_the_event() {
    for name in ["aws-ep-bounce", "aws-fn-complaint-fbl", "aws-ep-delivery", "aws-ep-delivery-delay", "aws-ep-click"] {
        let whole = sample(name);
        let kind = event(&unwrap(&whole)[0]).kind.as_str();
        damaged(&whole, "", &mut |pointer, changed| {
            let records = unwrap(changed);
            assert_eq!(records.len(), usize::from(*changed != json!([])), "{name} {pointer}");
            if !["", "/mail", "/eventType", "/notificationType"].contains(&pointer) {
                assert_eq!(event(&records[0]).kind.as_str(), kind, "{name} {pointer}");
                event_key(event(&records[0]), "a@example.com");
                raw_for_keeping(&records[0].raw);
            }
        });
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "Records",
        "body",
        "messageId",
        "Sns",
        "Message",
        "Type",
        "Notification",
        "detail",
        "detail-type",
        "data",
        "source",
        "aws.ses",
        "Sending Status Disabled",
        "Email Bounced",
        "eventType",
        "notificationType",
        "mail",
        "bounce",
        "Bounce",
        "bouncedRecipients",
        "emailAddress",
        "destination",
        "tags",
        "email_id",
        "headers",
        "name",
        "timestamp",
        "Complaint",
        "Delivery",
        "delivery",
        "a@example.com",
        "2016-01-27T14:59:38.237Z",
        "\"x\" <",
        "{}",
        "[\"x\"]",
    ];
    let word = || prop_oneof![4 => proptest::sample::select(WORDS).prop_map(ToOwned::to_owned), 1 => ".{0,6}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(word(), inner.clone(), 0..6).prop_map(|map| map.into_iter().collect()),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic_and_every_record_of_a_batch_is_one(value in any_json()) {
        let records = unwrap(&value);
        let batch = value.get("Records").unwrap_or(&value).as_array().map_or(1, Vec::len);
        prop_assert_eq!(records.len(), batch);
        for record in &records {
            prop_assert!(raw_for_keeping(&record.raw).len() <= 4_096);
            if let Content::Event(event) = &record.content {
                event_key(event, "a@example.com");
            }
        }
        unwrap_text(&value.to_string());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!unwrap_text(&String::from_utf8_lossy(&bytes)).is_empty() || bytes.starts_with(b"["));
    }
}

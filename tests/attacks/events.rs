//! SES's events: repeated, reordered and forged. Case 14.

use mailkey_tests::Mailkey;
use serde_json::{Value, json};

use crate::events::{Sent, bounce, entry, in_sns, mailed, play, silent_ses, suppressed};

fn event(sent: &Sent, kind: &str, part: &str, details: Value) -> Value {
    let mut event = bounce(sent, "");
    event["eventType"] = kind.into();
    event.as_object_mut().unwrap().remove("bounce");
    event[part] = details;
    event
}

async fn told(mailkey: &Mailkey, admin: &str, sent: &Sent) -> (Value, usize) {
    let entry = entry(mailkey, admin, sent).await;
    (entry["status"].clone(), entry["timeline"].as_array().unwrap().len())
}

/// ASVS 5.0, 2.3.3: an event counts once, and a late event doesn't undo a later status.
#[tokio::test]
async fn case_14_an_event_counts_once_and_no_status_moves_backwards() {
    let (mailkey, admin) = silent_ses().await;
    let sent = mailed(&mailkey, &admin, "twice@example.org").await;
    let delivery =
        json!({ "timestamp": "2026-11-22T20:00:05.000Z", "recipients": [sent.address], "smtpResponse": "250 ok" });
    let delivery = event(&sent, "Delivery", "delivery", delivery);
    for _ in 0..2 {
        assert_eq!(play(&mailkey, &in_sns(&delivery)).await, 204);
    }
    assert_eq!(told(&mailkey, &admin, &sent).await, ("delivered".into(), 3));
    assert_eq!(play(&mailkey, &in_sns(&event(&sent, "Send", "send", json!({})))).await, 204);
    assert_eq!(told(&mailkey, &admin, &sent).await.0, "delivered", "Send after Delivery");
    assert_eq!(play(&mailkey, &in_sns(&bounce(&sent, "f"))).await, 204);
    assert_eq!(told(&mailkey, &admin, &sent).await.0, "bounced", "a bounce after the delivery");
    // In reverse order: a delivery to a filter in between doesn't undo the bounce.
    let returned = mailed(&mailkey, &admin, "returned@example.org").await;
    assert_eq!(play(&mailkey, &in_sns(&bounce(&returned, "g"))).await, 204);
    let late =
        json!({ "timestamp": "2026-11-22T20:00:09.000Z", "recipients": [returned.address], "smtpResponse": "250 ok" });
    assert_eq!(play(&mailkey, &in_sns(&event(&returned, "Delivery", "delivery", late))).await, 204);
    assert_eq!(told(&mailkey, &admin, &returned).await, ("bounced".into(), 4));
    let before = mailkey.tables().await;
    for late in [&delivery, &bounce(&sent, "f"), &in_sns(&bounce(&sent, "f"))] {
        assert_eq!(play(&mailkey, late).await, 204);
    }
    let after = mailkey.tables().await;
    for table in ["EmailLog", "Suppressions", "SesEvents"] {
        assert_eq!(before.of(table), after.of(table), "{table}");
    }
}

/// Unknown events of any size are stored and have no effect, and they don't block later events.
#[tokio::test]
async fn case_14_unknown_and_huge_events_are_stored_and_change_nothing() {
    let (mailkey, admin) = silent_ses().await;
    let sent = mailed(&mailkey, &admin, "unknown@example.org").await;
    let before = mailkey.tables().await;
    play(&mailkey, &event(&sent, "Levitation", "levitation", json!({ "height": "1 m" }))).await;
    let huge = event(&sent, "Levitation", "levitation", json!({ "padding": "x".repeat(256 * 1024) }));
    play(&mailkey, &in_sns(&huge)).await;
    let mut deep = event(&sent, "Levitation", "levitation", json!({}));
    deep["levitation"] = serde_json::from_str(&("[".repeat(100) + &"]".repeat(100))).unwrap();
    play(&mailkey, &deep).await;
    // An event about someone else's email must not affect our addresses.
    let mut foreign = bounce(&sent, "foreign");
    foreign["mail"] = json!({ "timestamp": "2026-11-22T19:59:58.000Z", "source": "evil@evil.test",
        "messageId": "0000000000000000-00000000-0000-0000-0000-000000000000-000000", "destination": [sent.address] });
    assert_eq!(play(&mailkey, &in_sns(&foreign)).await, 422);
    let after = mailkey.tables().await;
    for table in ["Suppressions", "Users", "Tokens"] {
        assert_eq!(before.of(table), after.of(table), "{table}");
    }
    assert_eq!(told(&mailkey, &admin, &sent).await.0, "sent");
    assert_eq!(suppressed(&mailkey, &admin, &sent.address).await, None);
    let kept = after.of("SesEvents").len();
    assert!(kept >= 2, "{kept} events are stored");
    assert!(
        after.of("SesEvents").iter().all(|item| item.to_string().len() < 400 * 1024),
        "within DynamoDB's item size"
    );
    assert_eq!(play(&mailkey, &in_sns(&bounce(&sent, "f"))).await, 204);
    assert_eq!(told(&mailkey, &admin, &sent).await.0, "bounced");
}

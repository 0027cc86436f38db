//! Tests the events for recipients at the mailbox simulator.

use aws_sdk_sesv2::types::Destination;
use serde_json::{Value, json};

use super::{TestSes, mail};
use crate::ses::{SuppressedAddress, SuppressionReason, events_for};

/// Sends to one recipient and compares the published events, such as `Bounce Permanent/General`.
async fn check(to: &str, expected: &[&str]) {
    let mut test = TestSes::new();
    test.send(to).await.expect("sent");
    assert_eq!(test.published().iter().map(told).collect::<Vec<_>>(), expected, "{to}");
}

fn told(event: &Value) -> String {
    let kind = event["eventType"].as_str().expect("a type");
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    match kind {
        "Bounce" => {
            let bounce = &event["bounce"];
            format!("Bounce {}/{}", word(&bounce["bounceType"]), word(&bounce["bounceSubType"]))
        }
        "Complaint" => format!("Complaint {}", word(&event["complaint"]["complaintSubType"])),
        other => other.to_owned(),
    }
}

#[tokio::test]
async fn the_simulator_produces_the_outcome_that_the_mailbox_names() {
    check("success@simulator.amazonses.com", &["Send", "Delivery"]).await;
    check("bounce@simulator.amazonses.com", &["Send", "Bounce Permanent/General"]).await;
    check("bounce+label1@simulator.amazonses.com", &["Send", "Bounce Permanent/General"]).await;
    check("Bounce@Simulator.AmazonSES.com", &["Send", "Bounce Permanent/General"]).await;
    check("complaint@simulator.amazonses.com", &["Send", "Delivery", "Complaint none"]).await;
    check("ooto@simulator.amazonses.com", &["Send", "Delivery", "Bounce Transient/General"]).await;
    check("suppressionlist@simulator.amazonses.com", &["Send", "Bounce Permanent/Suppressed"]).await;
    check("Ada <bounce@example.com>", &["Send", "Delivery"]).await;
}

#[tokio::test]
async fn a_suppressed_address_gets_the_event_of_its_suppression_reason() {
    let cases = [
        (SuppressionReason::Bounce, "Bounce Permanent/OnAccountSuppressionList"),
        (SuppressionReason::Complaint, "Complaint OnAccountSuppressionList"),
    ];
    for (reason, expected) in cases {
        let mut test = TestSes::new();
        let last_update_time = test.clock.clock()();
        let entry = SuppressedAddress { email_address: "a@example.com".to_owned(), reason, last_update_time };
        test.ses.suppressions().put(entry).expect("put");
        test.send("a@example.com").await.expect("sent");
        assert_eq!(test.published().iter().map(told).collect::<Vec<_>>(), ["Send", expected]);
    }
}

#[tokio::test]
async fn a_bounce_has_the_event_publishing_format() {
    let test = TestSes::new();
    let sent = test.send("bounce@simulator.amazonses.com").await.expect("sent");
    let sent_mail = test.ses.outbox().newest_first().remove(0);
    test.clock.forward(1_500);
    let bounce = events_for(&sent_mail, test.clock.clock()()).remove(1);
    let message_id = sent.message_id().expect("a message id");
    assert_eq!(bounce["mail"]["messageId"], message_id);
    assert_eq!(bounce["mail"]["timestamp"], "2026-03-01T10:00:00.250Z");
    assert_eq!(bounce["mail"]["destination"], json!(["bounce@simulator.amazonses.com"]));
    assert_eq!(bounce["mail"]["source"], "Portal <no-reply@portal.example>");
    assert_eq!(bounce["mail"]["commonHeaders"]["messageId"], message_id);
    assert_eq!(bounce["mail"]["commonHeaders"]["replyTo"], json!(["help@portal.example"]));
    assert_eq!(bounce["mail"]["tags"]["email_id"], json!(["01J0LOG"]));
    assert_eq!(bounce["mail"]["tags"]["ses:configuration-set"], json!(["recovery"]));
    assert_eq!(bounce["mail"]["tags"]["ses:from-domain"], json!(["portal.example"]));
    let names: Vec<_> = bounce["mail"]["headers"].as_array().expect("headers").iter().map(|it| &it["name"]).collect();
    let expected =
        ["From", "Reply-To", "To", "Subject", "MIME-Version", "Content-Type", "Auto-Submitted", "X-Mailkey-Email-Id"];
    assert_eq!(names, expected);
    assert_eq!(bounce["bounce"]["timestamp"], "2026-03-01T10:00:01.750Z");
    let recipient = json!({
        "emailAddress": "bounce@simulator.amazonses.com",
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
    });
    assert_eq!(bounce["bounce"]["bouncedRecipients"], json!([recipient]));
    assert!(bounce["bounce"]["feedbackId"].as_str().is_some_and(|id| id.ends_with("-000000") && id != message_id));
}

#[tokio::test]
async fn the_events_of_an_email_are_the_same_each_time_they_are_built() {
    let test = TestSes::new();
    test.send("complaint@simulator.amazonses.com").await.expect("sent");
    let sent = test.ses.outbox().newest_first().remove(0);
    let now = test.clock.clock()();
    assert_eq!(events_for(&sent, now), events_for(&sent, now));
}

#[tokio::test]
async fn recipients_with_the_same_outcome_share_an_event() {
    let mut test = TestSes::new();
    let to = ["a@example.com", "bounce+1@simulator.amazonses.com", "bounce+2@simulator.amazonses.com", "b@example.com"];
    let everybody = Destination::builder().set_to_addresses(Some(to.map(str::to_owned).into())).build();
    mail(&test.client, "").destination(everybody).send().await.expect("sent");
    let events = test.published();
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), ["Send", "Delivery", "Bounce Permanent/General"]);
    assert_eq!(events[1]["delivery"]["recipients"], json!(["a@example.com", "b@example.com"]));
    assert_eq!(events[2]["bounce"]["bouncedRecipients"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_email_without_a_configuration_set_has_no_events() {
    let mut test = TestSes::new();
    mail(&test.client, "a@example.com").set_configuration_set_name(None).send().await.expect("sent");
    assert!(test.published().is_empty());
}

//! A portal's own email through the local SES, and the domain events that follow from deliveries. `tests/clients` does
//! the same with real clients.

use mailkey_tests::{ALICE, Mailkey, eventually};
use reqwest::Method;
use serde_json::{Value, json};

const SEND: &str = "/_local/ses/v2/email/outbound-emails";

async fn domain_events(mailkey: &Mailkey) -> Vec<Value> {
    let events = mailkey.get("/_local/domain-events.json").await.expect_status(200).json();
    events.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_delivery_and_the_failure_of_an_email_are_domain_events() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&token, mailkey_tests::NEW_PASSWORD).await.expect_status(204);
    let delivered = eventually("the delivery", || async {
        domain_events(&mailkey).await.into_iter().find(|event| event["type"] == "EmailDelivered")
    })
    .await;
    let detail = &delivered["detail"];
    assert_eq!((&detail["email"], &detail["origin"]), (&json!(ALICE), &json!("mailkey")));
    assert_eq!(delivered["id"], json!(format!("{}/delivered", detail["email_id"].as_str().unwrap())));
    let events = domain_events(&mailkey).await;
    let changed = events.iter().find(|event| event["type"] == "PasswordChanged").expect("the audit log's event");
    assert_eq!(changed["detail"]["user_id"], detail["user_id"]);
    let times: Vec<_> = events.iter().map(|event| event["at"].as_str().unwrap()).collect();
    assert!(times.len() >= 2 && !events.iter().any(|event| event.to_string().contains(&token)), "{times:?}");
}

#[tokio::test]
async fn a_portal_can_send_email_to_the_local_ses_with_or_without_credentials() {
    let mailkey = Mailkey::start().await;
    let email = json!({
        "FromEmailAddress": "Portal <hello@portal.example>",
        "Destination": { "ToAddresses": ["dora@example.com"], "BccAddresses": ["archive@example.com"] },
        "Content": { "Simple": { "Subject": { "Data": "Welcome" }, "Body": { "Text": { "Data": "Hello" }, "Html": { "Data": "<p>Hello</p>" } } } },
        "ConfigurationSetName": "anything",
        "EmailTags": [{ "Name": "kind", "Value": "welcome" }],
    });
    let sent = mailkey.post(SEND, &email).await.expect_status(200).json();
    let signed =
        mailkey.request(Method::POST, SEND).header("authorization", "AWS4-HMAC-SHA256 Credential=x").json(&email);
    mailkey.send(signed).await.expect_status(200);
    let emails = mailkey.outbox("dora@example.com").await;
    assert_eq!(emails.len(), 2);
    assert_eq!(json!(emails[1].message_id), sent["MessageId"]);
    assert_eq!(mailkey.outbox("archive@example.com").await.len(), 2, "blind copies");
    assert!(!emails[0].headers.contains_key("Bcc"));
}

#[tokio::test]
async fn the_local_ses_refuses_what_ses_refuses_and_pages_of_other_sites() {
    let mailkey = Mailkey::start().await;
    let refused = mailkey.post(SEND, &json!({ "Content": {} })).await.expect_status(400);
    assert!(refused.json()["message"].is_string());
    mailkey.post("/_local/ses/v2/email/templates", &json!({})).await.expect_status(404);
    let from_a_page = mailkey.request(Method::POST, SEND).header("origin", "https://attacker.example").json(&json!({}));
    mailkey.send(from_a_page).await.expect_status(403);
    let rebound = mailkey.request(Method::POST, SEND).header("host", "attacker.example").json(&json!({}));
    mailkey.send(rebound).await.expect_status(404);
}

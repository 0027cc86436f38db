//! The numbers of the overview: counted when an email's status changes, not read from a sample of the log.

use mailkey_tests::{ALICE, Mailkey, Setup};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    admin::{ADMIN, ADMIN_PASSWORD, an_administrator, get},
    events::{mailed, silent_ses},
};

async fn statistics(mailkey: &Mailkey, session: &str) -> Value {
    mailkey.settled().await;
    get(mailkey, session, "/api/admin/email-statistics").await.expect_status(200).json()
}

/// The statuses of all days together, and the requests for addresses that nobody has.
fn totals(statistics: &Value) -> (Value, i64) {
    let mut totals = json!({});
    let mut no_such_user = 0;
    for day in statistics["days"].as_array().unwrap() {
        no_such_user += day["no_such_user"].as_i64().unwrap();
        for (status, number) in day["statuses"].as_object().unwrap() {
            totals[status] = (totals[status].as_i64().unwrap_or_default() + number.as_i64().unwrap()).into();
        }
    }
    (totals, no_such_user)
}

/// As many requests as anyone can send in four seconds.
#[tokio::test]
async fn requests_for_made_up_addresses_leave_the_delivered_emails_as_they_are() {
    let (mailkey, admin) = an_administrator().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(1, ALICE).await;
    let before = statistics(&mailkey, &admin).await;
    assert_eq!(totals(&before), (json!({ "delivered": 1 }), 0));
    for number in 0..620 {
        mailkey.forgot_password(&format!("nobody@made-up-{number}.example")).await.expect_status(202);
    }
    let after = statistics(&mailkey, &admin).await;
    assert_eq!(totals(&after), (json!({ "delivered": 1 }), 620));
    assert_eq!(after["domains"], before["domains"]);
    assert_eq!(mailkey.tables().await.of("EmailCounts").len(), 2, "a made-up domain adds no item");
    let answer = get(&mailkey, &admin, "/api/admin/email-statistics").await;
    let read: f64 = mailkey.calls(answer.request_id()).await.iter().map(|call| call.read_units).sum();
    assert!(read <= 2.5, "the numbers cost {read} read units, of which authentication is 2");
}

#[tokio::test]
async fn an_email_counts_once_under_its_latest_status_however_often_its_events_come() {
    let (mailkey, admin) = silent_ses().await;
    let sent = mailed(&mailkey, &admin, "somebody@example.org").await;
    let day = |statistics: &Value| totals(statistics).0;
    assert_eq!(day(&statistics(&mailkey, &admin).await), json!({ "sent": 1 }));
    let bounced = json!({
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{ "emailAddress": sent.address, "diagnosticCode": "smtp; 550 5.1.1 user unknown" }],
        "timestamp": "2026-11-25T10:00:00.000Z",
        "feedbackId": "1",
    });
    let delivered =
        json!({ "timestamp": "2026-11-25T10:00:00.000Z", "recipients": [sent.address], "smtpResponse": "250" });
    for (kind, detail) in
        [("Bounce", &bounced), ("Delivery", &delivered), ("Bounce", &bounced), ("Delivery", &delivered)]
    {
        let event = json!({
            "eventType": kind,
            "mail": {
                "timestamp": "2026-11-25T10:00:00.000Z",
                "messageId": sent.message_id,
                "destination": [sent.address],
                "tags": { "email_id": [sent.email_id] },
            },
            (kind.to_lowercase()): detail,
        });
        mailkey.send(mailkey.request(Method::POST, "/_local/ses-events").json(&event)).await.expect_status(204);
    }
    let after = statistics(&mailkey, &admin).await;
    assert_eq!(day(&after), json!({ "bounced": 1 }));
    assert_eq!(after["domains"][0]["recipient_domain"], "example.org");
    assert_eq!(after["domains"][0]["statuses"], json!({ "bounced": 1 }));
}

/// A test email goes to SES's simulator every hour. Nobody waits for it.
#[tokio::test]
async fn test_emails_are_not_counted() {
    let (mailkey, admin) = an_administrator().await;
    mailkey.post("/_local/canary", &json!({})).await.expect_status(202);
    assert_eq!(totals(&statistics(&mailkey, &admin).await), (json!({}), 0));
}

#[tokio::test]
async fn the_scenarios_are_counted() {
    let setup =
        Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).arg("--scenario").arg("mailbox_does_not_exist");
    let mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    assert_eq!(totals(&statistics(&mailkey, &admin).await), (json!({ "bounced": 1 }), 0));
}

#[tokio::test]
async fn a_range_that_is_no_range_is_malformed() {
    let (mailkey, admin) = an_administrator().await;
    for query in ["from=yesterday", "from=2026-02-01&to=2026-01-01", "from=2026-01-01&to=2026-12-31", "day=2026-01-01"]
    {
        let path = format!("/api/admin/email-statistics?{query}");
        get(&mailkey, &admin, &path).await.expect_problem("malformed-request");
    }
}

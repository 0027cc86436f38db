//! Suppressions: what adds an address, what removes it, and what doesn't.

use mailkey_tests::{ALICE, Mailkey, SAM, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    admin::{an_administrator, get, id_of, post},
    events::{Sent, encoded, entry, last_sent, mailed, play, silent_ses, suppressed},
};

fn path(address: &str) -> String {
    format!("/api/admin/suppressions/{}", encoded(address))
}

async fn send(
    mailkey: &Mailkey,
    admin: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> mailkey_tests::Answer {
    let mut request = mailkey.request(method, path).bearer_auth(admin);
    if let Some(body) = body {
        request = request.json(&body);
    }
    mailkey.send(request).await
}

fn event(sent: &Sent, number: u32, kind: &str, subkind: &str, said: Option<&str>) -> Value {
    let mut recipient = json!({ "emailAddress": sent.address });
    if let Some(said) = said {
        recipient["diagnosticCode"] = said.into();
        recipient["status"] = said.split([' ', '-']).find(|word| word.split('.').count() == 3).into();
    }
    let second = 10 + number;
    json!({
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": format!("feedback-{number}-{}", sent.message_id), "bounceType": kind, "bounceSubType": subkind,
            "bouncedRecipients": [recipient], "timestamp": format!("2099-01-01T00:00:{second}.000Z"),
        },
        "mail": { "messageId": sent.message_id, "source": "no-reply@mail.example.com", "destination": [sent.address],
            "timestamp": "2026-01-01T00:00:00.000Z", "tags": { "email_id": [sent.email_id] } },
    })
}

/// SES and our table can't be changed together. What was removed at SES is audited although the request fails.
#[tokio::test]
async fn a_removal_that_succeeds_at_ses_only_is_audited_and_can_be_repeated() {
    let (mailkey, admin) = an_administrator().await;
    send(&mailkey, &admin, Method::PUT, &path(ALICE), Some(json!({ "reason": "asked us to" })))
        .await
        .expect_status(200);
    mailkey.put_on_ses_list(ALICE, "BOUNCE").await;
    mailkey.dynamodb_faults(json!({ "mode": "fail", "table": "Suppressions" })).await;
    send(&mailkey, &admin, Method::DELETE, &path(ALICE), None).await.expect_problem("service-unavailable");
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    let details = async || {
        let log =
            get(&mailkey, &admin, "/api/admin/audit-log?action=remove_suppression").await.expect_status(200).json();
        let entries = log["entries"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(details().await, ["a***@example.com, 1 removed at SES, none here"]);
    send(&mailkey, &admin, Method::DELETE, &path(ALICE), None).await.expect_status(204);
    assert_eq!(details().await.len(), 2);
}

#[tokio::test]
async fn each_kind_of_bounce_leads_to_its_status_and_suppression() {
    let (mailkey, admin) = silent_ses().await;
    for (number, (kind, subkind, said, status, suppression)) in [
        ("Permanent", "General", None, "bounced", Some("hard_bounce")),
        ("Permanent", "NoEmail", Some("smtp; 550 5.1.1 no such user"), "bounced", Some("hard_bounce")),
        ("Permanent", "General", Some("smtp; 550 5.2.1 mailbox disabled"), "bounced", Some("hard_bounce")),
        (
            "Permanent",
            "General",
            Some("smtp; 550-5.7.26 This email has been blocked because the sender is unauthenticated"),
            "blocked",
            None,
        ),
        (
            "Permanent",
            "General",
            Some("smtp; 550 5.7.1 Service unavailable; client host blocked using Spamhaus"),
            "blocked",
            None,
        ),
        ("Permanent", "Suppressed", None, "suppressed", Some("provider_global")),
        ("Permanent", "OnAccountSuppressionList", None, "suppressed", Some("provider_account")),
        ("Permanent", "OnTenantSuppressionList", None, "suppressed", Some("provider_account")),
        ("Permanent", "EmailValidationSuppressed", None, "suppressed", Some("provider_validation")),
        ("Permanent", "UnsubscribedRecipient", None, "suppressed", None),
        ("Transient", "General", Some("smtp; 550 5.4.4 Invalid domain"), "bounced", Some("domain_invalid")),
        ("Transient", "General", None, "soft_bounced", None),
        ("Transient", "MailboxFull", None, "soft_bounced", None),
        ("Permanent", "General", Some("smtp; 552 5.2.2 mailbox full"), "soft_bounced", None),
        ("Transient", "ContentRejected", None, "blocked", None),
        ("Transient", "CustomTimeoutExceeded", None, "soft_bounced", None),
        ("Undetermined", "Undetermined", None, "soft_bounced", None),
    ]
    .into_iter()
    .enumerate()
    {
        let sent = mailed(&mailkey, &admin, &format!("somebody@bounce{number}.example")).await;
        assert_eq!(play(&mailkey, &event(&sent, 1, kind, subkind, said)).await, 204);
        assert_eq!(entry(&mailkey, &admin, &sent).await["status"], status, "{kind} {subkind} {said:?}");
        let found = suppressed(&mailkey, &admin, &sent.address).await;
        assert_eq!(found.as_deref(), suppression, "{kind} {subkind} {said:?}");
    }
    let sender = get(&mailkey, &admin, "/api/admin/sender").await.json();
    let alarms = sender["alarms"].to_string();
    assert!(alarms.contains("refused_sender_fault") && alarms.contains("list_management_on"), "{alarms}");
}

#[tokio::test]
async fn a_complaint_stops_all_emails_except_one_requested_link_a_day() {
    let (mailkey, admin) = silent_ses().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let sent = last_sent(&mailkey, &admin, ALICE).await;
    let complaint = json!({
        "notificationType": "Complaint",
        "complaint": { "complainedRecipients": [{ "emailAddress": ALICE }], "timestamp": "2026-01-01T00:00:00Z", "feedbackId": "c" },
        "mail": { "messageId": sent.message_id, "source": "no-reply@mail.example.com", "destination": [ALICE],
            "timestamp": "2026-01-01T00:00:00Z" },
    });
    assert_eq!(play(&mailkey, &complaint).await, 204);
    assert_eq!(suppressed(&mailkey, &admin, ALICE).await.as_deref(), Some("complaint"));
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let reset = format!("/api/admin/users/{alice}/reset-password");
    post(&mailkey, &admin, &reset, json!({})).await.expect_problem("address-suppressed");
    // The link from before counts: the next one can be sent a day later.
    mailkey.forgot_password(ALICE).await.expect_status(202);
    eventually("the decision is logged", || async {
        (mailkey.tables().await.outcomes_of(ALICE) == ["skipped rate_limited", "complained marked_as_spam"])
            .then_some(())
    })
    .await;
    mailkey.advance_clock(25 * 3600 * 1000).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(2, ALICE).await;
}

#[tokio::test]
async fn an_old_event_does_not_restore_a_removed_suppression_but_a_new_bounce_does() {
    let (mailkey, admin) = silent_ses().await;
    let sent = mailed(&mailkey, &admin, "removed@example.org").await;
    let mut bounce = event(&sent, 1, "Permanent", "General", Some("smtp; 550 5.1.1 user unknown"));
    bounce["bounce"]["timestamp"] = "2026-01-01T00:00:00.000Z".into();
    assert_eq!(play(&mailkey, &bounce).await, 204);
    send(&mailkey, &admin, Method::DELETE, &path(&sent.address), None).await.expect_status(204);
    assert_eq!(play(&mailkey, &bounce).await, 204);
    // The same bounce from the other notification system, with another id.
    bounce["bounce"]["feedbackId"] = "another".into();
    assert_eq!(play(&mailkey, &bounce).await, 204);
    assert_eq!(suppressed(&mailkey, &admin, &sent.address).await, None);
    send(&mailkey, &admin, Method::DELETE, &path(&sent.address), None).await.expect_problem("not-found");
    let again = event(&sent, 2, "Permanent", "General", Some("smtp; 550 5.1.1 user unknown"));
    assert_eq!(play(&mailkey, &again).await, 204);
    assert_eq!(suppressed(&mailkey, &admin, &sent.address).await.as_deref(), Some("hard_bounce"));
}

#[tokio::test]
async fn a_burst_of_bounces_in_one_domain_suppresses_no_address() {
    let (mailkey, admin) = silent_ses().await;
    let mut all = Vec::new();
    for number in 0..6 {
        let sent = mailed(&mailkey, &admin, &format!("person{number}@burst.example")).await;
        let said = format!("smtp; 550 5.1.1 <{}> mailbox unavailable", sent.address);
        assert_eq!(play(&mailkey, &event(&sent, number, "Permanent", "General", Some(&said))).await, 204);
        all.push(sent);
    }
    for sent in &all {
        assert_eq!(entry(&mailkey, &admin, sent).await["status"], "bounced");
        assert_eq!(suppressed(&mailkey, &admin, &sent.address).await, None, "{}", sent.address);
    }
    let sender = get(&mailkey, &admin, "/api/admin/sender").await.json();
    assert!(sender["alarms"].to_string().contains("domain_burst"), "{sender}");
}

#[tokio::test]
async fn an_administrator_adds_lists_and_removes_a_suppression() {
    let (mailkey, admin) = an_administrator().await;
    for body in [json!({}), json!({ "reason": "" }), json!({ "reason": "x".repeat(301) }), json!({ "reason": 1 })] {
        let answer = send(&mailkey, &admin, Method::PUT, &path(ALICE), Some(body)).await;
        answer.expect_problem("malformed-request");
    }
    let body = json!({ "reason": "The owner asked for it." });
    let put = send(&mailkey, &admin, Method::PUT, &path(ALICE), Some(body)).await.expect_status(200).json();
    assert_eq!((put["reason"].as_str(), put["detail"].as_str()), (Some("manual"), Some("The owner asked for it.")));
    let list = get(&mailkey, &admin, "/api/admin/suppressions").await.expect_status(200).json();
    let listed: Vec<_> =
        list["suppressions"].as_array().unwrap().iter().map(|it| it["address"].as_str().unwrap()).collect();
    assert_eq!(listed, [ALICE, SAM], "newest first");
    let first = get(&mailkey, &admin, "/api/admin/suppressions?limit=1").await.expect_status(200).json();
    let next = first["next_cursor"].as_str().unwrap();
    let second = get(&mailkey, &admin, &format!("/api/admin/suppressions?limit=1&cursor={next}"))
        .await
        .expect_status(200)
        .json();
    assert_eq!(second["suppressions"][0]["address"], SAM);
    let forged = format!("/api/admin/suppressions?cursor={}x", next);
    get(&mailkey, &admin, &forged).await.expect_problem("malformed-request");

    send(&mailkey, &admin, Method::DELETE, &path("ALICE@example.com"), None).await.expect_status(204);
    assert_eq!(suppressed(&mailkey, &admin, ALICE).await, None);
    let audit =
        get(&mailkey, &admin, &format!("/api/admin/audit-log?target=suppression:{}", encoded(ALICE))).await.json();
    let actions: Vec<_> =
        audit["entries"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["remove_suppression", "suppress"]);
}

#[tokio::test]
async fn remove_and_resend_also_removes_every_spelling_at_ses_and_sends_a_link() {
    let (mailkey, admin) = an_administrator().await;
    for spelling in ["SAM@example.com", "Sam@Example.com"] {
        mailkey.put_on_ses_list(spelling, "BOUNCE").await;
    }
    let resend = format!("{}/remove-and-resend", path(SAM));
    let answer = post(&mailkey, &admin, &resend, json!({})).await.expect_status(202).json();
    let email_id = answer["email_id"].as_str().unwrap().to_owned();
    assert_eq!(mailkey.ses_list().await, json!([]));
    mailkey.mail_number(1, SAM).await;
    eventually("the email is delivered", || async {
        let entry = get(&mailkey, &admin, &format!("/api/admin/email-log/{email_id}")).await;
        (entry.status == 200 && entry.json()["status"] == "delivered").then_some(())
    })
    .await;
    assert_eq!(suppressed(&mailkey, &admin, SAM).await, None);
    let audit =
        get(&mailkey, &admin, &format!("/api/admin/audit-log?target=suppression:{}", encoded(SAM))).await.json();
    assert_eq!(audit["entries"].as_array().unwrap().len(), 1, "one step, one entry: {audit}");
    post(&mailkey, &admin, "/api/admin/suppressions/nobody%40example.com/remove-and-resend", json!({}))
        .await
        .expect_problem("not-found");
    post(&mailkey, &admin, "/api/admin/suppressions/ivan%40example.com/remove-and-resend", json!({}))
        .await
        .expect_problem("user-inactive");
}

#[tokio::test]
async fn no_suppression_is_removed_while_ses_does_not_respond() {
    let (mailkey, admin) = an_administrator().await;
    mailkey.put_on_ses_list(SAM, "BOUNCE").await;
    mailkey.ses_faults(json!({ "mode": "lists_fail" })).await;
    send(&mailkey, &admin, Method::DELETE, &path(SAM), None).await.expect_problem("service-unavailable");
    assert_eq!(suppressed(&mailkey, &admin, SAM).await.as_deref(), Some("hard_bounce"));
    mailkey.ses_faults(json!({ "mode": "none" })).await;
    send(&mailkey, &admin, Method::DELETE, &path(SAM), None).await.expect_status(204);
}

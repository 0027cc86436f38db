//! SES's events in the running system: their effect on an email and on an address, in every envelope, in any order and
//! across crashes.

use mailkey_tests::{Folder, Mailkey, Setup, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{ADMIN, ADMIN_PASSWORD, get, post};

/// An email that was actually sent.
pub(crate) struct Sent {
    pub(crate) email_id: String,
    pub(crate) message_id: String,
    pub(crate) address: String,
}

/// Starts a service whose SES sends no events of its own accord, and signs its administrator in.
pub(crate) async fn silent_ses() -> (Mailkey, String) {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).env("MAILKEY_LOCAL_SES_EVENTS", "off");
    let mailkey = setup.without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    (mailkey, admin)
}

/// Creates a user and waits until the activation email is sent.
pub(crate) async fn mailed(mailkey: &Mailkey, admin: &str, address: &str) -> Sent {
    let body = json!({ "email": address, "display_name": "Somebody" });
    post(mailkey, admin, "/api/admin/users", body).await.expect_status(201);
    last_sent(mailkey, admin, address).await
}

/// The latest email to an address, once it is sent.
pub(crate) async fn last_sent(mailkey: &Mailkey, admin: &str, address: &str) -> Sent {
    let path = format!("/api/admin/email-log?recipient={}", encoded(address));
    eventually("the email is sent", || async {
        let entries = get(mailkey, admin, &path).await.expect_status(200).json();
        let entry = &entries["entries"][0];
        let message_id = entry["message_id"].as_str()?.to_owned();
        let email_id = entry["id"].as_str()?.to_owned();
        Some(Sent { email_id, message_id, address: address.to_owned() })
    })
    .await
}

pub(crate) fn encoded(address: &str) -> String {
    address.replace('@', "%40").replace('+', "%2B")
}

/// Plays an event to the consumer and returns the HTTP status.
pub(crate) async fn play(mailkey: &Mailkey, event: &Value) -> u16 {
    mailkey.send(mailkey.request(Method::POST, "/_local/ses-events").json(event)).await.status
}

pub(crate) async fn entry(mailkey: &Mailkey, admin: &str, sent: &Sent) -> Value {
    get(mailkey, admin, &format!("/api/admin/email-log/{}", sent.email_id)).await.expect_status(200).json()
}

/// The reason why an address is suppressed, if it is.
pub(crate) async fn suppressed(mailkey: &Mailkey, admin: &str, address: &str) -> Option<String> {
    let answer = get(mailkey, admin, &format!("/api/admin/suppressions/{}", encoded(address))).await;
    (answer.status == 200).then(|| answer.json()["reason"].as_str().unwrap().to_owned())
}

/// Points an event at an email of ours: replaces its ids, its recipient and its sender in every envelope.
fn pointed(value: &Value, sent: &Sent) -> Value {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if inner.is_object() => Value::String(pointed(&inner, sent).to_string()),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| pointed(item, sent)).collect(),
        Value::Object(fields) if fields.contains_key("mail") => event_about(value, sent),
        Value::Object(fields) => {
            let inner = fields.iter().map(|(name, field)| match name.as_str() {
                "Message" | "Records" | "Sns" | "body" | "detail" => (name.clone(), pointed(field, sent)),
                _ => (name.clone(), field.clone()),
            });
            Value::Object(inner.collect())
        }
        other => other.clone(),
    }
}

fn event_about(event: &Value, sent: &Sent) -> Value {
    let mut event = event.clone();
    if event["mail"].get("badMessageId").is_none() {
        event["mail"]["messageId"] = sent.message_id.clone().into();
    }
    event["mail"]["source"] = "Example Portal <no-reply@mail.example.com>".into();
    event["mail"]["destination"] = json!([sent.address]);
    for (part, list) in [
        ("bounce", "bouncedRecipients"),
        ("complaint", "complainedRecipients"),
        ("deliveryDelay", "delayedRecipients"),
        ("delivery", "recipients"),
    ] {
        for recipient in event[part][list].as_array_mut().into_iter().flatten() {
            match recipient {
                Value::String(address) => address.clone_from(&sent.address),
                recipient => recipient["emailAddress"] = sent.address.clone().into(),
            }
        }
    }
    // Indexing added missing parts as null: remove them again.
    event.as_object_mut().unwrap().retain(|_, part| !part.is_null());
    event
}

fn sample(file: &str) -> Value {
    let path = format!("{}/ses-events/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// File, status, reason and suppression, as in the README next to the files.
const SAMPLES: [(&str, &str, &str, &str); 34] = [
    ("anymail-sns-bounce-xtags.json", "bounced", "mailbox_does_not_exist", "hard_bounce"),
    ("anymail-sns-click.json", "sent", "", ""),
    ("anymail-sns-complaint.json", "complained", "marked_as_spam", "complaint"),
    ("anymail-sns-rendering-failure.json", "rejected", "template_broken", ""),
    ("anymail-sns-send-customtags.json", "sent", "", ""),
    ("djangoses-sns-bounce-signed-nosubject.json", "bounced", "mailbox_does_not_exist", "hard_bounce"),
    ("djangoses-sns-complaint-signed.json", "complained", "marked_as_spam", "complaint"),
    ("gmcl-sns-transient-mailboxfull.json", "soft_bounced", "mailbox_full", ""),
    ("keila-sns-bounce-signed.json", "bounced", "mailbox_does_not_exist", "hard_bounce"),
    ("nuntius-sns-bounce-contentrejected-spam.json", "blocked", "refused_as_spam", ""),
    ("spatie-sns-click-linktags-null.json", "sent", "", ""),
    ("spatie-sns-open.json", "sent", "", ""),
    ("wraps-eb-bounce.json", "bounced", "mailbox_does_not_exist", "hard_bounce"),
    ("wraps-eb-delivery-delay.json", "delayed", "*", ""),
    ("wraps-eb-delivery.json", "delivered", "", ""),
    ("wraps-eb-send.json", "sent", "", ""),
    ("wraps-eb-subscription.json", "sent", "", ""),
    ("aws-ep-bounce.json", "bounced", "mailbox_does_not_exist", "hard_bounce"),
    ("aws-ep-click.json", "sent", "", ""),
    ("aws-ep-complaint.json", "complained", "marked_as_spam", "complaint"),
    ("aws-ep-delivery-delay.json", "delayed", "*", ""),
    ("aws-ep-delivery.json", "delivered", "", ""),
    ("aws-ep-open.json", "sent", "", ""),
    ("aws-ep-reject.json", "rejected", "virus", ""),
    ("aws-ep-rendering-failure.json", "rejected", "template_broken", ""),
    ("aws-ep-send.json", "sent", "", ""),
    ("aws-ep-subscription.json", "sent", "", ""),
    ("aws-fn-bounce-dsn-3rcpt.json", "bounced", "mailbox_does_not_exist", "hard_bounce"),
    ("aws-fn-complaint-fbl.json", "complained", "marked_as_spam", "complaint"),
    ("aws-fn-complaint-nofbl.json", "complained", "marked_as_spam", "complaint"),
    ("aws-fn-delivery.json", "delivered", "", ""),
    // An orphan: it has no message id, so it changes no email, but the address is still suppressed.
    ("gcnotify-complaint-bad-messageid-key.json", "sent", "", "complaint"),
    ("gcnotify-complaint-no-feedbacktype.json", "complained", "marked_as_spam", "complaint"),
    ("panmail-renderingfailure-as-notificationtype.json", "sent", "", ""),
];

#[tokio::test]
async fn every_sample_leads_to_its_status_and_suppression_even_when_repeated() {
    let (mailkey, admin) = silent_ses().await;
    for (number, (file, status, reason, suppression)) in SAMPLES.into_iter().enumerate() {
        // Each gets its own domain, because bounces of one domain would count as a burst.
        let sent = mailed(&mailkey, &admin, &format!("somebody@sample{number}.example")).await;
        let event = pointed(&sample(file), &sent);
        for time in ["once", "twice"] {
            assert_eq!(play(&mailkey, &event).await, 204, "{file} {time}");
            let entry = entry(&mailkey, &admin, &sent).await;
            assert_eq!(entry["status"], *status, "{file} {time}: {entry:#}");
            if reason != "*" {
                assert_eq!(entry["reason"].as_str().unwrap_or_default(), reason, "{file} {time}: {entry:#}");
            }
            let found = suppressed(&mailkey, &admin, &sent.address).await.unwrap_or_default();
            assert_eq!(found, suppression, "{file} {time}");
        }
        eprintln!("{file:<52} {status:<11} {suppression}");
    }
}

#[tokio::test]
async fn events_that_are_not_about_our_emails_change_none_and_some_raise_alarms() {
    let (mailkey, admin) = silent_ses().await;
    let before = mailkey.tables().await;
    for (file, status) in [
        ("ale-sns-subscription-confirmation.json", 204),
        ("ale-sns-unsubscribe-confirmation.json", 204),
        ("anymail-sns-unsubscribe-confirmation.json", 204),
        ("spatie-sns-subscription-confirmation.json", 204),
        ("aws-inbound-received.json", 204),
        ("aws-eb-sending-status-disabled.json", 204),
        ("ale-lambda-sns-nonses.json", 422),
        ("ale-lambda-sns-pascal-case.json", 422),
        ("ale-lambda-sqs-nonjson-body.json", 422),
        ("aws-obj-complaint-offset-arrivaldate.json", 422),
        // About someone else's emails: these still have their original ids.
        ("aws-ep-bounce.json", 422),
        ("wraps-eb-bounce.json", 422),
        ("aws-fn-complaint-fbl.json", 422),
    ] {
        assert_eq!(play(&mailkey, &sample(file)).await, status, "{file}");
    }
    let after = mailkey.tables().await;
    for table in ["EmailLog", "Suppressions", "Users"] {
        assert_eq!(before.of(table), after.of(table), "{table}");
    }
    let sender = get(&mailkey, &admin, "/api/admin/sender").await.expect_status(200).json();
    let kinds: Vec<_> =
        sender["alarms"].as_array().unwrap().iter().map(|alarm| alarm["kind"].as_str().unwrap()).collect();
    for kind in ["event_subscription_removed", "sending_paused", "wrong_topic"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert_eq!(sender["ok"], false);
    let kept: Vec<_> = after.of("SesEvents").iter().map(|event| event["why"]["S"].as_str().unwrap()).collect();
    assert!(kept.iter().filter(|why| **why == "not_understood").count() >= 3, "{kept:?}");
}

pub(crate) fn bounce(sent: &Sent, feedback_id: &str) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": feedback_id,
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{ "emailAddress": sent.address, "action": "failed", "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown" }],
            "timestamp": "2026-11-22T20:00:00.000Z",
        },
        "mail": {
            "timestamp": "2026-11-22T19:59:58.000Z",
            "source": "no-reply@mail.example.com",
            "messageId": sent.message_id,
            "destination": [sent.address],
            "tags": { "ses:configuration-set": ["recovery"], "email_id": [sent.email_id] },
        },
    })
}

pub(crate) fn in_sns(event: &Value) -> Value {
    json!({
        "Type": "Notification", "MessageId": "5f8d9b7e-0000-5000-8000-000000000000",
        "TopicArn": "arn:aws:sns:eu-west-1:111111111111:ses", "Timestamp": "2026-11-22T20:00:01.000Z",
        "Message": format!("{event}\n"), "SignatureVersion": "1", "Signature": "x",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem", "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/",
    })
}

fn in_sqs(body: &Value) -> Value {
    json!({ "messageId": "m1", "receiptHandle": "r", "body": body.to_string(), "attributes": {},
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": "arn", "awsRegion": "local" })
}

fn in_event_bridge(event: &Value) -> Value {
    let mut detail = event.clone();
    detail["eventType"] = "Bounce".into();
    json!({ "version": "0", "id": "e1", "detail-type": "Email Bounced", "source": "aws.ses", "account": "111111111111",
        "time": "2026-11-22T20:00:01Z", "region": "eu-west-1", "resources": [], "detail": detail })
}

#[tokio::test]
async fn one_bounce_leads_to_the_same_state_in_every_envelope() {
    let (mailkey, admin) = silent_ses().await;
    let mut states = Vec::new();
    for (number, (what, wrap)) in [
        ("bare", (|event| event.clone()) as fn(&Value) -> Value),
        ("SNS over HTTP", |event| in_sns(event)),
        ("SQS with an SNS envelope", |event| json!({ "Records": [in_sqs(&in_sns(event))] })),
        ("SQS with raw delivery", |event| json!({ "Records": [in_sqs(event)] })),
        (
            "an SNS event of Lambda",
            |event| json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": in_sns(event) }] }),
        ),
        ("EventBridge", |event| in_event_bridge(event)),
        ("EventBridge in SQS", |event| json!({ "Records": [in_sqs(&in_event_bridge(event))] })),
    ]
    .into_iter()
    .enumerate()
    {
        let sent = mailed(&mailkey, &admin, &format!("wrapped@number{number}.example")).await;
        assert_eq!(play(&mailkey, &wrap(&bounce(&sent, "feedback-1"))).await, 204, "{what}");
        let text = entry(&mailkey, &admin, &sent).await.to_string();
        let path = format!("/api/admin/suppressions/{}", encoded(&sent.address));
        let both = format!("{text}{}", get(&mailkey, &admin, &path).await.expect_status(200).json());
        let plain =
            both.replace(&sent.email_id, "ID").replace(&sent.message_id, "MESSAGE").replace(&sent.address, "ADDRESS");
        states.push((what, without_times(&plain)));
    }
    for (what, state) in &states {
        assert_eq!(*state, states[0].1, "{what}");
    }
}

/// Removes times, ids and keys, which differ between emails.
fn without_times(text: &str) -> String {
    let value: Vec<Value> = serde_json::Deserializer::from_str(text).into_iter::<Value>().map(Result::unwrap).collect();
    fn strip(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let noise = ["at", "requested_at", "updated_at", "user_id", "event_id", "since", "link_expires_at"];
                fields
                    .into_iter()
                    .filter(|(name, _)| !noise.contains(&name.as_str()))
                    .map(|(n, v)| (n, strip(v)))
                    .collect()
            }
            Value::Array(items) => items.into_iter().map(strip).collect(),
            other => other,
        }
    }
    value.into_iter().map(|value| strip(value).to_string()).collect()
}

#[tokio::test]
async fn the_same_bounce_from_both_notification_systems_counts_once() {
    let (mailkey, admin) = silent_ses().await;
    let sent = mailed(&mailkey, &admin, "twice@example.org").await;
    let published = bounce(&sent, "one-feedback");
    let mut notified = published.clone();
    let fields = notified.as_object_mut().unwrap();
    let kind = fields.remove("eventType").unwrap();
    fields.insert("notificationType".to_owned(), kind);
    notified["mail"].as_object_mut().unwrap().remove("tags");
    for event in [&notified, &published, &in_sns(&notified)] {
        assert_eq!(play(&mailkey, event).await, 204);
    }
    let entry = entry(&mailkey, &admin, &sent).await;
    let events: Vec<_> = entry["timeline"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!(events.iter().filter(|event| **event == "bounced").count(), 1, "{events:?}");
}

#[tokio::test]
async fn a_bad_record_does_not_block_the_rest_of_its_batch() {
    let (mailkey, admin) = silent_ses().await;
    let one = mailed(&mailkey, &admin, "one@batch1.example").await;
    let two = mailed(&mailkey, &admin, "two@batch2.example").await;
    let batch = json!({ "Records": [
        in_sqs(&bounce(&one, "f1")),
        { "messageId": "bad", "body": "no JSON at all {", "eventSource": "aws:sqs" },
        in_sqs(&json!({ "eventType": "Levitation", "mail": { "messageId": two.message_id } })),
        in_sqs(&bounce(&two, "f2")),
    ] });
    assert_eq!(play(&mailkey, &batch).await, 204);
    for sent in [&one, &two] {
        assert_eq!(entry(&mailkey, &admin, sent).await["status"], "bounced");
    }
}

#[tokio::test]
async fn late_duplicate_and_reordered_events_lead_to_the_same_state() {
    let (mailkey, admin) = silent_ses().await;
    let events = |sent: &Sent| {
        let mut delivery = bounce(sent, "");
        delivery["eventType"] = "Delivery".into();
        delivery.as_object_mut().unwrap().remove("bounce");
        delivery["delivery"] =
            json!({ "timestamp": "2026-11-22T19:59:59.000Z", "recipients": [sent.address], "smtpResponse": "250 ok" });
        let mut delay = bounce(sent, "");
        delay["eventType"] = "DeliveryDelay".into();
        delay.as_object_mut().unwrap().remove("bounce");
        delay["deliveryDelay"] = json!({ "timestamp": "2026-11-22T19:59:58.500Z", "delayType": "General",
            "expirationTime": "2026-11-23T09:00:00.000Z", "delayedRecipients": [{ "emailAddress": sent.address }] });
        [bounce(sent, "f"), delivery, delay]
    };
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (number, order) in orders.iter().enumerate() {
        let sent = mailed(&mailkey, &admin, &format!("order@order{number}.example")).await;
        let events = events(&sent);
        for index in order.iter().chain(order) {
            assert_eq!(play(&mailkey, &events[*index]).await, 204);
        }
        let entry = entry(&mailkey, &admin, &sent).await;
        assert_eq!(entry["status"], "bounced", "{order:?}");
        let news: Vec<_> =
            entry["timeline"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
        assert_eq!(news.len(), 5, "each once: {news:?}");
        for event in ["queued", "sent", "delayed", "delivered", "bounced"] {
            assert!(news.contains(&event), "{event} in {news:?}");
        }
        assert_eq!(suppressed(&mailkey, &admin, &sent.address).await.as_deref(), Some("hard_bounce"), "{order:?}");
    }
}

#[tokio::test]
async fn recipients_from_the_field_lead_to_their_status_and_suppression() {
    let (mailkey, admin) = silent_ses().await;
    let path = "../functions/common/domain/src/ses_event/cases/recipients.json";
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for row in rows {
        let text = row["event"].as_str().map_or_else(|| row["event"].to_string(), ToOwned::to_owned);
        let first: Value = serde_json::Deserializer::from_str(&text).into_iter().next().unwrap().unwrap();
        let sent = mailed(&mailkey, &admin, first["mail"]["destination"][0].as_str().unwrap()).await;
        let id = first["mail"]["messageId"].as_str().unwrap().trim_start_matches('<').split(['@', '>']).next().unwrap();
        let event = text.replace(id, &sent.message_id);
        let answer = mailkey.send(mailkey.request(Method::POST, "/_local/ses-events").body(event)).await;
        assert_eq!(answer.status, 204, "{}", row["what"]);
        let entry = entry(&mailkey, &admin, &sent).await;
        let status = entry["status"].as_str().unwrap();
        assert!(row["want"][0].as_str().unwrap().split('|').any(|want| want == status), "{}: {status}", row["what"]);
        let found = suppressed(&mailkey, &admin, &sent.address).await;
        assert_eq!(found.as_deref(), row["want"][1].as_str(), "{}", row["what"]);
    }
}

#[tokio::test]
async fn an_unexplained_bounce_suppresses_for_a_week_and_one_that_is_not_understood_suppresses_nobody() {
    let (mailkey, admin) = silent_ses().await;
    for (number, (recipient, status, cause, days)) in [
        (json!({}), "bounced", "undetermined", Some(7)),
        (json!({ "status": "5.0.0", "diagnosticCode": "smtp; 550 5.0.0" }), "bounced", "undetermined", Some(7)),
        (json!({ "status": "5.0.0", "diagnosticCode": "smtp; 550 no thanks" }), "blocked", "undetermined", None),
        (json!({ "status": "5.7.133" }), "blocked", "restricted_to_members", None),
    ]
    .into_iter()
    .enumerate()
    {
        let sent = mailed(&mailkey, &admin, &format!("somebody@unexplained{number}.example")).await;
        let mut event = bounce(&sent, "f");
        event["bounce"]["bouncedRecipients"] = json!([recipient]);
        event["bounce"]["bouncedRecipients"][0]["emailAddress"] = sent.address.clone().into();
        assert_eq!(play(&mailkey, &event).await, 204);
        let entry = entry(&mailkey, &admin, &sent).await;
        assert_eq!(entry["status"], status, "{entry:#}");
        let told = entry["timeline"].as_array().unwrap().iter().find(|moment| moment["event"] == status).unwrap();
        assert_eq!(told["cause"], cause);
        let path = format!("/api/admin/suppressions/{}", encoded(&sent.address));
        let found = get(&mailkey, &admin, &path).await;
        let lasts = (found.status == 200).then(|| {
            let at = |name: &str| found.json()[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            at("expires_at").duration_since(at("since")).as_hours() / 24
        });
        assert_eq!(lasts, days, "{recipient}");
        assert!(suppressed(&mailkey, &admin, &sent.address).await.is_none_or(|reason| reason == "hard_bounce"));
    }
}

#[tokio::test]
async fn an_event_that_arrives_while_the_tables_fail_is_not_lost() {
    let (mailkey, admin) = silent_ses().await;
    let sent = mailed(&mailkey, &admin, "patient@example.org").await;
    mailkey.dynamodb_faults(json!({ "mode": "fail", "next": 4 })).await;
    assert_eq!(play(&mailkey, &bounce(&sent, "f")).await, 204, "the queue accepted it");
    eventually("the event is processed", || async {
        (entry(&mailkey, &admin, &sent).await["status"] == "bounced").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_killed_consumer_reaches_the_same_state_after_a_restart() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path()).env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).without_collapsing();
    let mut mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let addresses: Vec<_> = (0..12).map(|number| format!("bounce+{number}@simulator.amazonses.com")).collect();
    for (number, address) in addresses.iter().enumerate() {
        let body = json!({ "email": address, "display_name": "Somebody" });
        post(&mailkey, &admin, "/api/admin/users", body).await.expect_status(201);
        if number % 3 == 2 {
            mailkey.kill();
            mailkey = setup.start().await;
        }
    }
    for address in &addresses {
        let path = format!("/api/admin/email-log?recipient={}", encoded(address));
        let last = eventually("the bounce is recorded", || async {
            let entries = get(&mailkey, &admin, &path).await.expect_status(200).json();
            (entries["entries"][0]["status"] == "bounced").then(|| entries["entries"][0].clone())
        })
        .await;
        assert_eq!(last["reason"], "mailbox_does_not_exist");
        assert_eq!(suppressed(&mailkey, &admin, address).await, None, "the simulator's addresses are never suppressed");
    }
}

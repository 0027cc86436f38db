//! Email of watched senders: logged, counted and diagnosed, although Mailkey doesn't send it.

use mailkey_tests::{ALICE, Folder, Mailkey, PASSWORD, Setup, eventually};
use serde_json::{Value, json};

use crate::{
    admin::{ADMIN, ADMIN_PASSWORD, get, post},
    events::{encoded, entry, mailed, play, suppressed},
};

/// A service that watches two senders and whose SES sends no events by itself.
pub(crate) async fn watching() -> (Mailkey, String) {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).env("MAILKEY_LOCAL_SES_EVENTS", "off");
    let setup = setup.env("MAILKEY_WATCH", "portal.example,news@other.example,mail.example.com");
    let setup = setup.env("MAILKEY_WATCH_FAILURES_ONLY", "news@other.example");
    let mailkey = setup.without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    (mailkey, admin)
}

/// The present, as SES writes it.
pub(crate) fn now() -> String {
    let now =
        jiff::Timestamp::from_millisecond(i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap());
    format!("{:.3}", now.unwrap())
}

/// An event about an email that the portal sent.
pub(crate) fn told(kind: &str, number: usize, at: &str, to: &str, mut detail: Value) -> Value {
    for list in ["bouncedRecipients", "complainedRecipients", "delayedRecipients"] {
        if let Some(recipient) = detail.get_mut(list) {
            recipient[0]["emailAddress"] = to.into();
        }
    }
    if detail.get("recipients").is_some() {
        detail["recipients"] = json!([to]);
    }
    let part = match kind {
        "DeliveryDelay" => "deliveryDelay",
        _ => &kind.to_lowercase(),
    };
    json!({
        "eventType": kind,
        "mail": {
            "timestamp": at,
            "source": "hello@portal.example",
            "messageId": format!("0102019a-{number:08}-0000-0000-0000-000000000000-000000"),
            "destination": [to],
            "commonHeaders": { "from": ["Portal <hello@portal.example>"], "subject": "Your code is 483920" },
            "tags": { "ses:configuration-set": ["portal"], "type": ["code"] },
        },
        part: detail,
    })
}

pub(crate) fn bounce(status: &str, said: &str) -> Value {
    json!({
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "feedbackId": "f-1",
        "bouncedRecipients": [{ "status": status, "diagnosticCode": said }],
    })
}

async fn entries(mailkey: &Mailkey, admin: &str, query: &str) -> Vec<Value> {
    let answer = get(mailkey, admin, &format!("/api/admin/email-log?{query}")).await.expect_status(200);
    answer.json()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn email_of_a_watched_sender_is_logged_and_found_by_every_filter() {
    let (mailkey, admin) = watching().await;
    let (alice, bob, at) = ("Alice.Watched@example.com", "bob@example.org", now());
    let delivery = || json!({ "recipients": [alice], "smtpResponse": "250 OK" });
    for event in [
        told("Delivery", 1, &at, alice, delivery()),
        told("Send", 1, &at, alice, json!({})),
        told("Delivery", 1, &at, alice, delivery()),
        told("Send", 2, &at, bob, json!({})),
        told("Bounce", 2, &at, bob, bounce("5.1.1", "smtp; 550 5.1.1 user unknown")),
    ] {
        assert_eq!(play(&mailkey, &event).await, 204);
    }
    let found = entries(&mailkey, &admin, &format!("recipient={}", encoded(alice))).await;
    assert_eq!(found.len(), 1, "{found:?}");
    for (name, value) in [
        ("origin", "watched"),
        ("kind", "other"),
        ("trigger", "portal"),
        ("status", "delivered"),
        ("recipient", alice),
        ("from", "hello@portal.example"),
        ("subject", "Your code is ••••••"),
        ("configuration_set", "portal"),
        ("requested_at", &at),
    ] {
        assert_eq!(found[0][name], *value, "{name}");
    }
    assert_eq!(found[0]["tags"], json!({ "type": "code" }));
    let path = format!("/api/admin/email-log/{}", found[0]["id"].as_str().unwrap());
    let shown = get(&mailkey, &admin, &path).await.expect_status(200).json();
    assert_eq!(shown["timeline"].as_array().unwrap().len(), 2);
    post(&mailkey, &admin, &format!("{path}/resend"), json!({})).await.expect_problem("not-resendable");

    mailed(&mailkey, &admin, "carol@example.net").await;
    for (query, number) in [
        ("", 3),
        ("origin=watched", 2),
        ("origin=mailkey", 1),
        ("kind=other", 2),
        ("trigger=portal", 2),
        ("sender=portal.example", 2),
        ("sender=hello%40portal.example", 2),
        ("sender=other.example", 0),
        // Our own sender is watched here, too, but the filter is about email of others.
        ("sender=mail.example.com", 0),
        ("sender=mail.example.com&origin=mailkey", 0),
        ("domain=example.org", 1),
        ("domain=example.net", 1),
        ("reason=mailbox_does_not_exist", 1),
        ("status=bounced", 1),
        ("status=bounced&origin=mailkey", 0),
        ("status=bounced&origin=watched&domain=example.org", 1),
        ("status=delivered&origin=watched", 1),
        ("kind=other&trigger=admin", 0),
    ] {
        assert_eq!(entries(&mailkey, &admin, query).await.len(), number, "{query}");
    }
    for query in ["sender=a%20b", "domain=a%40b.example", "origin=else"] {
        get(&mailkey, &admin, &format!("/api/admin/email-log?{query}")).await.expect_problem("malformed-request");
    }
    let csv = get(&mailkey, &admin, "/api/admin/email-log/export?origin=watched").await.expect_status(200).text();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.contains(",hello@portal.example,Your code is ••••••,other,portal,delivered,"), "{csv}");

    let statistics = get(&mailkey, &admin, "/api/admin/email-statistics").await.json();
    let watched =
        json!({ "origin": "watched", "sender": "portal.example", "statuses": { "bounced": 1, "delivered": 1 } });
    assert!(statistics["senders"].as_array().unwrap().contains(&watched), "{statistics}");
    let sender = get(&mailkey, &admin, "/api/admin/sender").await.json();
    let senders = sender["watched_senders"].as_array().unwrap();
    assert_eq!((senders[0]["sender"].as_str(), senders.len()), (Some("portal.example"), 3));
    assert!(senders[0]["last_event_at"].is_string() && senders[1]["last_event_at"].is_null(), "{senders:?}");
    assert_eq!(suppressed(&mailkey, &admin, bob).await.as_deref(), Some("hard_bounce"));
}

#[tokio::test]
async fn only_replies_about_the_mailbox_suppress_and_nothing_else_changes() {
    let (mailkey, admin) = watching().await;
    let at = now();
    let complaint = json!({ "feedbackId": "f", "complaintFeedbackType": "abuse", "complainedRecipients": [{}] });
    let said = "marked the email of";
    for (number, (kind, detail, status)) in [
        ("Bounce", bounce("5.7.1", "smtp; 550 5.7.1 rejected by policy"), "blocked"),
        ("Bounce", bounce("5.2.2", "smtp; 552 5.2.2 mailbox full"), "soft_bounced"),
        ("Bounce", bounce("5.1.1", "smtp; 550 5.1.1 sender IP is on a blocklist"), "blocked"),
        ("Complaint", complaint, "complained"),
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("person-{number}@example.org");
        play(&mailkey, &told(kind, number, &at, &to, detail)).await;
        let found = entries(&mailkey, &admin, &format!("recipient={}", encoded(&to))).await;
        assert_eq!(found[0]["status"], status, "{kind}");
        assert_eq!(suppressed(&mailkey, &admin, &to).await, None, "{to}");
        // The complaint is evidence, and nothing else is.
        let path = format!("/api/admin/diagnosis?email={}", encoded(&to));
        let diagnosis = get(&mailkey, &admin, &path).await.expect_status(200).json();
        assert_eq!(diagnosis["findings"].to_string().contains(said), kind == "Complaint", "{diagnosis}");
    }
    let tables = mailkey.tables().await;
    assert_eq!(tables.of("Suppressions").len(), 1, "only that of a seeded user");
    assert!(tables.of("SesEvents").is_empty());
}

#[tokio::test]
async fn newsletters_leave_only_their_failures_and_strange_times_are_set_aside() {
    let (mailkey, admin) = watching().await;
    let at = now();
    let from_news = |mut event: Value| {
        event["mail"]["source"] = "news@other.example".into();
        event["mail"]["commonHeaders"]["from"] = json!(["News <news@other.example>"]);
        event
    };
    play(&mailkey, &from_news(told("Send", 1, &at, "a@example.org", json!({})))).await;
    play(&mailkey, &from_news(told("Send", 2, &at, "b@example.org", json!({})))).await;
    let failed = bounce("5.1.1", "smtp; 550 5.1.1 user unknown");
    play(&mailkey, &from_news(told("Bounce", 2, &at, "b@example.org", failed))).await;
    play(&mailkey, &told("Send", 3, "2020-01-01T00:00:00Z", "c@example.org", json!({}))).await;
    play(&mailkey, &told("Send", 4, "2099-01-01T00:00:00Z", "c@example.org", json!({}))).await;
    let found = entries(&mailkey, &admin, "origin=watched").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["recipient"], "b@example.org");
    let tables = mailkey.tables().await;
    assert_eq!(tables.having("SesEvents", "why", "out_of_range").len(), 2);
}

/// The domain of Mailkey's own sender is watched, too.
#[tokio::test]
async fn an_event_from_the_watched_queue_never_changes_an_email_of_mailkey() {
    let (mailkey, admin) = watching().await;
    let sent = mailed(&mailkey, &admin, "carol@example.net").await;
    let before = entry(&mailkey, &admin, &sent).await;
    let mut event = told("Bounce", 1, &now(), &sent.address, bounce("5.1.1", "smtp; 550 5.1.1 user unknown"));
    event["mail"]["source"] = "no-reply@mail.example.com".into();
    event["mail"]["messageId"] = sent.message_id.as_str().into();
    event["mail"]["tags"] = json!({ "email_id": [sent.email_id], "ses:configuration-set": ["recovery"] });
    event["mail"]["headers"] = json!([{ "name": "X-Mailkey-Email-Id", "value": sent.email_id }]);
    let mut without_set = event.clone();
    without_set["mail"]["tags"] = json!({ "ses:configuration-set": ["portal"] });
    let mut of_another = without_set.clone();
    of_another["mail"]["messageId"] = "somebody-elses".into();
    of_another["mail"]["tags"]["email_id"] = json!([sent.email_id]);
    // 422: the local service says that the consumer has dropped an event.
    for (event, status) in [(&event, 422), (&without_set, 422), (&of_another, 204)] {
        let record = json!({ "Records": [{
            "messageId": "r-1",
            "body": event.to_string(),
            "eventSourceARN": "arn:aws:sqs:local:000000000000:WatchedEventsQueue",
        }] });
        assert_eq!(play(&mailkey, &record).await, status);
        assert_eq!(entry(&mailkey, &admin, &sent).await, before);
    }
    // The email of somebody else has an entry, whatever its tags say.
    let watched = entries(&mailkey, &admin, "origin=watched").await;
    assert_eq!(watched.len(), 1, "{watched:?}");
    assert_eq!(watched[0]["message_id"], "somebody-elses");
    // Through Mailkey's own pipeline, the event counts.
    assert_eq!(play(&mailkey, &event).await, 204);
    assert_eq!(entry(&mailkey, &admin, &sent).await["status"], "bounced");
}

/// A flood of watched email makes reading our own log no dearer. `bench-flood` does this with 100,000 events.
#[tokio::test]
async fn a_flood_of_watched_email_leaves_the_cost_of_our_own_log_as_it_was() {
    let (mailkey, admin) = watching().await;
    mailed(&mailkey, &admin, "carol@example.net").await;
    let cost = || async {
        let answer = get(&mailkey, &admin, "/api/admin/email-log?origin=mailkey").await.expect_status(200);
        let calls = mailkey.calls(answer.request_id()).await;
        (calls.len(), calls.iter().map(|call| call.read_units).sum::<f64>())
    };
    let before = cost().await;
    let at = now();
    for batch in 0..5 {
        assert_eq!(play(&mailkey, &flood(batch * 100..batch * 100 + 100, &at)).await, 204);
    }
    assert_eq!(cost().await, before);
    // Our own emails to the same person stay in reach of the diagnosis.
    let path = "/api/admin/diagnosis?email=carol%40example.net";
    let diagnosis = get(&mailkey, &admin, path).await.expect_status(200).json();
    assert_ne!(diagnosis["findings"][0]["cause"], "no_such_user");
}

/// Our own emails and their events overtake those that wait. Only the order counts, so a slow machine changes nothing.
#[tokio::test]
async fn recovery_emails_and_their_statuses_do_not_wait_for_a_flood_of_watched_email() {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).env("MAILKEY_WATCH", "portal.example");
    let mailkey = setup.without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let at = now();
    // More payloads than the 40 (4 batches of 10) that one pipeline handles at once. Posted together, they are all in the
    // queue before the first are processed.
    let service = &mailkey;
    let payloads = (0..60).map(|part| flood(part * 100..part * 100 + 100, &at));
    let posts =
        payloads.map(|body| async move { service.post("/_local/ses-events?queued", &body).await.expect_status(204) });
    futures_util::future::join_all(posts.collect::<Vec<_>>()).await;
    let waiting = || async { mailkey.get("/_local/ses-events").await.json()["waiting"].as_u64().unwrap() };
    for number in 1..=3 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
        mailkey.mail_number(number, ALICE).await;
    }
    let delivered = || async {
        let own = entries(&mailkey, &admin, "origin=mailkey&status=delivered").await.len();
        (own == 3).then_some(())
    };
    eventually("the statuses of our own emails", delivered).await;
    assert!(waiting().await > 0, "the flood was over first");
}

/// A batch of events about emails to one person, as Lambda receives it.
fn flood(numbers: std::ops::Range<usize>, at: &str) -> Value {
    let events = numbers.map(|number| told("Send", number, at, "carol@example.net", json!({})));
    let records: Vec<_> = events.map(|event| json!({ "messageId": "r", "body": event.to_string() })).collect();
    json!({ "Records": records })
}

/// Twelve failures, none of which concerns a user of Mailkey.
#[tokio::test]
async fn failures_of_people_without_an_account_are_diagnosed() {
    let (mailkey, admin) = watching().await;
    let hour_ago = format!("{:.3}", now().parse::<jiff::Timestamp>().unwrap() - jiff::SignedDuration::from_hours(1));
    let transient = |subtype: &str, status: &str, said: &str| {
        let mut bounce = bounce(status, said);
        bounce["bounceType"] = "Transient".into();
        bounce["bounceSubType"] = subtype.into();
        bounce
    };
    let delay = json!({ "delayType": "General", "delayedRecipients": [{ "diagnosticCode": "smtp; 451 4.4.1 busy" }] });
    let listed = json!({ "bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList",
        "feedbackId": "f", "bouncedRecipients": [{}] });
    for (number, (kind, detail, cause)) in [
        ("Bounce", bounce("5.1.1", "smtp; 550 5.1.1 user unknown"), "mailbox_does_not_exist"),
        ("Bounce", bounce("5.2.1", "smtp; 550 5.2.1 mailbox disabled"), "mailbox_does_not_exist"),
        ("Bounce", bounce("5.2.2", "smtp; 552 5.2.2 mailbox full"), "mailbox_full"),
        ("Bounce", transient("MailboxFull", "4.2.2", "smtp; 452 4.2.2 over quota"), "mailbox_full"),
        ("Bounce", bounce("5.1.2", "smtp; 550 5.1.2 Host unknown"), "typo_in_domain"),
        ("Bounce", transient("ContentRejected", "5.7.1", "smtp; 554 5.7.1 spam"), "refused_as_spam"),
        ("Bounce", bounce("5.7.26", "smtp; 550 5.7.26 unauthenticated sender"), "refused_sender_fault"),
        ("Bounce", bounce("5.7.1", "smtp; 550 5.7.1 only members may post to this group"), "refused_by_recipient"),
        ("Bounce", transient("CustomTimeoutExceeded", "4.4.7", "smtp; 451 4.4.7 expired"), "domain_wide_trouble"),
        ("DeliveryDelay", delay, "still_on_the_way"),
        ("Bounce", listed, "suppressed_at_ses"),
        ("Reject", json!({ "reason": "Bad content" }), "refused_sender_fault"),
        ("Send", json!({}), "no_feedback"),
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("stranger-{number}@example.org");
        play(&mailkey, &told(kind, number, &hour_ago, &to, detail)).await;
        let path = format!("/api/admin/diagnosis?email={}", encoded(&to));
        let diagnosis = get(&mailkey, &admin, &path).await.expect_status(200).json();
        assert_eq!(diagnosis["findings"][0]["cause"], cause, "{kind} {number}: {diagnosis}");
        assert!(diagnosis["findings"][0]["evidence"][0]["email_id"].is_string(), "{diagnosis}");
        assert!(diagnosis["main_action"]["action"].is_null(), "there is no user to act on: {diagnosis}");
        assert!(!diagnosis.to_string().contains("new link"), "{diagnosis}");
    }
    play(&mailkey, &told("Delivery", 99, &hour_ago, "fine@example.org", json!({ "recipients": [] }))).await;
    let diagnosis = get(&mailkey, &admin, "/api/admin/diagnosis?email=fine%40example.org").await.json();
    assert_eq!((diagnosis["findings"].as_array().unwrap().len(), &diagnosis["severity"]), (0, &json!("ok")));
    let nobody = get(&mailkey, &admin, "/api/admin/diagnosis?email=nobody%40example.org").await.json();
    assert_eq!(nobody["findings"][0]["cause"], "no_such_user");
}

#[tokio::test]
async fn a_person_with_an_account_has_one_timeline() {
    let (mailkey, admin) = watching().await;
    let sent = mailed(&mailkey, &admin, "carol@example.net").await;
    play(&mailkey, &told("Send", 1, &now(), "Carol@example.net", json!({}))).await;
    let id = crate::admin::id_of(&mailkey, &admin, &sent.address).await;
    let user = get(&mailkey, &admin, &format!("/api/admin/users/{id}")).await.expect_status(200).json();
    let origins: Vec<_> = user["recent_emails"].as_array().unwrap().iter().map(|it| it["origin"].clone()).collect();
    assert_eq!(origins, ["watched", "mailkey"]);
}

#[tokio::test]
async fn without_watched_senders_their_events_are_dropped() {
    let (mailkey, admin) = crate::events::silent_ses().await;
    assert_eq!(play(&mailkey, &told("Send", 1, &now(), "a@example.org", json!({}))).await, 422);
    assert_eq!(entries(&mailkey, &admin, "").await.len(), 0);
    assert_eq!(get(&mailkey, &admin, "/api/admin/sender").await.json()["watched_senders"], json!([]));
}

/// The smallest way to adopt Mailkey: a log and a diagnosis for the portal's email, and accounts for staff.
#[tokio::test]
async fn without_a_directory_only_staff_have_accounts() {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).arg("--directory").arg("none");
    let mailkey = setup.env("MAILKEY_WATCH", "portal.example").without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("invalid-credentials");
    for body in [
        json!({ "email": "mia@example.com", "display_name": "Mia" }),
        json!({ "email": "mia@example.com", "display_name": "Mia", "role": "member" }),
    ] {
        post(&mailkey, &admin, "/api/admin/users", body).await.expect_problem("malformed-request");
    }
    let import = json!({ "users": [{ "email": "mia@example.com", "display_name": "Mia" }] });
    let results = post(&mailkey, &admin, "/api/admin/users/import", import).await.expect_status(200).json();
    assert_eq!(results["results"][0]["outcome"], "refused");

    let session = crate::admin::staff(&mailkey, &admin, "sue@example.com", "support").await;
    get(&mailkey, &session, "/api/admin/email-log").await.expect_status(200);
    mailkey.forgot_password(ADMIN).await.expect_status(202);
    assert!(mailkey.mail_number(1, ADMIN).await.token().is_some(), "staff recover their accounts");
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.settled().await;
    assert_eq!(mailkey.outbox(ALICE).await.len(), 0);

    let path = "/api/admin/diagnosis?email=nobody%40example.org";
    let nobody = get(&mailkey, &session, path).await.expect_status(200).json();
    assert_eq!(
        (&nobody["findings"][0]["cause"], &nobody["findings"][0]["certainty"]),
        (&json!("no_such_user"), &json!("possible"))
    );
}

/// A portal that moves its members elsewhere: nothing that they had here works any more, and staff still see them.
#[tokio::test]
async fn members_from_before_can_do_nothing_once_there_is_no_directory() {
    let folder = Folder::new();
    let setup = |directory: &str| {
        let setup = Setup::new().data_dir(folder.path()).env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
        setup.arg("--directory").arg(directory).without_collapsing()
    };
    let mailkey = setup("own").start().await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let token = mailkey.mail_number(1, ALICE).await.token().unwrap();
    mailkey.terminate().await;

    let mailkey = setup("none").start().await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("invalid-credentials");
    get(&mailkey, &session, "/api/session").await.expect_problem("sign-in-required");
    mailkey.redeem_token(&token, "a password of twenty letters").await.expect_problem("invalid-token");
    let before = mailkey.outbox(ALICE).await.len();
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.settled().await;
    assert_eq!(mailkey.outbox(ALICE).await.len(), before, "no new link");
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let users = get(&mailkey, &admin, "/api/admin/users").await.expect_status(200).json();
    assert!(users.to_string().contains(ALICE), "{users}");
}

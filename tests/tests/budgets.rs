//! What each operation costs: SDK calls, and DynamoDB write and read units as counted by the local database. A higher
//! figure is a regression. Lower the expected figure after an improvement, so that it stays low.
//!
//! `cargo test -p mailkey-tests budgets -- --nocapture` prints the tables.

use mailkey_tests::{ALICE, Answer, Call, GWEN, IVAN, LENA, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, SAM, STRANGER};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest;

use crate::{
    admin::{get, id_of, patch, post},
    events::{Sent, last_sent, mailed, silent_ses},
    watched_senders::{now, told, watching},
};

/// The cost of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cost {
    calls: usize,
    write_units: f64,
    read_units: f64,
}

impl Cost {
    fn of(calls: &[Call]) -> Cost {
        calls.iter().fold(Cost::default(), |sum, call| Cost {
            calls: sum.calls + 1,
            write_units: sum.write_units + call.write_units,
            read_units: sum.read_units + call.read_units,
        })
    }
}

/// The measured costs, one line per operation.
#[derive(Default)]
struct Bill(Vec<(String, Cost)>);

impl Bill {
    fn add(&mut self, what: &str, calls: &[Call]) {
        let kinds: Vec<_> =
            calls.iter().map(|call| format!("{} w{} r{}", call.kind(), call.write_units, call.read_units)).collect();
        eprintln!("{what}: {}", kinds.join(", "));
        self.0.push((what.to_owned(), Cost::of(calls)));
    }

    fn total(&self) -> Cost {
        self.0.iter().fold(Cost::default(), |sum, (_, cost)| Cost {
            calls: sum.calls + cost.calls,
            write_units: sum.write_units + cost.write_units,
            read_units: sum.read_units + cost.read_units,
        })
    }

    /// Prints the bill and compares it with the expected figures.
    #[track_caller]
    fn expect(&self, expected: &[(&str, usize, f64, f64)]) {
        eprintln!("{:<44} {:>5} {:>6} {:>6}", "", "calls", "write", "read");
        for (what, cost) in self.0.iter().chain([&("total".to_owned(), self.total())]) {
            eprintln!("{what:<44} {:>5} {:>6} {:>6}", cost.calls, cost.write_units, cost.read_units);
        }
        let measured = self.0.iter().map(|(what, cost)| (what.as_str(), cost.calls, cost.write_units, cost.read_units));
        let measured: Vec<_> = measured.collect();
        assert_eq!(measured.len(), expected.len(), "measured: {measured:?}");
        let differing = measured.iter().zip(expected).filter(|(measured, expected)| measured != expected);
        assert_eq!(differing.collect::<Vec<_>>(), [], "measured costs and expected costs");
    }
}

/// A whole recovery, from the request to the new password, with every event that SES sends for a delivered email and
/// the link opened by a person. The notice that follows is a separate email.
#[tokio::test]
async fn a_whole_recovery_costs_18_write_units_and_12_read_units() {
    let (mailkey, admin) = silent_ses().await;
    let mut bill = Bill::default();
    let answer = mailkey.forgot_password(ALICE).await.expect_status(202);
    bill.add("POST /api/forgot-password", &mailkey.calls(answer.request_id()).await);
    let sent = last_sent(&mailkey, &admin, ALICE).await;
    bill.add("mailer", &mailkey.calls_of_email(&sent.email_id).await);
    for (kind, detail) in [("Send", json!({})), ("Delivery", delivery(ALICE))] {
        bill.add(&format!("consumer: {kind}"), &heard(&mailkey, &event(kind, detail, &sent)).await);
    }
    let token = mailkey.mail_number(1, ALICE).await.token().unwrap();
    let landing = json!({ "token_digest": digest_of(&token), "how": "person" });
    let answer = mailkey.post("/api/link-landings", &landing).await.expect_status(204);
    bill.add("POST /api/link-landings", &mailkey.calls(answer.request_id()).await);
    let answer = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    bill.add("POST /api/redeem-token", &mailkey.calls(answer.request_id()).await);
    bill.expect(&[
        ("POST /api/forgot-password", 1, 1.0, 0.0),
        ("mailer", 10, 6.0, 4.0),
        ("consumer: Send", 1, 0.0, 1.0),
        ("consumer: Delivery", 4, 2.0, 2.0),
        ("POST /api/link-landings", 2, 1.0, 1.0),
        ("POST /api/redeem-token", 6, 8.0, 4.0),
    ]);
    let total = bill.total();
    assert!(total.write_units <= 18.0 && total.read_units <= 12.0, "{total:?}");
}

/// A typical request to every route.
#[tokio::test]
async fn every_route_stays_within_its_budget() {
    let (mailkey, admin) = silent_ses().await;
    let mut bill = Bill::default();
    let token = mailkey.new_token(ALICE).await;
    let (alice, gwen, lena, petra) = (
        id_of(&mailkey, &admin, ALICE).await,
        id_of(&mailkey, &admin, GWEN).await,
        id_of(&mailkey, &admin, LENA).await,
        id_of(&mailkey, &admin, PETRA).await,
    );
    let email_id = last_sent(&mailkey, &admin, ALICE).await.email_id;
    let landing = json!({ "token_digest": digest_of(&token), "how": "person" });
    let created = json!({ "email": "new@example.com", "display_name": "Somebody New" });
    let imported = json!({ "users": [{ "email": "imported@example.com", "display_name": "Somebody Imported" }] });
    let settings = get(&mailkey, &admin, "/api/admin/security-settings").await.json();
    let key = json!({ "name": "helpdesk", "role": "support", "expires_in_days": 30 });
    let sam = "/api/admin/suppressions/sam%40example.com";
    for (method, route, path, body) in [
        ("GET", "/api/health", "/api/health", Value::Null),
        ("GET", "/api/openapi.json", "/api/openapi.json", Value::Null),
        ("GET", "/api/session", "/api/session", Value::Null),
        ("GET", "/api/sessions", "/api/sessions", Value::Null),
        ("DELETE", "/api/sessions", "/api/sessions", Value::Null),
        ("DELETE", "/api/admin/users/{id}/sessions", &format!("/api/admin/users/{alice}/sessions"), Value::Null),
        ("POST", "/api/forgot-password", "/api/forgot-password", json!({ "email": STRANGER })),
        ("POST", "/api/link-landings", "/api/link-landings", landing),
        ("GET", "/api/admin/users", "/api/admin/users?query=ali", Value::Null),
        ("POST", "/api/admin/users", "/api/admin/users", created),
        ("POST", "/api/admin/users/import", "/api/admin/users/import", imported),
        ("GET", "/api/admin/users/{id}", &format!("/api/admin/users/{alice}"), Value::Null),
        ("PATCH", "/api/admin/users/{id}", &format!("/api/admin/users/{alice}"), json!({ "display_name": "Alice A." })),
        (
            "POST",
            "/api/admin/users/{id}/reset-password",
            &format!("/api/admin/users/{alice}/reset-password"),
            json!({}),
        ),
        (
            "POST",
            "/api/admin/users/{id}/require-new-password",
            &format!("/api/admin/users/{gwen}/require-new-password"),
            json!({}),
        ),
        (
            "POST",
            "/api/admin/users/{id}/resend-activation",
            &format!("/api/admin/users/{petra}/resend-activation"),
            json!({}),
        ),
        ("POST", "/api/admin/users/{id}/unlock", &format!("/api/admin/users/{lena}/unlock"), json!({})),
        ("GET", "/api/admin/email-log", "/api/admin/email-log", Value::Null),
        ("GET", "/api/admin/email-log/export", "/api/admin/email-log/export", Value::Null),
        ("GET", "/api/admin/audit-log/export", "/api/admin/audit-log/export", Value::Null),
        ("GET", "/api/admin/email-statistics", "/api/admin/email-statistics", Value::Null),
        ("GET", "/api/admin/email-log/{id}", &format!("/api/admin/email-log/{email_id}"), Value::Null),
        ("POST", "/api/admin/email-log/{id}/resend", &format!("/api/admin/email-log/{email_id}/resend"), json!({})),
        ("GET", "/api/admin/security-settings", "/api/admin/security-settings", Value::Null),
        ("PUT", "/api/admin/security-settings", "/api/admin/security-settings", settings),
        ("GET", "/api/admin/audit-log", "/api/admin/audit-log", Value::Null),
        ("POST", "/api/admin/api-keys", "/api/admin/api-keys", key),
        ("GET", "/api/admin/api-keys", "/api/admin/api-keys", Value::Null),
        ("DELETE", "/api/admin/api-keys/{id}", "/api/admin/api-keys/{id}", Value::Null),
        ("GET", "/api/admin/diagnosis", "/api/admin/diagnosis?email=alice%40example.com", Value::Null),
        ("GET", "/api/admin/sender", "/api/admin/sender", Value::Null),
        ("POST", "/api/admin/exports", "/api/admin/exports", json!({ "user_id": petra })),
        ("GET", "/api/admin/suppressions", "/api/admin/suppressions", Value::Null),
        ("GET", "/api/admin/suppressions/{address}", sam, Value::Null),
        ("DELETE", "/api/admin/suppressions/{address}", sam, Value::Null),
        ("PUT", "/api/admin/suppressions/{address}", sam, json!({ "reason": "asked us to" })),
        ("POST", "/api/admin/suppressions/{address}/remove-and-resend", &format!("{sam}/remove-and-resend"), json!({})),
    ] {
        let path = if path.contains("{id}") {
            let keys = get(&mailkey, &admin, "/api/admin/api-keys").await.json();
            path.replace("{id}", keys["api_keys"][0]["id"].as_str().expect("the key that was created"))
        } else {
            path.to_owned()
        };
        let mut request = mailkey.request(method.parse().unwrap(), &path).bearer_auth(&admin);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = mailkey.send(request).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        bill.add(&format!("{method} {route}"), &calls(&mailkey, &answer).await);
        // The effects of this request change the cost of later ones, so wait for them.
        mailkey.settled().await;
    }
    let answer = post(&mailkey, &admin, "/api/admin/erasures", json!({ "address": STRANGER })).await.expect_status(202);
    bill.add("POST /api/admin/erasures", &calls(&mailkey, &answer).await);
    let path = format!("/api/admin/erasures/{}", answer.json()["id"].as_str().unwrap());
    let answer = get(&mailkey, &admin, &path).await.expect_status(200);
    bill.add("GET /api/admin/erasures/{id}", &calls(&mailkey, &answer).await);
    for (what, email, password) in [
        ("right", ALICE, PASSWORD),
        ("wrong", ALICE, "a wrong password"),
        ("unknown", STRANGER, PASSWORD),
        ("pending", PETRA, PASSWORD),
    ] {
        let answer = mailkey.sign_in(email, password).await;
        bill.add(&format!("POST /api/sign-in, {what}"), &calls(&mailkey, &answer).await);
    }
    let answer = mailkey.redeem_token(&"A".repeat(43), NEW_PASSWORD).await.expect_problem("invalid-token");
    bill.add("POST /api/redeem-token, no such token", &calls(&mailkey, &answer).await);
    let answer = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    bill.add("POST /api/redeem-token", &calls(&mailkey, &answer).await);
    let answer = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("invalid-token");
    bill.add("POST /api/redeem-token, spent", &calls(&mailkey, &answer).await);
    let petra_token = mailkey.new_token(PETRA).await;
    mailkey.redeem_token(&petra_token, PASSWORD).await.expect_status(204);
    let here = mailkey.signed_in(PETRA, PASSWORD).await;
    let body = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
    let answer = post(&mailkey, &here, "/api/change-password", body).await.expect_status(204);
    bill.add("POST /api/change-password", &calls(&mailkey, &answer).await);
    let here = mailkey.signed_in(ALICE, NEW_PASSWORD).await;
    mailkey.signed_in(ALICE, NEW_PASSWORD).await;
    let own = get(&mailkey, &here, "/api/sessions").await.json();
    let other = own["sessions"].as_array().unwrap().iter().find(|session| session["is_current"] == false).unwrap();
    let path = format!("/api/sessions/{}", other["id"].as_str().unwrap());
    let answer = mailkey.send(mailkey.request(Method::DELETE, &path).bearer_auth(&here)).await.expect_status(204);
    bill.add("DELETE /api/sessions/{id}", &calls(&mailkey, &answer).await);
    for (route, body, status) in [
        ("/api/step-up", json!({ "one_time_code": "000000" }), 401),
        ("/api/second-factor", json!({}), 201),
        ("/api/second-factor/confirm", json!({ "one_time_code": "000000" }), 401),
    ] {
        let answer = post(&mailkey, &admin, route, body).await.expect_status(status);
        bill.add(&format!("POST {route}"), &calls(&mailkey, &answer).await);
    }
    let path = format!("/api/admin/users/{alice}/second-factor");
    let answer = mailkey.send(mailkey.request(Method::DELETE, &path).bearer_auth(&admin)).await.expect_status(404);
    bill.add("DELETE /api/admin/users/{id}/second-factor", &calls(&mailkey, &answer).await);
    let answer = mailkey.sign_out(&admin).await.expect_status(204);
    bill.add("POST /api/sign-out", &calls(&mailkey, &answer).await);

    let billed = |(method, path): &(String, String)| {
        let route = format!("{method} {path}");
        bill.0.iter().any(|(what, _)| what.split(',').next() == Some(&*route))
    };
    let missing: Vec<_> = crate::template::routes().into_iter().filter(|route| !billed(route)).collect();
    assert!(missing.is_empty(), "no budget for {missing:?}");
    bill.expect(&[
        ("GET /api/health", 0, 0.0, 0.0),
        ("GET /api/openapi.json", 0, 0.0, 0.0),
        ("GET /api/session", 2, 0.0, 2.0),
        ("GET /api/sessions", 3, 0.0, 2.5),
        ("DELETE /api/sessions", 3, 8.0, 2.0),
        ("DELETE /api/admin/users/{id}/sessions", 4, 6.0, 3.0),
        ("POST /api/forgot-password", 1, 1.0, 0.0),
        ("POST /api/link-landings", 2, 1.0, 1.0),
        ("GET /api/admin/users", 4, 0.0, 3.0),
        ("POST /api/admin/users", 3, 22.0, 2.0),
        ("POST /api/admin/users/import", 3, 20.0, 2.0),
        ("GET /api/admin/users/{id}", 8, 0.0, 7.0),
        ("PATCH /api/admin/users/{id}", 10, 10.0, 8.0),
        ("POST /api/admin/users/{id}/reset-password", 5, 6.0, 4.0),
        ("POST /api/admin/users/{id}/require-new-password", 5, 8.0, 4.0),
        ("POST /api/admin/users/{id}/resend-activation", 5, 6.0, 4.0),
        ("POST /api/admin/users/{id}/unlock", 6, 8.0, 5.0),
        ("GET /api/admin/email-log", 10, 0.0, 6.0),
        ("GET /api/admin/email-log/export", 3, 3.0, 2.0),
        ("GET /api/admin/audit-log/export", 3, 3.0, 2.0),
        ("GET /api/admin/email-statistics", 3, 0.0, 2.5),
        ("GET /api/admin/email-log/{id}", 3, 0.0, 3.0),
        ("POST /api/admin/email-log/{id}/resend", 6, 6.0, 5.0),
        ("GET /api/admin/security-settings", 3, 0.0, 3.0),
        ("PUT /api/admin/security-settings", 3, 0.0, 3.0),
        ("GET /api/admin/audit-log", 3, 0.0, 2.5),
        ("POST /api/admin/api-keys", 5, 9.0, 3.0),
        ("GET /api/admin/api-keys", 3, 0.0, 2.5),
        ("DELETE /api/admin/api-keys/{id}", 4, 7.0, 2.5),
        ("GET /api/admin/diagnosis", 12, 0.0, 8.5),
        ("GET /api/admin/sender", 3, 0.0, 2.5),
        ("POST /api/admin/exports", 21, 3.0, 13.5),
        ("GET /api/admin/suppressions", 3, 0.0, 2.5),
        ("GET /api/admin/suppressions/{address}", 3, 0.0, 3.0),
        ("DELETE /api/admin/suppressions/{address}", 6, 7.0, 3.0),
        ("PUT /api/admin/suppressions/{address}", 4, 7.0, 3.0),
        ("POST /api/admin/suppressions/{address}/remove-and-resend", 8, 9.0, 5.0),
        ("POST /api/admin/erasures", 4, 6.0, 3.0),
        ("GET /api/admin/erasures/{id}", 3, 0.0, 3.0),
        ("POST /api/sign-in, right", 8, 5.0, 4.0),
        ("POST /api/sign-in, wrong", 7, 3.0, 4.0),
        ("POST /api/sign-in, unknown", 7, 3.0, 4.0),
        ("POST /api/sign-in, pending", 7, 3.0, 4.0),
        ("POST /api/redeem-token, no such token", 3, 1.0, 2.0),
        ("POST /api/redeem-token", 6, 10.0, 4.0),
        ("POST /api/redeem-token, spent", 2, 0.0, 2.0),
        ("POST /api/change-password", 9, 12.0, 6.0),
        ("DELETE /api/sessions/{id}", 4, 2.0, 2.5),
        ("POST /api/step-up", 6, 4.0, 4.0),
        ("POST /api/second-factor", 3, 1.0, 2.0),
        ("POST /api/second-factor/confirm", 6, 4.0, 4.0),
        ("DELETE /api/admin/users/{id}/second-factor", 5, 4.0, 3.0),
        ("POST /api/sign-out", 3, 2.0, 2.0),
    ]);
}

/// The mailer's cost for each kind of email and for each reason not to send one.
#[tokio::test]
async fn every_email_stays_within_its_budget() {
    let (mailkey, admin) = silent_ses().await;
    let mut bill = Bill::default();
    let ask = async |path: String, body: Value| post(&mailkey, &admin, &path, body).await;
    let lena = id_of(&mailkey, &admin, LENA).await;
    let gwen = id_of(&mailkey, &admin, GWEN).await;
    for address in [STRANGER, IVAN, SAM, PETRA] {
        mailkey.forgot_password(address).await.expect_status(202);
    }
    for _ in 0..4 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
        mailkey.settled().await;
    }
    let token = mailkey.outbox(ALICE).await[0].token().unwrap();
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    for _ in 0..10 {
        mailkey.sign_in(ALICE, "a wrong password").await;
    }
    ask(format!("/api/admin/users/{lena}/unlock"), json!({})).await.expect_status(204);
    let change = json!({ "email": "gwen@gmail.com" });
    patch(&mailkey, &admin, &gwen, change).await.expect_status(200);
    let tables = mailkey.settled().await;
    let text = |entry: &Value, name: &str| entry[name]["S"].as_str().unwrap_or_default().to_owned();
    let mut entries: Vec<_> = tables.of("EmailLog").iter().collect();
    entries.sort_by_key(|entry| text(entry, "id"));
    for entry in entries {
        let what = format!("{} {}", text(entry, "kind"), text(entry, "reason"));
        let calls = mailkey.calls_of_email(&text(entry, "id")).await;
        // One of each, plus a second link, which finds a recipient limit that exists already.
        let number = bill.0.iter().filter(|(known, _)| known.starts_with(what.trim())).count();
        match number {
            0 => bill.add(what.trim(), &calls),
            1 if what.starts_with("password_reset ") && text(entry, "reason").is_empty() => {
                bill.add(&format!("{}, again", what.trim()), &calls);
            }
            _ => {}
        }
    }
    let answer = mailkey.post("/_local/canary", &json!({})).await.expect_status(202);
    bill.add("canary", &calls(&mailkey, &answer).await);
    bill.expect(&[
        ("password_reset no_such_user", 5, 4.0, 3.0),
        ("password_reset user_inactive", 6, 4.0, 4.0),
        ("password_reset address_suppressed", 6, 4.0, 4.0),
        ("activation", 10, 7.0, 4.0),
        ("password_reset rate_limited", 8, 6.0, 4.0),
        ("password_changed", 7, 5.0, 3.0),
        ("account_locked", 9, 6.0, 4.0),
        ("account_unlocked", 8, 5.0, 4.0),
        ("address_changed", 7, 5.0, 3.0),
        ("canary", 5, 5.0, 1.0),
    ]);
}

/// The consumer's cost for each type of event.
#[tokio::test]
async fn every_event_stays_within_its_budget() {
    let (mailkey, admin) = silent_ses().await;
    let mut bill = Bill::default();
    for (number, (what, kind, detail)) in [
        ("send", "Send", json!({})),
        ("delivery", "Delivery", delivery("you@example.com")),
        ("delay", "DeliveryDelay", delay()),
        ("hard bounce", "Bounce", bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown")),
        ("mailbox full", "Bounce", bounce("Transient", "MailboxFull", "smtp; 452 4.2.2 full")),
        ("refused for policy", "Bounce", bounce("Permanent", "General", "smtp; 550 5.7.26 unauthenticated sender")),
        ("complaint", "Complaint", complaint()),
        ("reject", "Reject", json!({ "reason": "Bad content" })),
        ("rendering failure", "Rendering Failure", json!({ "templateName": "t", "errorMessage": "broken" })),
    ]
    .into_iter()
    .enumerate()
    {
        let sent = mailed(&mailkey, &admin, &format!("somebody-{number}@example.com")).await;
        let event = event(kind, detail, &sent);
        bill.add(what, &heard(&mailkey, &event).await);
        if matches!(what, "delivery" | "hard bounce") {
            bill.add(&format!("{what}, again"), &heard(&mailkey, &event).await);
        }
    }
    bill.expect(&[
        ("send", 1, 0.0, 1.0),
        ("delivery", 4, 2.0, 2.0),
        ("delivery, again", 1, 0.0, 1.0),
        ("delay", 3, 6.0, 1.0),
        ("hard bounce", 5, 11.0, 3.0),
        ("hard bounce, again", 1, 0.0, 1.0),
        ("mailbox full", 4, 8.0, 2.0),
        ("refused for policy", 6, 7.0, 1.0),
        ("complaint", 4, 9.0, 2.0),
        ("reject", 3, 6.0, 1.0),
        ("rendering failure", 4, 7.0, 1.0),
    ]);
}

/// Watched email: at most 6 write units for Send and Delivery, at most 14 for Send and a failure, whatever the failure.
#[tokio::test]
async fn watched_email_stays_within_its_budget() {
    let (mailkey, _) = watching().await;
    let mut bill = Bill::default();
    let at = &now();
    for (number, (kind, detail, limit)) in [
        ("Delivery", delivery("you@example.com"), 6.0),
        ("Bounce", bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown"), 14.0),
        ("Bounce", bounce("Permanent", "General", "smtp; 550 5.7.26 unauthenticated sender"), 14.0),
        ("Complaint", complaint(), 14.0),
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("somebody-{number}@example.org");
        let send = heard(&mailkey, &told("Send", number, at, &to, json!({}))).await;
        bill.add(&format!("{number}: Send"), &send);
        let outcome = heard(&mailkey, &told(kind, number, at, &to, detail)).await;
        bill.add(&format!("{number}: {kind}"), &outcome);
        let units = Cost::of(&send).write_units + Cost::of(&outcome).write_units;
        eprintln!("Send and {kind}: {units} write units");
        assert!(units <= limit, "Send and {kind}: {units} write units");
    }
    // Whatever senders write into subjects and tags.
    let long = |kind: &str, number: usize, to: &str, detail: Value| {
        let mut event = told(kind, number, at, to, detail);
        event["mail"]["commonHeaders"]["subject"] = "Ihre Rechnung für Öffentlichkeitsarbeit 4711 ".repeat(20).into();
        for tag in 0..10 {
            event["mail"]["tags"][format!("tag-{tag}-of-the-campaign")] = json!(["v".repeat(64)]);
        }
        event
    };
    for (number, kind, detail, limit) in [
        (10, "Delivery", delivery("you@example.com"), 6.0),
        (11, "Bounce", bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown"), 14.0),
        (12, "Complaint", complaint(), 14.0),
    ] {
        let to = format!("somebody-{number}@example.org");
        let send = heard(&mailkey, &long("Send", number, &to, json!({}))).await;
        let outcome = heard(&mailkey, &long(kind, number, &to, detail)).await;
        let units = Cost::of(&send).write_units + Cost::of(&outcome).write_units;
        eprintln!("Send and {kind} with a long subject and ten tags: {units} write units");
        assert!(units <= limit, "Send and {kind} with a long subject and ten tags: {units} write units");
    }
    // The first event also notes when the sender's last event came, which happens once a minute.
    bill.expect(&[
        ("0: Send", 5, 4.0, 2.0),
        ("0: Delivery", 4, 2.0, 2.0),
        ("1: Send", 4, 3.0, 2.0),
        ("1: Bounce", 5, 7.0, 3.0),
        ("2: Send", 4, 3.0, 2.0),
        ("2: Bounce", 4, 3.0, 2.0),
        ("3: Send", 4, 3.0, 2.0),
        ("3: Complaint", 4, 3.0, 2.0),
    ]);
}

/// A page of the email log reads eight partitions side by side, at half a read unit for every 4 KB of each. Which
/// partition an entry is in is random: the limit is for any spread of the 40 entries, 24 KB in total.
#[tokio::test]
async fn a_page_of_the_email_log_costs_only_its_rows() {
    let (mailkey, admin) = silent_ses().await;
    for number in 0..40 {
        mailkey.forgot_password(&format!("nobody-{number}@example.com")).await.expect_status(202);
    }
    mailkey.settled().await;
    for path in ["/api/admin/email-log", "/api/admin/email-log?status=skipped"] {
        let answer = get(&mailkey, &admin, path).await.expect_status(200);
        let page = answer.json();
        assert_eq!(page["entries"].as_array().unwrap().len(), 25);
        let gate = 2.0;
        let units = Cost::of(&calls(&mailkey, &answer).await).read_units - gate;
        eprintln!("{path}: {units} units");
        assert!(units <= if path.contains('?') { 20.0 + 6.5 } else { 6.5 }, "{path}: {units} units");
    }
}

async fn calls(mailkey: &Mailkey, answer: &Answer) -> Vec<Call> {
    let found = mailkey.get(&format!("/_local/calls.json?request_id={}", answer.request_id())).await;
    // The call log has no entry for a request without calls.
    if found.status == 404 { Vec::new() } else { serde_json::from_value(found.json()).unwrap() }
}

/// Plays an event to the consumer and returns the calls that it made.
async fn heard(mailkey: &Mailkey, event: &Value) -> Vec<Call> {
    let answer = mailkey.send(mailkey.request(Method::POST, "/_local/ses-events").json(event)).await.expect_status(204);
    mailkey.calls(answer.request_id()).await
}

/// An event that a configuration set publishes, as SES sends it.
fn event(kind: &str, mut detail: Value, sent: &Sent) -> Value {
    for list in ["bouncedRecipients", "complainedRecipients", "delayedRecipients"] {
        if let Some(recipient) = detail.get_mut(list) {
            recipient[0]["emailAddress"] = sent.address.clone().into();
        }
    }
    if let Some(recipients) = detail.get_mut("recipients") {
        *recipients = json!([sent.address]);
    }
    let part = match kind {
        "DeliveryDelay" => "deliveryDelay",
        "Rendering Failure" => "failure",
        _ => &kind.to_lowercase(),
    };
    json!({
        "eventType": kind,
        "mail": {
            "timestamp": AT,
            "source": "Example Portal <no-reply@mail.example.com>",
            "messageId": sent.message_id,
            "destination": [sent.address],
            "tags": { "email_id": [sent.email_id], "ses:configuration-set": ["recovery"] },
        },
        part: detail,
    })
}

const AT: &str = "2026-11-25T10:00:00.000Z";

fn delivery(recipient: &str) -> Value {
    json!({
        "timestamp": AT,
        "processingTimeMillis": 1600,
        "recipients": [recipient],
        "smtpResponse": "250 2.0.0 OK  1774000000 d2e1a72fcca58-7c8a1b2c3d4si1234567b3a.123 - gsmtp",
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    })
}

fn delay() -> Value {
    json!({
        "timestamp": AT,
        "delayType": "MailboxFull",
        "expirationTime": "2026-11-25T14:00:00.000Z",
        "delayedRecipients": [{ "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 full" }],
    })
}

fn bounce(kind: &str, subtype: &str, said: &str) -> Value {
    json!({
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [{ "status": said.split(' ').nth(2), "action": "failed", "diagnosticCode": said }],
        "timestamp": AT,
        "feedbackId": format!("feedback-{kind}-{subtype}-{}", said.len()),
    })
}

fn complaint() -> Value {
    json!({
        "complainedRecipients": [{}],
        "timestamp": AT,
        "feedbackId": "feedback-complaint",
        "complaintFeedbackType": "abuse",
    })
}

fn digest_of(token: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(BASE64_URL_SAFE_NO_PAD.decode(token).unwrap()))
}

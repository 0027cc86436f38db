//! Erasure and export of what is stored about one person (GDPR, articles 15 and 17).

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD, prelude::BASE64_URL_SAFE_NO_PAD};
use mailkey_tests::{ALICE, Folder, Mailkey, NEW_PASSWORD, Setup, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::{
    admin::{ADMIN, ADMIN_PASSWORD, get, id_of, patch, post, staff},
    events::{Sent, bounce, encoded, entry, last_sent, play, silent_ses},
    watched_senders::{now, told, watching},
};

const ZEBULON: &str = "Zebulon.Quagmire@example.org";
const CANONICAL: &str = "zebulon.quagmire@example.org";

/// Creates the person, and as many traces as the service leaves. Returns the id and the last email.
async fn traces(mailkey: &Mailkey, admin: &str) -> (String, Sent) {
    let created = json!({ "email": ZEBULON, "display_name": "Zebulon Quagmire" });
    post(mailkey, admin, "/api/admin/users", created).await.expect_status(201);
    let id = id_of(mailkey, admin, ZEBULON).await;
    let token = mailkey.mail_number(1, ZEBULON).await.token().unwrap();
    let redeemed = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    mailkey.sign_in(ZEBULON, NEW_PASSWORD).await.expect_status(200);
    mailkey.sign_in(CANONICAL, "a wrong password").await.expect_problem("invalid-credentials");
    let device = redeemed.device();
    mailkey.sign_in_on(device.as_deref(), ZEBULON, "a wrong password").await.expect_problem("invalid-credentials");
    // Bounces with a reply that names the address.
    mailkey.forgot_password("ZEBULON.quagmire@example.org").await.expect_status(202);
    mailkey.settled().await;
    let sent = last_sent(mailkey, admin, ZEBULON).await;
    let mut first = bounce(&sent, "f-1");
    first["bounce"]["bouncedRecipients"][0]["diagnosticCode"] =
        format!("smtp; 550 5.1.1 <{ZEBULON}>: no such user").into();
    assert_eq!(play(mailkey, &first).await, 204);
    let path = format!("/api/admin/suppressions/{}", encoded(CANONICAL));
    mailkey.send(mailkey.request(Method::DELETE, &path).bearer_auth(admin)).await.expect_status(204);
    let reason = json!({ "reason": "asked us to" });
    mailkey.send(mailkey.request(Method::PUT, &path).bearer_auth(admin).json(&reason)).await.expect_status(200);
    mailkey.settled().await;
    (id, sent)
}

async fn erased(mailkey: &Mailkey, admin: &str, body: Value) -> Value {
    let started = post(mailkey, admin, "/api/admin/erasures", body).await.expect_status(202).json();
    assert_eq!(started["state"], "running", "{started}");
    done(mailkey, admin, started["id"].as_str().unwrap()).await
}

async fn done(mailkey: &Mailkey, admin: &str, id: &str) -> Value {
    let path = format!("/api/admin/erasures/{id}");
    eventually("the erasure is done", || async {
        let erasure = get(mailkey, admin, &path).await.expect_status(200).json();
        (erasure["state"] == "done").then_some(erasure)
    })
    .await
}

/// Everything that the service stores and writes.
async fn everything(mailkey: &Mailkey, admin: &str) -> Vec<(&'static str, String)> {
    let audit = get(mailkey, admin, "/api/admin/audit-log?limit=100").await.expect_status(200).text();
    let log = get(mailkey, admin, "/api/admin/email-log?limit=100").await.expect_status(200).text();
    let tables = mailkey.get("/_local/tables.json").await.expect_status(200).text();
    let outbox = mailkey.get("/_local/outbox.json").await.expect_status(200).text();
    let places = [
        ("audit", audit),
        ("email log", log),
        ("tables", tables),
        ("outbox", outbox),
        ("logs", mailkey.logs().join("\n")),
    ];
    places.map(|(place, text)| (place, text.to_lowercase())).to_vec()
}

/// The address, its unique parts, the name, and plain hashes of the address in every form.
fn unwanted() -> Vec<String> {
    let mut unwanted: Vec<_> = [CANONICAL, "zebulon", "quagmire"].map(str::to_owned).to_vec();
    for address in [CANONICAL, ZEBULON] {
        let hash = sha2::Sha256::digest(address);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let base64 = [BASE64_STANDARD_NO_PAD.encode(hash), BASE64_URL_SAFE_NO_PAD.encode(hash)];
        unwanted.push(hex[..32].to_owned());
        unwanted.extend(base64.iter().map(|hash| hash[..20].to_lowercase()));
    }
    unwanted
}

#[tokio::test]
async fn after_an_erasure_nothing_names_the_person() {
    let (mailkey, admin) = silent_ses().await;
    let (id, _) = traces(&mailkey, &admin).await;
    let before = everything(&mailkey, &admin).await;
    let tables = &before.iter().find(|(place, _)| *place == "tables").unwrap().1;
    assert!(tables.contains(CANONICAL), "there is something to erase");
    for (place, text) in before.iter().filter(|(place, _)| ["audit", "logs"].contains(place)) {
        assert!(!text.contains("zebulon"), "an address or a name is in the {place}");
    }

    let erasure = erased(&mailkey, &admin, json!({ "user_id": id })).await;
    assert!(erasure["erased"].as_i64().unwrap() >= 10, "{erasure}");
    for (place, text) in everything(&mailkey, &admin).await {
        for part in unwanted() {
            let around = text.find(&part).map(|at| &text[at.saturating_sub(200)..(at + 100).min(text.len())]);
            assert!(around.is_none(), "{part} is in the {place}: {around:?}");
        }
    }
    get(&mailkey, &admin, &format!("/api/admin/users/{id}")).await.expect_problem("not-found");
    mailkey.sign_in(ZEBULON, NEW_PASSWORD).await.expect_problem("invalid-credentials");
    // The emails still count, without a recipient.
    let log = get(&mailkey, &admin, "/api/admin/email-log").await.json();
    let without: Vec<_> = log["entries"].as_array().unwrap().iter().filter(|it| it["recipient"] == "erased").collect();
    assert!(without.len() >= 2 && without.iter().all(|entry| entry["erased_at"].is_string()), "{log:#}");
    // Who asked for it stays in the audit log, under the id.
    let audit = get(&mailkey, &admin, &format!("/api/admin/audit-log?target=user:{id}&action=erase")).await.json();
    assert_eq!(audit["entries"].as_array().unwrap().len(), 1, "{audit}");
}

/// Changes a user's address and sends a link to the new one.
async fn move_to(mailkey: &Mailkey, admin: &str, id: &str, email: &str) {
    patch(mailkey, admin, id, json!({ "email": email })).await.expect_status(200);
    mailkey.forgot_password(email).await.expect_status(202);
    mailkey.settled().await;
}

#[tokio::test]
async fn an_erasure_and_an_export_cover_former_addresses() {
    let (mailkey, admin) = silent_ses().await;
    let (id, _) = traces(&mailkey, &admin).await;
    for email in ["second@former.example", "third@former.example"] {
        move_to(&mailkey, &admin, &id, email).await;
    }
    let exported =
        post(&mailkey, &admin, "/api/admin/exports", json!({ "user_id": id })).await.expect_status(200).json();
    let suppressions = &exported["tables"]["Suppressions"];
    assert!(suppressions.to_string().contains(CANONICAL), "the suppression of the first address: {exported:#}");
    erased(&mailkey, &admin, json!({ "user_id": id })).await;
    eventually("nothing names the person", || async {
        let everything = everything(&mailkey, &admin).await;
        let is_left = |part: &str| everything.iter().any(|(_, text)| text.contains(part));
        let is_erased = !unwanted().iter().any(|part| is_left(part)) && !is_left("d@former.example");
        is_erased.then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_erasure_leaves_a_former_address_alone_that_somebody_else_has_now() {
    let (mailkey, admin) = silent_ses().await;
    let (id, _) = traces(&mailkey, &admin).await;
    move_to(&mailkey, &admin, &id, "second@former.example").await;
    let another = json!({ "email": ZEBULON, "display_name": "Another" });
    post(&mailkey, &admin, "/api/admin/users", another).await.expect_status(201);
    erased(&mailkey, &admin, json!({ "user_id": id })).await;
    id_of(&mailkey, &admin, ZEBULON).await;
    let path = format!("/api/admin/suppressions/{}", encoded(CANONICAL));
    get(&mailkey, &admin, &path).await.expect_status(200);
    let stored = mailkey.get("/_local/tables.json").await.expect_status(200).text();
    assert!(!stored.contains("second@former.example"));
}

#[tokio::test]
async fn a_reply_that_names_somebody_else_is_kept_without_the_address() {
    let (mailkey, admin) = silent_ses().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.settled().await;
    let sent = last_sent(&mailkey, &admin, ALICE).await;
    let mut event = bounce(&sent, "f-1");
    event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] =
        format!("smtp; 550 5.1.1 <{ALICE}> forwarded to <{ZEBULON}>: no such user").into();
    assert_eq!(play(&mailkey, &event).await, 204);
    let entry = entry(&mailkey, &admin, &sent).await.to_string();
    assert!(entry.contains("forwarded to <z***@example.org>") && entry.contains(ALICE), "{entry}");
    erased(&mailkey, &admin, json!({ "address": ZEBULON })).await;
    for (place, text) in everything(&mailkey, &admin).await {
        assert!(!text.contains("zebulon"), "{place}");
    }
}

#[tokio::test]
async fn an_erased_entry_accepts_the_status_of_later_events_and_nothing_else() {
    let (mailkey, admin) = silent_ses().await;
    let (id, _) = traces(&mailkey, &admin).await;
    post(&mailkey, &admin, &format!("/api/admin/suppressions/{}/remove-and-resend", encoded(CANONICAL)), json!({}))
        .await
        .expect_status(202);
    mailkey.settled().await;
    let sent = last_sent(&mailkey, &admin, CANONICAL).await;
    erased(&mailkey, &admin, json!({ "user_id": id })).await;
    let mut late = bounce(&sent, "f-9");
    late["mail"]["tags"] = json!({ "email_id": [sent.email_id] });
    late["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = format!("smtp; 550 5.1.1 <{ZEBULON}>: unknown").into();
    assert_eq!(play(&mailkey, &late).await, 204);
    let entry = entry(&mailkey, &admin, &sent).await;
    assert_eq!((&entry["status"], &entry["recipient"]), (&json!("bounced"), &json!("erased")), "{entry:#}");
    for (place, text) in everything(&mailkey, &admin).await {
        assert!(!text.contains("zebulon"), "the event brought the address back, into the {place}");
    }
}

/// A sender may name the person anywhere: in the envelope sender, the subject and the tags.
#[tokio::test]
async fn an_erased_email_of_a_watched_sender_names_nobody_and_late_events_change_only_its_status() {
    let (mailkey, admin) = watching().await;
    let at = now();
    let mut sent = told("Send", 1, &at, ZEBULON, json!({}));
    sent["mail"]["source"] = "bounces+zebulon.quagmire=example.org@portal.example".into();
    sent["mail"]["commonHeaders"] = json!({ "from": ["zebulon@portal.example"], "subject": "Welcome, Zebulon" });
    sent["mail"]["tags"]["person"] = json!(["zebulon"]);
    assert_eq!(play(&mailkey, &sent).await, 204);
    erased(&mailkey, &admin, json!({ "address": CANONICAL })).await;
    let said = format!("smtp; 550 5.1.1 <{ZEBULON}>: unknown");
    let mut bounced = told("Bounce", 1, &at, ZEBULON, crate::watched_senders::bounce("5.1.1", &said));
    bounced["mail"] = sent["mail"].clone();
    let mut too_old = bounced.clone();
    too_old["mail"]["timestamp"] = "2020-01-01T00:00:00Z".into();
    for event in [&bounced, &bounced, &too_old] {
        assert_eq!(play(&mailkey, event).await, 204);
    }
    let log = get(&mailkey, &admin, "/api/admin/email-log?origin=watched").await.json();
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(
        (entries.len(), &entries[0]["status"], &entries[0]["recipient"]),
        (1, &json!("bounced"), &json!("erased"))
    );
    assert_eq!(entries[0]["configuration_set"], "portal");
    for name in ["from", "envelope_from", "subject", "tags"] {
        assert!(entries[0][name].is_null(), "{name}");
    }
    let tables = mailkey.tables().await;
    for table in ["EmailLog", "SesEvents", "Suppressions"] {
        let text = format!("{:?}", tables.of(table)).to_lowercase();
        assert!(!text.contains("zebulon") && !text.contains("quagmire"), "{table}: {text}");
    }
}

/// Most recipients of watched email have no account.
#[tokio::test]
async fn watched_email_of_an_address_without_an_account_is_exported_and_erased() {
    let (mailkey, admin) = watching().await;
    let neighbour = "zebulon@example.net";
    let said = format!("smtp; 550 5.1.1 <{ZEBULON}>: unknown");
    for (number, event) in [
        told("Send", 1, &now(), ZEBULON, json!({})),
        told("Bounce", 2, &now(), ZEBULON, crate::watched_senders::bounce("5.1.1", &said)),
        told("Send", 3, &now(), neighbour, json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(play(&mailkey, &event).await, 204, "{number}");
    }
    let export = || post(&mailkey, &admin, "/api/admin/exports", json!({ "address": CANONICAL }));
    let before = export().await.expect_status(200).json();
    assert!(before["user_id"].is_null(), "{before:#}");
    let of = |table: &str| before["tables"][table].as_array().map_or(0, Vec::len);
    assert_eq!((of("EmailLog"), of("Suppressions")), (2, 1), "{before:#}");

    erased(&mailkey, &admin, json!({ "address": CANONICAL })).await;
    let after = export().await.expect_status(200).json();
    let left: Vec<_> = after["tables"].as_object().unwrap().keys().filter(|table| *table != "AuditLog").collect();
    assert!(left.is_empty(), "{after:#}");
    let tables = mailkey.tables().await;
    assert_eq!(tables.having("EmailLog", "recipient", neighbour).len(), 1);
    for table in ["EmailLog", "SesEvents", "Suppressions", "RecipientLimits", "SenderState"] {
        let text = format!("{:?}", tables.of(table)).to_lowercase();
        assert!(!text.contains(CANONICAL) && !text.contains("quagmire"), "{table}: {text}");
    }
    // The numbers stay.
    let statistics = get(&mailkey, &admin, "/api/admin/email-statistics").await.json();
    let watched = json!({ "origin": "watched", "sender": "portal.example", "statuses": { "bounced": 1, "sent": 2 } });
    assert!(statistics["senders"].as_array().unwrap().contains(&watched), "{statistics}");
}

#[tokio::test]
async fn an_erasure_continues_after_a_crash() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path()).env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let setup = setup.env("MAILKEY_LOCAL_SES_EVENTS", "off").without_collapsing();
    let mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let (id, _) = traces(&mailkey, &admin).await;
    // It gets as far as the log's raw events, and no further.
    mailkey.dynamodb_faults(json!({ "mode": "fail", "table": "SesEvents", "operation": "Scan" })).await;
    let body = json!({ "user_id": id });
    let started = post(&mailkey, &admin, "/api/admin/erasures", body).await.expect_status(202).json();
    let erasure = started["id"].as_str().unwrap();
    let path = format!("/api/admin/erasures/{erasure}");
    eventually("the erasure is stuck", || async {
        let erasure = get(&mailkey, &admin, &path).await.expect_status(200).json();
        assert_eq!(erasure["state"], "running");
        (erasure["step"] == "ses_events").then_some(())
    })
    .await;
    mailkey.kill();

    let mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    done(&mailkey, &admin, erasure).await;
    for (place, text) in everything(&mailkey, &admin).await {
        assert!(!text.contains("zebulon"), "after the crash, the {place} still names the person");
    }
    mailkey.terminate().await;
    let outbox = std::fs::read_to_string(folder.path().join("outbox.jsonl")).unwrap();
    assert!(!outbox.to_lowercase().contains("zebulon"), "the outbox's file still names the person");
}

#[tokio::test]
async fn an_address_without_an_account_is_erased_and_the_neighbours_stay() {
    let (mailkey, admin) = silent_ses().await;
    let (stranger, neighbour) = ("quentin@example.org", "quentin@example.org.example");
    for address in [stranger, neighbour] {
        mailkey.forgot_password(address).await.expect_status(202);
        mailkey.sign_in(address, "a wrong password").await.expect_problem("invalid-credentials");
    }
    mailkey.settled().await;
    erased(&mailkey, &admin, json!({ "address": "QUENTIN@example.org" })).await;
    let tables = mailkey.tables().await;
    assert!(tables.log_of(stranger).is_empty() && tables.having("FailedSignIns", "address_key", stranger).is_empty());
    assert_eq!(tables.having("EmailLog", "recipient", neighbour).len(), 1);
    assert_eq!(tables.having("FailedSignIns", "address_key", neighbour).len(), 1);
    let audit =
        get(&mailkey, &admin, &format!("/api/admin/audit-log?target=address:{}", encoded(stranger))).await.json();
    assert_eq!(audit["entries"][0]["action"], "erase", "{audit}");
    assert!(!audit.to_string().contains("quentin"), "{audit}");
}

#[tokio::test]
async fn staff_nobody_and_broken_requests_are_refused() {
    let (mailkey, admin) = silent_ses().await;
    let own = id_of(&mailkey, &admin, ADMIN).await;
    staff(&mailkey, &admin, "sue@example.com", "support").await;
    let support = id_of(&mailkey, &admin, "sue@example.com").await;
    for path in ["/api/admin/erasures", "/api/admin/exports"] {
        for body in [
            json!({}),
            json!({ "user_id": null }),
            json!({ "user_id": "x" }),
            json!({ "address": "x" }),
            json!({ "user_id": own, "address": "alice@example.com" }),
            json!({ "address": ["alice@example.com"] }),
            json!({ "address": "alice@example.com", "all": true }),
        ] {
            post(&mailkey, &admin, path, body).await.expect_problem("malformed-request");
        }
        let nobody = json!({ "user_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
        post(&mailkey, &admin, path, nobody).await.expect_problem("not-found");
    }
    for id in [own, support] {
        post(&mailkey, &admin, "/api/admin/erasures", json!({ "user_id": id })).await.expect_problem("not-allowed");
    }
    get(&mailkey, &admin, "/api/admin/erasures/01ARZ3NDEKTSV4RRFFQ69G5FAV").await.expect_problem("not-found");
}

#[tokio::test]
async fn an_export_shows_everything_that_is_stored_about_a_person_without_secrets() {
    let (mailkey, admin) = silent_ses().await;
    let (id, _) = traces(&mailkey, &admin).await;
    let exported = post(&mailkey, &admin, "/api/admin/exports", json!({ "address": ZEBULON })).await.expect_status(200);
    let json = exported.json();
    assert_eq!((&json["address"], &json["user_id"]), (&json!(CANONICAL), &json!(id)));
    assert_eq!(json["not_read_to_the_end"], json!([]));
    let tables: Vec<_> = json["tables"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "AuditLog",
        "EmailLog",
        "EmailRequests",
        "FailedSignIns",
        "RecipientLimits",
        "SesEvents",
        "Sessions",
        "Suppressions",
        "Tokens",
        "Users",
    ];
    assert_eq!(tables, expected, "{json:#}");
    assert_eq!(json["tables"]["FailedSignIns"].as_array().unwrap().len(), 2, "of the address and of the device");
    assert_eq!(json["tables"]["Users"][0]["display_name"], "Zebulon Quagmire");
    for secret in ["argon2", "\"digest\"", "password_hash"] {
        assert!(!exported.text().contains(secret), "{secret} is in the export");
    }
    let audit = get(&mailkey, &admin, "/api/admin/audit-log?action=export_person").await.json();
    assert_eq!(audit["entries"][0]["target"], format!("user:{id}"), "{audit}");
}

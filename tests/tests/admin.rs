//! What administrators do, and how it is audited.

use std::collections::BTreeSet;

use mailkey_tests::{ALICE, Answer, LENA, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, SAM, Setup, eventually};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const ADMIN: &str = "admin@example.com";
pub(crate) const ADMIN_PASSWORD: &str = "an administrators password";

/// Starts a service and signs its administrator in.
pub(crate) async fn an_administrator() -> (Mailkey, String) {
    let mailkey = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).without_collapsing().start().await;
    let session = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    (mailkey, session)
}

/// Creates a user with a role, activates the account and returns a session.
pub(crate) async fn staff(mailkey: &Mailkey, admin: &str, email: &str, role: &str) -> String {
    let body = json!({ "email": email, "display_name": "Somebody", "role": role });
    post(mailkey, admin, "/api/admin/users", body).await.expect_status(201);
    let token = mailkey.mail_number(1, email).await.token().unwrap();
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    mailkey.signed_in(email, NEW_PASSWORD).await
}

pub(crate) async fn get(mailkey: &Mailkey, session: &str, path: &str) -> Answer {
    mailkey.send(mailkey.request(Method::GET, path).bearer_auth(session)).await
}

pub(crate) async fn post(mailkey: &Mailkey, session: &str, path: &str, body: Value) -> Answer {
    mailkey.send(mailkey.request(Method::POST, path).bearer_auth(session).json(&body)).await
}

pub(crate) async fn patch(mailkey: &Mailkey, session: &str, id: &str, body: Value) -> Answer {
    let path = format!("/api/admin/users/{id}");
    mailkey.send(mailkey.request(Method::PATCH, &path).bearer_auth(session).json(&body)).await
}

pub(crate) async fn id_of(mailkey: &Mailkey, session: &str, email: &str) -> String {
    let path = format!("/api/admin/users?query={}", email.replace('@', "%40").replace('+', "%2B"));
    let found = get(mailkey, session, &path).await.expect_status(200).json();
    assert_eq!(found["users"].as_array().unwrap().len(), 1, "{found}");
    found["users"][0]["id"].as_str().unwrap().to_owned()
}

/// The audit entries about a user, newest first: action, outcome and IP address.
async fn audit(mailkey: &Mailkey, session: &str, id: &str) -> Vec<String> {
    let path = format!("/api/admin/audit-log?target=user:{id}");
    let log = get(mailkey, session, &path).await.expect_status(200).json();
    let entries = log["entries"].as_array().unwrap().iter();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    entries.map(|entry| format!("{} {} {}", text(entry, "action"), text(entry, "outcome"), text(entry, "ip"))).collect()
}

#[tokio::test]
async fn support_finds_a_user_resets_the_password_follows_the_log_and_unlocks_the_account() {
    let (mailkey, admin) = an_administrator().await;
    let support = staff(&mailkey, &admin, "sue@example.com", "support").await;
    let lena = id_of(&mailkey, &support, LENA).await;
    let record = get(&mailkey, &support, &format!("/api/admin/users/{lena}")).await.expect_status(200).json();
    assert!(record["locked_until"].is_string(), "{record}");

    let path = format!("/api/admin/users/{lena}/reset-password");
    let reset = post(&mailkey, &support, &path, json!({})).await.expect_status(202).json();
    let email_id = reset["email_id"].as_str().unwrap().to_owned();
    let entry = eventually("the email is delivered", || async {
        let answer = get(&mailkey, &support, &format!("/api/admin/email-log/{email_id}")).await;
        (answer.status == 200 && answer.json()["status"] == "delivered").then(|| answer.json())
    })
    .await;
    assert_eq!((entry["trigger"].as_str(), entry["kind"].as_str()), (Some("admin"), Some("password_reset")));
    let events: Vec<_> =
        entry["timeline"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["queued", "sent", "delivered"]);
    let mail = mailkey.mail_number(1, LENA).await;
    assert!(mail.text.contains("administrator"), "the email names the administrator: {}", mail.text);

    post(&mailkey, &support, &format!("/api/admin/users/{lena}/unlock"), json!({})).await.expect_status(204);
    mailkey.sign_in(LENA, PASSWORD).await.expect_status(200);
    let mail = mailkey.mail_number(2, LENA).await;
    assert!(mail.subject.contains("unlocked"), "{}", mail.subject);
    assert_eq!(audit(&mailkey, &admin, &lena).await, ["unlock done 127.0.0.1", "reset_password done 127.0.0.1"]);
}

#[tokio::test]
async fn a_link_that_cannot_be_sent_is_refused_immediately_with_its_reason_and_audited() {
    let (mailkey, admin) = an_administrator().await;
    for (email, action, code) in [
        ("ivan@example.com", "reset-password", "user-inactive"),
        ("ivan@example.com", "resend-activation", "user-inactive"),
        (SAM, "reset-password", "address-suppressed"),
        (ALICE, "resend-activation", "already-active"),
    ] {
        let id = id_of(&mailkey, &admin, email).await;
        let path = format!("/api/admin/users/{id}/{action}");
        post(&mailkey, &admin, &path, json!({})).await.expect_problem(code);
        assert!(audit(&mailkey, &admin, &id).await[0].contains("refused"));
    }
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let path = format!("/api/admin/users/{alice}/reset-password");
    for number in 1..=3 {
        post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
        mailkey.mail_number(number, ALICE).await;
    }
    // The limit per address is for links that anyone can ask for.
    post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
    mailkey.mail_number(4, ALICE).await;
}

/// Case 46 of the security cases: neither edit may be lost silently.
#[tokio::test]
async fn case_46_two_edits_at_once_are_both_applied_or_one_is_refused() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let spellings = ["ALICE@example.com", "Alice@example.com"];
    for round in 0..20 {
        let (email, locale) = (spellings[round % 2], ["fr", "es"][round % 2]);
        let (spelled, translated) = tokio::join!(
            patch(&mailkey, &admin, &alice, json!({ "email": email })),
            patch(&mailkey, &admin, &alice, json!({ "locale": locale })),
        );
        let record = get(&mailkey, &admin, &format!("/api/admin/users/{alice}")).await.json();
        for (answer, field, wanted) in [(spelled, "email", email), (translated, "locale", locale)] {
            assert!([200, 409].contains(&answer.status), "{}", answer.text());
            assert!(answer.status == 409 || record[field] == wanted, "round {round} lost {field}: {record}");
        }
    }
}

/// Case 48 of the security cases.
#[tokio::test]
async fn a_session_that_a_deactivation_ended_does_not_return_with_the_user() {
    let (mailkey, admin) = an_administrator().await;
    let (alice, session) = (id_of(&mailkey, &admin, ALICE).await, mailkey.signed_in(ALICE, PASSWORD).await);
    for status in ["inactive", "active"] {
        patch(&mailkey, &admin, &alice, json!({ "status": status })).await.expect_status(200);
        mailkey.session(&session).await.expect_problem("sign-in-required");
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn a_search_matches_the_start_of_any_word_and_is_paged() {
    let (mailkey, admin) = an_administrator().await;
    for (email, name) in
        [("ann.lee@example.net", "Ann Lee"), ("annika@example.net", "Annika Berg"), ("bo@example.net", "Bo Annison")]
    {
        post(&mailkey, &admin, "/api/admin/users", json!({ "email": email, "display_name": name }))
            .await
            .expect_status(201);
    }
    for (query, expected) in [
        ("ann", vec!["Ann Lee", "Annika Berg", "Bo Annison"]),
        ("ANN", vec!["Ann Lee", "Annika Berg", "Bo Annison"]),
        ("ann%20ber", vec!["Annika Berg"]),
        ("lee", vec!["Ann Lee"]),
        ("ann.l", vec!["Ann Lee"]),
        ("bo%40", vec!["Bo Annison"]),
        ("zzz", vec![]),
    ] {
        let found = get(&mailkey, &admin, &format!("/api/admin/users?query={query}")).await.expect_status(200).json();
        let mut names: Vec<_> =
            found["users"].as_array().unwrap().iter().map(|user| user["display_name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{query}");
    }
    let mut path = "/api/admin/users?limit=4".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = get(&mailkey, &admin, &path).await.expect_status(200).json();
        seen.extend(page["users"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/admin/users?limit=4&cursor={cursor}");
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (10, 10), "{seen:?}");
}

#[tokio::test]
async fn settings_apply_from_the_next_request_and_reject_invalid_values_and_stale_versions() {
    let (mailkey, admin) = an_administrator().await;
    let path = "/api/admin/security-settings";
    let put = async |settings: &Value| {
        mailkey.send(mailkey.request(Method::PUT, path).bearer_auth(&admin).json(settings)).await
    };
    let before = get(&mailkey, &admin, path).await.expect_status(200).json();
    let mut wanted = before.clone();
    wanted["max_failed_sign_ins"] = 2.into();
    wanted["min_password_length"] = 8.into();
    put(&wanted).await.expect_status(200);
    put(&wanted).await.expect_problem("stale-version");
    let mut beyond = get(&mailkey, &admin, path).await.json();
    beyond["link_lifetime_hours"] = 25.into();
    put(&beyond).await.expect_problem("malformed-request");

    for _ in 0..2 {
        mailkey.sign_in(ALICE, "wrong").await.expect_problem("invalid-credentials");
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    let notice = mailkey.mail_number(1, ALICE).await;
    assert!(notice.subject.contains("locked"), "{}", notice.subject);
    let token = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&token, "q7#Vd!x2kPz").await.expect_status(204);
    mailkey.sign_in(ALICE, "q7#Vd!x2kPz").await.expect_status(200);
}

#[tokio::test]
async fn an_api_key_is_limited_to_its_routes_shown_once_and_ends_when_revoked_or_expired() {
    let (mailkey, admin) = an_administrator().await;
    let body = json!({ "name": "CRM", "role": "support", "routes": ["GET /api/admin/users"], "expires_in_days": 1 });
    let made = post(&mailkey, &admin, "/api/admin/api-keys", body.clone()).await.expect_status(201).json();
    let (key, id) = (made["api_key"].as_str().unwrap(), made["id"].as_str().unwrap());
    get(&mailkey, key, "/api/admin/users").await.expect_status(200);
    get(&mailkey, key, "/api/admin/email-log").await.expect_problem("admin-required");
    let all =
        post(&mailkey, &admin, "/api/admin/api-keys", json!({ "name": "all", "role": "admin", "expires_in_days": 1 }))
            .await;
    let all = all.expect_status(201).json()["api_key"].as_str().unwrap().to_owned();
    get(&mailkey, &all, "/api/session").await.expect_problem("sign-in-required");
    post(&mailkey, &all, "/api/admin/api-keys", body).await.expect_problem("not-allowed");

    let listed = get(&mailkey, &admin, "/api/admin/api-keys").await.expect_status(200).text();
    assert!(!listed.contains(key) && listed.contains(id) && listed.contains("last_used_at"));
    let tables = mailkey.get("/_local/tables.json").await.text();
    assert!(!tables.contains(&key["mk_".len()..]), "only the digest is stored");
    let revoke = mailkey.request(Method::DELETE, &format!("/api/admin/api-keys/{id}")).bearer_auth(&admin);
    mailkey.send(revoke).await.expect_status(204);
    get(&mailkey, key, "/api/admin/users").await.expect_problem("sign-in-required");
    mailkey.advance_clock(25 * 3600 * 1000).await;
    get(&mailkey, &all, "/api/admin/users").await.expect_problem("sign-in-required");
}

#[tokio::test]
async fn the_log_can_be_filtered_exported_and_resent() {
    let (mailkey, admin) = an_administrator().await;
    for email in [ALICE, PETRA, "ivan@example.com", "nobody@example.com"] {
        mailkey.forgot_password(email).await.expect_status(202);
    }
    mailkey.settled().await;
    for (filter, expected) in [
        ("", 4),
        ("?kind=activation", 1),
        ("?status=skipped", 2),
        ("?status=skipped&kind=password_reset&trigger=self_service", 2),
        ("?trigger=admin", 0),
        ("?recipient=ALICE%40example.com", 1),
        ("?recipient=alice%40example.com&status=skipped", 0),
        ("?from=2100-01-01T00:00:00Z", 0),
        ("?to=2100-01-01T00:00:00Z", 4),
        ("?from=2100-01-01T00:00:00Z&to=2000-01-01T00:00:00Z", 0),
    ] {
        let log = get(&mailkey, &admin, &format!("/api/admin/email-log{filter}")).await.expect_status(200).json();
        assert_eq!(log["entries"].as_array().unwrap().len(), expected, "{filter}");
    }
    let csv = get(&mailkey, &admin, "/api/admin/email-log/export?status=skipped").await.expect_status(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.text().lines().count(), 3, "{}", csv.text());

    let sent = get(&mailkey, &admin, "/api/admin/email-log?recipient=alice%40example.com").await.json();
    let id = sent["entries"][0]["id"].as_str().unwrap();
    post(&mailkey, &admin, &format!("/api/admin/email-log/{id}/resend"), json!({})).await.expect_status(202);
    mailkey.mail_number(2, ALICE).await;
    let nobody = get(&mailkey, &admin, "/api/admin/email-log?recipient=nobody%40example.com").await.json();
    let id = nobody["entries"][0]["id"].as_str().unwrap();
    post(&mailkey, &admin, &format!("/api/admin/email-log/{id}/resend"), json!({}))
        .await
        .expect_problem("not-resendable");
}

#[tokio::test]
async fn the_audit_log_is_exported_across_pages_and_each_export_is_in_it() {
    let (mailkey, admin) = an_administrator().await;
    let export = || get(&mailkey, &admin, "/api/admin/audit-log/export?action=export_audit_log");
    for _ in 0..mailkey::paging::MAX_LIMIT {
        export().await.expect_status(200);
    }
    let csv = export().await.expect_status(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    let (header, rows) = text.split_once("\r\n").unwrap();
    assert_eq!(header, "id,at,action,outcome,actor,role,api_key,ip,request_id,target,detail");
    let ids: BTreeSet<_> = rows.lines().filter_map(|row| row.split(',').next()).collect();
    assert_eq!(ids.len(), mailkey::paging::MAX_LIMIT + 1, "{text}");
    assert!(rows.lines().all(|row| row.contains(",export_audit_log,done,")), "{text}");
    let none = get(&mailkey, &admin, "/api/admin/audit-log/export?action=unlock").await.expect_status(200);
    assert_eq!(none.text().lines().count(), 1);
    get(&mailkey, &admin, "/api/admin/audit-log/export?action=nonsense").await.expect_problem("malformed-request");
}

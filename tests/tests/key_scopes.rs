//! What an API key may not do, whatever its role, and how it is told and recorded. SECURITY cases 39 and 44.

use mailkey_tests::{ALICE, Answer, Mailkey, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{ADMIN, an_administrator, get, id_of, patch, post, staff};

const SUE: &str = "sue@example.com";

async fn delete(mailkey: &Mailkey, credential: &str, path: &str) -> Answer {
    mailkey.send(mailkey.request(Method::DELETE, path).bearer_auth(credential)).await
}

/// Creates a key and returns its secret.
async fn key(mailkey: &Mailkey, admin: &str, role: &str, routes: &[&str]) -> String {
    let body = json!({ "name": "CRM", "role": role, "routes": routes, "expires_in_days": 1 });
    let made = post(mailkey, admin, "/api/admin/api-keys", body).await.expect_status(201).json();
    made["api_key"].as_str().unwrap().to_owned()
}

/// The newest entry of the audit log.
async fn newest(mailkey: &Mailkey, admin: &str) -> Value {
    let page = get(mailkey, admin, "/api/admin/audit-log?limit=1").await.expect_status(200).json();
    page["entries"][0].clone()
}

#[tokio::test]
async fn case_39_a_request_outside_the_keys_routes_says_so_and_is_recorded() {
    let (mailkey, admin) = an_administrator().await;
    let key = key(&mailkey, &admin, "support", &["GET /api/admin/users"]).await;
    let refused = get(&mailkey, &key, "/api/admin/email-log").await.expect_problem("admin-required");
    assert_eq!(refused.json()["detail"], "This API key can’t call this route. It can call GET /api/admin/users.");
    let entry = newest(&mailkey, &admin).await;
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("call_route"), &json!("refused")), "{entry}");
    assert_eq!(entry["target"], "route:GET /api/admin/email-log");
    let keys = get(&mailkey, &admin, "/api/admin/api-keys").await.expect_status(200).json();
    assert_eq!(entry["actor"]["api_key"], keys["api_keys"][0]["id"]);
    assert!(keys["api_keys"][0]["last_used_at"].is_string(), "{keys}");
}

#[tokio::test]
async fn case_44_a_key_that_was_not_made_for_sign_in_is_refused_there_and_recorded() {
    let (mailkey, admin) = an_administrator().await;
    let key = key(&mailkey, &admin, "support", &[]).await;
    let body = json!({ "email": ALICE, "password": PASSWORD });
    post(&mailkey, &key, "/api/sign-in", body).await.expect_problem("admin-required");
    let entry = newest(&mailkey, &admin).await;
    assert_eq!(
        (&entry["target"], &entry["outcome"]),
        (&json!("route:POST /api/sign-in"), &json!("refused")),
        "{entry}"
    );
}

#[tokio::test]
async fn case_39_a_key_gives_no_role_and_changes_nobody_who_has_one() {
    let (mailkey, admin) = an_administrator().await;
    staff(&mailkey, &admin, SUE, "admin").await;
    let sue = id_of(&mailkey, &admin, SUE).await;
    let to_sue = |what: &str| format!("/api/admin/users/{sue}{what}");
    let key = key(&mailkey, &admin, "admin", &[]).await;
    let (own, alice) = (id_of(&mailkey, &admin, ADMIN).await, id_of(&mailkey, &admin, ALICE).await);
    let before = mailkey.settled().await;
    let hash = "$2b$04$abcdefghijklmnopqrstuuK6YH7qXkXQ9S1n4w8r5T6e7y8u9i0o1";
    let person = |role: &str| json!({ "email": "mallory@example.com", "display_name": "Mallory", "role": role });
    let mut hashed = person("admin");
    hashed["password_hash"] = hash.into();
    for answer in [
        post(&mailkey, &key, "/api/admin/users", person("support")).await,
        post(&mailkey, &key, "/api/admin/users", person("admin")).await,
        post(&mailkey, &key, "/api/admin/users/import", json!({ "users": [person("member"), hashed] })).await,
        patch(&mailkey, &key, &alice, json!({ "role": "admin" })).await,
        patch(&mailkey, &key, &own, json!({ "email": "mallory@example.com" })).await,
        patch(&mailkey, &key, &own, json!({ "display_name": "Mallory" })).await,
        // Anyone who can change an administrator's address can take over the account.
        patch(&mailkey, &key, &sue, json!({ "email": "mallory@example.com" })).await,
        patch(&mailkey, &key, &sue, json!({ "status": "inactive" })).await,
        patch(&mailkey, &key, &sue, json!({ "role": "member" })).await,
        delete(&mailkey, &key, &to_sue("/second-factor")).await,
        delete(&mailkey, &key, &to_sue("/sessions")).await,
        post(&mailkey, &key, &to_sue("/require-new-password"), json!({})).await,
        post(&mailkey, &key, &to_sue("/reset-password"), json!({})).await,
        post(&mailkey, &key, &format!("/api/admin/users/{own}/reset-password"), json!({})).await,
        post(&mailkey, &key, &to_sue("/unlock"), json!({})).await,
    ] {
        let detail = answer.expect_problem("not-allowed").json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("an API key can’t create or change an account with a role above member"), "{detail}");
        let entry = newest(&mailkey, &admin).await;
        assert_eq!((&entry["outcome"], entry["actor"]["api_key"].is_string()), (&json!("refused"), true), "{entry}");
    }
    let after = mailkey.settled().await;
    for table in ["Users", "EmailRequests", "Tokens"] {
        assert_eq!(after.of(table), before.of(table), "{table}");
    }
    // Everything else that its role allows still works.
    post(&mailkey, &key, "/api/admin/users", person("member")).await.expect_status(201);
    patch(&mailkey, &key, &alice, json!({ "display_name": "Alice A.", "role": "member" })).await.expect_status(200);
}

#[tokio::test]
async fn case_39_a_key_is_limited_to_routes_that_exist_and_that_its_role_reaches() {
    let (mailkey, admin) = an_administrator().await;
    for (role, routes, says) in [
        ("support", json!(["GET /api/admin/users", "GET /api/admin/nothing"]), "/routes/1 isn’t a route"),
        ("support", json!(["GET /api/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV"]), "/routes/0 isn’t a route"),
        ("support", json!(["POST /api/admin/users"]), "/routes/0 needs a key with the role admin"),
    ] {
        let body = json!({ "name": "CRM", "role": role, "routes": routes, "expires_in_days": 1 });
        let refused = post(&mailkey, &admin, "/api/admin/api-keys", body).await.expect_problem("not-allowed");
        assert!(refused.text().contains(says), "{}", refused.text());
        let entry = newest(&mailkey, &admin).await;
        assert_eq!((&entry["action"], &entry["outcome"]), (&json!("create_api_key"), &json!("refused")), "{entry}");
    }
    for (role, route) in [("support", "POST /api/sign-in"), ("admin", "POST /api/admin/users")] {
        key(&mailkey, &admin, role, &[route]).await;
    }
}

/// A member wrote 9 MB of audit log in four seconds with long paths.
#[tokio::test]
async fn case_44_a_refusal_is_recorded_with_the_route_and_not_with_the_path() {
    let (mailkey, admin) = an_administrator().await;
    let member = staff(&mailkey, &admin, "max@example.com", "member").await;
    let long = "x".repeat(4000);
    get(&mailkey, &member, &format!("/api/admin/users/{long}?query={long}")).await.expect_problem("admin-required");
    let entry = newest(&mailkey, &admin).await;
    assert_eq!(entry["target"], "route:GET /api/admin/users/{id}");
    assert!(entry.to_string().len() < 500, "{entry}");
}

#[tokio::test]
async fn case_44_the_audit_log_is_filtered_by_action() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    for name in ["A", "B"] {
        patch(&mailkey, &admin, &alice, json!({ "display_name": name })).await.expect_status(200);
        post(&mailkey, &admin, &format!("/api/admin/users/{alice}/reset-password"), json!({})).await.expect_status(202);
    }
    let own = id_of(&mailkey, &admin, ADMIN).await;
    for (query, expected) in [
        ("action=edit_user".to_owned(), 2),
        (format!("action=edit_user&target=user:{alice}"), 2),
        (format!("action=reset_password&actor={own}"), 2),
        (format!("action=unlock&actor={own}"), 0),
        ("action=edit_user&limit=1".to_owned(), 1),
    ] {
        let page = get(&mailkey, &admin, &format!("/api/admin/audit-log?{query}")).await.expect_status(200).json();
        assert_eq!(page["entries"].as_array().unwrap().len(), expected, "{query}: {page}");
        assert_eq!(page["next_cursor"].is_string(), query.ends_with("limit=1"), "{query}");
    }
    get(&mailkey, &admin, "/api/admin/audit-log?action=gossip").await.expect_problem("malformed-request");
}

#[tokio::test]
async fn case_44_sign_ins_of_staff_are_recorded_whether_they_succeed_or_not() {
    let (mailkey, admin) = an_administrator().await;
    let own = id_of(&mailkey, &admin, ADMIN).await;
    mailkey.sign_in(ADMIN, "a wrong password").await.expect_problem("invalid-credentials");
    mailkey.sign_in(ALICE, "a wrong password").await.expect_problem("invalid-credentials");
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    let page = get(&mailkey, &admin, "/api/admin/audit-log?action=sign_in").await.expect_status(200).json();
    let entries = page["entries"].as_array().unwrap();
    let outcomes: Vec<_> = entries.iter().map(|entry| entry["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refused", "done"], "{page}");
    for entry in entries {
        assert_eq!((&entry["actor"]["user_id"], &entry["ip"]), (&json!(own), &json!("127.0.0.1")), "{entry}");
    }
    assert!(entries[0]["detail"].as_str().unwrap().contains("invalid-credentials"), "{page}");
    // Guessing on fills neither the counter nor the audit log.
    for _ in 0..15 {
        mailkey.sign_in(ADMIN, "a wrong password").await;
    }
    let page = get(&mailkey, &admin, "/api/admin/audit-log?action=sign_in").await.expect_status(200).json();
    assert!(page["entries"].as_array().unwrap().len() <= 2 + 10, "{page}");
}

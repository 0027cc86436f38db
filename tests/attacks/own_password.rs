//! Changing one's own password, and being made to. SECURITY cases 47 and 48.

use mailkey_tests::{ALICE, Mailkey, NEW_PASSWORD, PASSWORD, SAM};
use serde_json::json;

use crate::admin::{ADMIN, ADMIN_PASSWORD, an_administrator, get, id_of, patch, post, staff};

const CHANGE: &str = "/api/change-password";

async fn change(mailkey: &Mailkey, session: &str, current: &str, new: &str) -> mailkey_tests::Answer {
    post(mailkey, session, CHANGE, json!({ "current_password": current, "new_password": new })).await
}

#[tokio::test]
async fn case_47_a_changed_password_keeps_this_session_and_ends_everything_else() {
    let (mailkey, admin) = an_administrator().await;
    let link = mailkey.new_token(ALICE).await;
    let (here, there) = (mailkey.signed_in(ALICE, PASSWORD).await, mailkey.signed_in(ALICE, PASSWORD).await);
    change(&mailkey, &here, PASSWORD, NEW_PASSWORD).await.expect_status(204);
    mailkey.session(&here).await.expect_status(200);
    mailkey.session(&there).await.expect_problem("sign-in-required");
    assert!(!mailkey.is_alive(&link).await, "a link that was sent before");
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("invalid-credentials");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    let notice = mailkey.mail_number(2, ALICE).await;
    assert!(notice.subject.contains("was changed"), "{}", notice.subject);
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let log = get(&mailkey, &admin, "/api/admin/audit-log?action=change_password").await.expect_status(200).json();
    assert_eq!(log["entries"][0]["target"], format!("user:{alice}"));
    // The other sessions are ended again, although this one began before.
    let there = mailkey.signed_in(ALICE, NEW_PASSWORD).await;
    change(&mailkey, &here, NEW_PASSWORD, PASSWORD).await.expect_status(204);
    mailkey.session(&there).await.expect_problem("sign-in-required");
    mailkey.session(&here).await.expect_status(200);
}

#[tokio::test]
async fn case_47_a_wrong_current_password_counts_like_one_at_sign_in() {
    let (mailkey, _) = an_administrator().await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    for _ in 0..9 {
        change(&mailkey, &session, "a wrong password", NEW_PASSWORD).await.expect_problem("invalid-credentials");
    }
    mailkey.sign_in(ALICE, "a wrong password").await.expect_problem("invalid-credentials");
    change(&mailkey, &session, PASSWORD, NEW_PASSWORD).await.expect_problem("account-locked");
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    mailkey.session(&session).await.expect_status(200);
}

#[tokio::test]
async fn case_47_a_weak_new_password_changes_nothing_and_an_api_key_has_no_password() {
    let (mailkey, admin) = an_administrator().await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    let weak = change(&mailkey, &session, PASSWORD, "short").await.expect_problem("weak-password");
    assert_eq!(weak.json()["reasons"][0]["code"], "too_short");
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    let body = json!({ "name": "CRM", "role": "admin", "expires_in_days": 1 });
    let made = post(&mailkey, &admin, "/api/admin/api-keys", body).await.expect_status(201).json();
    let key = made["api_key"].as_str().unwrap();
    change(&mailkey, key, ADMIN_PASSWORD, NEW_PASSWORD).await.expect_problem("sign-in-required");
    mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
}

#[tokio::test]
async fn case_48_a_required_new_password_stops_the_old_one_and_everything_that_it_opened() {
    let (mailkey, admin) = an_administrator().await;
    let session = staff(&mailkey, &admin, "sue@example.com", "admin").await;
    let body = json!({ "name": "CRM", "role": "support", "expires_in_days": 1 });
    let made = post(&mailkey, &session, "/api/admin/api-keys", body).await.expect_status(201).json();
    let key = made["api_key"].as_str().unwrap();
    get(&mailkey, key, "/api/admin/users").await.expect_status(200);
    let sue = id_of(&mailkey, &admin, "sue@example.com").await;
    let path = format!("/api/admin/users/{sue}/require-new-password");
    post(&mailkey, &session, &path, json!({})).await.expect_problem("not-allowed");
    mailkey.settled().await;
    let before = mailkey.outbox("sue@example.com").await.len();
    post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in("sue@example.com", NEW_PASSWORD).await.expect_problem("invalid-credentials");
    get(&mailkey, key, "/api/admin/users").await.expect_problem("sign-in-required");
    // Switching the account off and on doesn't bring anything back.
    let email = mailkey.mail_number(before + 1, "sue@example.com").await;
    mailkey.redeem_token(&email.token().unwrap(), PASSWORD).await.expect_status(204);
    mailkey.session(&session).await.expect_problem("sign-in-required");
    get(&mailkey, key, "/api/admin/users").await.expect_problem("sign-in-required");
    mailkey.sign_in("sue@example.com", PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn case_48_reactivating_a_user_restores_no_session() {
    let (mailkey, admin) = an_administrator().await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    for status in ["inactive", "active"] {
        patch(&mailkey, &admin, &alice, json!({ "status": status })).await.expect_status(200);
        mailkey.session(&session).await.expect_problem("sign-in-required");
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn case_48_reactivating_an_administrator_restores_no_api_key() {
    let (mailkey, admin) = an_administrator().await;
    let sue = "sue@example.com";
    staff(&mailkey, &admin, sue, "admin").await;
    let body = json!({ "name": "CRM", "role": "support", "expires_in_days": 1 });
    for (change, change_back) in [
        (json!({ "status": "inactive" }), json!({ "status": "active" })),
        (json!({ "role": "support" }), json!({ "role": "admin" })),
    ] {
        let session = mailkey.signed_in(sue, NEW_PASSWORD).await;
        let made = post(&mailkey, &session, "/api/admin/api-keys", body.clone()).await.expect_status(201).json();
        let key = made["api_key"].as_str().unwrap();
        get(&mailkey, key, "/api/admin/users").await.expect_status(200);
        let id = id_of(&mailkey, &admin, sue).await;
        for change in [change, change_back] {
            patch(&mailkey, &admin, &id, change).await.expect_status(200);
            get(&mailkey, key, "/api/admin/users").await.expect_problem("sign-in-required");
        }
    }
}

#[tokio::test]
async fn case_48_a_new_password_is_not_required_of_someone_whom_no_link_reaches() {
    let (mailkey, admin) = an_administrator().await;
    let sam = id_of(&mailkey, &admin, SAM).await;
    let path = format!("/api/admin/users/{sam}/require-new-password");
    post(&mailkey, &admin, &path, json!({})).await.expect_problem("address-suppressed");
    mailkey.sign_in(SAM, PASSWORD).await.expect_status(200);
}

//! Case 40: who is notified of new access, and which API keys a recovery revokes.

use mailkey_tests::{ALICE, Mailkey, PASSWORD};
use serde_json::json;

use crate::admin::{ADMIN, an_administrator, get, id_of, patch, post, staff};

const SUE: &str = "sue@example.com";
const KEYS: &str = "/api/admin/api-keys";

/// The texts of the security notices to an address.
async fn notices(mailkey: &Mailkey, to: &str) -> Vec<String> {
    mailkey.settled().await;
    let emails = mailkey.outbox(to).await;
    emails.iter().filter(|mail| mail.subject.starts_with("Access to")).map(|mail| mail.text.clone()).collect()
}

#[tokio::test]
async fn case_40_a_recovery_revokes_the_keys_that_the_person_created_and_the_notice_names_them() {
    let (mailkey, admin) = an_administrator().await;
    let sue = staff(&mailkey, &admin, SUE, "admin").await;
    let key = |name: &str| json!({ "name": name, "role": "support", "expires_in_days": 1 });
    let make = async |session: &str, name: &str| {
        let made = post(&mailkey, session, KEYS, key(name)).await.expect_status(201).json();
        made["api_key"].as_str().unwrap().to_owned()
    };
    let (hers, another) = (make(&sue, "CRM https://evil.test").await, make(&sue, "Export").await);
    let of_admin = make(&admin, "Helpdesk").await;
    for key in [&hers, &another, &of_admin] {
        get(&mailkey, key, "/api/admin/users").await.expect_status(200);
    }
    mailkey.settled().await;
    let before = mailkey.outbox(SUE).await.len();
    let token = mailkey.new_token(SUE).await;
    mailkey.redeem_token(&token, PASSWORD).await.expect_status(204);
    for key in [&hers, &another] {
        get(&mailkey, key, "/api/admin/users").await.expect_problem("sign-in-required");
    }
    get(&mailkey, &of_admin, "/api/admin/users").await.expect_status(200);
    let notice = mailkey.mail_number(before + 2, SUE).await;
    let text = notice.text.replace(['\u{2068}', '\u{2069}', '\n'], " ");
    assert!(text.contains("API keys") && text.contains("Export") && text.contains("CRM https evil test"), "{text}");
    let keys = get(&mailkey, &admin, KEYS).await.expect_status(200).json();
    let revoked = keys["api_keys"].as_array().unwrap().iter().filter(|key| key["revoked_at"].is_string()).count();
    assert_eq!(revoked, 2, "{keys}");
}

#[tokio::test]
async fn case_40_the_creator_and_the_other_administrators_are_told_of_a_new_key() {
    let (mailkey, admin) = an_administrator().await;
    let sue = staff(&mailkey, &admin, SUE, "admin").await;
    staff(&mailkey, &admin, "tom@example.com", "support").await;
    let (before, of_admin) = (notices(&mailkey, SUE).await.len(), notices(&mailkey, ADMIN).await.len());
    let body = json!({ "name": "CRM", "role": "support", "expires_in_days": 1 });
    post(&mailkey, &sue, KEYS, body.clone()).await.expect_status(201);
    assert_eq!(notices(&mailkey, SUE).await.len(), before + 1);
    let told = notices(&mailkey, ADMIN).await;
    assert_eq!(told.len(), of_admin + 1);
    assert!(told[0].contains("CRM"), "{}", told[0]);
    assert_eq!(notices(&mailkey, "tom@example.com").await.len(), 0);
    // A key that is refused is nothing to be told of.
    let refused = json!({ "name": "CRM", "role": "support", "routes": ["GET /api/nothing"], "expires_in_days": 1 });
    post(&mailkey, &sue, KEYS, refused).await.expect_problem("not-allowed");
    assert_eq!(notices(&mailkey, ADMIN).await.len(), of_admin + 1);
}

#[tokio::test]
async fn case_40_administrators_are_told_of_a_new_administrator_however_it_came_about() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    patch(&mailkey, &admin, &alice, json!({ "role": "support" })).await.expect_status(200);
    assert_eq!(notices(&mailkey, ADMIN).await.len(), 0);
    patch(&mailkey, &admin, &alice, json!({ "role": "admin" })).await.expect_status(200);
    assert_eq!(notices(&mailkey, ADMIN).await.len(), 1);
    assert_eq!(notices(&mailkey, ALICE).await.len(), 1);
    let created = json!({ "email": "new@example.com", "display_name": "Newcomer", "role": "admin" });
    post(&mailkey, &admin, "/api/admin/users", created).await.expect_status(201);
    let imported = json!({ "email": "old@example.com", "display_name": "Veteran", "role": "admin" });
    post(&mailkey, &admin, "/api/admin/users/import", json!({ "users": [imported] })).await.expect_status(200);
    let told = notices(&mailkey, ADMIN).await;
    assert_eq!(told.len(), 3);
    assert!(told[0].contains("Veteran") && told[1].contains("Newcomer"), "{told:?}");
    // Alice has been notified as an administrator. Once she is a member again, she gets no more notices.
    assert_eq!(notices(&mailkey, ALICE).await.len(), 3);
    patch(&mailkey, &admin, &alice, json!({ "role": "member" })).await.expect_status(200);
    let last = json!({ "email": "last@example.com", "display_name": "Last", "role": "admin" });
    post(&mailkey, &admin, "/api/admin/users", last).await.expect_status(201);
    assert_eq!(notices(&mailkey, ALICE).await.len(), 3);
}

//! What a token can do after its account has changed, and what an administrator can learn about it. Cases 7, 8 and 10
//! to 13.

use mailkey_tests::{ALICE, HOUR, IVAN, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, STRANGER};
use serde_json::{Value, json};

use crate::admin::{ADMIN, ADMIN_PASSWORD, an_administrator, get, id_of, patch, post};

#[tokio::test]
async fn case_07_changing_the_address_cancels_all_links_and_notifies_the_old_address() {
    let (mailkey, admin) = an_administrator().await;
    let token = mailkey.new_token(ALICE).await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    patch(&mailkey, &admin, &alice, json!({ "email": "ivan@example.com" })).await.expect_problem("email-taken");
    assert!(mailkey.is_alive(&token).await, "a refused change cancels no link");
    patch(&mailkey, &admin, &alice, json!({ "email": "alice@example.org" })).await.expect_status(200);
    assert!(!mailkey.is_alive(&token).await);
    let notice = mailkey.mail_number(2, ALICE).await;
    assert!(notice.subject.contains("address") && !notice.text.contains("alice@example.org"), "{}", notice.text);
    mailkey.sign_in("alice@example.org", PASSWORD).await.expect_status(200);
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("invalid-credentials");
    assert_eq!(id_of(&mailkey, &admin, "alice@example.org").await, alice);
    let old = get(&mailkey, &admin, "/api/admin/users?query=alice%40example.com").await.json();
    assert_eq!(old["users"], json!([]), "the search no longer finds the old address");
}

/// ASVS 5.0, 7.4.3.
#[tokio::test]
async fn case_11_a_redemption_ends_every_session() {
    let mailkey = Mailkey::start().await;
    let desk = mailkey.signed_in(ALICE, PASSWORD).await;
    let phone = mailkey.signed_in(ALICE, PASSWORD).await;
    mailkey.session(&desk).await.expect_status(200);
    mailkey.recover(ALICE).await.expect_status(204);
    for session in [desk, phone] {
        mailkey.session(&session).await.expect_problem("sign-in-required");
        mailkey.sign_out(&session).await.expect_problem("sign-in-required");
    }
}

/// OWASP Forgot Password cheat sheet: access to the email alone must not start a session (ASVS 5.0, 6.4.3).
#[tokio::test]
async fn case_12_a_redemption_does_not_sign_in() {
    let mailkey = Mailkey::start().await;
    let answer = mailkey.recover(ALICE).await.expect_status(204);
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-mailkey-device="));
    assert!(answer.body.is_empty());
    assert!(mailkey.tables().await.of("Sessions").is_empty());
}

/// CVE-2023-48220, CVE-2026-52809: a link only serves its purpose, and only for the lifetime of its kind.
#[tokio::test]
async fn case_08_each_kind_of_link_has_its_own_lifetime_and_does_nothing_afterwards() {
    let (mailkey, _) = an_administrator().await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("link_lifetime_hours", 1), ("activation_lifetime_hours", 3)]).await;
    let reset = mailkey.new_token(ALICE).await;
    let activation = mailkey.new_token(PETRA).await;
    mailkey.advance_clock(HOUR).await;
    assert!(!mailkey.is_alive(&reset).await, "a reset link works for one hour");
    assert!(mailkey.is_alive(&activation).await, "an activation link works for three");
    mailkey.advance_clock(2 * HOUR).await;
    mailkey.redeem_token(&activation, NEW_PASSWORD).await.expect_problem("invalid-token");
    mailkey.sign_in(PETRA, NEW_PASSWORD).await.expect_problem("invalid-credentials");
    // An idle session of staff has ended by now.
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    // An expired activation link, next to a new one.
    let fresh = mailkey.new_token(PETRA).await;
    mailkey.redeem_token(&activation, NEW_PASSWORD).await.expect_problem("invalid-token");
    assert_eq!(status(&mailkey, &admin, PETRA).await, "pending");
    mailkey.redeem_token(&fresh, NEW_PASSWORD).await.expect_status(204);
    assert_eq!(status(&mailkey, &admin, PETRA).await, "active");
}

/// A reset link doesn't activate an account, and an activation link can't change the password of an active account.
/// This also applies to links that an administrator sent.
#[tokio::test]
async fn case_08_a_link_of_one_kind_does_not_work_for_the_other() {
    let (mailkey, admin) = an_administrator().await;
    let petra = id_of(&mailkey, &admin, PETRA).await;
    let path = format!("/api/admin/users/{petra}/resend-activation");
    post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
    let by_admin = mailkey.mail_number(1, PETRA).await.token().unwrap();
    let own = mailkey.new_token(PETRA).await;
    mailkey.redeem_token(&own, NEW_PASSWORD).await.expect_status(204);
    let before = mailkey.settled().await;
    mailkey.redeem_token(&by_admin, "a password of someone else").await.expect_problem("invalid-token");
    assert_eq!(mailkey.tables().await.of("Users"), before.of("Users"));

    let alice = id_of(&mailkey, &admin, ALICE).await;
    let reset = mailkey.new_token(ALICE).await;
    for status in ["inactive", "active"] {
        patch(&mailkey, &admin, &alice, json!({ "status": status })).await.expect_status(200);
        let before = mailkey.tables().await;
        mailkey.redeem_token(&reset, NEW_PASSWORD).await.expect_problem("invalid-token");
        assert_eq!(mailkey.tables().await.of("Users"), before.of("Users"), "{status}");
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

/// CVE-2025-0604: neither an earlier link nor a new request lets an inactive user in.
#[tokio::test]
async fn case_10_no_link_reactivates_an_inactive_account() {
    let (mailkey, admin) = an_administrator().await;
    let token = mailkey.new_token(ALICE).await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    patch(&mailkey, &admin, &alice, json!({ "status": "inactive" })).await.expect_status(200);
    let before = mailkey.tables().await;
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("invalid-token");
    assert_eq!(mailkey.tables().await.of("Users"), before.of("Users"));
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_problem("invalid-credentials");
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-inactive");
    let disabled = mailkey.post_raw("/api/forgot-password", &json!({ "email": ALICE })).await.comparable();
    let unknown = mailkey.post_raw("/api/forgot-password", &json!({ "email": STRANGER })).await.comparable();
    assert_eq!(disabled, unknown);
    mailkey.forgot_password(IVAN).await.expect_status(202);
    let tables = mailkey.settled().await;
    assert_eq!(mailkey.outbox(ALICE).await.len(), 1, "only the link from before");
    assert_eq!(tables.outcomes_of(ALICE)[0], "skipped user_inactive");
    assert!(mailkey.outbox(IVAN).await.is_empty());
}

/// A known fault in Kratos: a user who hasn't activated the account asks for a reset, and must get the activation email
/// again.
#[tokio::test]
async fn case_10_a_pending_user_gets_activation_emails_and_never_a_reset_link() {
    let mailkey = Mailkey::start().await;
    for number in 1..=3 {
        mailkey.forgot_password(PETRA).await.expect_status(202);
        let mail = mailkey.mail_number(number, PETRA).await;
        let link = mail.secret_link().unwrap();
        assert!(link.starts_with(&format!("{}/activate/#token=", mailkey.site_url)), "{link}");
        assert!(!mail.text.contains("/reset-password/") && !mail.html.contains("/reset-password/"));
        mailkey.advance_clock(2 * MINUTE).await;
    }
}

/// OWASP ASVS 5.0, 6.4.6, CVE-2023-36472: an administrator can neither choose nor see the secret, anywhere.
#[tokio::test]
async fn case_13_an_administrator_can_neither_see_nor_choose_the_secret() {
    let (mailkey, admin) = an_administrator().await;
    let mut secrets = Vec::new();
    let mut seen = Vec::new();
    for (email, action) in [(PETRA, "resend-activation"), (ALICE, "reset-password")] {
        let id = id_of(&mailkey, &admin, email).await;
        let path = format!("/api/admin/users/{id}/{action}");
        for body in [
            json!({ "password": "a password of my choice" }),
            json!({ "new_password": "a password of my choice" }),
            json!({ "email": "evil@evil.test" }),
            json!({ "redirect": "//evil" }),
            json!({ "token": "A".repeat(43) }),
        ] {
            post(&mailkey, &admin, &path, body).await.expect_problem("malformed-request");
        }
        let answer = post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
        seen.push((path.clone(), answer.text()));
        secrets.push(mailkey.mail_number(1, email).await.token().unwrap());
        let refused = post(&mailkey, &admin, &path.replace(&id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), json!({})).await;
        seen.push(("an error".to_owned(), refused.text()));
        seen.push((path, get(&mailkey, &admin, &format!("/api/admin/users/{id}")).await.expect_status(200).text()));
        let diagnosis = format!("/api/admin/diagnosis?email={}", email.replace('@', "%40"));
        seen.push((diagnosis.clone(), get(&mailkey, &admin, &diagnosis).await.expect_status(200).text()));
    }
    mailkey.settled().await;
    let log = get(&mailkey, &admin, "/api/admin/email-log").await.expect_status(200);
    for entry in log.json()["entries"].as_array().unwrap() {
        let path = format!("/api/admin/email-log/{}", entry["id"].as_str().unwrap());
        seen.push((path.clone(), get(&mailkey, &admin, &path).await.expect_status(200).text()));
    }
    for path in [
        "/api/admin/email-log",
        "/api/admin/email-log/export",
        "/api/admin/audit-log",
        "/api/admin/audit-log/export",
        "/api/admin/users",
        "/api/admin/sender",
    ] {
        seen.push((path.to_owned(), get(&mailkey, &admin, path).await.expect_status(200).text()));
    }
    assert!(seen.len() > 12 && mailkey.whole_outbox().await.len() == 2);
    for (path, text) in &seen {
        for secret in &secrets {
            assert!(!text.contains(&secret[..12]), "{path} contains a token");
        }
        for word in ["$argon2", "#token", "password_hash", "Choose your password", "digest"] {
            assert!(!text.contains(word), "{path} contains {word}");
        }
    }
    for secret in &secrets {
        assert!(mailkey.is_alive(secret).await);
    }
}

async fn status(mailkey: &Mailkey, admin: &str, email: &str) -> Value {
    let id = id_of(mailkey, admin, email).await;
    get(mailkey, admin, &format!("/api/admin/users/{id}")).await.expect_status(200).json()["status"].clone()
}

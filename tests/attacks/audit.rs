//! What is told to owners, and what is written down of every deed. Case 31.

use mailkey_tests::{ALICE, GWEN, LENA, Mailkey, NEW_PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{ADMIN, an_administrator, get, id_of, post};

/// All entries about a target, newest first.
async fn entries(mailkey: &Mailkey, admin: &str, target: &str) -> Vec<Value> {
    let path = format!("/api/admin/audit-log?target={}", target.replace('@', "%40"));
    get(mailkey, admin, &path).await.expect_status(200).json()["entries"].as_array().unwrap().clone()
}

/// NIST SP 800-63B-4 section 4.6, ASVS 5.0, 6.3.7 and 16.3: each deed has one entry that says who did what to whom,
/// when, from where, and what came of it.
#[tokio::test]
async fn case_31_each_deed_has_one_entry_and_each_change_of_an_account_a_notice_to_its_owner() {
    let (mailkey, admin) = an_administrator().await;
    let (alice, lena) = (id_of(&mailkey, &admin, ALICE).await, id_of(&mailkey, &admin, LENA).await);
    let own = id_of(&mailkey, &admin, ADMIN).await;

    post(&mailkey, &admin, &format!("/api/admin/users/{lena}/unlock"), json!({})).await.expect_status(204);
    notice(&mailkey, 1, LENA, "unlocked").await;
    post(&mailkey, &admin, &format!("/api/admin/users/{alice}/reset-password"), json!({})).await.expect_status(202);
    let token = mailkey.mail_number(1, ALICE).await.token().unwrap();
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    notice(&mailkey, 2, ALICE, "changed").await;
    let path = format!("/api/admin/suppressions/{}", GWEN.replace('@', "%40"));
    let suppress = mailkey.request(Method::PUT, &path).bearer_auth(&admin).json(&json!({ "reason": "asked to stop" }));
    assert!(mailkey.send(suppress).await.status < 300);
    assert!(mailkey.send(mailkey.request(Method::DELETE, &path).bearer_auth(&admin)).await.status < 300);
    for _ in 0..10 {
        mailkey.sign_in(ALICE, "wrong").await.expect_problem("invalid-credentials");
    }
    notice(&mailkey, 3, ALICE, "locked").await;

    let user = |id: &str| format!("user:{id}");
    for (target, actions, actor) in [
        (user(&lena), &["unlock"][..], &own),
        (user(&alice), &["redeem_token", "reset_password"], &own),
        (format!("suppression:{GWEN}"), &["lift_suppression", "suppress"], &own),
    ] {
        let entries = entries(&mailkey, &admin, &target).await;
        let seen: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(seen, actions, "{target}");
        for entry in &entries {
            // Whoever redeems a link acts as its user.
            let expected = if entry["action"] == "redeem_token" { &alice } else { actor };
            assert_eq!(entry["actor"]["user_id"], **expected, "{entry}");
            assert_eq!((&entry["outcome"], &entry["ip"]), (&json!("done"), &json!("127.0.0.1")), "{entry}");
            assert!(entry["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{entry}");
        }
    }
}

/// A notice goes to the address on the record, and says whom to ask.
async fn notice(mailkey: &Mailkey, number: usize, to: &str, about: &str) {
    let mail = mailkey.mail_number(number, to).await;
    assert!(mail.subject.contains(about), "{}", mail.subject);
    assert!(mail.text.contains("support@example.com") && mail.html.contains("support@example.com"), "{}", mail.text);
    assert_eq!(mail.token(), None, "a notice carries no link that opens anything");
}

/// There is no route that would change or take away what is written down.
#[tokio::test]
async fn case_31_no_route_changes_an_entry() {
    let (mailkey, admin) = an_administrator().await;
    let lena = id_of(&mailkey, &admin, LENA).await;
    post(&mailkey, &admin, &format!("/api/admin/users/{lena}/unlock"), json!({})).await.expect_status(204);
    let before = mailkey.tables().await;
    let id = before.of("AuditLog")[0]["id"]["S"].as_str().unwrap();
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::POST] {
        for path in ["/api/admin/audit-log".to_owned(), format!("/api/admin/audit-log/{id}")] {
            let request = mailkey.request(method.clone(), &path).bearer_auth(&admin).json(&json!({}));
            let status = mailkey.send(request).await.status;
            assert!(matches!(status, 404 | 405), "{method} {path}: {status}");
        }
    }
    assert_eq!(mailkey.tables().await.of("AuditLog"), before.of("AuditLog"));
}

/// Each deed fails as a whole where its entry can't be written.
#[tokio::test]
async fn case_31_what_can_not_be_written_down_does_not_happen() {
    let (mailkey, admin) = an_administrator().await;
    let (alice, lena) = (id_of(&mailkey, &admin, ALICE).await, id_of(&mailkey, &admin, LENA).await);
    let token = mailkey.new_token(ALICE).await;
    let before = mailkey.settled().await;
    // A transaction names its tables; that of an unlock begins with the counter.
    mailkey.dynamodb_faults(json!({ "mode": "fail", "operation": "TransactWriteItems" })).await;
    let suppression = format!("/api/admin/suppressions/{}", GWEN.replace('@', "%40"));
    let answers = [
        post(&mailkey, &admin, &format!("/api/admin/users/{lena}/unlock"), json!({})).await,
        post(&mailkey, &admin, &format!("/api/admin/users/{alice}/reset-password"), json!({})).await,
        mailkey.redeem_token(&token, NEW_PASSWORD).await,
        crate::admin::patch(&mailkey, &admin, &alice, json!({ "status": "inactive" })).await,
        mailkey
            .send(
                mailkey
                    .request(Method::PUT, &suppression)
                    .bearer_auth(&admin)
                    .json(&json!({ "reason": "asked to stop" })),
            )
            .await,
    ];
    for answer in answers {
        answer.expect_problem("service-unavailable");
    }
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    let after = mailkey.tables().await;
    for table in ["Users", "AuditLog", "Tokens", "Suppressions", "SignInAttempts", "RecoveryRequests"] {
        assert_eq!(after.of(table), before.of(table), "{table}");
    }
}

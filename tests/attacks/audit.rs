//! Notices to owners, and the audit log. Case 31.

use mailkey_tests::{ALICE, GWEN, LENA, Mailkey, NEW_PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{ADMIN, an_administrator, get, id_of, post};

/// All entries about a target, newest first.
async fn entries(mailkey: &Mailkey, admin: &str, target: &str) -> Vec<Value> {
    let path = format!("/api/admin/audit-log?target={}", target.replace('@', "%40"));
    get(mailkey, admin, &path).await.expect_status(200).json()["entries"].as_array().unwrap().clone()
}

/// NIST SP 800-63B-4 section 4.6, ASVS 5.0, 6.3.7 and 16.3: each action has one entry with the actor, the action, the
/// target, the time, the IP address and the outcome.
#[tokio::test]
async fn case_31_each_action_has_one_audit_entry_and_the_owner_is_notified_of_account_changes() {
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
        (format!("suppression:{GWEN}"), &["remove_suppression", "suppress"], &own),
    ] {
        let entries = entries(&mailkey, &admin, &target).await;
        let seen: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(seen, actions, "{target}");
        for entry in &entries {
            // A redemption is an action of the link's user.
            let expected = if entry["action"] == "redeem_token" { &alice } else { actor };
            assert_eq!(entry["actor"]["user_id"], **expected, "{entry}");
            assert_eq!((&entry["outcome"], &entry["ip"]), (&json!("done"), &json!("127.0.0.1")), "{entry}");
            assert!(entry["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{entry}");
        }
    }
}

/// A notice goes to the address on record and says whom to contact.
async fn notice(mailkey: &Mailkey, number: usize, to: &str, about: &str) {
    let mail = mailkey.mail_number(number, to).await;
    assert!(mail.subject.contains(about), "{}", mail.subject);
    assert!(mail.text.contains("support@example.com") && mail.html.contains("support@example.com"), "{}", mail.text);
    assert_eq!(mail.token(), None, "a notice contains no secret link");
}

/// No route changes or deletes audit entries.
#[tokio::test]
async fn case_31_no_route_changes_an_audit_entry() {
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

/// An action fails completely if its audit entry can't be written.
#[tokio::test]
async fn case_31_an_action_that_cannot_be_audited_does_not_happen() {
    let (mailkey, admin) = an_administrator().await;
    let (alice, lena) = (id_of(&mailkey, &admin, ALICE).await, id_of(&mailkey, &admin, LENA).await);
    let token = mailkey.new_token(ALICE).await;
    let before = mailkey.settled().await;
    // An injected fault can select transactions only by operation, because their first table differs.
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
    for table in ["Users", "AuditLog", "Tokens", "Suppressions", "FailedSignIns", "EmailRequests"] {
        assert_eq!(after.of(table), before.of(table), "{table}");
    }
}

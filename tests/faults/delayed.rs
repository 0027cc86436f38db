//! Requests that can't be processed: they don't hold up others, they are retried, and after a day they are closed.

use mailkey_tests::{ALICE, DAY, Mailkey, PETRA, eventually};
use serde_json::json;

use crate::admin::{an_administrator, id_of, post};

#[tokio::test]
async fn a_request_that_fails_is_delayed_and_those_behind_it_are_sent() {
    let (mailkey, _) = an_administrator().await;
    mailkey.dynamodb_faults(json!({ "mode": "fail", "table": "Suppressions", "operation": "GetItem" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    delayed(&mailkey).await;
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    mailkey.forgot_password(PETRA).await.expect_status(202);
    mailkey.mail_number(1, PETRA).await;
    // The delayed one is sent as well, once.
    mailkey.mail_number(1, ALICE).await;
    assert_eq!(mailkey.settled().await.outcomes_of(ALICE), ["delivered"]);
}

#[tokio::test]
async fn a_request_that_fails_for_a_day_is_closed_as_failed() {
    let (mailkey, _) = an_administrator().await;
    mailkey.dynamodb_faults(json!({ "mode": "fail", "table": "Suppressions", "operation": "GetItem" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    delayed(&mailkey).await;
    mailkey.advance_clock(DAY + 60_000).await;
    let tables = mailkey.settled().await;
    assert_eq!(tables.outcomes_of(ALICE), ["send_failed request_too_old"]);
    assert!(mailkey.outbox(ALICE).await.is_empty());
}

#[tokio::test]
async fn a_delayed_request_of_an_erased_person_sends_nothing() {
    let (mailkey, admin) = an_administrator().await;
    let petra = id_of(&mailkey, &admin, PETRA).await;
    mailkey.dynamodb_faults(json!({ "mode": "fail", "table": "SecuritySettings", "operation": "GetItem" })).await;
    mailkey.forgot_password(PETRA).await.expect_status(202);
    delayed(&mailkey).await;
    let started = post(&mailkey, &admin, "/api/admin/erasures", json!({ "user_id": petra })).await.expect_status(202);
    let path = format!("/api/admin/erasures/{}", started.json()["id"].as_str().unwrap());
    eventually("the erasure is done", || async {
        (crate::admin::get(&mailkey, &admin, &path).await.json()["state"] == "done").then_some(())
    })
    .await;
    eventually("the request is closed, because its item is gone", || async {
        let requests = mailkey.get("/_local/email-requests").await.expect_status(200).json();
        (requests["waiting"] == 0).then_some(())
    })
    .await;
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    let tables = mailkey.settled().await;
    assert!(tables.log_of(PETRA).is_empty() && mailkey.outbox(PETRA).await.is_empty());
}

/// Waits until the mailer has put a request into the queue and taken it out again.
async fn delayed(mailkey: &Mailkey) {
    eventually("a request fails", || async {
        (mailkey.logs().iter().filter(|line| line.contains("must come again")).count() >= 2).then_some(())
    })
    .await;
}

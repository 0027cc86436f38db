//! A clock that jumps back or forward by a day, for example because of a dead battery or a mistake.

use mailkey_tests::{ALICE, DAY, GWEN, HOUR, Mailkey, NEW_PASSWORD, PASSWORD, Setup, eventually};
use serde_json::json;

#[tokio::test]
async fn after_the_clock_jumps_back_a_day_locks_and_links_still_work_and_no_request_is_lost() {
    let mailkey = Setup::new().without_collapsing().start().await;
    mailkey.advance_clock(2 * DAY).await;
    let link = mailkey.new_token(ALICE).await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    lock(&mailkey, GWEN).await;
    mailkey.ses_faults(json!({ "mode": "throttle" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);

    mailkey.advance_clock(-DAY).await;
    mailkey.sign_in(GWEN, PASSWORD).await.expect_problem("account-locked");
    assert!(mailkey.is_alive(&link).await, "it hasn't expired");
    mailkey.session(&session).await.expect_status(200);
    mailkey.ses_faults(json!({ "mode": "none" })).await;
    let tables = mailkey.settled().await;
    assert_eq!(tables.outcomes_of(ALICE), ["delivered", "delivered"], "including the request from the future");
    let newest = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&newest, NEW_PASSWORD).await.expect_status(204);
    assert!(!mailkey.is_alive(&link).await);
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    // A recovery removes the lock after the jump too.
    mailkey.recover(GWEN).await.expect_status(204);
    mailkey.sign_in(GWEN, NEW_PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn after_the_clock_jumps_forward_a_day_everything_old_has_expired() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let link = mailkey.new_token(ALICE).await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    lock(&mailkey, GWEN).await;
    mailkey.ses_faults(json!({ "mode": "throttle" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    // Wait for the failed attempt: an attempt in progress uses the time at which it started.
    eventually("the email was attempted", || async {
        mailkey.tables().await.outcomes_of(ALICE)[0].starts_with("send_failed_retrying").then_some(())
    })
    .await;
    mailkey.advance_clock(DAY + HOUR).await;
    mailkey.ses_faults(json!({ "mode": "none" })).await;
    let tables = mailkey.settled().await;
    // The request is too old by now, and the log says so.
    assert_eq!(tables.outcomes_of(ALICE)[0], "skipped request_too_old");
    assert!(!mailkey.is_alive(&link).await);
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in(GWEN, PASSWORD).await.expect_status(200);
    mailkey.recover(ALICE).await.expect_status(204);
    mailkey.advance_clock(-(DAY + HOUR)).await;
    assert!(!mailkey.is_alive(&link).await, "a link canceled by a recovery stays invalid");
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
}

async fn lock(mailkey: &Mailkey, address: &str) {
    for _ in 0..10 {
        mailkey.sign_in(address, "this is not the password").await.expect_problem("invalid-credentials");
    }
    mailkey.sign_in(address, PASSWORD).await.expect_problem("account-locked");
}

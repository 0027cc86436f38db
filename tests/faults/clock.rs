//! A clock that is set back or forward by a day, as after a bad battery or a bad administrator.

use mailkey_tests::{ALICE, DAY, GWEN, HOUR, Mailkey, NEW_PASSWORD, PASSWORD, Setup, eventually};
use serde_json::json;

#[tokio::test]
async fn a_clock_that_is_set_back_a_day_opens_nothing_and_loses_nothing() {
    let mailkey = Setup::new().without_collapsing().start().await;
    mailkey.advance_clock(2 * DAY).await;
    let link = mailkey.new_token(ALICE).await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    lock(&mailkey, GWEN).await;
    mailkey.ses_faults(json!({ "mode": "throttle" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);

    mailkey.advance_clock(-DAY).await;
    mailkey.sign_in(GWEN, PASSWORD).await.expect_problem("account-locked");
    assert!(mailkey.is_alive(&link).await, "its time is not over");
    mailkey.session(&session).await.expect_status(200);
    mailkey.ses_faults(json!({ "mode": "none" })).await;
    let tables = mailkey.settled().await;
    assert_eq!(tables.outcomes_of(ALICE), ["delivered", "delivered"], "the request from the future as well");
    let newest = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&newest, NEW_PASSWORD).await.expect_status(204);
    assert!(!mailkey.is_alive(&link).await);
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    // A recovery lifts the lock on this side of the jump as on the other.
    mailkey.recover(GWEN).await.expect_status(204);
    mailkey.sign_in(GWEN, NEW_PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn a_clock_that_is_set_forward_a_day_ends_what_is_over_and_nothing_else() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let link = mailkey.new_token(ALICE).await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    lock(&mailkey, GWEN).await;
    mailkey.ses_faults(json!({ "mode": "throttle" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    // Tried in vain: while it is being tried, it goes by the clock that it was begun with.
    eventually("it was tried", || async {
        mailkey.tables().await.outcomes_of(ALICE)[0].starts_with("send_failed_retrying").then_some(())
    })
    .await;
    mailkey.advance_clock(DAY + HOUR).await;
    mailkey.ses_faults(json!({ "mode": "none" })).await;
    let tables = mailkey.settled().await;
    // Nobody waits for that link any more; the log says so.
    assert_eq!(tables.outcomes_of(ALICE)[0], "skipped request_too_old");
    assert!(!mailkey.is_alive(&link).await);
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in(GWEN, PASSWORD).await.expect_status(200);
    mailkey.recover(ALICE).await.expect_status(204);
    mailkey.advance_clock(-(DAY + HOUR)).await;
    assert!(!mailkey.is_alive(&link).await, "a link that a recovery has killed stays dead");
    mailkey.session(&session).await.expect_problem("sign-in-required");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
}

async fn lock(mailkey: &Mailkey, address: &str) {
    for _ in 0..10 {
        mailkey.sign_in(address, "this is not the password").await.expect_problem("invalid-credentials");
    }
    mailkey.sign_in(address, PASSWORD).await.expect_problem("account-locked");
}

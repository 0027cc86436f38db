//! What happens when a dependency does not do its work: everybody gets the same answer, nothing accepted is lost, and
//! the log tells. ASVS 5.0, 16.5.3.

use mailkey_tests::{ALICE, GWEN, Mailkey, NEW_PASSWORD, PASSWORD, STRANGER, Setup, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn while_ses_takes_no_mail_requests_are_taken_and_the_mail_goes_out_once_when_it_does_again() {
    for mode in ["throttle", "fail", "hang"] {
        let mailkey = Mailkey::start().await;
        mailkey.ses_faults(json!({ "mode": mode })).await;
        let known = mailkey.forgot_password(ALICE).await.expect_status(202);
        let unknown = mailkey.forgot_password(STRANGER).await.expect_status(202);
        assert_eq!(known.body, unknown.body);
        let waiting = if mode == "hang" { "queued" } else { "send_failed_retrying ses_unavailable" };
        eventually(&format!("{mode}: the log says that it is tried again"), || async {
            let outcomes = mailkey.tables().await.outcomes_of(ALICE);
            (outcomes == [waiting]).then_some(())
        })
        .await;
        assert!(mailkey.outbox(ALICE).await.is_empty());

        mailkey.ses_faults(json!({ "mode": "none" })).await;
        let mail = mailkey.mail_number(1, ALICE).await;
        let tables = mailkey.settled().await;
        assert_eq!(tables.outcomes_of(ALICE), ["delivered"], "{mode}");
        let timeline = timeline(tables.log_of(ALICE)[0]);
        assert!(timeline.contains(&"send_failed_retrying".to_owned()), "{mode}: {timeline:?}");
        mailkey.redeem_token(&mail.token().unwrap(), NEW_PASSWORD).await.expect_status(204);
        // The notice is the second mail, and there is no third.
        mailkey.mail_number(2, ALICE).await;
    }
}

/// One mail that SES refuses for good, or that can't be sent now, holds up no other.
#[tokio::test]
async fn a_mail_that_is_refused_is_not_tried_again_and_holds_up_no_other() {
    let mailkey = Mailkey::start().await;
    mailkey.ses_faults(json!({ "mode": "reject", "next": 1 })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let tables = mailkey.settled().await;
    assert!(tables.outcomes_of(ALICE)[0].starts_with("send_failed "), "{:?}", tables.outcomes_of(ALICE));
    mailkey.forgot_password(GWEN).await.expect_status(202);
    mailkey.mail_number(1, GWEN).await;
    assert!(mailkey.outbox(ALICE).await.is_empty());
}

/// SES took the mail, and its answer got lost: nobody can know, so it may go out once more, and the log shows it as
/// sent.
#[tokio::test]
async fn an_answer_of_ses_that_gets_lost_costs_one_mail_more_at_most() {
    let mailkey = Mailkey::start().await;
    mailkey.ses_faults(json!({ "mode": "accept_then_fail", "next": 1 })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let tables = mailkey.settled().await;
    assert_eq!(tables.outcomes_of(ALICE), ["delivered"]);
    let mails = mailkey.outbox(ALICE).await;
    // SES's event may say that it went out before the next try begins: then there is no second mail.
    assert!((1..=2).contains(&mails.len()), "{} mails", mails.len());
    for mail in mails {
        assert!(mailkey.is_alive(&mail.token().unwrap()).await, "either link works");
    }
}

/// Whoever is asked about, the answer is the same, and nothing half-done is left behind.
#[tokio::test]
async fn while_the_store_fails_everybody_is_told_to_come_back() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let token = mailkey.new_token(ALICE).await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    let before = mailkey.settled().await;
    for mode in ["fail", "throttle"] {
        mailkey.dynamodb_faults(json!({ "mode": mode })).await;
        let mut bodies = Vec::new();
        for address in [ALICE, STRANGER] {
            let asked = mailkey.forgot_password(address).await;
            let signed_in = mailkey.sign_in(address, PASSWORD).await;
            for answer in [asked, signed_in] {
                let answer = answer.expect_problem("service-unavailable");
                assert!((1..=60).contains(&answer.retry_after()));
                assert_eq!(answer.header("set-cookie"), None);
                bodies.push(answer.text());
            }
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "one body for everybody");
        let unavailable = [
            mailkey.redeem_token(&token, NEW_PASSWORD).await,
            mailkey.session(&session).await,
            mailkey.sign_out(&session).await,
        ];
        for answer in unavailable {
            answer.expect_problem("service-unavailable");
        }
        mailkey.get("/api/health").await.expect_status(200);
        mailkey.get("/guide/").await.expect_status(200);
        mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
        assert_eq!(mailkey.tables().await, before, "{mode}: nothing was changed");
    }
    mailkey.session(&session).await.expect_status(200);
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(3, ALICE).await;
}

/// A store that never answers must not make callers wait for ever, nor bind them all.
#[tokio::test]
async fn a_store_that_hangs_is_given_up_on() {
    let mailkey = Mailkey::start().await;
    mailkey.dynamodb_faults(json!({ "mode": "hang" })).await;
    let (known, unknown, health) =
        tokio::join!(mailkey.forgot_password(ALICE), mailkey.sign_in(STRANGER, PASSWORD), mailkey.get("/api/health"),);
    health.expect_status(200);
    for answer in [known, unknown] {
        answer.expect_problem("service-unavailable").retry_after();
    }
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    mailkey.recover(ALICE).await.expect_status(204);
}

/// A limit that can't be read is not taken for none. Each table fails alone, at each route that needs it.
#[tokio::test]
async fn no_door_opens_because_a_table_fails() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    mailkey.settled().await;
    for table in ["Users", "SignInAttempts", "SecuritySettings", "Sessions"] {
        mailkey.dynamodb_faults(json!({ "mode": "fail", "table": table })).await;
        let answer = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("service-unavailable");
        assert_eq!(answer.header("set-cookie"), None, "{table}");
    }
    for table in ["Tokens", "Users", "SignInAttempts", "SecuritySettings"] {
        mailkey.dynamodb_faults(json!({ "mode": "fail", "table": table })).await;
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("service-unavailable");
    }
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_problem("invalid-credentials");
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
}

/// A request that is stored is handled, however often the mailer's tables fail it.
#[tokio::test]
async fn the_mailer_outlasts_a_failing_store() {
    for table in ["Users", "Suppressions", "SecuritySettings", "MailAllowances", "Tokens", "EmailLog"] {
        let mailkey = Mailkey::start().await;
        mailkey.dynamodb_faults(json!({ "mode": "fail", "table": table })).await;
        mailkey.forgot_password(ALICE).await.expect_status(202);
        eventually("the mailer gave up once", || async {
            let logs = mailkey.logs();
            logs.iter().any(|line| line.contains("RequestNotHandled")).then_some(())
        })
        .await;
        assert!(mailkey.whole_outbox().await.is_empty(), "{table}");
        mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
        mailkey.mail_number(1, ALICE).await;
        assert_eq!(mailkey.settled().await.outcomes_of(ALICE), ["delivered"], "{table}");
    }
}

fn timeline(entry: &Value) -> Vec<String> {
    let moments = entry["timeline"]["L"].as_array().unwrap().iter();
    moments.map(|moment| moment["M"]["event"]["S"].as_str().unwrap().to_owned()).collect()
}

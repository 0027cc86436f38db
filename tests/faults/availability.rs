//! When a dependency fails, every address gets the same response, no accepted request is lost, and the log shows the
//! failure. ASVS 5.0, 16.5.3.

use mailkey_tests::{ALICE, GWEN, Mailkey, NEW_PASSWORD, PASSWORD, STRANGER, Setup, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn while_ses_fails_requests_are_accepted_and_each_email_is_sent_once_afterwards() {
    for mode in ["throttle", "fail", "hang"] {
        let mailkey = Mailkey::start().await;
        // A single call hangs: when the plan is used up, the mailer is in it.
        let plan = if mode == "hang" { json!({ "mode": mode, "next": 1 }) } else { json!({ "mode": mode }) };
        mailkey.ses_faults(plan).await;
        let known = mailkey.forgot_password(ALICE).await.expect_status(202);
        let unknown = mailkey.forgot_password(STRANGER).await.expect_status(202);
        assert_eq!(known.body, unknown.body);
        let waiting = if mode == "hang" { "queued" } else { "send_failed_retrying ses_unavailable" };
        eventually(&format!("{mode}: the log shows that sending is being retried"), || async {
            let outcomes = mailkey.tables().await.outcomes_of(ALICE);
            let plan = mailkey.get("/_local/ses-faults").await.json();
            (outcomes == [waiting] && (mode != "hang" || plan["mode"] == "none")).then_some(())
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
        // The notice is the second email, and there is no third.
        mailkey.mail_number(2, ALICE).await;
    }
}

/// An email that SES rejects permanently, or can't send now, doesn't delay others.
#[tokio::test]
async fn a_rejected_email_is_not_retried_and_does_not_delay_others() {
    let mailkey = Mailkey::start().await;
    mailkey.ses_faults(json!({ "mode": "reject", "next": 1 })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let tables = mailkey.settled().await;
    assert!(tables.outcomes_of(ALICE)[0].starts_with("send_failed "), "{:?}", tables.outcomes_of(ALICE));
    mailkey.forgot_password(GWEN).await.expect_status(202);
    mailkey.mail_number(1, GWEN).await;
    assert!(mailkey.outbox(ALICE).await.is_empty());
}

/// SES accepted the email but its response was lost. The result is unknown, so the email may be sent once more, and the
/// log shows it as sent.
#[tokio::test]
async fn a_lost_response_from_ses_causes_at_most_one_duplicate_email() {
    let mailkey = Mailkey::start().await;
    mailkey.ses_faults(json!({ "mode": "accept_then_fail", "next": 1 })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let tables = mailkey.settled().await;
    assert_eq!(tables.outcomes_of(ALICE), ["delivered"]);
    let emails = mailkey.outbox(ALICE).await;
    // If SES's event arrives before the next attempt, there is no duplicate.
    assert!((1..=2).contains(&emails.len()), "{} emails", emails.len());
    for mail in emails {
        assert!(mailkey.is_alive(&mail.token().unwrap()).await, "either link works");
    }
}

/// The response is the same for every address, and no partial change remains.
#[tokio::test]
async fn while_the_store_fails_every_address_gets_the_same_503() {
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
        assert_eq!(bodies.len(), 1, "the same body for every address");
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
        assert_eq!(mailkey.tables().await, before, "{mode}: nothing changed");
    }
    mailkey.session(&session).await.expect_status(200);
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(3, ALICE).await;
}

/// A store that never responds must not keep callers waiting forever or block other requests.
#[tokio::test]
async fn a_hanging_store_times_out() {
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

/// A limit that can't be read still applies. Each table fails separately, on each route that needs it.
#[tokio::test]
async fn no_check_is_skipped_because_a_table_fails() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    mailkey.settled().await;
    for table in ["Users", "FailedSignIns", "SecuritySettings", "Sessions"] {
        mailkey.dynamodb_faults(json!({ "mode": "fail", "table": table })).await;
        let answer = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("service-unavailable");
        assert_eq!(answer.header("set-cookie"), None, "{table}");
    }
    for table in ["Tokens", "Users", "FailedSignIns", "SecuritySettings"] {
        mailkey.dynamodb_faults(json!({ "mode": "fail", "table": table })).await;
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("service-unavailable");
    }
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_problem("invalid-credentials");
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
}

/// A stored request is handled eventually, however often the mailer's tables fail.
#[tokio::test]
async fn the_mailer_sends_the_email_once_the_store_works_again() {
    for table in ["Users", "Suppressions", "SecuritySettings", "RecipientLimits", "Tokens", "EmailLog"] {
        let mailkey = Mailkey::start().await;
        mailkey.dynamodb_faults(json!({ "mode": "fail", "table": table })).await;
        mailkey.forgot_password(ALICE).await.expect_status(202);
        eventually("the mailer failed once", || async {
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
    let events = entry["timeline"]["L"].as_array().unwrap().iter();
    events.map(|event| event["M"]["event"]["S"].as_str().unwrap().to_owned()).collect()
}

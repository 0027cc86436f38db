//! Power failures: accepted requests are completed after the next start, exactly once.

use std::time::Duration;

use mailkey_tests::{ALICE, Folder, NEW_PASSWORD, PASSWORD, Setup};

use crate::admin::{ADMIN, ADMIN_PASSWORD, get};

#[tokio::test]
async fn an_accepted_request_survives_a_kill_and_sends_one_email() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    let mailkey = setup.start().await;
    // Delay the mailer until after the kill.
    mailkey.ses_faults(serde_json::json!({ "mode": "hang" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.kill();

    let mailkey = setup.start().await;
    let mail = mailkey.mail_number(1, ALICE).await;
    mailkey.settled().await;
    mailkey.redeem_token(&mail.token().unwrap(), NEW_PASSWORD).await.expect_status(204);
    // The notice is the second email, and there is no third.
    mailkey.mail_number(2, ALICE).await;
}

/// Kills at varying times: each accepted request sends an email, rarely two. Only a kill between SES's response and
/// storing it can cause a duplicate.
#[tokio::test]
async fn a_kill_at_any_time_loses_no_accepted_request() {
    let folder = Folder::new();
    let setup = with_generous_limits(&folder).await;
    let mut extra = 0;
    for round in 0..10_u64 {
        let mailkey = setup.start().await;
        let before = mailkey.outbox(ALICE).await.len();
        mailkey.forgot_password(ALICE).await.expect_status(202);
        // The delays range from none to after the work is done. Which step is interrupted may differ between runs.
        tokio::time::sleep(Duration::from_micros(round * round * 400)).await;
        mailkey.kill();

        let mailkey = setup.start().await;
        let tables = mailkey.settled().await;
        assert_eq!(tables.of("EmailRequests").len() as u64, round + 1);
        let outcomes = tables.outcomes_of(ALICE);
        assert_eq!(outcomes.len() as u64, round + 1, "one entry for each request");
        let emails = mailkey.outbox(ALICE).await;
        assert!(outcomes.iter().all(|outcome| outcome == "delivered"), "{outcomes:?}");
        assert!((1..=2).contains(&(emails.len() - before)), "{} emails for one request", emails.len() - before);
        extra += emails.len() - before - 1;
        assert!(mailkey.is_alive(&emails[0].token().unwrap()).await, "the newest link works");
        mailkey.kill();
    }
    eprintln!("10 kills, {extra} duplicate emails");
    assert!(extra <= 3, "{extra} duplicate emails");
}

#[tokio::test]
async fn a_killed_redemption_is_done_completely_or_not_at_all() {
    let folder = Folder::new();
    let setup = with_generous_limits(&folder).await;
    for round in 0..5_u64 {
        let mailkey = setup.start().await;
        let former = if round == 0 { PASSWORD.to_owned() } else { format!("{NEW_PASSWORD} {}", round - 1) };
        let token = mailkey.new_token(ALICE).await;
        let next = format!("{NEW_PASSWORD} {round}");
        let body = serde_json::json!({ "token": token, "new_password": next });
        let request = mailkey.request(reqwest::Method::POST, "/api/redeem-token").json(&body);
        let under_way = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(round * 20)).await;
        mailkey.kill();
        let answered = under_way.await.unwrap().is_ok_and(|answer| answer.status() == 204);

        let mailkey = setup.start().await;
        let spent = !mailkey.is_alive(&token).await;
        assert!(spent || !answered, "a confirmed redemption is stored");
        mailkey.sign_in(ALICE, if spent { &next } else { &former }).await.expect_status(200);
        let tables = mailkey.settled().await;
        let notices = tables.log_of(ALICE);
        let notices = notices.iter().filter(|entry| entry["kind"]["S"] == "password_changed").count();
        if !spent {
            mailkey.redeem_token(&token, &next).await.expect_status(204);
            mailkey.settled().await;
        }
        assert_eq!(notices as u64, round + u64::from(spent), "exactly one notice is sent for each changed password");
        mailkey.kill();
    }
}

/// A service with a data folder, and with limits that these tests don't reach.
async fn with_generous_limits(folder: &Folder) -> Setup {
    let setup = Setup::new().data_dir(folder.path()).without_collapsing().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let path = "/api/admin/security-settings";
    let mut settings = get(&mailkey, &admin, path).await.expect_status(200).json();
    settings["emails_per_hour"] = 60.into();
    settings["emails_per_day"] = 100.into();
    let change = mailkey.request(reqwest::Method::PUT, path).bearer_auth(&admin).json(&settings);
    mailkey.send(change).await.expect_status(200);
    mailkey.kill();
    setup
}

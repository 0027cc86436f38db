//! Account enumeration: neither the responses nor the work behind them reveal who has an account. Cases 2, 15 and 16;
//! ASVS 5.0, 6.3.8.
//!
//! Response times can't be measured reliably on a shared machine. These tests compare the calls to the store instead,
//! which make up most of the time.

use mailkey_tests::{
    ALICE, Call, GWEN, IVAN, LENA, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, RawAnswer, SAM, STRANGER, Setup,
};
use serde_json::{Value, json};

/// One user in every situation, and addresses without a user.
const EVERYBODY: [&str; 8] = [STRANGER, ALICE, IVAN, PETRA, LENA, SAM, GWEN, "nobody@never-heard-of.example"];

#[tokio::test]
async fn case_15_asking_for_a_link_reveals_nothing_about_any_address() {
    let mailkey = Mailkey::start().await;
    let mut answers = Vec::new();
    // The second request collapses into the first, which must not be visible either.
    for time in ["first", "second"] {
        for address in EVERYBODY {
            answers.push((format!("{time} of {address}"), forgot(&mailkey, address).await));
        }
    }
    assert_all_alike(&answers);
    assert_eq!(answers[0].1.0.status(), 202);
    for (who, (_, calls)) in &answers {
        assert_eq!(calls, &["PutItem EmailRequests"], "{who}");
    }
}

/// The cost limit of the design.
#[tokio::test]
async fn case_15_asking_for_a_link_costs_one_write_for_every_address() {
    let mailkey = Mailkey::start().await;
    for address in EVERYBODY {
        let answer = mailkey.forgot_password(address).await.expect_status(202);
        let calls = mailkey.calls(answer.request_id()).await;
        let units: Vec<_> = calls.iter().map(|call| (call.write_units, call.read_units)).collect();
        assert_eq!(units, [(1.0, 0.0)], "{address}");
    }
}

#[tokio::test]
async fn case_15_an_address_at_its_hourly_limit_looks_like_any_other() {
    let mailkey = Setup::new().without_collapsing().start().await;
    for _ in 0..5 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
    }
    mailkey.settled().await;
    let mut answers = Vec::new();
    for address in [STRANGER, ALICE, GWEN] {
        answers.push((address.to_owned(), forgot(&mailkey, address).await));
    }
    assert_all_alike(&answers);
}

#[tokio::test]
async fn case_15_the_state_of_ses_is_not_visible_from_outside() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let mut answers = Vec::new();
    for plan in [
        json!({ "mode": "none" }),
        json!({ "mode": "throttle" }),
        json!({ "mode": "fail" }),
        json!({ "mode": "slow", "delay_ms": 50 }),
        json!({ "mode": "hang" }),
        json!({ "mode": "paused" }),
    ] {
        mailkey.ses_faults(plan.clone()).await;
        for address in [STRANGER, ALICE, PETRA, IVAN] {
            answers.push((format!("{address} during {plan}"), forgot(&mailkey, address).await));
        }
    }
    assert_all_alike(&answers);
}

#[tokio::test]
async fn case_16_a_wrong_password_costs_the_same_calls_for_every_address() {
    let mailkey = Mailkey::start().await;
    let mut answers = Vec::new();
    for time in ["first", "second"] {
        for address in EVERYBODY.into_iter().filter(|address| *address != LENA) {
            let body = json!({ "email": address, "password": "this is not the password" });
            answers.push((format!("{time} of {address}"), ask(&mailkey, "/api/sign-in", &body).await));
        }
    }
    assert_all_alike(&answers);
    assert_eq!(answers[0].1.0.status(), 401);
}

/// A pending user has no password and an unknown address has no record, so every guess is wrong and costs the same.
#[tokio::test]
async fn case_16_guesses_for_addresses_without_a_password_fail_alike() {
    let mailkey = Mailkey::start().await;
    let mut answers = Vec::new();
    for address in [STRANGER, PETRA] {
        for password in ["", PASSWORD, NEW_PASSWORD, &"x".repeat(5000)] {
            let body = json!({ "email": address, "password": password });
            answers.push((address.to_owned(), ask(&mailkey, "/api/sign-in", &body).await));
        }
    }
    assert_all_alike(&answers);
}

#[tokio::test]
async fn case_08_the_response_does_not_say_why_a_token_is_invalid() {
    let mailkey = Setup::new().without_collapsing().env("MAILKEY_LINK_LIFETIME", "10m").start().await;
    let expired = mailkey.new_token(ALICE).await;
    mailkey.advance_clock(10 * MINUTE).await;
    let superseded = mailkey.new_token(ALICE).await;
    let spent = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&spent, NEW_PASSWORD).await.expect_status(204);
    let mut answers = Vec::new();
    for (why, token) in [
        ("unknown", "A".repeat(43)),
        ("malformed", "not a token".to_owned()),
        ("empty", String::new()),
        ("expired", expired),
        ("superseded", superseded),
        ("spent", spent),
    ] {
        for password in ["a good enough password", "weak"] {
            let body = json!({ "token": token, "new_password": password });
            let answer = mailkey.post_raw("/api/redeem-token", &body).await;
            assert_eq!(answer.status(), 400);
            answers.push((why.to_owned(), (answer.comparable(), Vec::new())));
        }
    }
    assert_all_alike(&answers);
}

/// CVE-2019-19844: case mapping can make different letters equal, but the mailboxes are still different.
#[tokio::test]
async fn case_02_a_unicode_lookalike_is_a_different_address() {
    let mailkey = Mailkey::start().await;
    let mut answers = vec![(STRANGER.to_owned(), forgot(&mailkey, STRANGER).await)];
    for twin in [
        "al\u{131}ce@example.com",
        "AL\u{130}CE@example.com",
        "\u{FF41}lice@example.com",
        "\u{430}lice@example.com",
        "alice@ex\u{E4}mple.com",
        "alice@ex\u{430}mple.com",
    ] {
        answers.push((twin.to_owned(), forgot(&mailkey, twin).await));
    }
    assert_all_alike(&answers);
    mailkey.settled().await;
    assert!(mailkey.whole_outbox().await.is_empty(), "no email to a lookalike or to the real address");
}

#[tokio::test]
async fn case_02_email_goes_to_the_address_on_record_and_never_to_the_one_that_was_entered() {
    let mailkey = Mailkey::start().await;
    mailkey.forgot_password(" ALICE@Example.COM ").await.expect_status(202);
    mailkey.settled().await;
    let outbox = mailkey.whole_outbox().await;
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].to, ALICE);
}

type Seen = (RawAnswer, Vec<String>);

async fn forgot(mailkey: &Mailkey, address: &str) -> Seen {
    ask(mailkey, "/api/forgot-password", &json!({ "email": address })).await
}

/// Sends a request and returns everything that could differ: the bytes of the response, and the calls to the store by
/// kind and number.
async fn ask(mailkey: &Mailkey, path: &str, body: &Value) -> Seen {
    let answer = mailkey.post_raw(path, body).await;
    let calls = mailkey.calls(answer.header("x-request-id").unwrap()).await;
    assert!(!calls.is_empty(), "calls are counted");
    // Concurrent calls end in any order.
    let mut calls: Vec<_> = calls.iter().map(Call::kind).collect();
    calls.sort();
    (answer.comparable(), calls)
}

#[track_caller]
fn assert_all_alike(answers: &[(String, Seen)]) {
    let (first, seen) = &answers[0];
    for (other, other_seen) in &answers[1..] {
        assert_eq!(seen, other_seen, "{first} and {other} can be told apart");
    }
}

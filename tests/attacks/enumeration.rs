//! Who has an account here? Nobody can tell: neither by what is answered, nor by the work that is done for it.
//! Cases 2, 15 and 16; ASVS 5.0, 6.3.8.
//!
//! Time is not measured here, which no shared machine allows; the calls to the store are counted instead, by kind and
//! number, which is what time is made of.

use mailkey_tests::{
    ALICE, Call, GWEN, IVAN, LENA, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, RawAnswer, SAM, STRANGER, Setup,
};
use serde_json::{Value, json};

/// Somebody in every situation, and somebody who is not there.
const EVERYBODY: [&str; 8] = [STRANGER, ALICE, IVAN, PETRA, LENA, SAM, GWEN, "nobody@never-heard-of.example"];

#[tokio::test]
async fn case_15_asking_for_a_link_tells_nothing_about_anybody() {
    let mailkey = Mailkey::start().await;
    let mut answers = Vec::new();
    // The second request within the bucket collapses into the first: that must not show either.
    for time in ["first", "second"] {
        for address in EVERYBODY {
            answers.push((format!("{time} of {address}"), forgot(&mailkey, address).await));
        }
    }
    assert_all_alike(&answers);
    assert_eq!(answers[0].1.0.status(), 202);
    for (who, (_, calls)) in &answers {
        assert_eq!(calls, &["PutItem RecoveryRequests"], "{who}");
    }
}

/// The budget of the design.
#[tokio::test]
async fn case_15_asking_for_a_link_costs_one_write_whoever_asks() {
    let mailkey = Mailkey::start().await;
    for address in EVERYBODY {
        let answer = mailkey.forgot_password(address).await.expect_status(202);
        let calls = mailkey.calls(answer.request_id()).await;
        let units: Vec<_> = calls.iter().map(|call| (call.write_units, call.read_units)).collect();
        assert_eq!(units, [(1.0, 0.0)], "{address}");
    }
}

#[tokio::test]
async fn case_15_an_address_that_had_its_mail_for_the_hour_looks_like_any_other() {
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
async fn case_15_what_ses_does_cannot_be_seen_from_outside() {
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
async fn case_16_a_wrong_password_costs_the_same_calls_whoever_it_is() {
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

/// A pending user has no password, an unknown one no record; whatever is guessed costs the same and is wrong.
#[tokio::test]
async fn case_16_the_password_of_others_opens_nothing_and_tells_nothing() {
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
async fn case_08_why_a_token_is_invalid_is_not_told_apart() {
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

/// CVE-2019-19844: letters that a mapping to one case makes equal do not make one mailbox.
#[tokio::test]
async fn case_02_a_unicode_twin_of_an_address_is_another_address() {
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
    assert!(mailkey.whole_outbox().await.is_empty(), "no mail to a twin, nor to the real one");
}

#[tokio::test]
async fn case_02_mail_goes_to_the_address_on_the_record_and_never_to_the_one_that_was_typed() {
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

/// Asks, and answers all that could be compared: the bytes, and the calls to the store by kind and number.
async fn ask(mailkey: &Mailkey, path: &str, body: &Value) -> Seen {
    let answer = mailkey.post_raw(path, body).await;
    let calls = mailkey.calls(answer.header("x-request-id").unwrap()).await;
    assert!(!calls.is_empty(), "calls are counted");
    // Those that are made at once end in no particular order.
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

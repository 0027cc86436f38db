//! Lockout after too many failed sign-ins. Cases 17 to 19; OWASP WSTG-ATHN-03.

use std::sync::Arc;

use mailkey_tests::{ALICE, Answer, Call, LENA, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, SECOND, STRANGER, Setup};

/// Default of the security settings.
const LIMIT: usize = 10;
const LOCK: i64 = 15 * MINUTE;

const WRONG: &str = "this is not the password";

#[tokio::test]
async fn case_17_too_many_failed_sign_ins_lock_the_address_temporarily() {
    let mailkey = Mailkey::start().await;
    lock(&mailkey, ALICE).await;
    for password in [PASSWORD, WRONG] {
        let answer = mailkey.sign_in(ALICE, password).await.expect_problem("account-locked");
        assert!((1..=LOCK / SECOND + 1).contains(&answer.retry_after()));
    }
    // Attempts during a lock aren't counted, so they don't extend it.
    mailkey.advance_clock(LOCK - MINUTE).await;
    let answer = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    assert!(answer.retry_after() <= 61);
    mailkey.advance_clock(MINUTE).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn case_17_a_successful_sign_in_clears_earlier_failures() {
    let mailkey = Mailkey::start().await;
    let device = mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200).device();
    for _ in 0..2 {
        for _ in 0..LIMIT - 1 {
            mailkey.sign_in_on(device.as_deref(), ALICE, WRONG).await.expect_problem("invalid-credentials");
        }
        mailkey.sign_in_on(device.as_deref(), ALICE, PASSWORD).await.expect_status(200);
    }
}

#[tokio::test]
async fn case_17_after_a_lock_the_count_starts_again() {
    let mailkey = Mailkey::start().await;
    for _ in 0..2 {
        lock(&mailkey, ALICE).await;
        mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
        mailkey.advance_clock(LOCK).await;
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn case_17_all_spellings_of_an_address_share_one_count() {
    let mailkey = Mailkey::start().await;
    for spelling in ["ALICE@example.com", " alice@example.com ", "Alice@EXAMPLE.COM", "alice@Example.com", ALICE] {
        for _ in 0..2 {
            mailkey.sign_in(spelling, WRONG).await.expect_problem("invalid-credentials");
        }
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    mailkey.sign_in("aLICE@example.com", PASSWORD).await.expect_problem("account-locked");
}

#[tokio::test]
async fn case_19_a_lock_applies_only_to_its_own_address() {
    let mailkey = Mailkey::start().await;
    lock(&mailkey, ALICE).await;
    mailkey.sign_in(mailkey_tests::GWEN, PASSWORD).await.expect_status(200);
}

/// A lock must not reveal whether there is an account.
#[tokio::test]
async fn case_17_unknown_addresses_lock_in_the_same_way() {
    let mailkey = Mailkey::start().await;
    for address in [STRANGER, ALICE] {
        lock(&mailkey, address).await;
    }
    let unknown = mailkey.sign_in(STRANGER, WRONG).await.expect_problem("account-locked");
    let known = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    assert_eq!(unknown.body, known.body);
    assert!((unknown.retry_after() - known.retry_after()).abs() <= 60);
    let mut calls = [mailkey.calls(unknown.request_id()).await, mailkey.calls(known.request_id()).await];
    // Concurrent calls end in any order.
    calls.iter_mut().for_each(|calls| calls.sort_by_key(Call::kind));
    assert_eq!(calls[0], calls[1]);
    mailkey.advance_clock(LOCK).await;
    mailkey.sign_in(STRANGER, WRONG).await.expect_problem("invalid-credentials");
}

/// CVE-2019-5421: concurrent guesses must not all see the count from before them.
#[tokio::test]
async fn case_18_of_two_hundred_concurrent_guesses_only_ten_are_checked() {
    let mailkey = Arc::new(Mailkey::start().await);
    let answers = at_once(&mailkey, 200, |_| WRONG.to_owned()).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    let turned_away = answers.iter().filter(|answer| answer.status == 423).count();
    assert_eq!((looked_at, turned_away), (LIMIT, 200 - LIMIT));
    let tables = mailkey.tables().await;
    let counters = tables.having("FailedSignIns", "address_key", ALICE);
    assert_eq!(counters[0]["attempts"]["N"], LIMIT.to_string());
}

/// If one of the guesses is right, it signs in once, and its success doesn't clear failures that are counted
/// concurrently.
#[tokio::test]
async fn case_18_a_right_guess_among_two_hundred_does_not_admit_more_guesses() {
    let mailkey = Arc::new(Mailkey::start().await);
    let guess = |number: usize| {
        if number == 100 { PASSWORD.to_owned() } else { format!("{WRONG} {number}") }
    };
    let answers = at_once(&mailkey, 200, guess).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    let (right, wrong) = (count(200), count(401));
    assert!(right <= 1, "{right} sessions");
    assert_eq!(count(423) + right + wrong, 200);
    assert!(wrong <= LIMIT, "{wrong} wrong and {right} right passwords were checked");
    // After the lock, even the right password is rejected.
    assert_eq!(answers[100].status == 200, right == 1);
}

/// An attacker who keeps an account locked can't keep its owner out. ASVS 5.0, 6.1.1.
#[tokio::test]
async fn case_19_the_owner_can_recover_a_locked_account() {
    let mailkey = Mailkey::start().await;
    mailkey.sign_in(LENA, PASSWORD).await.expect_problem("account-locked");
    mailkey.recover(LENA).await.expect_status(204);
    mailkey.sign_in(LENA, NEW_PASSWORD).await.expect_status(200);
    // An attacker renews the lock for an hour.
    for _ in 0..4 {
        lock(&mailkey, ALICE).await;
        mailkey.sign_in(ALICE, WRONG).await.expect_problem("account-locked");
        mailkey.advance_clock(LOCK).await;
    }
    lock(&mailkey, ALICE).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    mailkey.recover(ALICE).await.expect_status(204);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
}

/// A flood of link requests or made-up tokens must not lock anyone out.
#[tokio::test]
async fn case_19_only_wrong_passwords_lock_an_address() {
    let mailkey = Setup::new().without_collapsing().start().await;
    for number in 0..30 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
        let made_up = format!("{number:043}");
        mailkey.redeem_token(&made_up, NEW_PASSWORD).await.expect_problem("invalid-token");
    }
    assert!(mailkey.tables().await.having("FailedSignIns", "address_key", ALICE).is_empty());
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

pub(crate) async fn lock(mailkey: &Mailkey, address: &str) {
    for _ in 0..LIMIT {
        mailkey.sign_in(address, WRONG).await.expect_problem("invalid-credentials");
    }
}

async fn at_once(mailkey: &Arc<Mailkey>, number: usize, guess: impl Fn(usize) -> String) -> Vec<Answer> {
    let start = Arc::new(tokio::sync::Barrier::new(number));
    let guesses: Vec<_> = (0..number)
        .map(|number| {
            let (mailkey, start, guess) = (Arc::clone(mailkey), Arc::clone(&start), guess(number));
            tokio::spawn(async move {
                start.wait().await;
                mailkey.sign_in(ALICE, &guess).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for guess in guesses {
        answers.push(guess.await.unwrap());
    }
    answers
}

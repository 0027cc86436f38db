//! Too many wrong passwords. Cases 17 to 19; OWASP WSTG-ATHN-03.

use std::sync::Arc;

use mailkey_tests::{ALICE, Answer, Call, LENA, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, SECOND, STRANGER, Setup};

/// The default of the security settings.
const LIMIT: usize = 10;
const LOCK: i64 = 15 * MINUTE;

const WRONG: &str = "this is not the password";

#[tokio::test]
async fn case_17_too_many_wrong_passwords_lock_sign_in_for_a_while() {
    let mailkey = Mailkey::start().await;
    lock(&mailkey, ALICE).await;
    for password in [PASSWORD, WRONG] {
        let answer = mailkey.sign_in(ALICE, password).await.expect_problem("account-locked");
        assert!((1..=LOCK / SECOND + 1).contains(&answer.retry_after()));
    }
    // What is tried while locked is not counted, so it does not make the lock last longer.
    mailkey.advance_clock(LOCK - MINUTE).await;
    let answer = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    assert!(answer.retry_after() <= 61);
    mailkey.advance_clock(MINUTE).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn case_17_a_success_forgets_the_failures_before_it() {
    let mailkey = Mailkey::start().await;
    for _ in 0..2 {
        for _ in 0..LIMIT - 1 {
            mailkey.sign_in(ALICE, WRONG).await.expect_problem("invalid-credentials");
        }
        mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    }
}

#[tokio::test]
async fn case_17_after_a_lock_a_new_run_of_failures_begins() {
    let mailkey = Mailkey::start().await;
    for _ in 0..2 {
        lock(&mailkey, ALICE).await;
        mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
        mailkey.advance_clock(LOCK).await;
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn case_17_every_spelling_of_an_address_counts_as_the_same() {
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
async fn case_19_a_lock_holds_for_its_own_address_only() {
    let mailkey = Mailkey::start().await;
    lock(&mailkey, ALICE).await;
    mailkey.sign_in(mailkey_tests::GWEN, PASSWORD).await.expect_status(200);
}

/// A lock must not tell whether there is an account.
#[tokio::test]
async fn case_17_the_lock_of_an_unknown_address_looks_and_works_the_same() {
    let mailkey = Mailkey::start().await;
    for address in [STRANGER, ALICE] {
        lock(&mailkey, address).await;
    }
    let unknown = mailkey.sign_in(STRANGER, WRONG).await.expect_problem("account-locked");
    let known = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    assert_eq!(unknown.body, known.body);
    assert!((unknown.retry_after() - known.retry_after()).abs() <= 60);
    let mut calls = [mailkey.calls(unknown.request_id()).await, mailkey.calls(known.request_id()).await];
    // Those that are made at once end in no particular order.
    calls.iter_mut().for_each(|calls| calls.sort_by_key(Call::kind));
    assert_eq!(calls[0], calls[1]);
    mailkey.advance_clock(LOCK).await;
    mailkey.sign_in(STRANGER, WRONG).await.expect_problem("invalid-credentials");
}

/// CVE-2019-5421: guesses that run beside each other must not all see the counter as it was before them.
#[tokio::test]
async fn case_18_of_two_hundred_guesses_at_once_ten_are_looked_at() {
    let mailkey = Arc::new(Mailkey::start().await);
    let answers = at_once(&mailkey, 200, |_| WRONG.to_owned()).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    let turned_away = answers.iter().filter(|answer| answer.status == 423).count();
    assert_eq!((looked_at, turned_away), (LIMIT, 200 - LIMIT));
    let tables = mailkey.tables().await;
    let counters = tables.having("SignInAttempts", "address_key", ALICE);
    assert_eq!(counters[0]["attempts"]["N"], LIMIT.to_string());
}

/// The right password among the guesses opens the door once, and opens it no wider for the others: its success takes
/// back no failure that is counted beside it.
#[tokio::test]
async fn case_18_the_right_guess_among_two_hundred_does_not_let_the_others_through() {
    let mailkey = Arc::new(Mailkey::start().await);
    let guess = |number: usize| {
        if number == 100 { PASSWORD.to_owned() } else { format!("{WRONG} {number}") }
    };
    let answers = at_once(&mailkey, 200, guess).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    let (right, wrong) = (count(200), count(401));
    assert!(right <= 1, "{right} sessions");
    assert_eq!(count(423) + right + wrong, 200);
    assert!(wrong <= LIMIT, "{wrong} wrong and {right} right passwords were looked at");
    // Whoever came too late is not let in by having been right.
    assert_eq!(answers[100].status == 200, right == 1);
}

/// An attacker who keeps an account locked does not keep its owner out. ASVS 5.0, 6.1.1.
#[tokio::test]
async fn case_19_the_owner_of_a_locked_account_recovers_it() {
    let mailkey = Mailkey::start().await;
    mailkey.sign_in(LENA, PASSWORD).await.expect_problem("account-locked");
    mailkey.recover(LENA).await.expect_status(204);
    mailkey.sign_in(LENA, NEW_PASSWORD).await.expect_status(200);
    // For an hour.
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

/// A flood of requests for links, or of links that were made up, is no reason to lock anybody out.
#[tokio::test]
async fn case_19_only_wrong_passwords_lock() {
    let mailkey = Setup::new().without_collapsing().start().await;
    for number in 0..30 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
        let made_up = format!("{number:043}");
        mailkey.redeem_token(&made_up, NEW_PASSWORD).await.expect_problem("invalid-token");
    }
    assert!(mailkey.tables().await.having("SignInAttempts", "address_key", ALICE).is_empty());
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
}

async fn lock(mailkey: &Mailkey, address: &str) {
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

//! A token can be redeemed once, even with concurrent attempts. Case 5.

use std::sync::Arc;

use mailkey_tests::{ALICE, Answer, DAY, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, Setup};

/// How often a race is run: a single success may be luck.
const ROUNDS: usize = 20;

/// How many clients redeem one token at the same time.
const RACERS: usize = 100;

#[tokio::test]
async fn case_05_of_a_hundred_concurrent_redemptions_exactly_one_succeeds() {
    let mailkey = Arc::new(Setup::new().start().await);
    for round in 0..ROUNDS {
        // An address gets at most ten emails a day.
        mailkey.advance_clock(DAY + MINUTE).await;
        let token = mailkey.new_token(ALICE).await;
        let passwords: Vec<_> = (0..RACERS).map(|racer| format!("round {round}, racer number {racer}")).collect();
        let answers = race(&mailkey, &token, &passwords).await;
        let winner = only_winner(&answers);
        if round == 0 {
            // The losers have reached the limit of their network.
            mailkey.advance_clock(10 * MINUTE).await;
            mailkey.sign_in(ALICE, &passwords[winner]).await.expect_status(200);
            for not_set in [&passwords[(winner + 1) % RACERS], PASSWORD] {
                mailkey.sign_in(ALICE, not_set).await.expect_problem("invalid-credentials");
            }
        }
        // Each round sends two emails: the link and one notice.
        mailkey.mail_number(2 * (round + 1), ALICE).await;
    }
    let tables = mailkey.settled().await;
    let notices = tables.log_of(ALICE);
    let notices = notices.iter().filter(|entry| entry["kind"]["S"] == "password_changed");
    assert_eq!(notices.count(), ROUNDS);
    let written_down = tables.having("AuditLog", "action", "redeem_token").len();
    assert_eq!(written_down, ROUNDS, "one audit entry for each redemption");
    assert_eq!(tables.having("Users", "address_key", ALICE)[0]["token_generation"]["N"], ROUNDS.to_string());
}

/// CVE-2026-28268: the second attempt fails, with the same password or another.
#[tokio::test]
async fn case_05_a_link_works_once() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    for password in [NEW_PASSWORD, "a password of someone else"] {
        mailkey.redeem_token(&token, password).await.expect_problem("invalid-token");
    }
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    let tables = mailkey.settled().await;
    assert_eq!(tables.having("AuditLog", "action", "redeem_token").len(), 1);
    mailkey.mail_number(2, ALICE).await;
}

#[tokio::test]
async fn case_05_of_fifty_identical_redemptions_exactly_one_succeeds() {
    let mailkey = Arc::new(Mailkey::start().await);
    let token = mailkey.new_token(ALICE).await;
    let passwords = vec![NEW_PASSWORD.to_owned(); 50];
    only_winner(&race(&mailkey, &token, &passwords).await);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    mailkey.mail_number(2, ALICE).await;
}

#[tokio::test]
async fn case_05_of_two_links_redeemed_at_once_exactly_one_succeeds() {
    let mailkey = Arc::new(Setup::new().without_collapsing().start().await);
    for round in 0..ROUNDS {
        mailkey.advance_clock(DAY + MINUTE).await;
        let tokens = [mailkey.new_token(ALICE).await, mailkey.new_token(ALICE).await];
        let redeem = |token: &String, password: &str| {
            let (mailkey, token, password) = (Arc::clone(&mailkey), token.clone(), password.to_owned());
            tokio::spawn(async move { mailkey.redeem_token(&token, &password).await })
        };
        let both =
            [redeem(&tokens[0], "the first of two passwords"), redeem(&tokens[1], "the second of two passwords")];
        let [first, second] = both;
        only_winner(&[first.await.unwrap(), second.await.unwrap()]);
        mailkey.mail_number(3 * (round + 1), ALICE).await;
    }
}

#[tokio::test]
async fn case_05_an_account_is_activated_exactly_once() {
    let mailkey = Arc::new(Mailkey::start().await);
    let token = mailkey.new_token(PETRA).await;
    let passwords: Vec<_> = (0..20).map(|racer| format!("a first password, {racer}")).collect();
    let winner = only_winner(&race(&mailkey, &token, &passwords).await);
    mailkey.sign_in(PETRA, &passwords[winner]).await.expect_status(200);
}

/// Sends one redemption for each password, all at the same time.
async fn race(mailkey: &Arc<Mailkey>, token: &str, passwords: &[String]) -> Vec<Answer> {
    let start = Arc::new(tokio::sync::Barrier::new(passwords.len()));
    let racers: Vec<_> = passwords
        .iter()
        .map(|password| {
            let (mailkey, token, password) = (Arc::clone(mailkey), token.to_owned(), password.clone());
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                mailkey.redeem_token(&token, &password).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    answers
}

/// The index of the one redemption that succeeded. All others must fail with `invalid-token`.
fn only_winner(answers: &[Answer]) -> usize {
    let won = |answer: &&(usize, &Answer)| answer.1.status == 204;
    let numbered: Vec<_> = answers.iter().enumerate().collect();
    let winners: Vec<_> = numbered.iter().filter(won).collect();
    assert_eq!(winners.len(), 1, "exactly one redemption succeeds");
    for (_, loser) in numbered.iter().filter(|racer| !won(racer)) {
        (*loser).clone().expect_problem("invalid-token");
    }
    winners[0].0
}

//! Lockout that can't be used against the owner of an account. Cases 33 to 38; ASVS 5.0, 6.1.1 and 6.3.8; NIST SP
//! 800-63B-4, section 3.2.2.

use std::{
    io::Write,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use mailkey_tests::{
    ALICE, Answer, DAY, GWEN, HOUR, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, SECOND, STRANGER, Setup, eventually,
};
use serde_json::json;
use tokio::task::JoinSet;

use super::lockout::lock;
use crate::admin::{ADMIN, ADMIN_PASSWORD, an_administrator, id_of, post};

const WRONG: &str = "this is not the password";
const LIMIT: usize = 10;
const LOCK: i64 = 15 * MINUTE;

/// Attackers who guess at one address without pause until they are stopped.
struct Attackers {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Attackers {
    fn start(mailkey: &Arc<Mailkey>, number: usize, address: &'static str) -> Attackers {
        let (stop, mut tasks) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        // A refused guess takes half a second, so each attacker keeps several requests open.
        for _ in 0..number * 4 {
            let (mailkey, stop) = (Arc::clone(mailkey), Arc::clone(&stop));
            tasks.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    mailkey.sign_in(address, WRONG).await;
                }
            });
        }
        Attackers { stop, tasks }
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
    }
}

/// Makes this many wrong guesses at once, whatever the responses.
async fn guess(mailkey: &Arc<Mailkey>, address: &'static str, number: usize) -> Vec<Answer> {
    let mut guesses = JoinSet::new();
    for _ in 0..number {
        let mailkey = Arc::clone(mailkey);
        guesses.spawn(async move { mailkey.sign_in(address, WRONG).await });
    }
    guesses.join_all().await
}

/// The token of the newest link to an address, once there are `number` of them.
async fn link_number(mailkey: &Mailkey, number: usize, address: &str) -> String {
    eventually(&format!("link {number} to {address}"), || async {
        let links: Vec<_> = mailkey.outbox(address).await.iter().filter_map(mailkey_tests::Mail::token).collect();
        assert!(links.len() <= number, "more than {number} links to {address}");
        (links.len() == number).then(|| links[0].clone())
    })
    .await
}

async fn lock_notices(mailkey: &Mailkey, address: &str) -> usize {
    mailkey.settled().await;
    let subjects = mailkey.outbox(address).await.into_iter().map(|mail| mail.subject);
    subjects.filter(|subject| subject.contains("locked") && !subject.contains("unlocked")).count()
}

/// Three attackers fill the counter again as soon as a recovery clears it.
#[tokio::test]
async fn case_33_whoever_recovers_can_sign_in_on_that_device_however_fast_others_guess() {
    let mailkey = Arc::new(Setup::new().without_collapsing().start().await);
    let attackers = Attackers::start(&mailkey, 3, ALICE);
    for round in 1..=20 {
        let token = mailkey.new_token(ALICE).await;
        let device = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204).device();
        eventually("the attackers lock the address again", || async {
            (mailkey.sign_in(ALICE, NEW_PASSWORD).await.status == 423).then_some(())
        })
        .await;
        let answer = mailkey.sign_in_on(device.as_deref(), ALICE, NEW_PASSWORD).await;
        assert_eq!(answer.status, 200, "round {round}: {}", answer.text());
    }
    attackers.stop().await;
}

/// Three strangers ask for links in Alice's name for a day, and keep her locked.
#[tokio::test]
async fn case_34_nobody_can_use_up_the_links_that_the_owner_needs() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let mailkey = Arc::new(mailkey);
    let mut sent = 0;
    // A little less than a day, so that the first links still count at the end.
    for _ in 0..70 {
        for _ in 0..3 {
            mailkey.forgot_password(ALICE).await.expect_status(202);
        }
        mailkey.settled().await;
        sent = mailkey.outbox(ALICE).await.len();
        mailkey.advance_clock(20 * MINUTE).await;
    }
    assert_eq!(sent, 10);
    let newest = link_number(&mailkey, sent, ALICE).await;
    mailkey.redeem_token(&newest, NEW_PASSWORD).await.expect_status(204);
    guess(&mailkey, ALICE, 3 * LIMIT).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let own = link_number(&mailkey, sent + 1, ALICE).await;
    assert!(mailkey.is_alive(&own).await);
    // While that link works, strangers cause no further email to her; staff still can.
    for _ in 0..3 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
    }
    mailkey.settled().await;
    // The session of the administrator has ended after twelve hours.
    let admin = mailkey.signed_in(crate::admin::ADMIN, ADMIN_PASSWORD).await;
    post(&mailkey, &admin, &format!("/api/admin/users/{alice}/reset-password"), json!({})).await.expect_status(202);
    let by_staff = link_number(&mailkey, sent + 2, ALICE).await;
    mailkey.redeem_token(&by_staff, PASSWORD).await.expect_status(204);
}

/// Links that staff send don't count towards the limit, in either order.
#[tokio::test]
async fn case_34_links_from_staff_are_never_limited_and_do_not_count() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let path = format!("/api/admin/users/{alice}/reset-password");
    for number in 1..=4 {
        post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
        link_number(&mailkey, number, ALICE).await;
    }
    for number in 5..=7 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
        link_number(&mailkey, number, ALICE).await;
    }
    mailkey.forgot_password(ALICE).await.expect_status(202);
    assert_eq!(mailkey.settled().await.outcomes_of(ALICE)[0], "skipped rate_limited");
    post(&mailkey, &admin, &path, json!({})).await.expect_status(202);
    link_number(&mailkey, 8, ALICE).await;
}

/// Three attackers share nine guesses. Whether the owner signs in between must not show in the next two.
#[tokio::test]
async fn case_35_the_counter_does_not_reveal_that_the_owner_signed_in() {
    let mailkey = Arc::new(Mailkey::start().await);
    let gwens_device = mailkey.sign_in(GWEN, PASSWORD).await.expect_status(200).device();
    let mut seen = Vec::new();
    for (address, device, signs_in) in
        [(STRANGER, None, false), (ALICE, None, true), (GWEN, gwens_device.as_deref(), true)]
    {
        for _ in 0..3 {
            for answer in guess(&mailkey, address, 3).await {
                answer.expect_problem("invalid-credentials");
            }
        }
        if signs_in {
            mailkey.sign_in_on(device, address, PASSWORD).await.expect_status(200);
        }
        let mut answers = Vec::new();
        for _ in 0..3 {
            let body = json!({ "email": address, "password": WRONG });
            let answer = mailkey.post_raw("/api/sign-in", &body).await;
            let calls = mailkey.calls(answer.header("x-request-id").unwrap()).await;
            let mut calls: Vec<_> = calls.iter().map(mailkey_tests::Call::kind).collect();
            calls.sort();
            answers.push((answer.status(), answer.body.clone(), calls));
        }
        seen.push(answers);
    }
    let statuses: Vec<_> = seen[0].iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [401, 423, 423]);
    assert_eq!(seen[0], seen[1], "a sign-in on an unknown device shows");
    assert_eq!(seen[0], seen[2], "a sign-in on a known device shows");
}

#[tokio::test]
async fn case_36_attempts_during_an_outage_do_not_lock_the_account() {
    let mailkey = Arc::new(Mailkey::start().await);
    mailkey.dynamodb_faults(json!({ "mode": "fail", "table": "Users" })).await;
    for _ in 0..LIMIT {
        mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("service-unavailable");
    }
    // Their passwords may have been right, so they still limit how many others are verified at once.
    let refused = mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    assert!((1..=61).contains(&refused.retry_after()), "{}", refused.retry_after());
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    mailkey.advance_clock(MINUTE + SECOND).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    assert_eq!(lock_notices(&mailkey, ALICE).await, 0);
    // Failures are still counted exactly.
    lock(&mailkey, ALICE).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
}

#[tokio::test]
async fn case_36_clients_that_disconnect_early_do_not_lock_the_account() {
    let mailkey = Mailkey::start().await;
    mailkey.dynamodb_faults(json!({ "mode": "hang", "table": "Users" })).await;
    let body = json!({ "email": ALICE, "password": WRONG }).to_string();
    let (host, length) = (mailkey.address(), body.len());
    let request = format!(
        "POST /api/sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut connections = Vec::new();
    for _ in 0..LIMIT {
        let mut connection = TcpStream::connect(host).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connections.push(connection);
    }
    eventually("every attempt is counted", || async {
        let tables = mailkey.tables().await;
        let counters = tables.having("FailedSignIns", "address_key", ALICE);
        (counters.len() == 1 && counters[0]["attempts"]["N"].as_str() == Some("10")).then_some(())
    })
    .await;
    drop(connections);
    tokio::time::sleep(Duration::from_millis(500)).await;
    mailkey.dynamodb_faults(json!({ "mode": "none" })).await;
    mailkey.advance_clock(MINUTE + SECOND).await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    assert_eq!(lock_notices(&mailkey, ALICE).await, 0);
}

#[tokio::test]
async fn case_37_a_stranger_causes_one_lock_notice_a_day() {
    let mailkey = Arc::new(Setup::new().without_collapsing().start().await);
    for _ in 0..12 {
        guess(&mailkey, ALICE, LIMIT).await;
        mailkey.advance_clock(LOCK).await;
    }
    assert_eq!(lock_notices(&mailkey, ALICE).await, 1);
    // Other notices aren't limited, and a recovery doesn't start the day again.
    mailkey.recover(ALICE).await.expect_status(204);
    guess(&mailkey, ALICE, LIMIT).await;
    assert_eq!(lock_notices(&mailkey, ALICE).await, 1);
    assert!(mailkey.outbox(ALICE).await.iter().any(|mail| mail.subject.contains("changed")));
    mailkey.advance_clock(DAY).await;
    guess(&mailkey, ALICE, LIMIT).await;
    assert_eq!(lock_notices(&mailkey, ALICE).await, 2);
}

#[tokio::test]
async fn case_37_lock_notices_have_a_site_wide_limit_and_use_up_nobodys_links() {
    let (mailkey, _) = an_administrator().await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("links_per_minute", 10)]).await;
    let mailkey = Arc::new(mailkey);
    super::networks::at_the_beginning_of(&mailkey, MINUTE).await;
    for address in [ALICE, GWEN] {
        guess(&mailkey, address, LIMIT).await;
    }
    assert_eq!(lock_notices(&mailkey, ALICE).await + lock_notices(&mailkey, GWEN).await, 1);
    mailkey.forgot_password(ALICE).await.expect_status(202);
    link_number(&mailkey, 1, ALICE).await;
    // An owner who got no notice gets the next one.
    mailkey.advance_clock(LOCK).await;
    for address in [ALICE, GWEN] {
        guess(&mailkey, address, LIMIT).await;
    }
    assert_eq!((lock_notices(&mailkey, ALICE).await, lock_notices(&mailkey, GWEN).await), (1, 1));
}

#[tokio::test]
async fn case_38_a_hundred_failures_in_a_row_require_a_recovery_except_on_a_known_device() {
    let mailkey = Arc::new(Mailkey::start().await);
    let device = mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200).device();
    for address in [ALICE, STRANGER] {
        let mut verified = 0;
        for round in 0..12 {
            verified += guess(&mailkey, address, LIMIT).await.iter().filter(|answer| answer.status == 401).count();
            // A sign-in on an unknown device doesn't start the row again.
            if address == ALICE && round == 4 {
                mailkey.advance_clock(LOCK).await;
                mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
            }
            mailkey.advance_clock(2 * HOUR).await;
        }
        assert_eq!(verified, 100, "{address}");
    }
    mailkey.advance_clock(30 * DAY).await;
    let mut bodies = Vec::new();
    for address in [ALICE, STRANGER] {
        let answer = mailkey.sign_in(address, PASSWORD).await.expect_problem("account-locked");
        assert_eq!(answer.header("retry-after"), None, "{address}");
        assert_eq!(answer.json()["recovery_required"], true);
        bodies.push(answer.body);
    }
    assert_eq!(bodies[0], bodies[1]);
    mailkey.sign_in_on(device.as_deref(), ALICE, PASSWORD).await.expect_status(200);
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("account-locked");
    mailkey.recover(ALICE).await.expect_status(204);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    mailkey.sign_in(STRANGER, PASSWORD).await.expect_problem("account-locked");
}

#[tokio::test]
async fn case_38_staff_can_unlock_an_account_that_requires_a_recovery() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let mailkey = Arc::new(mailkey);
    for _ in 0..10 {
        guess(&mailkey, ALICE, LIMIT).await;
        mailkey.advance_clock(LOCK).await;
    }
    // The administrator's session was idle for too long.
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let record = crate::admin::get(&mailkey, &admin, &format!("/api/admin/users/{alice}")).await.json();
    assert_eq!((&record["recovery_required"], &record["locked_until"]), (&json!(true), &json!(null)));
    let diagnosis = crate::admin::get(&mailkey, &admin, "/api/admin/diagnosis?email=alice%40example.com").await.json();
    let mut findings = diagnosis["findings"].as_array().unwrap().iter();
    assert!(findings.any(|finding| finding["cause"] == "account_locked"), "{diagnosis:#}");
    post(&mailkey, &admin, &format!("/api/admin/users/{alice}/unlock"), json!({})).await.expect_status(204);
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    let record = crate::admin::get(&mailkey, &admin, &format!("/api/admin/users/{alice}")).await.json();
    assert_eq!(record["recovery_required"], json!(null));
}

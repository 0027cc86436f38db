//! Floods from one network, and floods across many addresses. Cases 20 and 21.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use axum::{
    Extension,
    body::Body,
    http::{Request, StatusCode},
};
use jiff::Timestamp;
use mailkey::{
    Clock, OsEntropy,
    config::{Directory, KeyRing},
    device::DeviceKeys,
    secret::Secret,
};
use mailkey_api::{
    App,
    http::ClientIp,
    password::{Hasher, PasswordPolicy},
};
use mailkey_dynamodb::Database;
use mailkey_local::{dynamodb::LocalDynamoDb, tables};
use mailkey_redeem_token::RedeemToken;
use mailkey_tests::{ALICE, Answer, GWEN, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, Setup};
use reqwest::Method;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::admin::{ADMIN, ADMIN_PASSWORD, get, id_of, post};

/// Default of the security settings: made-up tokens per network in ten minutes.
const LIMIT: usize = 100;

/// A different network from 127.0.0.1, where all other test requests come from.
const ELSEWHERE: &str = "127.0.0.2";

/// Advances the clock to the start of a window of this length, so that it doesn't end during the test.
pub(crate) async fn at_the_beginning_of(mailkey: &Mailkey, window_ms: i64) {
    let clock = mailkey.get("/_local/clock").await.expect_status(200).json();
    let now: Timestamp = clock["now"].as_str().unwrap().parse().unwrap();
    mailkey.advance_clock(window_ms - now.as_millisecond() % window_ms).await;
}

fn count(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut counted = BTreeMap::new();
    for answer in answers {
        *counted.entry(answer.status).or_default() += 1;
    }
    counted
}

/// CVE-2025-64526, ASVS 5.0, 4.1.3 and 15.3.4: a flood is counted by the connection's address, regardless of any
/// headers.
#[tokio::test]
async fn case_20_a_network_that_makes_up_tokens_has_to_wait_and_headers_do_not_help() {
    let mut mailkey = Mailkey::start().await;
    at_the_beginning_of(&mailkey, 10 * MINUTE).await;
    let good = mailkey.new_token(ALICE).await;
    let mut answers = Vec::new();
    for number in 0..1000 {
        let claimed = format!("203.0.113.{}", number % 250);
        let token = Secret::generate(&OsEntropy).unwrap().reveal();
        let mut request = mailkey
            .request(Method::POST, "/api/redeem-token")
            .json(&json!({ "token": token, "new_password": NEW_PASSWORD }));
        for header in ["x-forwarded-for", "true-client-ip", "x-real-ip", "cf-connecting-ip", "x-client-ip"] {
            request = request.header(header, &claimed);
        }
        answers.push(mailkey.send(request.header("forwarded", format!("for={claimed}"))).await);
    }
    assert_eq!(count(&answers), BTreeMap::from([(400, LIMIT), (429, 1000 - LIMIT)]));
    for answer in &answers[LIMIT..] {
        assert!((1..=600).contains(&answer.retry_after()));
    }
    answers[LIMIT].clone().expect_problem("too-many-requests");
    // Extra fields and other spellings of the route don't help either.
    let with_junk = json!({ "token": "A".repeat(43), "new_password": NEW_PASSWORD, "email": ALICE });
    mailkey.post("/api/redeem-token", &with_junk).await.expect_problem("malformed-request");
    mailkey.post("/API/redeem-token", &json!({})).await.expect_status(404);

    let tables = mailkey.tables().await;
    assert!(tables.of("FailedSignIns").iter().all(|item| item["address_key"]["S"] != ALICE), "no one is locked");
    assert_eq!(tables.of("NetworkFailures").len(), 1, "one counter for one network");
    // A valid link still works from that network, and other networks aren't affected.
    mailkey.redeem_token(&good, NEW_PASSWORD).await.expect_status(204);
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_problem("too-many-requests");
    mailkey.connect_from(ELSEWHERE.parse().unwrap());
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
    mailkey.redeem_token(&good, NEW_PASSWORD).await.expect_problem("invalid-token");
    mailkey.connect_from("127.0.0.1".parse().unwrap());
    mailkey.advance_clock(10 * MINUTE).await;
    mailkey.redeem_token(&good, NEW_PASSWORD).await.expect_problem("invalid-token");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
}

/// Password spraying: no address reaches its own limit, but the network reaches its limit and can then do no more harm.
/// Twenty wrong passwords count as much as one made-up token.
#[tokio::test]
async fn case_20_a_network_that_sprays_one_password_has_to_wait_and_locks_no_one() {
    let (mut mailkey, _) = crate::admin::an_administrator().await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("failures_per_network", 1)]).await;
    at_the_beginning_of(&mailkey, 10 * MINUTE).await;
    for number in 0..20 {
        let address = format!("user{number}@example.com");
        mailkey.sign_in(&address, "password of the year").await.expect_problem("invalid-credentials");
    }
    // Now even the right password isn't checked.
    for address in [ALICE, GWEN].repeat(6) {
        let answer = mailkey.sign_in(address, PASSWORD).await.expect_problem("too-many-requests");
        assert!((1..=600).contains(&answer.retry_after()));
    }
    mailkey.connect_from(ELSEWHERE.parse().unwrap());
    for address in [ALICE, GWEN] {
        mailkey.sign_in(address, PASSWORD).await.expect_status(200);
    }
}

/// Successful sign-ins aren't counted, because a large office may share one address. Spent links aren't counted either,
/// because people click links in old emails.
#[tokio::test]
async fn case_20_successful_sign_ins_and_old_links_do_not_count_against_a_network() {
    let (mailkey, _) = crate::admin::an_administrator().await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("failures_per_network", 1)]).await;
    at_the_beginning_of(&mailkey, 10 * MINUTE).await;
    let spent = mailkey.new_token(ALICE).await;
    mailkey.redeem_token(&spent, NEW_PASSWORD).await.expect_status(204);
    for _ in 0..30 {
        mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
        mailkey.redeem_token(&spent, NEW_PASSWORD).await.expect_problem("invalid-token");
    }
    for number in 0..20 {
        mailkey.sign_in(&format!("user{number}@example.com"), PASSWORD).await.expect_problem("invalid-credentials");
    }
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_problem("too-many-requests");
}

/// The service listens on 127.0.0.1, so no IPv6 connection is possible. This test calls the function's router directly
/// and sets the client address as the gateway would.
#[tokio::test]
async fn case_20_an_ipv6_network_shares_one_counter_and_its_neighbor_has_another() {
    let dynamodb = LocalDynamoDb::in_memory().unwrap();
    tables::create(&dynamodb).unwrap();
    let redeem_token = Arc::new(function(&Database::new(dynamodb.client(), "")));
    let status = async |ip: &str| {
        let ip: IpAddr = ip.parse().unwrap();
        let body = json!({ "token": "A".repeat(43), "new_password": NEW_PASSWORD }).to_string();
        let request = Request::post("/api/redeem-token").header("content-type", "application/json");
        let request = request.body(Body::from(body)).unwrap();
        let routes = mailkey_redeem_token::routes(Arc::clone(&redeem_token)).layer(Extension(ClientIp(ip)));
        routes.oneshot(request).await.unwrap().status()
    };
    for number in 0..LIMIT {
        assert_eq!(status(&format!("2001:db8:7:7:{number:x}::{number:x}")).await, StatusCode::BAD_REQUEST);
    }
    assert_eq!(status("2001:db8:7:7:ffff:ffff:ffff:ffff").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(status("2001:db8:7:8::1").await, StatusCode::BAD_REQUEST);
}

/// A stopped clock: no window of ten minutes ends during the test.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::constant(1_800_000_000, 0)
    }
}

fn function(database: &Database) -> RedeemToken {
    let app =
        App { db: database.clone(), clock: Arc::new(Still), entropy: Arc::new(OsEntropy), directory: Directory::Own };
    let hasher = Arc::new(Hasher::new(Arc::clone(&app.entropy)));
    let device_keys = DeviceKeys::new(KeyRing::parse(&"A".repeat(64)).unwrap());
    let policy = Arc::new(PasswordPolicy::new("Example Portal", None));
    RedeemToken { app, hasher, policy, device_keys }
}

/// OWASP Forgot Password cheat sheet, ASVS 5.0, 2.4.1: a list of addresses can't use up the sender's quota or
/// reputation. Links beyond the site-wide limit are logged and don't count against their recipient.
#[tokio::test]
async fn case_21_a_list_of_addresses_reaches_the_site_wide_limit_and_every_response_is_the_same() {
    const CAP: usize = 20;
    const KNOWN: usize = 60;
    let people: Vec<Value> = (0..KNOWN)
        .map(|number| json!({ "email": format!("known{number}@example.org"), "display_name": "Somebody", "status": "pending" }))
        .collect();
    let folder = mailkey_tests::Folder::new();
    let file = folder.path().join("people.json");
    std::fs::write(&file, json!(people).to_string()).unwrap();
    let setup = Setup::new().arg("--seed").arg(file).env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let mailkey = setup.without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("links_per_minute", CAP as i64), ("emails_per_hour", 1)]).await;
    at_the_beginning_of(&mailkey, MINUTE).await;
    let begun = std::time::Instant::now();

    let mut answers = Vec::new();
    for number in 0..600 {
        let name = if number % 10 == 0 { "known" } else { "unknown" };
        answers.push(mailkey.forgot_password(&format!("{name}{}@example.org", number / 10)).await.expect_status(202));
    }
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let tables = mailkey.settled().await;
    // On a busy machine this may take longer than a minute.
    let minutes = usize::try_from(begun.elapsed().as_secs() / 60).unwrap() + 1;
    let mailed = mailkey.whole_outbox().await.len();
    assert!((CAP..=CAP * minutes).contains(&mailed) && mailed < KNOWN, "{mailed} emails in {minutes} minutes");
    let outcomes = |outcome: &str| {
        let outcomes = (0..KNOWN).flat_map(|number| tables.outcomes_of(&format!("known{number}@example.org")));
        outcomes.filter(|it| it == outcome).count()
    };
    assert_eq!(outcomes("skipped sender_paced"), KNOWN - mailed);

    // The limit doesn't apply to administrators, and it starts again in the next minute, also for addresses that got
    // nothing.
    let paced: Vec<_> = (0..KNOWN)
        .map(|number| format!("known{number}@example.org"))
        .filter(|address| tables.outcomes_of(address) == ["skipped sender_paced"])
        .collect();
    let id = id_of(&mailkey, &admin, &paced[0]).await;
    post(&mailkey, &admin, &format!("/api/admin/users/{id}/resend-activation"), json!({})).await.expect_status(202);
    mailkey.mail_number(1, &paced[0]).await;
    let path = format!("/api/admin/diagnosis?email={}", paced[1].replace('@', "%40"));
    let found = get(&mailkey, &admin, &path).await.expect_status(200).json();
    let mut causes = found["findings"].as_array().unwrap().iter().map(|finding| finding["cause"].as_str().unwrap());
    assert!(causes.any(|cause| cause == "rate_limited"), "{found:#}");
    mailkey.advance_clock(MINUTE).await;
    mailkey.forgot_password(&paced[1]).await.expect_status(202);
    mailkey.mail_number(1, &paced[1]).await;
}

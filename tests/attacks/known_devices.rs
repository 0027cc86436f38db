//! Known devices: what a device token does and what it can't do. Cases 33 to 38.

use mailkey_tests::{ALICE, Answer, DAY, GWEN, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD};
use reqwest::Method;
use serde_json::json;

use super::{lockout::lock, networks::at_the_beginning_of};
use crate::admin::{ADMIN_PASSWORD, an_administrator, post};

const WRONG: &str = "this is not the password";
const LOCK: i64 = 15 * MINUTE;

async fn device_of(mailkey: &Mailkey, address: &str) -> String {
    mailkey.sign_in(address, PASSWORD).await.expect_status(200).device().expect("a device token")
}

/// Whether the token makes a device known: strangers have locked the address.
async fn is_known(mailkey: &Mailkey, device: &str) -> bool {
    let answer = mailkey.sign_in_on(Some(device), ALICE, PASSWORD).await;
    assert!([200, 423].contains(&answer.status), "{}", answer.text());
    answer.status == 200
}

#[tokio::test]
async fn case_33_a_device_is_known_only_to_its_address_for_a_year_and_only_unchanged() {
    let mailkey = Mailkey::start().await;
    let (alices, gwens) = (device_of(&mailkey, ALICE).await, device_of(&mailkey, GWEN).await);
    lock(&mailkey, ALICE).await;
    assert!(is_known(&mailkey, &alices).await);
    let parts: Vec<_> = alices.split('.').collect();
    let [key, issued_at, nonce, mac] = parts[..] else { panic!("four parts: {}", parts.len()) };
    let later = issued_at.parse::<i64>().unwrap() + 1;
    for forged in [
        gwens.clone(),
        format!("{key}.{later}.{nonce}.{mac}"),
        format!("1.{issued_at}.{nonce}.{mac}"),
        format!("{key}.{issued_at}.{}.{mac}", gwens.split('.').nth(2).unwrap()),
        format!("{key}.{issued_at}.{nonce}.{}", "A".repeat(43)),
        format!("{key}.{issued_at}.{nonce}"),
        format!("{alices}."),
        format!("{alices}="),
        "x".repeat(8000),
        String::new(),
    ] {
        assert!(!is_known(&mailkey, &forged).await, "{forged}");
    }
    mailkey.advance_clock(364 * DAY).await;
    lock(&mailkey, ALICE).await;
    assert!(is_known(&mailkey, &alices).await);
    mailkey.advance_clock(2 * DAY).await;
    lock(&mailkey, ALICE).await;
    assert!(!is_known(&mailkey, &alices).await);
}

#[tokio::test]
async fn case_33_the_token_comes_as_cookie_or_header_and_the_header_wins() {
    let mailkey = Mailkey::start().await;
    let device = device_of(&mailkey, ALICE).await;
    lock(&mailkey, ALICE).await;
    let cookie = format!("a=b; __Host-mailkey-device={device}");
    for (cookie, header, status) in [
        (Some(&cookie), None, 200),
        (None, Some(device.as_str()), 200),
        (Some(&cookie), Some("something else"), 423),
        (None, None, 423),
    ] {
        let mut request =
            mailkey.request(Method::POST, "/api/sign-in").json(&json!({ "email": ALICE, "password": PASSWORD }));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(header) = header {
            request = request.header("mailkey-device", header);
        }
        mailkey.send(request).await.expect_status(status);
    }
}

#[tokio::test]
async fn case_33_a_redemption_makes_the_device_known_and_signs_nobody_in() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    let weak = mailkey.redeem_token(&token, "short").await.expect_problem("weak-password");
    assert_eq!((weak.device(), weak.header("set-cookie")), (None, None));
    let redeemed = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    let device = redeemed.device().unwrap();
    let cookie = redeemed.header("set-cookie").unwrap();
    assert_eq!(
        cookie,
        format!("__Host-mailkey-device={device}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Strict")
    );
    assert!(mailkey.tables().await.of("Sessions").is_empty());
    let with_cookie = mailkey.request(Method::GET, "/api/session").header("cookie", cookie);
    mailkey.send(with_cookie.header("mailkey-device", &device)).await.expect_problem("sign-in-required");
    mailkey.session(&device).await.expect_problem("sign-in-required");
    let wrong = mailkey.sign_in_on(Some(&device), ALICE, WRONG).await.expect_problem("invalid-credentials");
    assert_eq!((wrong.device(), wrong.header("set-cookie")), (None, None));
}

/// A device has the same limits as everybody else, but of its own.
#[tokio::test]
async fn case_33_failures_on_a_known_device_lock_only_that_device() {
    let mailkey = Mailkey::start().await;
    let (device, other) = (device_of(&mailkey, ALICE).await, device_of(&mailkey, ALICE).await);
    for _ in 0..10 {
        mailkey.sign_in_on(Some(&device), ALICE, WRONG).await.expect_problem("invalid-credentials");
    }
    let locked = mailkey.sign_in_on(Some(&device), ALICE, PASSWORD).await.expect_problem("account-locked");
    assert!((1..=901).contains(&locked.retry_after()));
    mailkey.sign_in_on(Some(&other), ALICE, PASSWORD).await.expect_status(200);
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    // Whoever forgot the password recovers on this device, and can sign in at once.
    let token = mailkey.new_token(ALICE).await;
    let device = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204).device();
    mailkey.sign_in_on(device.as_deref(), ALICE, NEW_PASSWORD).await.expect_status(200);
}

/// A stolen token gives a hundred guesses; then it is worth nothing. A renewed token is the same device.
#[tokio::test]
async fn case_38_a_hundred_failures_in_a_row_make_a_device_unknown() {
    let mailkey = Mailkey::start().await;
    let first = device_of(&mailkey, ALICE).await;
    let renewed = mailkey.sign_in_on(Some(&first), ALICE, PASSWORD).await.expect_status(200).device().unwrap();
    for _ in 0..10 {
        for device in [&first, &renewed].repeat(5) {
            mailkey.sign_in_on(Some(device), ALICE, WRONG).await.expect_problem("invalid-credentials");
        }
        mailkey.advance_clock(LOCK).await;
    }
    // As an unknown device it can sign in, and becomes another known device.
    let fresh = mailkey.sign_in_on(Some(&renewed), ALICE, PASSWORD).await.expect_status(200).device().unwrap();
    let nonce = |token: &str| token.split('.').nth(2).unwrap().to_owned();
    assert_eq!(nonce(&first), nonce(&renewed));
    assert_ne!(nonce(&first), nonce(&fresh));
    lock(&mailkey, ALICE).await;
    assert!(!is_known(&mailkey, &first).await && !is_known(&mailkey, &renewed).await);
    assert!(is_known(&mailkey, &fresh).await);
}

/// ASVS 5.0, 6.1.1: a flood from an office, a proxy or a back end doesn't keep out the people who sign in there.
#[tokio::test]
async fn case_33_a_known_device_is_exempt_from_the_limit_of_its_network() {
    let (mailkey, _) = an_administrator().await;
    let device = device_of(&mailkey, ALICE).await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("failures_per_network", 1)]).await;
    at_the_beginning_of(&mailkey, 10 * MINUTE).await;
    for number in 0..20 {
        mailkey.sign_in(&format!("user{number}@example.com"), WRONG).await.expect_problem("invalid-credentials");
    }
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("too-many-requests");
    mailkey.sign_in_on(Some("forged"), ALICE, PASSWORD).await.expect_problem("too-many-requests");
    mailkey.sign_in_on(Some(&device), ALICE, PASSWORD).await.expect_status(200);
    mailkey.sign_in_on(Some(&device), ALICE, WRONG).await.expect_problem("invalid-credentials");
}

/// A portal's back end passes on the address of its client, so strangers behind the same back end don't add up.
#[tokio::test]
async fn case_33_a_back_end_with_a_key_for_this_route_passes_on_the_address_of_its_client() {
    let (mailkey, admin) = an_administrator().await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("failures_per_network", 1)]).await;
    let key = async |routes: &[&str]| {
        let body = json!({ "name": "portal", "role": "support", "routes": routes, "expires_in_days": 1 });
        let made = post(&mailkey, &admin, "/api/admin/api-keys", body).await.expect_status(201).json();
        made["api_key"].as_str().unwrap().to_owned()
    };
    let scoped = key(&["POST /api/sign-in"]).await;
    let (unscoped, other) = (key(&[]).await, key(&["GET /api/admin/users"]).await);
    at_the_beginning_of(&mailkey, 10 * MINUTE).await;
    let sign_in = async |key: Option<&str>, ip: &str, address: &str, password: &str| -> Answer {
        let mut request = mailkey.request(Method::POST, "/api/sign-in").header("mailkey-viewer-ip", ip);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        mailkey.send(request.json(&json!({ "email": address, "password": password }))).await
    };
    let scoped = Some(scoped.as_str());
    for number in 0..20 {
        let address = format!("user{number}@example.com");
        sign_in(scoped, "203.0.113.7", &address, WRONG).await.expect_problem("invalid-credentials");
    }
    sign_in(scoped, "203.0.113.7", ALICE, PASSWORD).await.expect_problem("too-many-requests");
    sign_in(scoped, "203.0.113.8", ALICE, PASSWORD).await.expect_status(200);
    sign_in(scoped, "2001:db8::1", ALICE, PASSWORD).await.expect_status(200);
    sign_in(scoped, "203.0.113.8, 203.0.113.9", ALICE, PASSWORD).await.expect_problem("malformed-request");
    // Without such a key the header means nothing: these count against the network of the connection.
    for number in 20..40 {
        let (address, ip) = (format!("user{number}@example.com"), format!("198.51.100.{number}"));
        sign_in(None, &ip, &address, WRONG).await.expect_problem("invalid-credentials");
    }
    sign_in(None, "203.0.113.9", ALICE, PASSWORD).await.expect_problem("too-many-requests");
    for key in [&unscoped, &other] {
        sign_in(Some(key.as_str()), "203.0.113.9", ALICE, PASSWORD).await.expect_problem("admin-required");
    }
    sign_in(Some("mk_made-up"), "203.0.113.9", ALICE, PASSWORD).await.expect_problem("sign-in-required");
}

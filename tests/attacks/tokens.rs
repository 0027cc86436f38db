//! The form and the lifetime of tokens, and what invalidates them. Cases 4, 6 to 9 and 22.

use std::collections::HashSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mailkey::{OsEntropy, secret::Secret};
use mailkey_tests::{ALICE, DAY, HOUR, MINUTE, Mailkey, NEW_PASSWORD, PETRA, SECOND, Setup};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

#[tokio::test]
async fn case_06_a_link_expires_as_configured_even_while_its_item_still_exists() {
    let mailkey = Setup::new().env("MAILKEY_LINK_LIFETIME", "2s").start().await;
    let token = mailkey.new_token(ALICE).await;
    mailkey.advance_clock(2 * SECOND).await;
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("invalid-token");
    let tables = mailkey.tables().await;
    assert_eq!(tables.of("Tokens").len(), 1, "the item still exists: TTL deletes it days later");
    let generation = &tables.having("Users", "address_key", ALICE)[0]["token_generation"];
    assert_eq!(generation["N"], "0", "the token wasn't redeemed");
}

/// CVE-2022-36106: the clock decides about expiry, not whether the item still exists.
#[tokio::test]
async fn case_06_a_link_works_for_exactly_one_day() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    mailkey.advance_clock(DAY - MINUTE).await;
    assert!(mailkey.is_alive(&token).await, "a minute before");
    mailkey.advance_clock(MINUTE).await;
    assert!(!mailkey.is_alive(&token).await, "a day later");
    mailkey.advance_clock(SECOND).await;
    assert!(!mailkey.is_alive(&token).await, "a second later");
    mailkey.advance_clock(47 * HOUR).await;
    assert!(!mailkey.is_alive(&token).await, "47 hours later");
    assert_eq!(mailkey.tables().await.of("Tokens").len(), 1);
}

#[tokio::test]
async fn case_07_several_links_work_until_one_of_them_is_redeemed() {
    for newest_first in [true, false] {
        let mailkey = Setup::new().without_collapsing().start().await;
        let mut tokens = vec![mailkey.new_token(ALICE).await, mailkey.new_token(ALICE).await];
        for token in &tokens {
            assert!(mailkey.is_alive(token).await);
        }
        if newest_first {
            tokens.reverse();
        }
        mailkey.redeem_token(&tokens[0], NEW_PASSWORD).await.expect_status(204);
        for token in &tokens {
            assert!(!mailkey.is_alive(token).await, "newest first: {newest_first}");
        }
    }
}

#[tokio::test]
async fn case_08_an_activation_cancels_all_earlier_links() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let (older, newer) = (mailkey.new_token(PETRA).await, mailkey.new_token(PETRA).await);
    mailkey.redeem_token(&older, NEW_PASSWORD).await.expect_status(204);
    assert!(!mailkey.is_alive(&newer).await, "an active account can't be activated again");
    mailkey.advance_clock(HOUR).await;
    let reset = mailkey.new_token(PETRA).await;
    assert!(mailkey.is_alive(&reset).await);
}

/// ASVS 5.0, 11.5.1 requires 128 bits of entropy. Our tokens have 256, in base64url, and each is unique.
#[tokio::test]
async fn case_09_tokens_are_43_base64url_characters_and_never_repeat() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let mut seen = HashSet::new();
    let made_by_us = |_| Secret::generate(&OsEntropy).unwrap().reveal();
    for token in (0..10_000).map(made_by_us) {
        assert!(seen.insert(token), "two of ten thousand tokens are equal");
    }
    for _ in 0..10 {
        for _ in 0..3 {
            let token = mailkey.new_token(ALICE).await;
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            assert!(token.len() == 43 && token.chars().all(fits), "{token}");
            assert!(seen.insert(token));
        }
        mailkey.advance_clock(DAY).await;
    }
}

#[tokio::test]
async fn case_09_a_nearly_correct_token_is_rejected() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    for variant in variants(&token) {
        mailkey.redeem_token(&variant, NEW_PASSWORD).await.expect_problem("invalid-token");
    }
    assert!(mailkey.is_alive(&token).await, "the real token still works");
}

fn variants(token: &str) -> Vec<String> {
    let flipped = |c: char| {
        if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
    };
    let (head, last) = token.split_at(42);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // The last character carries only four bits, so a lenient decoder would accept its neighbors too.
    let others = alphabet.chars().filter(|c| !last.starts_with(*c));
    let mut variants: Vec<String> = others.map(|c| format!("{head}{c}")).collect();
    variants.extend([
        head.to_owned(),
        format!("{token}="),
        format!("{token}A"),
        format!(" {token}"),
        format!("{token}\n"),
        format!("\u{feff}{token}"),
        format!("{token}{token}"),
        format!("#token={token}"),
        token.chars().map(flipped).collect(),
        token.chars().rev().collect(),
        token.replace(['-', '_'], "+") + if token.contains(['-', '_']) { "" } else { "+" },
        format!("%{:02X}{}", token.as_bytes()[0], &token[1..]),
    ]);
    variants
}

/// CVE-2019-18818, CVE-2016-6317: a token must be a string, and no value opens an account without an issued link.
#[tokio::test]
async fn case_04_a_value_that_is_not_a_token_changes_nothing() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    let before = mailkey.settled().await;
    let user_id = before.having("Users", "address_key", ALICE)[0]["user_id"]["S"].clone();
    for value in [
        json!(null),
        json!(0),
        json!(true),
        json!([]),
        json!([null]),
        json!([token]),
        json!({}),
        json!({ "$gt": "" }),
        json!({ "$ne": null }),
    ] {
        let body = json!({ "token": value, "new_password": NEW_PASSWORD });
        let answer = mailkey.post("/api/redeem-token", &body).await;
        answer.expect_problem("malformed-request");
    }
    for value in ["", " ", "null", "undefined", &"\0".repeat(43), &"A".repeat(43)] {
        mailkey.redeem_token(value, NEW_PASSWORD).await.expect_problem("invalid-token");
    }
    for body in [
        json!({ "new_password": NEW_PASSWORD }),
        json!({ "token": token }),
        json!({ "token": token, "new_password": NEW_PASSWORD, "user_id": user_id, "email": ALICE }),
        json!({ "token": token, "new_password": [NEW_PASSWORD] }),
        json!({ "token": token, "new_password": null }),
        json!({ "user_id": user_id, "email": ALICE, "new_password": NEW_PASSWORD }),
    ] {
        let answer = mailkey.post("/api/redeem-token", &body).await;
        answer.expect_problem("malformed-request");
    }
    assert_eq!(mailkey.tables().await.but("NetworkFailures"), before);
    assert_eq!(mailkey.whole_outbox().await.len(), 1);
    assert!(mailkey.is_alive(&token).await);
}

/// Mail filters open links. They don't send the fragment, which contains the secret, and sending it would have no
/// effect.
#[tokio::test]
async fn case_22_opening_a_link_does_not_redeem_it() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    let before = mailkey.settled().await;
    for path in ["/reset-password/".to_owned(), format!("/reset-password/?token={token}"), "/activate/".to_owned()] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for (name, value) in [
                ("user-agent", "Mozilla/5.0 (compatible; LinkScanner/1.0)"),
                ("purpose", "prefetch"),
                ("sec-purpose", "prefetch;prerender"),
            ] {
                let request = mailkey.request(method.clone(), &path).header(name, value);
                assert!(mailkey.send(request).await.status < 500);
            }
        }
    }
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::PATCH, Method::DELETE] {
        let path = format!("/api/redeem-token?token={token}&new_password=seven%20lamps%20on%20a%20quiet%20pier");
        let answer = mailkey.send(mailkey.request(method.clone(), &path)).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    assert_eq!(mailkey.tables().await, before);
    // A browser that runs the page's script without any click.
    for digest in [digest(&token), "A".repeat(43)] {
        let landed = json!({ "token_digest": digest, "how": "opened" });
        mailkey.post("/api/link-landings", &landed).await.expect_status(204);
    }
    assert_eq!(mailkey.tables().await.of("Tokens"), before.of("Tokens"));
    mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
}

/// The digest that the page sends when it loads. It identifies the token but can't redeem it.
fn digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(BASE64_URL_SAFE_NO_PAD.decode(token).unwrap()))
}

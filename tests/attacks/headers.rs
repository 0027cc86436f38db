//! The headers of every response. Case 23; ASVS 5.0, 3.4.

use aws_sdk_dynamodb::types::AttributeValue;
use mailkey::{OsEntropy, secret::Secret};
use mailkey_local::dynamodb::LocalDynamoDb;
use mailkey_tests::{ALICE, Answer, Folder, Mailkey, PASSWORD, Setup};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn case_23_every_response_has_the_security_headers_and_none_names_the_server() {
    let mailkey = Mailkey::start().await;
    let mut answers = Vec::new();
    for path in
        PAGES.into_iter().chain(["/no-such-page/", "/api/no-such-route", "/api/session", "/api/sign-in", "/api/health"])
    {
        answers.push((path.to_owned(), mailkey.get(path).await));
    }
    for asset in assets(&mailkey).await {
        answers.push((asset.clone(), mailkey.get(&asset).await));
    }
    for (path, body) in [
        ("/api/forgot-password", json!({ "email": ALICE })),
        ("/api/forgot-password", json!({})),
        ("/api/forgot-password", json!({ "email": "a".repeat(20_000) })),
        ("/api/redeem-token", json!({ "token": "", "new_password": "" })),
        ("/api/sign-in", json!({ "email": ALICE, "password": "wrong" })),
        ("/api/sign-in", json!({ "email": ALICE, "password": PASSWORD })),
        ("/guide/", json!({})),
        ("/no-such-page/", json!({})),
    ] {
        answers.push((format!("POST {path}"), mailkey.post(path, &body).await));
    }
    let foreign = mailkey.request(Method::POST, "/api/sign-in").header("origin", "null");
    answers.push(("a foreign origin".to_owned(), mailkey.send(foreign).await));
    mailkey.dynamodb_faults(json!({ "mode": "fail" })).await;
    answers.push(("a failing store".to_owned(), mailkey.forgot_password(ALICE).await));
    let statuses: std::collections::BTreeSet<_> = answers.iter().map(|(_, answer)| answer.status).collect();
    assert_eq!(
        Vec::from_iter(statuses),
        [200, 202, 400, 401, 403, 404, 405, 413, 503],
        "the statuses that were checked"
    );
    for (what, answer) in &answers {
        check(what, answer);
    }
}

#[tokio::test]
async fn case_23_head_returns_the_headers_of_get_without_a_body() {
    let mailkey = Mailkey::start().await;
    for path in PAGES {
        let answer = mailkey.send(mailkey.request(Method::HEAD, path)).await;
        let full = mailkey.get(path).await;
        assert_eq!(answer.status, full.status, "{path}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("content-type"), full.header("content-type"), "{path}");
        check(path, &answer);
    }
}

#[tokio::test]
async fn case_23_assets_are_cached_but_api_responses_and_forms_are_not() {
    let mailkey = Mailkey::start().await;
    for path in PAGES.into_iter().chain(["/api/session", "/api/health"]) {
        assert_eq!(mailkey.get(path).await.header("cache-control"), Some("no-store"), "{path}");
    }
    for asset in assets(&mailkey).await {
        let answer = mailkey.get(&asset).await.expect_status(200);
        assert!(answer.header("cache-control").unwrap().contains("immutable"), "{asset}");
    }
}

/// Pages load everything from this site, and contain no inline scripts or styles.
#[tokio::test]
async fn case_23_pages_load_nothing_from_other_sites_and_contain_nothing_inline() {
    let mailkey = Mailkey::start().await;
    for path in PAGES {
        let html = mailkey.get(path).await.text();
        for attribute in ["src=\"", "action=\""] {
            for value in html.split(attribute).skip(1) {
                assert!(value.starts_with('/') && !value.starts_with("//"), "{path}: {attribute}{value:.40}");
            }
        }
        for link in html.split("<link ").skip(1) {
            let link = link.split('>').next().unwrap();
            // Search engines read the addresses of the page and its translations; browsers don't load them.
            if !link.contains("canonical") && !link.contains("hreflang") {
                assert!(link.contains("href=\"/"), "{path}: {link}");
            }
        }
        for inline in ["<style", "style=\"", "onclick=", "onload=", "onsubmit=", "javascript:", "<iframe", "<base"] {
            assert!(!html.contains(inline), "{path}: {inline}");
        }
        // Structured data isn't executed.
        for script in html.split("<script").skip(1).filter(|it| !it.starts_with(" type=\"application/ld+json\">")) {
            assert!(script.starts_with(" type=\"module\" src=\""), "{path}: <script{script:.60}");
        }
    }
}

/// The pages from the design, and the page of one problem.
const PAGES: [&str; 9] = [
    "/",
    "/forgot-password/",
    "/check-your-mail/",
    "/reset-password/",
    "/activate/",
    "/sign-in/",
    "/guide/",
    "/faq/",
    "/problems/invalid-token/",
];

/// The assets that the pages load.
async fn assets(mailkey: &Mailkey) -> Vec<String> {
    let mut assets = std::collections::BTreeSet::new();
    for path in PAGES {
        let html = mailkey.get(path).await.text();
        let found = html.split('"').filter(|part| part.starts_with("/assets/"));
        assets.extend(found.map(str::to_owned));
    }
    assert!(assets.len() >= 3, "a style sheet, a script, an icon: {assets:?}");
    Vec::from_iter(assets)
}

#[track_caller]
fn check(what: &str, answer: &Answer) {
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what} ({})", answer.status);
    }
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"), "{what}");
    let policy = answer.header("content-security-policy").unwrap();
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    for loose in ["unsafe", "*", "http:", "https:", "data:"] {
        assert!(!policy.contains(loose), "{what}: {policy}");
    }
    for name in ["server", "x-powered-by", "via", "access-control-allow-origin"] {
        assert_eq!(answer.header(name), None, "{what}");
    }
    assert_eq!(answer.request_id().len(), 26, "{what}: the request id is a ULID");
    assert!(answer.header("cache-control").is_some(), "{what}");
}

/// A damaged item is an internal error, and its details stay internal.
#[tokio::test]
async fn case_23_an_internal_error_has_the_same_headers_and_reveals_nothing() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    setup.start().await.terminate().await;
    let tables = LocalDynamoDb::open(&folder.path().join("tables.sqlite")).unwrap();
    let token = Secret::generate(&OsEntropy).unwrap();
    // A session without a user and an expiry.
    let put = tables.client().put_item().table_name("Sessions");
    put.item("digest", AttributeValue::S(token.digest().as_str().to_owned())).send().await.unwrap();
    drop(tables);
    let mailkey = setup.start().await;
    let answer = mailkey.session(&token.reveal()).await.expect_problem("internal-error");
    check("a damaged item", &answer);
    for inside in ["Sessions", "user_id", "item", "attribute", "dynamodb", "rs:"] {
        assert!(!answer.text().contains(inside), "{}", answer.text());
    }
}

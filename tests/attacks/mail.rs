//! The content and the number of emails, and what attackers can't put into them. Cases 2, 3, 21 and 26.

use mailkey_tests::{ALICE, DAY, Folder, HOUR, MINUTE, Mail, Mailkey, NEW_PASSWORD, STRANGER, Setup};
use serde_json::json;

/// OWASP Forgot Password cheat sheet: a flood of requests neither fills an inbox nor keeps its owner out.
#[tokio::test]
async fn case_21_a_flood_of_requests_sends_three_emails_an_hour_and_the_first_link_still_works() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let first = mailkey.new_token(ALICE).await;
    for _ in 1..100 {
        mailkey.forgot_password(ALICE).await.expect_status(202);
    }
    let tables = mailkey.settled().await;
    assert_eq!(mailkey.outbox(ALICE).await.len(), 3);
    let outcomes = tables.outcomes_of(ALICE);
    assert_eq!(outcomes.len(), 100, "each request has a log entry");
    let limited = outcomes.iter().filter(|outcome| *outcome == "skipped rate_limited");
    assert_eq!(limited.count(), 97);

    mailkey.advance_clock(HOUR + MINUTE).await;
    let after_an_hour = mailkey.new_token(ALICE).await;
    assert!(mailkey.is_alive(&after_an_hour).await);
    mailkey.redeem_token(&first, NEW_PASSWORD).await.expect_status(204);
}

#[tokio::test]
async fn case_21_an_address_gets_at_most_ten_emails_a_day() {
    let mailkey = Setup::new().without_collapsing().start().await;
    for _ in 0..12 {
        for _ in 0..2 {
            mailkey.forgot_password(ALICE).await.expect_status(202);
        }
        mailkey.settled().await;
        mailkey.advance_clock(HOUR + MINUTE).await;
    }
    assert_eq!(mailkey.outbox(ALICE).await.len(), 10);
    mailkey.advance_clock(DAY).await;
    mailkey.new_token(ALICE).await;
}

#[tokio::test]
async fn case_21_requests_within_a_minute_send_one_email() {
    let mailkey = Mailkey::start().await;
    let mut asked = tokio::task::JoinSet::new();
    // The test may start at any second of a minute, so a request may fall into the next one.
    for spelling in [ALICE, "ALICE@example.com", " alice@EXAMPLE.com", ALICE, ALICE] {
        let request = mailkey.request(reqwest::Method::POST, "/api/forgot-password");
        asked.spawn(request.json(&json!({ "email": spelling })).send());
    }
    for answer in asked.join_all().await {
        assert_eq!(answer.unwrap().status(), 202);
    }
    let tables = mailkey.settled().await;
    let requests = tables.of("EmailRequests").len();
    assert!((1..=2).contains(&requests), "{requests} requests stored");
    assert_eq!(mailkey.outbox(ALICE).await.len(), requests);
    mailkey.advance_clock(2 * MINUTE).await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(requests + 1, ALICE).await;
}

#[tokio::test]
async fn case_21_no_number_of_strangers_gets_an_email() {
    let mailkey = Setup::new().without_collapsing().start().await;
    for number in 0..100 {
        let stranger = format!("stranger-{number}@elsewhere.example");
        mailkey.forgot_password(&stranger).await.expect_status(202);
        mailkey.forgot_password(STRANGER).await.expect_status(202);
    }
    let tables = mailkey.settled().await;
    assert!(mailkey.whole_outbox().await.is_empty());
    assert!(tables.of("Tokens").is_empty() && tables.of("RecipientLimits").is_empty());
}

/// WSTG-INPV-17, CVE-2017-12161: the host of a request must not become the host of a link.
#[tokio::test]
async fn case_03_the_host_of_a_link_comes_from_configuration_and_never_from_a_request() {
    let mailkey = Setup::new().without_collapsing().start().await;
    let body = json!({ "email": ALICE }).to_string();
    let length = body.len();
    let own = mailkey.address();
    let mut sent = 0;
    for headers in [
        "Host: evil.test".to_owned(),
        format!("Host: {own}@evil.test"),
        "Host: evil.test:80".to_owned(),
        format!("Host: {own}\r\nX-Forwarded-Host: evil.test"),
        format!("Host: {own}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1"),
        format!("Host: {own}\r\nX-Forwarded-Proto: http"),
        format!("Host: {own}\r\nForwarded: host=evil.test;proto=https"),
        format!("Host: {own}\r\nX-Original-Host: evil.test\r\nX-Host: evil.test"),
        format!("Host: {own}\r\nReferer: https://evil.test/"),
        format!("Host: {own}\r\nHost: evil.test"),
    ] {
        let request = format!(
            "POST /api/forgot-password HTTP/1.1\r\n{headers}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let answer = mailkey.send_raw(request).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned() + &answer.head.join("\n");
        assert!(!text.contains("evil"), "{headers}: {text}");
        if answer.status() == 202 {
            sent += 1;
            check_links(&mailkey, &mailkey.mail_number(sent, ALICE).await, &headers);
            mailkey.advance_clock(3 * HOUR).await;
        }
    }
    assert!(sent >= 5, "most are accepted, without any effect on the link");
    let absolute = format!(
        "POST http://evil.test/api/forgot-password HTTP/1.1\r\nHost: evil.test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    if mailkey.send_raw(absolute).await.status() == 202 {
        check_links(&mailkey, &mailkey.mail_number(sent + 1, ALICE).await, "an absolute target");
    }
}

fn check_links(mailkey: &Mailkey, mail: &Mail, what: &str) {
    let site = format!("{}/", mailkey.site_url);
    assert!(mail.secret_link().unwrap().starts_with(&site), "{what}");
    assert!(mail.links.iter().all(|link| link.starts_with(&site)), "{what}: {:?}", mail.links);
    let everything = format!("{}{}{:?}", mail.text, mail.html, mail.headers);
    assert!(!everything.contains("evil"), "{what}");
}

/// CVE-2024-41953: a name is plain text, whatever its source. An email must not carry an attacker's message.
#[tokio::test]
async fn case_26_a_display_name_adds_no_markup_links_or_headers_to_an_email() {
    let names = [
        "<a href=//evil.test>Click</a>",
        "{{1337*7}} ${7*7} {% raw %}",
        "Visit evil.test now",
        "https://evil.test/",
        "\u{202E}tset.live",
        "Eve\r\nBcc: eve@evil.test",
        "\"><script>alert(1)</script>",
        "&lt;b&gt;",
    ];
    let people: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            json!({ "email": format!("user{number}@example.org"), "display_name": name, "status": "active", "password": "violet canoe under nine bridges" })
        })
        .collect();
    let (_folder, mailkey) = seeded(&json!(people)).await;
    for (number, name) in names.iter().enumerate() {
        let address = format!("user{number}@example.org");
        mailkey.forgot_password(&address).await.expect_status(202);
        let mail = mailkey.mail_number(1, &address).await;
        assert_eq!(mail.to, address, "{name:?}");
        assert_eq!(mail.subject, "Reset your password for Example Portal");
        assert!(!mail.headers.contains_key("Bcc") && !mail.headers.contains_key("Cc"), "{name:?}");
        for part in [&mail.text, &mail.html] {
            assert!(!part.contains("evil.test") && !part.contains('\u{202E}'), "{name:?}");
            assert!(!part.contains("9359"), "{name:?} was evaluated");
        }
        for markup in ["<script", "href=//", "<a href=/"] {
            assert!(!mail.html.contains(markup), "{name:?}");
        }
    }
    assert_eq!(mailkey.whole_outbox().await.len(), names.len());
}

/// CVE-2019-19844, with letters that case mapping really changes: the dotless i and the Kelvin sign.
#[tokio::test]
async fn case_02_mikes_email_goes_only_to_mike() {
    let mike = "Mike@Example.org";
    let people = json!([{ "email": mike, "display_name": "Mike", "status": "active", "password": "violet canoe under nine bridges" }]);
    let (_folder, mailkey) = seeded(&people).await;
    for twin in ["m\u{131}ke@example.org", "mi\u{212A}e@example.org", "mike@ex\u{E4}mple.org", "M\u{130}KE@example.org"]
    {
        mailkey.forgot_password(twin).await.expect_status(202);
    }
    let tables = mailkey.settled().await;
    let reasons: Vec<_> = tables.of("EmailLog").iter().map(|entry| entry["reason"]["S"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["no_such_user"; 4]);
    assert!(mailkey.whole_outbox().await.is_empty());
    mailkey.forgot_password("MIKE@EXAMPLE.ORG").await.expect_status(202);
    let mail = mailkey.mail_number(1, mike).await;
    let (local, domain) = mail.to.split_once('@').unwrap();
    assert_eq!((local, domain), ("Mike", "example.org"), "as it is on record");
}

async fn seeded(people: &serde_json::Value) -> (Folder, Mailkey) {
    let folder = Folder::new();
    let file = folder.path().join("people.json");
    std::fs::write(&file, people.to_string()).unwrap();
    let mailkey = Setup::new().arg("--seed").arg(file).start().await;
    (folder, mailkey)
}

//! Complete journeys of users who recover or activate an account.

use mailkey_tests::{ALICE, IVAN, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, STRANGER, eventually};
use reqwest::Method;

#[tokio::test]
async fn a_user_resets_a_forgotten_password() {
    let mailkey = Mailkey::start().await;
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);

    let answer = mailkey.forgot_password(ALICE).await.expect_status(202);
    assert!(answer.json()["message"].as_str().unwrap().contains("If there is an account"));
    let mail = mailkey.mail_number(1, ALICE).await;
    let link = mail.secret_link().unwrap();
    assert!(link.starts_with(&format!("{}/reset-password/#token=", mailkey.site_url)), "{link}");
    let token = mail.token().unwrap();

    let answer = mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
    assert!(answer.body.is_empty());
    mailkey.sign_in(ALICE, PASSWORD).await.expect_problem("invalid-credentials");
    let answer = mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200).json();
    assert_eq!(answer["user"]["email"], ALICE);
    assert_eq!(answer["user"]["status"], "active");

    let session = answer["session_token"].as_str().unwrap();
    let seen = mailkey.session(session).await.expect_status(200).json();
    assert_eq!(seen["user"]["id"], answer["user"]["id"]);
    assert_eq!(seen["expires_at"], answer["expires_at"]);
    mailkey.sign_out(session).await.expect_status(204);
    mailkey.session(session).await.expect_problem("sign-in-required");

    mailkey.redeem_token(&token, "yet another good password").await.expect_problem("invalid-token");
    mailkey.sign_in(ALICE, NEW_PASSWORD).await.expect_status(200);
}

#[tokio::test]
async fn a_reset_email_is_complete_and_small() {
    let mailkey = Mailkey::start().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let mail = mailkey.mail_number(1, ALICE).await;
    assert_eq!(mail.subject, "Reset your password for Example Portal");
    assert!(mail.from.contains("Example Portal") && mail.from.contains('@'), "{}", mail.from);
    assert_eq!(mail.to, ALICE);
    let link = mail.secret_link().unwrap();
    for part in [&mail.text, &mail.html] {
        assert!(part.contains(link), "the link in full");
        assert!(part.contains("24 hours"), "how long it works");
        assert!(part.contains("Didn’t request this?"), "what to do if someone else asked");
        assert!(part.contains("support@example.com"), "whom to ask");
    }
    assert!(mail.html.contains(&format!("href=\"{link}\"")), "the link as a button");
    for loaded in ["<img", "<script", "<link", "@import", "url("] {
        assert!(!mail.html.contains(loaded), "an email loads nothing: {loaded}");
    }
    let header = |name: &str| mail.headers.get(name).map(String::as_str);
    assert_eq!(header("Auto-Submitted"), Some("auto-generated"));
    assert!(header("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(header("Reply-To").unwrap().contains("support@example.com"));
    assert!(mail.text.len() + mail.html.len() < 20_000, "the size limit of an email");
    for path in mail.links.iter().filter_map(|link| link.strip_prefix(&mailkey.site_url)) {
        let page = path.split('#').next().unwrap();
        mailkey.get(page).await.expect_status(200);
    }
}

#[tokio::test]
async fn the_owner_is_notified_that_the_password_was_changed() {
    let mailkey = Mailkey::start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    let notice = mailkey.mail_number(2, ALICE).await;
    assert_eq!(notice.subject, "Your password for Example Portal was changed");
    assert_eq!(notice.token(), None, "a notice contains no secret");
    assert!(notice.text.contains("Questions? Write to "), "whom to ask if someone else did it");
}

#[tokio::test]
async fn the_email_log_records_every_step_of_a_recovery() {
    let mailkey = Mailkey::start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    let tables = eventually("the redemption is logged", || async {
        let tables = mailkey.settled().await;
        let log = tables.log_of(ALICE);
        (log.len() == 2 && log[1]["redeemed_at"]["N"].is_string()).then_some(tables)
    })
    .await;
    let log = tables.log_of(ALICE);
    let (notice, reset) = (log[0], log[1]);
    assert_eq!(notice["kind"]["S"], "password_changed");
    assert_eq!(notice["trigger"]["S"], "system");
    assert_eq!(reset["kind"]["S"], "password_reset");
    assert_eq!(reset["trigger"]["S"], "self_service");
    let events: Vec<_> = reset["timeline"]["L"].as_array().unwrap().iter().collect();
    let events: Vec<_> = events.iter().map(|event| event["M"]["event"]["S"].as_str().unwrap()).collect();
    assert_eq!(events.first(), Some(&"queued"));
    assert!(events.contains(&"sent") && events.contains(&"redeemed"), "{events:?}");
}

#[tokio::test]
async fn a_pending_user_who_forgot_the_password_gets_an_activation_email() {
    let mailkey = Mailkey::start().await;
    mailkey.sign_in(PETRA, PASSWORD).await.expect_problem("invalid-credentials");
    mailkey.forgot_password(PETRA).await.expect_status(202);
    let mail = mailkey.mail_number(1, PETRA).await;
    assert_eq!(mail.subject, "Activate your account for Example Portal");
    let link = mail.secret_link().unwrap();
    assert!(link.starts_with(&format!("{}/activate/#token=", mailkey.site_url)), "{link}");
    mailkey.redeem_token(&mail.token().unwrap(), NEW_PASSWORD).await.expect_status(204);
    let user = mailkey.sign_in(PETRA, NEW_PASSWORD).await.expect_status(200).json();
    assert_eq!(user["user"]["status"], "active");

    // An active user gets reset links from now on. The notice about the new password comes first.
    mailkey.mail_number(2, PETRA).await;
    mailkey.advance_clock(2 * mailkey_tests::MINUTE).await;
    mailkey.forgot_password(PETRA).await.expect_status(202);
    let mail = mailkey.mail_number(3, PETRA).await;
    assert!(mail.secret_link().unwrap().contains("/reset-password/"));
}

#[tokio::test]
async fn signing_out_ends_only_this_session() {
    let mailkey = Mailkey::start().await;
    let desk = mailkey.signed_in(ALICE, PASSWORD).await;
    let phone = mailkey.signed_in(ALICE, PASSWORD).await;
    let answer = mailkey.sign_out(&desk).await.expect_status(204);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    mailkey.session(&desk).await.expect_problem("sign-in-required");
    mailkey.session(&phone).await.expect_status(200);
}

#[tokio::test]
async fn a_session_expires_after_twelve_hours() {
    let mailkey = Mailkey::start().await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    mailkey.advance_clock(12 * mailkey_tests::HOUR - mailkey_tests::MINUTE).await;
    mailkey.session(&session).await.expect_status(200);
    mailkey.advance_clock(mailkey_tests::MINUTE).await;
    mailkey.session(&session).await.expect_problem("sign-in-required");
}

#[tokio::test]
async fn a_browser_signs_in_and_out_with_a_cookie_that_other_sites_cannot_use() {
    let mailkey = Mailkey::start().await;
    let answer = mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    let [cookie, device] = cookies[..] else { panic!("{cookies:?}") };
    assert!(
        device.starts_with("__Host-mailkey-device=")
            && device.ends_with("Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Strict")
    );
    for attribute in ["__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} is missing");
    }
    assert!(!cookie.contains("Domain"));
    let pair = cookie.split(';').next().unwrap().to_owned();

    let with_cookie = |method, path: &str| mailkey.request(method, path).header("cookie", &pair);
    mailkey.send(with_cookie(Method::GET, "/api/session")).await.expect_status(200);
    mailkey.send(with_cookie(Method::POST, "/api/sign-out")).await.expect_problem("origin-refused");
    let own = with_cookie(Method::POST, "/api/sign-out").header("origin", &mailkey.site_url);
    mailkey.send(own).await.expect_status(204);
    mailkey.send(with_cookie(Method::GET, "/api/session")).await.expect_problem("sign-in-required");
}

#[tokio::test]
async fn an_inactive_user_learns_it_only_with_the_right_password() {
    let mailkey = Mailkey::start().await;
    mailkey.sign_in(IVAN, "not this password").await.expect_problem("invalid-credentials");
    let answer = mailkey.sign_in(IVAN, PASSWORD).await.expect_problem("account-inactive");
    assert_eq!(answer.header("set-cookie"), None);
    assert!(mailkey.tables().await.of("Sessions").is_empty());
}

#[tokio::test]
async fn the_email_log_says_why_no_email_was_sent() {
    let mailkey = Mailkey::start().await;
    for (address, outcome) in [
        (STRANGER, "skipped no_such_user"),
        (IVAN, "skipped user_inactive"),
        (mailkey_tests::SAM, "skipped address_suppressed"),
    ] {
        mailkey.forgot_password(address).await.expect_status(202);
        assert_eq!(mailkey.settled().await.outcomes_of(address), [outcome], "{address}");
    }
    assert!(mailkey.whole_outbox().await.is_empty());
}

#[tokio::test]
async fn a_made_up_session_is_rejected() {
    let mailkey = Mailkey::start().await;
    mailkey.get("/api/session").await.expect_problem("sign-in-required");
    let made_up = "A".repeat(43);
    let long = "A".repeat(4096);
    for token in [made_up.as_str(), "", "short", long.as_str(), "../../etc/passwd"] {
        mailkey.session(token).await.expect_problem("sign-in-required");
        mailkey.sign_out(token).await.expect_problem("sign-in-required");
    }
}

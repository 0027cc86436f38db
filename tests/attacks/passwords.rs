//! Which passwords are accepted. Cases 9 and 29; NIST SP 800-63B-4, section 3.1.1.2.

use mailkey_tests::{ALICE, DAY, Mailkey, PASSWORD};

#[tokio::test]
async fn case_29_a_rejected_password_gets_reasons_and_the_link_stays_valid() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    let before = mailkey.settled().await;
    for (password, reasons) in [
        ("", &["too_short"][..]),
        ("fourteen chars", &["too_short"]),
        ("\u{1F511}\u{1F511}\u{1F511}\u{1F511}", &["too_short"]),
        (&long(129), &["too_long"]),
        (&"x".repeat(10_000), &["too_long"]),
        ("aaaaaaaaaaaaaaa", &["repeats"]),
        ("bcdefghijklmnopqr", &["sequence"]),
        ("111222333444555", &["too_common"]),
        ("1234567812345678", &["too_common"]),
        (ALICE, &["is_email_address"]),
        ("Alice@EXAMPLE.com", &["is_email_address"]),
        ("alice", &["too_short", "is_email_address"]),
        ("Example Portal", &["too_short", "is_portal_name"]),
        ("example - PORTAL", &["is_portal_name"]),
    ] {
        let answer = mailkey.redeem_token(&token, password).await;
        let answer = answer.expect_problem("weak-password");
        assert_eq!(answer.reasons(), reasons, "{password:?}");
        assert!(!answer.text().contains(password) || password.is_empty(), "the response must not repeat the password");
        for reason in answer.json()["reasons"].as_array().unwrap() {
            assert!(reason["detail"].as_str().unwrap().ends_with('.'), "{reason}");
            let has_limit = reason["code"] == "too_short" || reason["code"] == "too_long";
            assert_eq!(reason["limit"].is_u64(), has_limit, "{reason}");
        }
    }
    assert_eq!(mailkey.tables().await, before);
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(200);
    assert!(mailkey.is_alive(&token).await);
}

/// A strong password of this length.
fn long(length: usize) -> String {
    let words = "violet canoe under nine bridges, seven lamps on a quiet pier, three otters that juggle walnuts, \
                 and a grey piano which nobody has tuned since the river froze";
    words[..length].to_owned()
}

#[tokio::test]
async fn case_41_long_but_weak_passwords_are_refused_with_a_reason() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    for (password, reason) in [
        ("password1234567", "too_guessable"),
        (&"a".repeat(15), "repeats"),
        (&" ".repeat(15), "repeats"),
        ("thisismypassword", "too_guessable"),
        (&format!("{ALICE}1"), "too_guessable"),
        ("Example Portal 2026", "too_guessable"),
        ("ExamplePortal2025", "too_guessable"),
        ("correct horse battery staple", "too_common"),
        ("CorrectHorseBatteryStaple", "too_common"),
        ("\u{FDFA}", "too_short"),
        ("qwertyuiop[]asdf", "sequence"),
        ("iloveyouiloveyou", "too_common"),
        ("mondaymondaymonday", "repeats"),
        ("ilovemyfamilysomuch", "too_guessable"),
    ] {
        let answer = mailkey.redeem_token(&token, password).await;
        assert_eq!(answer.expect_problem("weak-password").reasons(), [reason], "{password:?}");
    }
    assert!(mailkey.is_alive(&token).await);
    mailkey.redeem_token(&token, &long(40)).await.expect_status(204);
}

#[tokio::test]
async fn case_29_a_long_password_may_contain_any_characters() {
    let mailkey = Mailkey::start().await;
    for password in [
        "quiet otter jam",
        &long(64),
        &long(128),
        "\u{1F511} opens the \u{1F6AA} upstairs",
        "  spaces before and behind  ",
        "jahrelang ungestört schlafen",
        "\u{5BC6}\u{7801}\u{662F}\u{4E00}\u{4E2A}\u{5F88}\u{957F}\u{7684}\u{53E5}\u{5B50}\u{FF0C}\u{4E0D}\u{5BB9}\u{6613}\u{731C}",
        "{{7*7}} <b>&amp;</b> ' OR 1=1 --",
    ] {
        let token = mailkey.new_token(ALICE).await;
        mailkey.redeem_token(&token, password).await.expect_status(204);
        mailkey.sign_in(ALICE, password).await.expect_status(200);
        // An address gets at most ten emails a day.
        mailkey.advance_clock(DAY).await;
    }
}

/// The whole password counts: it isn't trimmed, truncated or converted to lowercase.
#[tokio::test]
async fn case_29_a_password_is_compared_as_a_whole() {
    let mailkey = Mailkey::start().await;
    for (set, others) in [
        (
            "  Spaces before and behind  ".to_owned(),
            vec![
                "Spaces before and behind".to_owned(),
                "  Spaces before and behind ".to_owned(),
                "  spaces before and behind  ".to_owned(),
            ],
        ),
        (long(128), vec![long(127), long(129), long(72)]),
        ("before\0behind the zero".to_owned(), vec!["before".to_owned(), "before\0".to_owned()]),
    ] {
        let token = mailkey.new_token(ALICE).await;
        mailkey.redeem_token(&token, &set).await.expect_status(204);
        for other in others {
            mailkey.sign_in(ALICE, &other).await.expect_problem("invalid-credentials");
        }
        mailkey.sign_in(ALICE, &set).await.expect_status(200);
        mailkey.advance_clock(DAY).await;
    }
}

/// Two keyboards may encode the same password differently; both must work.
#[tokio::test]
async fn case_29_every_unicode_equivalent_of_a_password_signs_in() {
    let mailkey = Mailkey::start().await;
    let token = mailkey.new_token(ALICE).await;
    let decomposed = "scho\u{308}ne lange Abende im \u{FF2D}ai";
    mailkey.redeem_token(&token, decomposed).await.expect_status(204);
    mailkey.sign_in(ALICE, "sch\u{F6}ne lange Abende im Mai").await.expect_status(200);
    mailkey.sign_in(ALICE, decomposed).await.expect_status(200);
}

/// ASVS 5.0, 11.4.2; OWASP's password storage cheat sheet.
#[tokio::test]
async fn case_09_passwords_are_stored_as_argon2id_hashes_with_unique_salts() {
    let mailkey = Mailkey::start().await;
    mailkey.recover(ALICE).await.expect_status(204);
    let tables = mailkey.tables().await;
    let hashes: Vec<_> = tables.of("Users").iter().filter_map(|user| user["password_hash"]["S"].as_str()).collect();
    assert!(hashes.len() >= 5);
    let mut salts = std::collections::HashSet::new();
    for hash in hashes {
        let parts: Vec<_> = hash.split('$').collect();
        assert_eq!(parts[..4], ["", "argon2id", "v=19", "m=19456,t=2,p=1"], "{hash}");
        assert!(salts.insert(parts[4]), "two hashes have the same salt");
    }
}

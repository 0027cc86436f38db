//! What is stored and what is logged: no secrets, and no full addresses in logs. Cases 9 and 32; ASVS 5.0, 6.5.2 and
//! 16.2.5.

use mailkey_tests::{ALICE, Folder, GWEN, IVAN, LENA, Mailkey, NEW_PASSWORD, PASSWORD, PETRA, SAM, STRANGER, Setup};
use serde_json::{Value, json};

/// A leaked part of this length is as bad as the whole secret.
const PART: usize = 12;

#[tokio::test]
async fn case_09_no_secret_is_stored_or_logged() {
    let folder = Folder::new();
    let data = folder.path().join("data");
    let mailkey = Setup::new().data_dir(&data).start().await;
    let secrets = every_journey(&mailkey).await;
    let dump = json!(mailkey.settled().await.0).to_string();
    let logs = mailkey.logs().join("\n");
    for (what, secret) in &secrets {
        let part = &secret[..secret.len().min(PART)];
        assert!(!dump.contains(part), "the tables contain {what}");
        assert!(!logs.contains(part), "the logs contain {what}");
    }
    mailkey.terminate().await;
    // Check the raw files too, including journals and free pages. The outbox represents the recipients' mailboxes.
    for file in std::fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap() == "outbox.jsonl" {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for (what, secret) in &secrets {
            let part = &secret.as_bytes()[..secret.len().min(PART)];
            let found = bytes.windows(PART.min(part.len())).any(|window| window == part);
            assert!(!found, "{} contains {what}", path.display());
        }
    }
}

#[tokio::test]
async fn case_32_no_full_address_is_logged() {
    let mailkey = Mailkey::start().await;
    every_journey(&mailkey).await;
    for (who, mode) in [(ALICE, "throttle"), (GWEN, "reject"), (PETRA, "paused"), (LENA, "fail")] {
        mailkey.advance_clock(2 * mailkey_tests::DAY).await;
        mailkey.ses_faults(json!({ "mode": mode, "next": 1 })).await;
        mailkey.forgot_password(who).await.expect_status(202);
        mailkey.settled().await;
    }
    mailkey.dynamodb_faults(json!({ "mode": "fail" })).await;
    mailkey.forgot_password(ALICE).await.expect_status(503);
    mailkey.sign_in(ALICE, PASSWORD).await.expect_status(503);
    let logs = mailkey.logs().join("\n").to_lowercase();
    assert!(logs.contains("\"level\"") || logs.contains("info"), "there are logs: {logs}");
    for address in [ALICE, IVAN, PETRA, LENA, SAM, GWEN, STRANGER] {
        assert!(!logs.contains(address), "{address} is in the logs");
    }
    for word in ["authorization", "bearer", "set-cookie", "argon2", "password_hash"] {
        assert!(!logs.contains(word), "{word} is in the logs");
    }
}

/// ASVS 5.0, 16.4.1; CVE-2025-58160: input from strangers must neither forge a log line nor control a terminal.
#[tokio::test]
async fn case_32_input_cannot_forge_log_lines() {
    let mailkey = Mailkey::start().await;
    for nasty in [
        "a\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
        "\u{1B}[2Jforged",
        "forged\u{2028}forged\u{85}forged",
        "\0forged",
    ] {
        let email = format!("{nasty}@example.com");
        mailkey.forgot_password(&email).await;
        mailkey.sign_in(&email, nasty).await;
        mailkey.redeem_token(nasty, nasty).await.expect_problem("invalid-token");
    }
    for header in ["User-Agent", "X-Request-Id", "X-Forwarded-For", "Cookie", "Authorization"] {
        for value in ["\u{1B}[31mforged", "forged\tforged", "{\"forged\":1}", "forged\u{E9}"] {
            let request = format!(
                "POST /api/sign-out?forged HTTP/1.1\r\nHost: {}\r\n{header}: {value}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                mailkey.address()
            );
            mailkey.send_raw(request).await;
        }
    }
    mailkey.get("/forged%0d%0aforged/").await.expect_status(404);
    mailkey.settled().await;
    let logs = mailkey.logs();
    let lines: Vec<_> = logs.iter().filter(|line| line.starts_with('{')).collect();
    assert!(!lines.is_empty());
    for line in lines {
        let parsed: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
        assert!(parsed["level"].is_string() && parsed["timestamp"].is_string(), "{line}");
    }
    for line in &logs {
        assert!(!line.contains("forged"), "input from strangers is in the logs: {line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

/// Performs every journey and returns the secrets that were used, with their names.
async fn every_journey(mailkey: &Mailkey) -> Vec<(&'static str, String)> {
    let mut secrets = vec![("the first password", PASSWORD.to_owned()), ("the new password", NEW_PASSWORD.to_owned())];
    for address in [ALICE, PETRA, LENA, GWEN] {
        let token = mailkey.new_token(address).await;
        mailkey.redeem_token(&token, "short one").await.expect_problem("weak-password");
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_status(204);
        mailkey.redeem_token(&token, NEW_PASSWORD).await.expect_problem("invalid-token");
        secrets.push(("a token", token));
        let session = mailkey.signed_in(address, NEW_PASSWORD).await;
        mailkey.session(&session).await.expect_status(200);
        secrets.push(("a session", session));
    }
    let ended = mailkey.signed_in(ALICE, NEW_PASSWORD).await;
    mailkey.sign_out(&ended).await.expect_status(204);
    secrets.push(("a session that has ended", ended));
    for address in [STRANGER, IVAN, SAM] {
        mailkey.forgot_password(address).await.expect_status(202);
    }
    let guess = "a wrong guess of a password";
    mailkey.sign_in(ALICE, guess).await.expect_problem("invalid-credentials");
    mailkey.sign_in(STRANGER, guess).await.expect_problem("invalid-credentials");
    secrets.push(("a wrong guess", guess.to_owned()));
    mailkey.settled().await;
    secrets
}

/// Similar to CVE-2023-28443; ASVS 5.0, 1.2.10: strangers' input must not become a formula in an administrator's
/// spreadsheet.
#[tokio::test]
async fn case_32_an_export_has_no_formulas() {
    let (mailkey, admin) = crate::admin::an_administrator().await;
    for local in ["=1+2", "+1-2", "-1+2"] {
        mailkey.forgot_password(&format!("{local}@example.com")).await.expect_status(202);
    }
    mailkey.settled().await;
    let csv = crate::admin::get(&mailkey, &admin, "/api/admin/email-log/export").await.expect_status(200).text();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    for line in csv.lines().skip(1) {
        let recipient = line.split(',').nth(2).unwrap();
        assert!(recipient.starts_with("\"'"), "{line}");
    }
}

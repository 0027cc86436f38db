//! Diagnoses in the running system, in every situation that has a cause.

use mailkey_tests::{ALICE, Call, GWEN, IVAN, LENA, MINUTE, PETRA, SAM, Setup, eventually};
use serde_json::Value;

use crate::{
    admin::{ADMIN, ADMIN_PASSWORD, an_administrator, get},
    events::encoded,
};

/// Every cause that the API documents.
pub(crate) const CAUSES: [&str; 29] = [
    "no_such_user",
    "user_inactive",
    "user_pending",
    "never_asked",
    "rate_limited",
    "suppressed_here",
    "suppressed_at_ses",
    "sender_sandboxed",
    "sender_paused",
    "sender_over_quota",
    "sender_unverified",
    "address_unsupported",
    "typo_in_domain",
    "mailbox_does_not_exist",
    "mailbox_full",
    "refused_as_spam",
    "refused_sender_fault",
    "refused_by_recipient",
    "undetermined",
    "link_damaged",
    "probably_in_junk",
    "still_on_the_way",
    "arrived_after_link_died",
    "link_expired",
    "link_already_used",
    "link_opened_by_scanner_only",
    "account_locked",
    "no_feedback",
    "domain_wide_trouble",
];

pub(crate) async fn diagnosis(mailkey: &mailkey_tests::Mailkey, admin: &str, address: &str) -> Value {
    get(mailkey, admin, &format!("/api/admin/diagnosis?email={}", encoded(address))).await.expect_status(200).json()
}

pub(crate) fn causes(diagnosis: &Value) -> Vec<&str> {
    diagnosis["findings"].as_array().unwrap().iter().map(|finding| finding["cause"].as_str().unwrap()).collect()
}

pub(crate) fn address_of(cause: &str) -> String {
    let domain = match cause {
        "typo_in_domain" => "gmial.com",
        "domain_wide_trouble" => "trouble.example",
        "link_damaged" => "gateway.example",
        _ => "example.com",
    };
    let accent = if cause == "address_unsupported" { "é" } else { "" };
    format!("{}{accent}@{domain}", cause.replace('_', "-"))
}

#[tokio::test]
async fn every_scenario_produces_its_cause_with_evidence_and_a_fix() {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let all = setup.clone().arg("--scenario").arg("all").start().await;
    let admin_of_all = all.signed_in(ADMIN, ADMIN_PASSWORD).await;
    for cause in CAUSES {
        let address = address_of(cause);
        let found = if cause.starts_with("sender_") {
            let one = setup.clone().arg("--scenario").arg(cause).start().await;
            let admin = one.signed_in(ADMIN, ADMIN_PASSWORD).await;
            diagnosis(&one, &admin, &address).await
        } else {
            diagnosis(&all, &admin_of_all, &address).await
        };
        let causes = causes(&found);
        assert!(causes.contains(&cause), "{cause} in {causes:?}: {found:#}");
        eprintln!("{cause:<28} {:<9} {}", found["findings"][0]["certainty"].as_str().unwrap(), found["summary"]);
        let summary = found["findings"][0]["summary"].as_str().unwrap();
        assert!(found["summary"].as_str().unwrap().ends_with(summary), "{found:#}");
        assert_eq!(found["severity"], found["findings"][0]["severity"]);
        for finding in found["findings"].as_array().unwrap() {
            let page = finding["docs_url"].as_str().unwrap().splitn(4, '/').last().unwrap();
            all.get(&format!("/{page}")).await.expect_status(200);
            assert!(!finding["evidence"].as_array().unwrap().is_empty(), "{finding}");
            assert!(finding["fix"]["text"].as_str().unwrap().len() > 20, "{finding}");
        }
    }
}

#[tokio::test]
async fn each_seeded_user_gets_the_expected_finding_first() {
    let (mailkey, admin) = an_administrator().await;
    for (address, cause) in [
        ("nobody@example.com", "no_such_user"),
        (IVAN, "user_inactive"),
        (PETRA, "user_pending"),
        (LENA, "account_locked"),
        (SAM, "mailbox_does_not_exist"),
        ("gwen@gmial.com", "typo_in_domain"),
        (ALICE, "never_asked"),
    ] {
        let found = diagnosis(&mailkey, &admin, address).await;
        assert_eq!(causes(&found)[0], cause, "{address}: {found:#}");
    }
}

#[tokio::test]
async fn a_suppressed_address_is_fixed_by_the_suggested_call() {
    let (mailkey, admin) = an_administrator().await;
    let body = serde_json::json!({ "reason": "asked us to" });
    let put = mailkey.request(reqwest::Method::PUT, &format!("/api/admin/suppressions/{}", encoded(ALICE)));
    mailkey.send(put.bearer_auth(&admin).json(&body)).await.expect_status(200);
    let found = diagnosis(&mailkey, &admin, ALICE).await;
    assert_eq!((&found["findings"][0]["cause"], &found["severity"]), (&"suppressed_here".into(), &"blocking".into()));
    let action = &found["main_action"]["action"];
    let method = action["method"].as_str().unwrap().parse().unwrap();
    let request = mailkey.request(method, action["path"].as_str().unwrap()).bearer_auth(&admin);
    mailkey.send(request).await.expect_status(202);
    mailkey.mail_number(1, ALICE).await;
    let delivered = |found: &Value| found["summary"].as_str().unwrap().contains("some providers hold email");
    let found = eventually("the email is delivered", || async {
        Some(diagnosis(&mailkey, &admin, ALICE).await).filter(delivered)
    })
    .await;
    assert_eq!((&found["severity"], &found["main_action"]["kind"]), (&"info".into(), &"wait".into()), "{found:#}");
}

#[tokio::test]
async fn the_junk_folder_is_named_ten_minutes_after_the_delivery() {
    let (mailkey, admin) = an_administrator().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let found = eventually("the email is delivered", || async {
        let found = diagnosis(&mailkey, &admin, ALICE).await;
        found["summary"].as_str().unwrap().contains("some providers hold email").then_some(found)
    })
    .await;
    assert_eq!(causes(&found), ["still_on_the_way"], "{found:#}");
    mailkey.advance_clock(10 * MINUTE).await;
    let found = diagnosis(&mailkey, &admin, ALICE).await;
    assert_eq!(causes(&found)[0], "probably_in_junk", "{found:#}");
}

#[tokio::test]
async fn after_a_mistyped_address_is_fixed_the_new_link_is_offered() {
    let (mailkey, admin) = an_administrator().await;
    let main = diagnosis(&mailkey, &admin, GWEN).await["main_action"].clone();
    assert_eq!(main["continue_with"], "gwen@gmail.com", "{main}");
    let request = mailkey.request(reqwest::Method::PATCH, main["action"]["path"].as_str().unwrap());
    mailkey.send(request.bearer_auth(&admin).json(&main["action"]["body"])).await.expect_status(200);
    let found = diagnosis(&mailkey, &admin, "gwen@gmail.com").await;
    assert_eq!(found["severity"], "ok", "{found:#}");
    let path = found["main_action"]["action"]["path"].as_str().unwrap();
    let request = mailkey.request(reqwest::Method::POST, path).bearer_auth(&admin);
    mailkey.send(request).await.expect_status(202);
    mailkey.mail_number(1, "gwen@gmail.com").await;
}

#[tokio::test]
async fn case_45_hostile_replies_are_evidence_and_nothing_else() {
    let (mailkey, admin) = an_administrator().await;
    for (number, said) in hostile().into_iter().enumerate() {
        let address = format!("hostile{number}@example.org");
        let body = serde_json::json!({ "reason": said });
        let put = mailkey.request(reqwest::Method::PUT, &format!("/api/admin/suppressions/{}", encoded(&address)));
        mailkey.send(put.bearer_auth(&admin).json(&body)).await.expect_status(200);
        let found = diagnosis(&mailkey, &admin, &address).await;
        assert!(found.to_string().contains(&serde_json::to_string(&said).unwrap().trim_matches('"').to_owned()));
    }
}

/// Texts that servers and people have sent, or might.
fn hostile() -> [String; 4] {
    [
        "550 try again at 2026-99-99T99:99:99Z".to_owned(),
        "550 \u{202e}evil\u{2066} direction".to_owned(),
        "550 <img src=x onerror=alert(1)>".to_owned(),
        "x".repeat(290),
    ]
}

#[tokio::test]
async fn support_can_unlock_while_the_email_log_is_down() {
    let (mailkey, admin) = an_administrator().await;
    let lena = crate::admin::id_of(&mailkey, &admin, LENA).await;
    mailkey.dynamodb_faults(serde_json::json!({ "mode": "fail", "table": "EmailLog" })).await;
    let path = format!("/api/admin/users/{lena}");
    let record = get(&mailkey, &admin, &path).await.expect_status(200).json();
    assert!(record["locked_until"].is_string() && record.get("recent_emails").is_none(), "{record}");
    crate::admin::post(&mailkey, &admin, &format!("{path}/unlock"), serde_json::json!({})).await.expect_status(204);
    let record = get(&mailkey, &admin, &path).await.expect_status(200).json();
    assert!(record.get("locked_until").is_none(), "{record}");
}

#[tokio::test]
async fn a_link_opened_by_a_scanner_is_told_apart_from_one_opened_by_a_person_and_stays_valid() {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let (mailkey, admin) = an_administrator().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let token = mailkey.mail_number(1, ALICE).await.token().unwrap();
    let base64 = base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let digest = base64.encode(Sha256::digest(base64.decode(&token).unwrap()));
    let landed = async |digest: &str, how: &str| {
        let body = serde_json::json!({ "token_digest": digest, "how": how });
        mailkey.post("/api/link-landings", &body).await.expect_status(204);
    };
    landed(&digest, "opened").await;
    landed(&"A".repeat(43), "person").await;
    let found = eventually("the delivery is recorded", || async {
        let found = diagnosis(&mailkey, &admin, ALICE).await;
        causes(&found).contains(&"link_opened_by_scanner_only").then_some(found)
    })
    .await;
    assert_eq!(causes(&found), ["link_opened_by_scanner_only"], "{found:#}");
    landed(&digest, "person").await;
    let found = diagnosis(&mailkey, &admin, ALICE).await;
    assert_eq!(causes(&found), [""; 0], "{found:#}");
    mailkey.redeem_token(&token, mailkey_tests::NEW_PASSWORD).await.expect_status(204);
    assert_eq!(causes(&diagnosis(&mailkey, &admin, ALICE).await), ["link_already_used"]);
}

#[tokio::test]
async fn a_link_that_arrived_without_its_token_is_counted_for_a_domain_only_with_a_real_token() {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let (mailkey, admin) = an_administrator().await;
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let token = mailkey.mail_number(1, ALICE).await.token().unwrap();
    eventually("the delivery is recorded", || async {
        let found = diagnosis(&mailkey, &admin, ALICE).await;
        found["summary"].as_str().unwrap().contains("some providers hold email").then_some(())
    })
    .await;
    mailkey.advance_clock(10 * MINUTE).await;
    let report = async |body: Value| mailkey.post("/api/link-landings", &body).await;
    report(serde_json::json!({ "how": "opened" })).await.expect_problem("malformed-request");
    report(serde_json::json!({ "how": "damaged", "token_digest": "A".repeat(43) })).await.expect_status(204);
    assert_eq!(causes(&diagnosis(&mailkey, &admin, ALICE).await), ["probably_in_junk"], "an unknown token");
    report(serde_json::json!({ "how": "damaged" })).await.expect_status(204);
    let found = diagnosis(&mailkey, &admin, ALICE).await;
    assert_eq!(causes(&found), ["link_damaged", "probably_in_junk"], "{found:#}");
    assert_eq!(found["findings"][0]["certainty"], "possible");
    let sender = get(&mailkey, &admin, "/api/admin/sender").await.json();
    assert_eq!(sender["alarms"], serde_json::json!([]), "anybody can send that report");
    let base64 = base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let digest = base64.encode(Sha256::digest(base64.decode(&token).unwrap()));
    report(serde_json::json!({ "how": "damaged", "token_digest": digest })).await.expect_status(204);
    let found = diagnosis(&mailkey, &admin, ALICE).await;
    assert_eq!(
        (&found["findings"][0]["cause"], &found["findings"][0]["certainty"]),
        (&"link_damaged".into(), &"likely".into())
    );
    let sender = get(&mailkey, &admin, "/api/admin/sender").await.json();
    assert_eq!(sender["alarms"][0]["subject"], "example.com", "{sender:#}");
    mailkey.redeem_token(&token, mailkey_tests::NEW_PASSWORD).await.expect_status(204);
}

#[tokio::test]
async fn another_spelling_of_the_same_mailbox_shows_the_user_on_record() {
    let (mailkey, admin) = an_administrator().await;
    let cases: Vec<Value> = serde_json::from_str(include_str!("../cases/same-mailbox.json")).unwrap();
    for case in &cases {
        let body = serde_json::json!({ "email": case["on_record"], "display_name": "Somebody" });
        crate::admin::post(&mailkey, &admin, "/api/admin/users", body).await.expect_status(201);
    }
    for case in &cases {
        let (asked, on_record) = (case["asked"].as_str().unwrap(), case["on_record"].as_str().unwrap());
        let found = diagnosis(&mailkey, &admin, asked).await;
        let shown = [&found["user"]["email"], &found["findings"][0]["suggestion"]];
        assert!(shown.contains(&&Value::from(on_record)), "{asked}: {found:#}");
    }
}

#[tokio::test]
async fn an_address_that_ses_cannot_send_to_is_named_when_it_is_entered_and_when_email_is_missing() {
    let (mailkey, admin) = an_administrator().await;
    let create = async |email: &str| {
        let body = serde_json::json!({ "email": email, "display_name": "Tim Straße" });
        crate::admin::post(&mailkey, &admin, "/api/admin/users", body).await
    };
    for (email, suggestion) in [
        ("tim.o’connor@example.com", Value::from("tim.o'connor@example.com")),
        ("jörg@example.com", "joerg@example.com".into()),
        ("ａｌｉｃｅ@example.org", "alice@example.org".into()),
        ("иван@example.com", Value::Null),
    ] {
        let created = create(email).await.expect_status(201).json();
        assert_eq!(created["warnings"][0]["code"], "non_ascii_local_part", "{created}");
        assert_eq!(created["suggestion"], suggestion, "{created}");
        let found = diagnosis(&mailkey, &admin, email).await;
        assert_eq!(found["findings"][0]["cause"], "address_unsupported", "{found:#}");
        assert!(!causes(&found).contains(&"refused_sender_fault"), "{found:#}");
    }
    let fine = create("jo@exämple.org").await.expect_status(201).json();
    assert!(fine.get("warnings").is_none(), "{fine}");
    create("jo\u{200b}e@example.org").await.expect_problem("malformed-request");
    for query in ["jo@exämple.org", "jo@exa\u{308}mple.org", " jo @exämple.org ", "strasse", "STRASSE", "jo\u{308}rg"]
    {
        let path = format!("/api/admin/users?query={}", encoded(query));
        let users = get(&mailkey, &admin, &path).await.expect_status(200).json();
        assert_ne!(users["users"], serde_json::json!([]), "{query}");
    }
}

#[tokio::test]
async fn a_diagnosis_takes_at_most_fourteen_calls_and_is_repeatable() {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).arg("--scenario").arg("all");
    let mailkey = setup.start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    for cause in CAUSES.iter().filter(|cause| !cause.starts_with("sender_")) {
        let path = format!("/api/admin/diagnosis?email={}", encoded(&address_of(cause)));
        let answer = get(&mailkey, &admin, &path).await.expect_status(200);
        let calls = mailkey.calls(answer.headers["x-request-id"].to_str().unwrap()).await;
        // SES is asked about our account and domain once a minute, for all diagnoses.
        let about_us = |call: &&Call| matches!(call.operation.as_str(), "GetAccount" | "GetEmailIdentity");
        let calls: Vec<_> = calls.iter().filter(|call| !about_us(call)).map(Call::kind).collect();
        assert!(calls.len() <= 14, "{cause}: {} calls: {calls:?}", calls.len());
        assert_eq!(answer.json()["findings"], get(&mailkey, &admin, &path).await.json()["findings"], "{cause}");
    }
}

#[tokio::test]
async fn a_canary_proves_that_sending_and_events_work() {
    let (mailkey, admin) = an_administrator().await;
    let before = get(&mailkey, &admin, "/api/admin/sender").await.expect_status(200).json();
    assert!(before["canary"].get("proven_at").is_none(), "{before}");
    mailkey.post("/_local/canary", &serde_json::json!({})).await.expect_status(202);
    let after = eventually("the canary is delivered", || async {
        let sender = get(&mailkey, &admin, "/api/admin/sender").await.json();
        sender["canary"]["proven_at"].is_string().then_some(sender)
    })
    .await;
    assert_eq!(after["ok"], true, "{after:#}");
    let found = diagnosis(&mailkey, &admin, ALICE).await;
    assert_eq!(found["event_path"]["last_proven_at"], after["canary"]["proven_at"]);
}

#[tokio::test]
async fn a_diagnosis_without_a_valid_address_is_rejected() {
    let (mailkey, admin) = an_administrator().await;
    for path in [
        "/api/admin/diagnosis",
        "/api/admin/diagnosis?email=",
        "/api/admin/diagnosis?email=nobody",
        "/api/admin/diagnosis?email=a%40b.test&x=1",
    ] {
        get(&mailkey, &admin, path).await.expect_problem("malformed-request");
    }
}

#[tokio::test]
async fn an_administrator_gets_a_suggestion_for_a_mistyped_address_and_a_stranger_does_not() {
    let (mailkey, admin) = an_administrator().await;
    let body = serde_json::json!({ "email": "dana@gmial.com", "display_name": "Dana" });
    let created = crate::admin::post(&mailkey, &admin, "/api/admin/users", body).await.expect_status(201).json();
    assert_eq!(created["suggestion"], "dana@gmail.com");
    let body = serde_json::json!({ "email": "erin@example.com", "display_name": "Erin" });
    let created = crate::admin::post(&mailkey, &admin, "/api/admin/users", body).await.expect_status(201).json();
    assert!(created.get("suggestion").is_none(), "{created}");
    let typo = mailkey.forgot_password("stranger@gmial.com").await;
    assert_eq!(typo.text(), mailkey.forgot_password("stranger@example.com").await.text());
}

#[tokio::test]
async fn a_diagnosis_uses_what_the_scheduled_check_stored_and_asks_ses_when_that_is_too_old() {
    let (mailkey, admin) = an_administrator().await;
    let path = format!("/api/admin/diagnosis?email={}", encoded(ALICE));
    let asked = async || {
        let answer = get(&mailkey, &admin, &path).await.expect_status(200);
        let calls = mailkey.calls(answer.headers["x-request-id"].to_str().unwrap()).await;
        calls.iter().filter(|call| matches!(call.operation.as_str(), "GetAccount" | "GetEmailIdentity")).count()
    };
    mailkey.send(mailkey.request(reqwest::Method::POST, "/_local/sender-check")).await.expect_status(204);
    // A process remembers SES's answer for a minute.
    mailkey.advance_clock(2 * MINUTE).await;
    assert_eq!(asked().await, 0, "the stored answer is used");
    mailkey.advance_clock(15 * MINUTE).await;
    assert!(asked().await >= 2, "the stored answer is too old");
}

#[tokio::test]
async fn on_a_long_suppression_list_the_usual_spellings_are_found_and_nothing_is_ruled_out() {
    let (mailkey, admin) = an_administrator().await;
    for number in 0..1_005 {
        mailkey.put_on_ses_list(&format!("somebody{number}@example.net"), "BOUNCE").await;
    }
    for address in ["zoe@example.org", "Zoe@example.com"] {
        mailkey.put_on_ses_list(address, "BOUNCE").await;
        let found = diagnosis(&mailkey, &admin, address).await;
        assert!(causes(&found).contains(&"suppressed_at_ses"), "{address}: {found:#}");
    }
    let answer = get(&mailkey, &admin, &format!("/api/admin/diagnosis?email={}", encoded(ALICE))).await;
    let calls = mailkey.calls(answer.headers["x-request-id"].to_str().unwrap()).await;
    let of_the_list = calls.iter().filter(|call| call.operation.contains("SuppressedDestination")).count();
    assert!(of_the_list <= 4, "{of_the_list} calls");
    assert!(!answer.text().contains("suppression_at_ses"), "not on the list is not certain: {}", answer.text());
}

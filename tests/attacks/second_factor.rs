//! The second factor of staff, and proving again who one is. SECURITY case 47.

use jiff::SignedDuration;
use mailkey::{Clock, SystemClock, second_factor::TotpSecret};
use mailkey_tests::{ALICE, Answer, MINUTE, Mailkey, NEW_PASSWORD, PASSWORD, SECOND, from_base32};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{ADMIN, ADMIN_PASSWORD, an_administrator, get, id_of, patch, post, staff};

const SUE: &str = "sue@example.com";

/// An authenticator app.
struct Device {
    secret: TotpSecret,
    /// How far the service's clock was advanced.
    ahead_ms: i64,
}

impl Device {
    /// The code that is shown `steps` steps from now.
    fn code(&self, steps: i64) -> String {
        let ahead = SignedDuration::from_millis(self.ahead_ms) + SignedDuration::from_secs(30 * steps);
        self.secret.code_at(SystemClock.now() + ahead)
    }

    /// The next code that wasn't used, which is shown half a minute later.
    async fn next(&mut self, mailkey: &Mailkey) -> String {
        self.wait(mailkey, 30 * SECOND).await;
        self.code(0)
    }

    async fn wait(&mut self, mailkey: &Mailkey, ms: i64) {
        mailkey.advance_clock(ms).await;
        self.ahead_ms += ms;
    }
}

/// Sets up a second factor in a session. Returns the device and the recovery codes.
async fn enrol(mailkey: &Mailkey, session: &str) -> (Device, Vec<String>) {
    enrol_at(mailkey, session, 0).await
}

async fn enrol_at(mailkey: &Mailkey, session: &str, ahead_ms: i64) -> (Device, Vec<String>) {
    let begun = post(mailkey, session, "/api/second-factor", json!({})).await.expect_status(201).json();
    let secret = begun["secret"].as_str().unwrap();
    assert!(begun["otpauth_uri"].as_str().unwrap().contains(secret));
    let device = Device { secret: TotpSecret::from_bytes(&from_base32(secret)).unwrap(), ahead_ms };
    let confirmed = confirm(mailkey, session, &device.code(0)).await.expect_status(200).json();
    let codes: Vec<_> =
        confirmed["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (device, codes)
}

async fn confirm(mailkey: &Mailkey, session: &str, code: &str) -> Answer {
    post(mailkey, session, "/api/second-factor/confirm", json!({ "one_time_code": code })).await
}

async fn sign_in(mailkey: &Mailkey, email: &str, password: &str, code: Option<&str>) -> Answer {
    let body = json!({ "email": email, "password": password, "one_time_code": code });
    mailkey.post("/api/sign-in", &body).await
}

async fn step_up(mailkey: &Mailkey, session: &str, body: Value) -> Answer {
    post(mailkey, session, "/api/step-up", body).await
}

/// What a session is needed for that gives access.
async fn make_key(mailkey: &Mailkey, session: &str) -> Answer {
    let body = json!({ "name": "CRM", "role": "support", "expires_in_days": 1 });
    post(mailkey, session, "/api/admin/api-keys", body).await
}

#[tokio::test]
async fn case_47_setting_up_a_second_factor_ends_the_sessions_that_began_without_it() {
    let (mailkey, admin) = an_administrator().await;
    let sue = staff(&mailkey, &admin, SUE, "admin").await;
    let another = mailkey.signed_in(SUE, NEW_PASSWORD).await;
    enrol(&mailkey, &sue).await;
    // Otherwise the other session, in somebody else's hands, could replace the second factor.
    post(&mailkey, &another, "/api/second-factor", json!({})).await.expect_problem("sign-in-required");
    make_key(&mailkey, &sue).await.expect_status(201);
    let made_up = post(&mailkey, &sue, "/api/second-factor", json!({})).await.expect_status(201);
    assert!(made_up.json()["secret"].is_string());
    confirm(&mailkey, &sue, "000000").await.expect_problem("invalid-credentials");
    let log = get(&mailkey, &admin, "/api/admin/audit-log?action=add_second_factor").await.json();
    let outcomes: Vec<_> = log["entries"].as_array().unwrap().iter().map(|entry| &entry["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "done"], "{log}");
}

#[tokio::test]
async fn case_47_sign_in_asks_for_a_code_that_works_once_and_within_a_step() {
    let (mailkey, admin) = an_administrator().await;
    let (mut device, _) = enrol(&mailkey, &admin).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, None).await.expect_problem("second-factor-required");
    let wrong =
        sign_in(&mailkey, ADMIN, "a wrong password", Some("123456")).await.expect_problem("invalid-credentials");
    assert!(wrong.text().contains("the password is wrong"), "{}", wrong.text());
    let used = device.code(0);
    let wrong = sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&used)).await.expect_problem("invalid-credentials");
    assert!(wrong.text().contains("This code is wrong or was used already"), "{}", wrong.text());
    let code = device.next(&mailkey).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&code)).await.expect_status(200);
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&code)).await.expect_problem("invalid-credentials");
    // A device that is one step ahead is accepted; the codes before that one no longer are.
    device.wait(&mailkey, 2 * MINUTE).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&device.code(2))).await.expect_problem("invalid-credentials");
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&device.code(1))).await.expect_status(200);
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&device.code(0))).await.expect_problem("invalid-credentials");
    // Members have no second factor, and sign in as before.
    let member = mailkey.signed_in(ALICE, PASSWORD).await;
    post(&mailkey, &member, "/api/second-factor", json!({})).await.expect_problem("admin-required");
}

#[tokio::test]
async fn case_47_a_missing_code_does_not_count_and_a_wrong_one_counts_like_a_wrong_password() {
    let (mailkey, admin) = an_administrator().await;
    let (mut device, _) = enrol(&mailkey, &admin).await;
    for _ in 0..12 {
        sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, None).await.expect_problem("second-factor-required");
    }
    for _ in 0..10 {
        sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some("000-000")).await.expect_problem("invalid-credentials");
    }
    let code = device.next(&mailkey).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&code)).await.expect_problem("account-locked");
    device.wait(&mailkey, 15 * MINUTE).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&device.code(0))).await.expect_status(200);
}

#[tokio::test]
async fn case_47_of_many_requests_with_one_code_one_signs_in() {
    let (mailkey, admin) = an_administrator().await;
    let (mut device, codes) = enrol(&mailkey, &admin).await;
    for code in [device.next(&mailkey).await, codes[3].clone()] {
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let body = json!({ "email": ADMIN, "password": ADMIN_PASSWORD, "one_time_code": code });
            requests.spawn(mailkey.request(Method::POST, "/api/sign-in").json(&body).send());
        }
        let statuses: Vec<_> = requests.join_all().await.into_iter().map(|answer| answer.unwrap().status()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        device.wait(&mailkey, 16 * MINUTE).await;
    }
}

#[tokio::test]
async fn case_47_a_recovery_code_works_once_wherever_a_code_is_asked_for() {
    let (mailkey, admin) = an_administrator().await;
    let (mut device, codes) = enrol(&mailkey, &admin).await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    let answer = sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&typed)).await.expect_status(200);
    let session = answer.json()["session_token"].as_str().unwrap().to_owned();
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&codes[0])).await.expect_problem("invalid-credentials");
    device.wait(&mailkey, 11 * MINUTE).await;
    step_up(&mailkey, &session, json!({ "one_time_code": codes[0] })).await.expect_problem("invalid-credentials");
    step_up(&mailkey, &session, json!({ "one_time_code": codes[1] })).await.expect_status(204);
    let log = get(&mailkey, &session, "/api/admin/audit-log?action=sign_in&limit=5").await.expect_status(200).text();
    assert!(log.contains("recovery code"), "{log}");
}

#[tokio::test]
async fn case_47_neither_tables_nor_lists_reveal_the_secret_or_the_codes() {
    let (mailkey, admin) = an_administrator().await;
    let (device, codes) = enrol(&mailkey, &admin).await;
    let own = id_of(&mailkey, &admin, ADMIN).await;
    let mut seen = mailkey.get("/_local/tables.json").await.text();
    for path in [&*format!("/api/admin/users/{own}"), "/api/session", "/api/sessions", "/api/admin/audit-log"] {
        let shown = get(&mailkey, &admin, path).await.expect_status(200).text();
        assert!(!shown.contains("second_factor_"), "{path}: {shown}");
        seen += &shown;
    }
    seen += &mailkey.logs().join("\n");
    assert!(!seen.contains(&device.secret.reveal()));
    for code in codes {
        assert!(!seen.contains(&code) && !seen.contains(&code.replace('-', "")));
    }
}

#[tokio::test]
async fn case_47_a_recovery_of_the_account_never_removes_the_second_factor() {
    let (mailkey, admin) = an_administrator().await;
    let sue = staff(&mailkey, &admin, SUE, "support").await;
    let (mut device, _) = enrol(&mailkey, &sue).await;
    let token = mailkey.new_token(SUE).await;
    mailkey.redeem_token(&token, PASSWORD).await.expect_status(204);
    sign_in(&mailkey, SUE, PASSWORD, None).await.expect_problem("second-factor-required");
    let code = device.next(&mailkey).await;
    sign_in(&mailkey, SUE, PASSWORD, Some(&code)).await.expect_status(200);
}

#[tokio::test]
async fn case_47_another_administrator_removes_a_lost_second_factor_and_the_person_is_told() {
    let (mailkey, admin) = an_administrator().await;
    let sue = staff(&mailkey, &admin, SUE, "admin").await;
    let remove = async |session: &str, id: &str| {
        let path = format!("/api/admin/users/{id}/second-factor");
        mailkey.send(mailkey.request(Method::DELETE, &path).bearer_auth(session)).await
    };
    let id = id_of(&mailkey, &admin, SUE).await;
    remove(&admin, &id).await.expect_problem("not-found");
    enrol(&mailkey, &sue).await;
    remove(&sue, &id).await.expect_problem("not-allowed");
    remove(&admin, &id).await.expect_status(204);
    mailkey.session(&sue).await.expect_problem("sign-in-required");
    sign_in(&mailkey, SUE, NEW_PASSWORD, None).await.expect_status(200);
    mailkey.settled().await;
    let told = mailkey.outbox(SUE).await;
    let told: Vec<_> = told.iter().filter(|mail| mail.subject.starts_with("Access to")).collect();
    assert!(told.iter().any(|mail| mail.text.contains("removed the second factor")), "{told:?}");
    assert!(told.iter().any(|mail| mail.text.contains("one-time code")), "{told:?}");
    let log = get(&mailkey, &admin, "/api/admin/audit-log?action=remove_second_factor").await.json();
    assert_eq!(log["entries"].as_array().unwrap().len(), 3, "{log}");
}

#[tokio::test]
async fn case_47_an_operator_removes_the_second_factor_of_the_only_administrator() {
    let (mailkey, admin) = an_administrator().await;
    let invoke = async |event: Value| mailkey.post("/_local/users-function", &event).await;
    let remove = json!({ "remove_second_factor": { "email": " Admin@Example.com" } });
    for (event, why) in [
        (remove.clone(), "this user has no second factor"),
        (json!({ "remove_second_factor": { "email": "nobody@example.com" } }), "no user has this address"),
        (json!({ "remove_second_factor": { "email": "nobody" } }), "the event must be"),
        (json!({ "remove_second_factor": ADMIN }), "the event must be"),
        (json!({ "remove_second_factor": { "email": ADMIN }, "first_admin": { "email": ADMIN } }), "either"),
        (json!({ "remove": "everything" }), "either"),
        (json!({ "remove_second_factor": { "email": ADMIN }, "dry_run": true }), "nothing else"),
        (json!({ "remove_second_factor": { "email": ADMIN, "name": "A" } }), "the only field of"),
    ] {
        let refused = invoke(event).await.expect_problem("malformed-request");
        assert!(refused.text().contains(why), "{}", refused.text());
    }
    enrol(&mailkey, &admin).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, None).await.expect_problem("second-factor-required");
    let removed = invoke(remove.clone()).await.expect_status(200).json();
    assert_eq!(removed["email"], ADMIN);
    mailkey.session(&admin).await.expect_problem("sign-in-required");
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let log = get(&mailkey, &admin, "/api/admin/audit-log?action=remove_second_factor").await.json();
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{log}");
    assert_eq!(
        (&entries[0]["outcome"], &entries[0]["target"]),
        (&"done".into(), &format!("user:{}", removed["user_id"].as_str().unwrap()).into())
    );
    assert!(entries[0]["detail"].as_str().unwrap().contains("by an operator"), "{log}");
    mailkey.settled().await;
    let told = mailkey.outbox(ADMIN).await;
    assert!(told.iter().any(|mail| mail.text.contains("removed the second factor")), "{told:?}");
    invoke(remove).await.expect_problem("malformed-request");
}

#[tokio::test]
async fn case_47_where_it_is_required_a_session_without_it_may_only_set_it_up() {
    let (mailkey, admin) = an_administrator().await;
    staff(&mailkey, &admin, SUE, "admin").await;
    let mut settings = get(&mailkey, &admin, "/api/admin/security-settings").await.json();
    assert_eq!(settings["staff_second_factor"], "optional");
    settings["staff_second_factor"] = "sometimes".into();
    let put = async |settings: &Value| {
        let request = mailkey.request(Method::PUT, "/api/admin/security-settings").bearer_auth(&admin);
        mailkey.send(request.json(settings)).await
    };
    put(&settings).await.expect_problem("malformed-request");
    settings["staff_second_factor"] = "required".into();
    put(&settings).await.expect_status(200);
    let sue = mailkey.signed_in(SUE, NEW_PASSWORD).await;
    assert_eq!(mailkey.session(&sue).await.expect_status(200).json()["second_factor"], "required");
    for path in ["/api/admin/users", "/api/admin/audit-log", "/api/sessions"] {
        get(&mailkey, &sue, path).await.expect_problem("second-factor-required");
    }
    make_key(&mailkey, &sue).await.expect_problem("second-factor-required");
    let change = json!({ "current_password": NEW_PASSWORD, "new_password": PASSWORD });
    post(&mailkey, &sue, "/api/change-password", change).await.expect_problem("second-factor-required");
    enrol(&mailkey, &sue).await;
    assert_eq!(mailkey.session(&sue).await.json()["second_factor"], "set_up");
    get(&mailkey, &sue, "/api/admin/users").await.expect_status(200);
    // Members aren't concerned.
    let member = mailkey.signed_in(ALICE, PASSWORD).await;
    get(&mailkey, &member, "/api/sessions").await.expect_status(200);
}

#[tokio::test]
async fn case_47_what_gives_access_needs_a_proof_from_the_last_ten_minutes() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let key = make_key(&mailkey, &admin).await.expect_status(201).json();
    let settings = get(&mailkey, &admin, "/api/admin/security-settings").await.json();
    let api_key = json!({ "name": "all", "role": "admin", "expires_in_days": 1 });
    let with_key = post(&mailkey, &admin, "/api/admin/api-keys", api_key).await.json()["api_key"].clone();
    mailkey.advance_clock(10 * MINUTE).await;
    let put = mailkey.request(Method::PUT, "/api/admin/security-settings").bearer_auth(&admin).json(&settings);
    let path = format!("/api/admin/api-keys/{}", key["id"].as_str().unwrap());
    let person = |role: &str| json!({ "email": "new@example.com", "display_name": "New", "role": role });
    for answer in [
        make_key(&mailkey, &admin).await,
        mailkey.send(mailkey.request(Method::DELETE, &path).bearer_auth(&admin)).await,
        mailkey.send(put).await,
        patch(&mailkey, &admin, &alice, json!({ "role": "support" })).await,
        patch(&mailkey, &admin, &alice, json!({ "email": "other@example.com" })).await,
        post(&mailkey, &admin, "/api/admin/users", person("support")).await,
        post(&mailkey, &admin, "/api/admin/users/import", json!({ "users": [person("member")] })).await,
        post(&mailkey, &admin, "/api/second-factor", json!({})).await,
    ] {
        answer.expect_problem("reauthentication-required");
    }
    // Help doesn't need it, and API keys are exempt.
    patch(&mailkey, &admin, &alice, json!({ "display_name": "Alice A." })).await.expect_status(200);
    post(&mailkey, &admin, &format!("/api/admin/users/{alice}/unlock"), json!({})).await.expect_status(204);
    let import = json!({ "users": [person("member")] });
    post(&mailkey, with_key.as_str().unwrap(), "/api/admin/users/import", import).await.expect_status(200);
    step_up(&mailkey, &admin, json!({ "password": "a wrong password" })).await.expect_problem("invalid-credentials");
    step_up(&mailkey, &admin, json!({ "one_time_code": "123456" })).await.expect_problem("invalid-credentials");
    for malformed in [json!({}), json!({ "password": ADMIN_PASSWORD, "one_time_code": "123456" })] {
        step_up(&mailkey, &admin, malformed).await.expect_problem("malformed-request");
    }
    make_key(&mailkey, &admin).await.expect_problem("reauthentication-required");
    step_up(&mailkey, &admin, json!({ "password": ADMIN_PASSWORD })).await.expect_status(204);
    make_key(&mailkey, &admin).await.expect_status(201);
    mailkey.advance_clock(9 * MINUTE).await;
    patch(&mailkey, &admin, &alice, json!({ "role": "support" })).await.expect_status(200);
}

#[tokio::test]
async fn case_47_someone_with_a_second_factor_proves_it_with_that_and_ten_wrong_codes_end_the_session() {
    let (mailkey, admin) = an_administrator().await;
    let (mut device, _) = enrol(&mailkey, &admin).await;
    device.wait(&mailkey, 10 * MINUTE).await;
    make_key(&mailkey, &admin).await.expect_problem("reauthentication-required");
    step_up(&mailkey, &admin, json!({ "password": ADMIN_PASSWORD })).await.expect_problem("second-factor-required");
    for _ in 0..9 {
        step_up(&mailkey, &admin, json!({ "one_time_code": "000000" })).await.expect_problem("invalid-credentials");
    }
    let code = device.code(0);
    step_up(&mailkey, &admin, json!({ "one_time_code": code })).await.expect_status(204);
    make_key(&mailkey, &admin).await.expect_status(201);
    step_up(&mailkey, &admin, json!({ "one_time_code": code })).await.expect_problem("invalid-credentials");
    let code = device.next(&mailkey).await;
    step_up(&mailkey, &admin, json!({ "one_time_code": code })).await.expect_status(204);
    for _ in 0..10 {
        step_up(&mailkey, &admin, json!({ "one_time_code": "000000" })).await.expect_problem("invalid-credentials");
    }
    mailkey.session(&admin).await.expect_problem("sign-in-required");
    let code = device.next(&mailkey).await;
    step_up(&mailkey, &admin, json!({ "one_time_code": code })).await.expect_problem("sign-in-required");
}

#[tokio::test]
async fn case_47_setting_up_has_to_be_finished_with_the_latest_secret_in_a_quarter_of_an_hour() {
    let (mailkey, admin) = an_administrator().await;
    confirm(&mailkey, &admin, "123456").await.expect_problem("stale-version");
    let begin = async || {
        let begun = post(&mailkey, &admin, "/api/second-factor", json!({})).await.expect_status(201).json();
        TotpSecret::from_bytes(&from_base32(begun["secret"].as_str().unwrap())).unwrap()
    };
    let first = Device { secret: begin().await, ahead_ms: 0 };
    begin().await;
    confirm(&mailkey, &admin, &first.code(0)).await.expect_problem("invalid-credentials");
    mailkey.sign_in(ADMIN, ADMIN_PASSWORD).await.expect_status(200);
    let mut last = Device { secret: begin().await, ahead_ms: 0 };
    last.wait(&mailkey, 15 * MINUTE).await;
    confirm(&mailkey, &admin, &last.code(0)).await.expect_problem("reauthentication-required");
    step_up(&mailkey, &admin, json!({ "password": ADMIN_PASSWORD })).await.expect_status(204);
    confirm(&mailkey, &admin, &last.code(0)).await.expect_problem("stale-version");
    let (_, codes) = enrol_at(&mailkey, &admin, last.ahead_ms).await;
    sign_in(&mailkey, ADMIN, ADMIN_PASSWORD, Some(&codes[0])).await.expect_status(200);
}

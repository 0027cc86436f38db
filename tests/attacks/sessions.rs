//! Sessions: their owner sees and ends them, staff sessions end when they are idle. SECURITY case 47.

use mailkey_tests::{ALICE, Answer, GWEN, MINUTE, Mailkey, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin::{ADMIN, ADMIN_PASSWORD, an_administrator, get, id_of};

const SESSIONS: &str = "/api/sessions";

async fn delete(mailkey: &Mailkey, session: &str, path: &str) -> Answer {
    mailkey.send(mailkey.request(Method::DELETE, path).bearer_auth(session)).await
}

async fn sessions(mailkey: &Mailkey, session: &str) -> Vec<Value> {
    get(mailkey, session, SESSIONS).await.expect_status(200).json()["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn case_47_people_see_their_sessions_and_end_one_of_them_or_all_others() {
    let (mailkey, _) = an_administrator().await;
    let body = json!({ "email": ALICE, "password": PASSWORD });
    let request = mailkey.request(Method::POST, "/api/sign-in").header("user-agent", "Fire\u{a0}fox").json(&body);
    let first = mailkey.send(request).await.expect_status(200).json()["session_token"].as_str().unwrap().to_owned();
    let others = [mailkey.signed_in(ALICE, PASSWORD).await, mailkey.signed_in(ALICE, PASSWORD).await];
    let bob = mailkey.signed_in(GWEN, PASSWORD).await;
    let listed = sessions(&mailkey, &first).await;
    assert_eq!(listed.iter().map(|row| row["is_current"] == true).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(listed[2]["ip"], "127.0.0.1");
    assert!(!json!(listed).to_string().contains(&first), "a list opens no session");

    // Another person's session is none of theirs, whatever its id.
    let of_bob = sessions(&mailkey, &bob).await[0]["id"].as_str().unwrap().to_owned();
    delete(&mailkey, &first, &format!("{SESSIONS}/{of_bob}")).await.expect_problem("not-found");
    mailkey.session(&bob).await.expect_status(200);

    let newest = listed[0]["id"].as_str().unwrap();
    delete(&mailkey, &first, &format!("{SESSIONS}/{newest}")).await.expect_status(204);
    mailkey.session(&others[1]).await.expect_problem("sign-in-required");
    mailkey.session(&others[0]).await.expect_status(200);
    delete(&mailkey, &first, SESSIONS).await.expect_status(204);
    mailkey.session(&others[0]).await.expect_problem("sign-in-required");
    mailkey.session(&first).await.expect_status(200);
    mailkey.session(&bob).await.expect_status(200);
    assert_eq!(sessions(&mailkey, &first).await.len(), 1);
    // Ending others twice, and signing in afterwards, works as before.
    delete(&mailkey, &first, SESSIONS).await.expect_status(204);
    let again = mailkey.signed_in(ALICE, PASSWORD).await;
    assert_eq!(sessions(&mailkey, &again).await.len(), 2);
}

/// OWASP ASVS 5.0, 7.2.4: the browser forgets the earlier token, and nobody else may use it any longer.
#[tokio::test]
async fn case_47_signing_in_again_ends_the_earlier_session_of_the_same_browser_and_no_other() {
    let mailkey = Mailkey::start().await;
    let (earlier, elsewhere) = (mailkey.signed_in(ALICE, PASSWORD).await, mailkey.signed_in(ALICE, PASSWORD).await);
    let again = async |password: &str, cookie: &str| {
        let request =
            mailkey.request(Method::POST, "/api/sign-in").json(&json!({ "email": ALICE, "password": password }));
        mailkey.send(request.header("cookie", format!("__Host-mailkey-session={cookie}"))).await
    };
    again("a wrong password", &earlier).await.expect_problem("invalid-credentials");
    mailkey.session(&earlier).await.expect_status(200);
    let answer = again(PASSWORD, &earlier).await.expect_status(200);
    mailkey.session(&earlier).await.expect_problem("sign-in-required");
    let newest = answer.json()["session_token"].as_str().unwrap().to_owned();
    for session in [&elsewhere, &newest] {
        mailkey.session(session).await.expect_status(200);
    }
    // A cookie that is no session changes nothing.
    again(PASSWORD, "nonsense").await.expect_status(200);
    mailkey.session(&newest).await.expect_status(200);
}

/// OWASP ASVS 5.0, 14.3.1.
#[tokio::test]
async fn case_47_signing_out_clears_what_the_browser_kept_but_not_the_device() {
    let mailkey = Mailkey::start().await;
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    let answer = mailkey.sign_out(&session).await.expect_status(204);
    assert_eq!(answer.header("clear-site-data"), Some("\"storage\""));
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.len() == 1 && cookies[0].to_str().unwrap().starts_with("__Host-mailkey-session=;"), "{cookies:?}");
}

#[tokio::test]
async fn case_47_an_administrator_ends_all_sessions_of_a_user_and_the_audit_log_says_so() {
    let (mailkey, admin) = an_administrator().await;
    let (one, two) = (mailkey.signed_in(ALICE, PASSWORD).await, mailkey.signed_in(ALICE, PASSWORD).await);
    let alice = id_of(&mailkey, &admin, ALICE).await;
    delete(&mailkey, &one, &format!("/api/admin/users/{alice}/sessions")).await.expect_problem("admin-required");
    delete(&mailkey, &admin, &format!("/api/admin/users/{alice}/sessions")).await.expect_status(204);
    for session in [one, two] {
        mailkey.session(&session).await.expect_problem("sign-in-required");
    }
    mailkey.session(&admin).await.expect_status(200);
    let log = get(&mailkey, &admin, "/api/admin/audit-log?action=end_sessions").await.expect_status(200).json();
    assert_eq!(log["entries"][0]["target"], format!("user:{alice}"));
    assert_eq!(log["entries"][0]["outcome"], "done");
    mailkey.signed_in(ALICE, PASSWORD).await;
}

#[tokio::test]
async fn case_47_an_api_key_has_no_sessions() {
    let (mailkey, admin) = an_administrator().await;
    let body = json!({ "name": "CRM", "role": "admin", "expires_in_days": 1 });
    let made = crate::admin::post(&mailkey, &admin, "/api/admin/api-keys", body).await.expect_status(201).json();
    let key = made["api_key"].as_str().unwrap();
    get(&mailkey, key, SESSIONS).await.expect_problem("sign-in-required");
    delete(&mailkey, key, SESSIONS).await.expect_problem("sign-in-required");
    let own = id_of(&mailkey, &admin, ADMIN).await;
    delete(&mailkey, key, &format!("/api/admin/users/{own}/sessions")).await.expect_problem("not-allowed");
    mailkey.session(&admin).await.expect_status(200);
}

#[tokio::test]
async fn case_47_a_session_of_staff_ends_after_thirty_idle_minutes_and_polling_is_no_use() {
    let (mailkey, used) = an_administrator().await;
    let polled = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    let member = mailkey.signed_in(ALICE, PASSWORD).await;
    let poll = || async {
        let request = mailkey.request(Method::GET, "/api/session").bearer_auth(&polled);
        mailkey.send(request.header("mailkey-background", "1")).await
    };
    for _ in 0..2 {
        mailkey.advance_clock(14 * MINUTE).await;
        mailkey.session(&used).await.expect_status(200);
        poll().await.expect_status(200);
    }
    mailkey.advance_clock(2 * MINUTE).await;
    poll().await.expect_problem("sign-in-required");
    mailkey.session(&polled).await.expect_problem("sign-in-required");
    mailkey.session(&used).await.expect_status(200);
    mailkey.advance_clock(31 * MINUTE).await;
    mailkey.session(&used).await.expect_problem("sign-in-required");
    mailkey.session(&member).await.expect_status(200);
}

#[tokio::test]
async fn case_47_the_idle_time_is_a_setting_for_sessions_that_begin_later() {
    let (mailkey, _) = an_administrator().await;
    mailkey.change_settings(ADMIN_PASSWORD, &[("staff_idle_minutes", 5)]).await;
    let session = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    mailkey.advance_clock(5 * MINUTE).await;
    mailkey.session(&session).await.expect_problem("sign-in-required");
}

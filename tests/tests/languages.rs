//! The language of emails.

use mailkey_tests::{ALICE, NEW_PASSWORD};
use serde_json::json;

use crate::admin::{an_administrator, get, id_of, patch, post};

#[tokio::test]
async fn each_user_gets_emails_in_the_language_on_record() {
    let (mailkey, admin) = an_administrator().await;
    for (email, locale, subject, direction) in [
        ("emil@example.com", json!("de-AT"), "Aktivieren Sie Ihr Konto bei Example Portal", "ltr"),
        ("zoe@example.com", json!("fr"), "Activez votre compte Example Portal", "ltr"),
        ("ines@example.com", json!("ES-mx"), "Active su cuenta de Example Portal", "ltr"),
        ("nour@example.com", json!("ar"), "تفعيل حسابك في \u{2068}Example Portal\u{2069}", "rtl"),
        ("erin@example.com", json!(null), "Activate your account for Example Portal", "ltr"),
    ] {
        let body = json!({ "email": email, "display_name": "Somebody", "locale": locale });
        let user = post(&mailkey, &admin, "/api/admin/users", body).await.expect_status(201).json();
        let language = user["locale"].as_str().unwrap().to_owned();
        let mail = mailkey.mail_number(1, email).await;
        assert_eq!(mail.subject, subject);
        assert!(mail.html.contains(&format!("<html lang=\"{language}\" dir=\"{direction}\">")), "{}", mail.html);
        mailkey.redeem_token(&mail.token().unwrap(), NEW_PASSWORD).await.expect_status(204);
    }
}

#[tokio::test]
async fn the_next_email_uses_a_language_that_an_administrator_changed() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    let record = patch(&mailkey, &admin, &alice, json!({ "locale": "fr-CA" })).await.expect_status(200).json();
    assert_eq!(record["locale"], "fr");
    mailkey.forgot_password(ALICE).await.expect_status(202);
    let mail = mailkey.mail_number(1, ALICE).await;
    assert_eq!(mail.subject, "Réinitialisez votre mot de passe pour Example Portal");

    // The notice uses the language on record when it is sent.
    patch(&mailkey, &admin, &alice, json!({ "locale": "de" })).await.expect_status(200);
    mailkey.redeem_token(&mail.token().unwrap(), NEW_PASSWORD).await.expect_status(204);
    assert_eq!(mailkey.mail_number(2, ALICE).await.subject, "Ihr Passwort für Example Portal wurde geändert");

    let log = get(&mailkey, &admin, &format!("/api/admin/audit-log?target=user:{alice}")).await.json();
    let details: Vec<_> = log["entries"].as_array().unwrap().iter().map(|entry| entry["detail"].clone()).collect();
    assert_eq!(
        details.iter().filter(|detail| detail.as_str().is_some_and(|text| text.starts_with("locale: "))).count(),
        2,
        "{details:?}"
    );
}

#[tokio::test]
async fn an_unsupported_language_is_rejected_in_an_edit_and_becomes_english_in_an_import() {
    let (mailkey, admin) = an_administrator().await;
    let alice = id_of(&mailkey, &admin, ALICE).await;
    for locale in ["pt-BR", "deutsch", "de_AT", "", "de-"] {
        let refused = patch(&mailkey, &admin, &alice, json!({ "locale": locale })).await;
        assert!(refused.expect_problem("malformed-request").text().contains("en, de, fr, es, ar"), "{locale}");
        let body = json!({ "email": "new@example.com", "display_name": "New", "locale": locale });
        post(&mailkey, &admin, "/api/admin/users", body).await.expect_problem("malformed-request");
    }
    let user = |email: &str, locale: &str| json!({ "email": email, "display_name": "Imported", "locale": locale });
    let users = json!({ "users": [user("a@example.net", "pt-BR"), user("b@example.net", "ar-EG"), user("c@example.net", "de_AT.UTF-8"), user("d@example.net", "de/AT")] });
    let results = post(&mailkey, &admin, "/api/admin/users/import", users).await.expect_status(200).json();
    let outcomes: Vec<_> = results["results"].as_array().unwrap().iter().map(|r| r["outcome"].clone()).collect();
    assert_eq!(outcomes, ["created", "created", "created", "refused"], "{results}");
    for (email, locale) in [("a@example.net", "en"), ("b@example.net", "ar"), ("c@example.net", "de")] {
        let id = id_of(&mailkey, &admin, email).await;
        let record = get(&mailkey, &admin, &format!("/api/admin/users/{id}")).await.json();
        assert_eq!(record["locale"], locale);
    }
}

#[tokio::test]
async fn the_gallery_shows_every_email_and_contains_no_real_token() {
    let (mailkey, _) = an_administrator().await;
    let overview = mailkey.get("/_local/emails/right-to-left-name/").await.expect_status(200).text();
    let links: Vec<_> = overview
        .split("href=\"")
        .filter_map(|after| after.split_once('"').map(|(link, _)| link))
        .filter(|link| link.matches('/').count() == 6)
        .collect();
    assert_eq!(links.len(), 70, "fourteen emails in five languages: {links:?}");
    for link in links {
        mailkey.get(link).await.expect_status(200);
        for scheme in ["light", "dark"] {
            let html = mailkey.get(&format!("{link}{scheme}")).await.expect_status(200);
            assert!(html.header("content-security-policy").unwrap().starts_with("sandbox"));
            if let Some((_, after)) = html.text().split_once("#token=") {
                let token = after.split('"').next().unwrap();
                mailkey.redeem_token(token, NEW_PASSWORD).await.expect_problem("invalid-token");
            }
        }
    }
    let sent = mailkey.whole_outbox().await.into_iter().map(|mail| mail.to);
    let to_people: Vec<_> = sent.filter(|to| !to.ends_with("@simulator.amazonses.com")).collect();
    assert!(to_people.is_empty(), "no email is sent: {to_people:?}");
}

//! Logs whose months are split into partitions read as one log.

use std::collections::BTreeSet;

use mailkey_tests::{ALICE, IVAN, Mailkey, PASSWORD, PETRA, SAM, STRANGER, Setup, eventually};
use serde_json::{Value, json};

use crate::admin::{ADMIN, ADMIN_PASSWORD, get, id_of, post};

/// All ids of a list, page by page, and the number of pages.
async fn walked(mailkey: &Mailkey, admin: &str, path: &str, list: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = get(mailkey, admin, &format!("{path}limit=4{cursor}")).await.expect_status(200).json();
        ids.extend(page[list].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else { return (ids, pages) };
        cursor = format!("&cursor={next}");
    }
}

/// The ids of the matching entries, newest first.
fn newest_first(entries: &[Value], fits: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut ids: Vec<_> =
        entries.iter().filter(|entry| fits(entry)).map(|entry| entry["id"]["S"].as_str().unwrap().to_owned()).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids
}

#[tokio::test]
async fn the_pages_of_a_log_show_every_entry_once_and_newest_first() {
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let mailkey = setup.without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    for address in [ALICE, IVAN, SAM, PETRA, STRANGER, ALICE, IVAN, SAM, PETRA, STRANGER] {
        mailkey.forgot_password(address).await.expect_status(202);
    }
    let petra = id_of(&mailkey, &admin, PETRA).await;
    for _ in 0..9 {
        post(&mailkey, &admin, &format!("/api/admin/users/{petra}/resend-activation"), json!({})).await;
    }
    let tables = mailkey.settled().await;
    let log = tables.of("EmailLog");
    let partitions: BTreeSet<_> = log.iter().map(|entry| entry["partition"]["S"].as_str().unwrap()).collect();
    assert!(partitions.len() > 1 && partitions.iter().all(|name| name.starts_with("mailkey#")), "{partitions:?}");

    let is = |attribute: &'static str, value: &'static str| move |entry: &Value| entry[attribute]["S"] == value;
    for (query, expected) in [
        ("", newest_first(log, |_| true)),
        ("status=skipped&", newest_first(log, is("status", "skipped"))),
        ("status=delivered&", newest_first(log, is("status", "delivered"))),
        ("kind=activation&", newest_first(log, is("kind", "activation"))),
        ("trigger=admin&", newest_first(log, is("trigger", "admin"))),
        ("recipient=alice%40example.com&", newest_first(log, is("recipient", ALICE))),
    ] {
        let (found, pages) = walked(&mailkey, &admin, &format!("/api/admin/email-log?{query}"), "entries").await;
        assert_eq!(found, expected, "{query}");
        assert!(pages > found.len() / 4 && !found.is_empty(), "{query}: {pages} pages");
    }
    let (audited, _) = walked(&mailkey, &admin, "/api/admin/audit-log?", "entries").await;
    assert_eq!(audited, newest_first(tables.of("AuditLog"), |_| true));

    // A notice is triggered by the audit log, and SES's events find its entry.
    let token = mailkey.outbox(ALICE).await[0].token().unwrap();
    mailkey.redeem_token(&token, PASSWORD).await.expect_status(204);
    let notice = eventually("the notice arrives", || async {
        let path = "/api/admin/email-log?kind=password_changed&status=delivered";
        let entries = get(&mailkey, &admin, path).await.expect_status(200).json();
        entries["entries"][0]["id"].as_str().map(ToOwned::to_owned)
    })
    .await;
    let entry = get(&mailkey, &admin, &format!("/api/admin/email-log/{notice}")).await.expect_status(200).json();
    assert_eq!(entry["status"], "delivered");
}

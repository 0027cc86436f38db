//! Queries with forged or invalid parameters. Case 30.

use mailkey_tests::{Folder, Setup};

use crate::{
    admin::{an_administrator, get, staff},
    starting::refusal,
};

/// CVE-2026-33503: a cursor only works for its own list, filter and reader, and unknown query parameters are rejected.
#[tokio::test]
async fn case_30_a_cursor_works_only_in_its_own_list_and_unknown_parameters_are_rejected() {
    let (mailkey, admin) = an_administrator().await;
    let page = get(&mailkey, &admin, "/api/admin/users?limit=2").await.expect_status(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let flipped = cursor.replacen(&cursor[..1], if cursor.starts_with('A') { "B" } else { "A" }, 1);
    let last = if cursor.ends_with('A') { "B" } else { "A" };
    let flipped_at_the_end = format!("{}{last}", &cursor[..cursor.len() - 1]);
    for path in [
        format!("/api/admin/users?query=a&cursor={cursor}"),
        format!("/api/admin/email-log?cursor={cursor}"),
        format!("/api/admin/users?cursor={flipped}"),
        format!("/api/admin/users?limit=2&cursor={flipped_at_the_end}"),
        format!("/api/admin/users?limit=2&cursor={cursor}%3D"),
        format!("/api/admin/users?limit=2&cursor={cursor},{cursor}"),
        format!("/api/admin/users?limit=2&cursor={cursor}&cursor={cursor}"),
        format!("/api/admin/users?limit=2&cursor={}", cursor.to_uppercase()),
        "/api/admin/users?cursor=".to_owned(),
        "/api/admin/users?cursor=eyJwayI6ICJ1c2VyI30%3D".to_owned(),
        format!("/api/admin/users?cursor={}", "A".repeat(10_000)),
        "/api/admin/users?cursor=.".to_owned(),
        "/api/admin/users?limit=-1".to_owned(),
        "/api/admin/users?limit=0".to_owned(),
        "/api/admin/users?limit=101".to_owned(),
        "/api/admin/users?limit=5,6".to_owned(),
        "/api/admin/users?unknown=1".to_owned(),
        "/api/admin/users?QUERY=a".to_owned(),
        "/api/admin/users?limit=1e9".to_owned(),
        "/api/admin/users?limit=5&limit=6".to_owned(),
        "/api/admin/users?filter[token]=a".to_owned(),
        "/api/admin/email-log?status=lost".to_owned(),
        "/api/admin/email-log?from=yesterday".to_owned(),
    ] {
        get(&mailkey, &admin, &path).await.expect_problem("malformed-request");
    }
    let other = staff(&mailkey, &admin, "sue@example.com", "support").await;
    get(&mailkey, &other, &format!("/api/admin/users?limit=2&cursor={cursor}"))
        .await
        .expect_problem("malformed-request");
}

/// Without a stable key, the service would accept forged cursors or reject its own.
#[tokio::test]
async fn case_30_the_service_does_not_start_without_its_cursor_key() {
    let folder = Folder::new();
    let setup = Setup::new().data_dir(folder.path());
    setup.start().await.kill();
    let path = folder.path().join("secrets.json");
    let mut secrets: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let fields = secrets.as_object_mut().unwrap();
    let name = fields.keys().find(|name| name.contains("cursor")).unwrap().clone();
    for damaged in [None, Some(""), Some("c2hvcnQ="), Some("no base64!")] {
        match damaged {
            Some(text) => drop(fields.insert(name.clone(), text.into())),
            None => drop(fields.remove(&name)),
        }
        std::fs::write(&path, serde_json::Value::Object(fields.clone()).to_string()).unwrap();
        assert!(refusal(&setup).contains("secrets.json"), "{damaged:?}");
    }
}

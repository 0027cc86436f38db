//! Data between two versions: this one reads and changes what the former one wrote, and a version that is rolled back to
//! keeps what the newer one wrote.
//!
//! `items-0.1.0.json` has items as version 0.1.0 wrote them. Don't edit it: add a file for each version that is released.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress,
    account::{User, Written},
    email_log::{DeliveryStatus, EmailId, StatusChange},
    entropy::Ulid,
    lockout::CounterKey,
    recovery::{Acquired, EmailLimits, MailedLink},
    secret::SecretDigest,
    sender::AlarmKind,
    settings::Setting,
    suppression::{Cause, SuppressionReason},
};
use mailkey_dynamodb::{Database, client::Committed, read_image};
use serde_json::{Value, json};

use crate::{dynamodb::LocalDynamoDb, tables};

const ITEMS: &str = include_str!("items-0.1.0.json");

/// An attribute that only a newer version knows.
const NEWER: &str = "from_a_newer_version";

fn items() -> BTreeMap<String, Vec<Value>> {
    serde_json::from_str(ITEMS).unwrap()
}

/// The tables with the former version's items, each changed by `change`.
fn tables_with(change: impl Fn(&mut Value)) -> (LocalDynamoDb, Database) {
    let dynamodb = LocalDynamoDb::in_memory().unwrap();
    tables::create(&dynamodb).unwrap();
    for (table, items) in items() {
        for mut item in items {
            change(&mut item);
            dynamodb.run("PutItem", &json!({ "TableName": table, "Item": item })).unwrap();
        }
    }
    let database = Database::new(dynamodb.client(), "");
    (dynamodb, database)
}

fn alice() -> EmailAddress {
    EmailAddress::parse("alice@example.com").unwrap()
}

/// Does what the service does: reads every item, and changes every item that is ever changed.
async fn use_everything(db: &Database) {
    let now: Timestamp = Timestamp::from_second(1_800_000_000).unwrap();
    let user: User = db.users().find(alice().key()).await.unwrap().unwrap();
    let renamed = User { display_name: "Alice Renamed".to_owned(), ..user.clone() };
    assert_eq!(db.users().replace(&user, &renamed, Vec::new()).await.unwrap(), Written::Done);
    let user = db.users().find_for_sign_in(alice().key()).await.unwrap().unwrap();
    assert!(user.password_hash.is_some());
    db.users().signed_in(&user, None, now).await.unwrap();
    let user = user.user;

    let settings = db.settings().get().await.unwrap();
    assert_eq!(settings.get(Setting::EmailsPerHour), 5);
    let changed = settings.with(Setting::EmailsPerHour, 4).unwrap();
    assert_eq!(db.settings().save(&changed, Vec::new()).await.unwrap(), Committed::Done);

    let bob = EmailAddress::parse("bob@example.com").unwrap();
    let record = db.suppressions().get(bob.key()).await.unwrap().unwrap();
    assert_eq!(record.active(now)[0].reason, SuppressionReason::Manual);
    let cause = Cause::new(SuppressionReason::HardBounce, now);
    db.suppressions().change(bob.key(), |record| record.suppress(cause.clone())).await.unwrap();

    let link = MailedLink {
        id: EmailId(Ulid(7)),
        at: now,
        user_id: user.id,
        generation: user.token_generation,
        expires_at: now + SignedDuration::from_hours(24),
    };
    let acquired = db.recipient_limits().acquire(alice().key(), &link, &user, EmailLimits::ONCE_A_DAY).await.unwrap();
    assert!(matches!(acquired, Acquired::Counted));

    let counter = CounterKey::unknown_devices(alice().key());
    let policy = settings.lockout();
    db.lockouts().admit(&counter, Ulid(9), policy, now).await.unwrap();

    let read = |table: &str| items()[table][0].clone();
    let text = |table: &str, attribute: &str| read(table)[attribute]["S"].as_str().unwrap().to_owned();
    let email_id: EmailId = text("EmailLog", "id").parse().unwrap();
    let entry = db.email_log().get(email_id).await.unwrap().unwrap();
    assert_eq!(entry.recipient, "alice@example.com");
    let bounced = StatusChange { status: DeliveryStatus::Bounced, reason: None, message_id: None, detail: None };
    assert!(db.email_log().record(email_id, &bounced, now).await.unwrap());
    let digest = SecretDigest::from_stored(text("Tokens", "digest"));
    assert_eq!(db.tokens().get(&digest).await.unwrap().unwrap().address, *alice().key());
    let session = SecretDigest::from_stored(text("Sessions", "digest"));
    assert!(db.sessions().get(&session).await.unwrap().is_some());
    let key = db.api_keys().list().await.unwrap().remove(0);
    db.api_keys().used(&key, now).await.unwrap();
    let request = db.email_requests().item(&text("EmailRequests", "request_key")).await.unwrap().unwrap();
    assert_eq!(read_image(&request).unwrap().address.as_typed(), "alice@example.com");
    let audit = db.audit().page(&mailkey::audit::AuditFilter::default(), None, 10).await.unwrap();
    assert_eq!(audit.rows.len(), items()["AuditLog"].len());
    db.sender_state().raise(AlarmKind::DomainBurst, Some("example.org"), now, None).await.unwrap();
}

#[tokio::test]
async fn this_version_reads_and_changes_what_the_former_one_wrote() {
    let (_, db) = tables_with(|_| {});
    use_everything(&db).await;
}

/// As after a rollback: the items were written by a newer version.
#[tokio::test]
async fn attributes_of_a_newer_version_are_ignored_and_survive_every_change() {
    let (dynamodb, db) = tables_with(|item| {
        item[NEWER] = json!({ "S": "kept" });
        item["schema"] = json!({ "N": "99" });
    });
    use_everything(&db).await;
    for table in items().keys() {
        let stored = dynamodb.items(table).unwrap();
        let kept = stored.iter().filter(|item| item[NEWER]["S"] == "kept").count();
        // A renamed user is found by other words, so items of the search index are replaced.
        if table != "UserSearch" {
            assert_eq!(kept, items()[table].len(), "{table}");
        }
    }
}

#[test]
fn every_item_has_the_version_of_its_schema() {
    for (table, items) in items() {
        // The search index has it since the version after 0.1.0.
        let all = items.iter().all(|item| item["schema"]["N"].is_string()) || table == "UserSearch";
        assert!(all, "{table}");
    }
}

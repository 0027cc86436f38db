//! Measures each operation as the tables grow: units, counted by the database, and time relative to the smallest table.
//!
//! `cargo run --profile local -p mailkey-tests --bin bench-growth [LARGEST]` prints one table for 1,000 users, log
//! entries, suppressions and events, then for ten times as many, up to LARGEST (default 100,000).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement stops at anything unexpected"
)]

use std::{sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    Clock, EmailAddress, Locale, OsEntropy,
    account::{NewUser, Role, User, UserId, UserStatus},
    config::{Directory, EmailConfig},
    email_log::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, EmailLogFilter, Trigger},
    entropy::new_ulid,
    feedback::{RawEvent, WhyKept},
    lockout::{Admission, CounterKey, LockoutPolicy},
    recovery::EmailRequest,
    suppression::{Cause, SuppressionReason},
    watched::Watch,
};
use mailkey_api::App;
use mailkey_bounce_consumer::{BounceConsumer, Route, WatchedEvents};
use mailkey_dynamodb::{
    Database, EmailLogStore, EmailRequestStore, LockoutStore, RawEventStore, SuppressionStore, UserStore,
};
use mailkey_local::{
    app, calls,
    dynamodb::LocalDynamoDb,
    ses::{LocalSes, Outbox, SuppressionList},
    tables,
};
use mailkey_ses::SesSuppressionList;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const PAGE: usize = 25;

/// The number of runs; the median time counts.
const RUNS: usize = 15;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// The cost of an operation.
struct Cost {
    write_units: f64,
    read_units: f64,
    seconds: f64,
}

#[tokio::main]
async fn main() {
    let largest: usize = std::env::args().nth(1).map_or(100_000, |number| number.parse().unwrap());
    let sizes: Vec<_> =
        std::iter::successors(Some(1000), |size| Some(size * 10)).take_while(|size| *size <= largest).collect();
    let mut columns = Vec::new();
    for size in &sizes {
        let begun = Instant::now();
        let column = column(*size).await;
        eprintln!("{size}: {:.0} s", begun.elapsed().as_secs_f64());
        columns.push(column);
    }
    print!("{:<34}", "write/read units, relative time");
    sizes.iter().for_each(|size| print!("{size:>20}"));
    println!();
    for (row, (what, first)) in columns[0].iter().enumerate() {
        print!("{what:<34}");
        for column in &columns {
            let cost = &column[row].1;
            let units = format!("{}/{}", cost.write_units, cost.read_units);
            print!("{:>20}", format!("{units}  x{:.1}", cost.seconds / first.seconds));
        }
        println!();
    }
}

/// Fills the tables with `size` records of each kind and measures each operation.
async fn column(size: usize) -> Vec<(&'static str, Cost)> {
    let dynamodb = LocalDynamoDb::in_memory().unwrap();
    tables::create(&dynamodb).unwrap();
    let database = Database::new(dynamodb.client(), "");
    let ids = fill(&dynamodb, &database, size).await;

    let users = UserStore::new(database.clone());
    let log = EmailLogStore::new(database.clone());
    let suppressions = SuppressionStore::new(database.clone());
    let lockouts = LockoutStore::new(database.clone());
    let requests = EmailRequestStore::new(database.clone());
    let consumer = consumer(&database);
    let middle = size / 2;
    let somebody = address(middle);
    let filter = EmailLogFilter::default;
    let policy = LockoutPolicy { max_failures: i64::MAX, duration: SignedDuration::from_mins(15) };
    let deep = ids[ids.len() / 2];
    let mut column = Vec::new();
    let mut add = |what, cost| column.push((what, cost));

    add(
        "request a link",
        cost(async |number| {
            let id = EmailId(new_ulid(NOW, &OsEntropy).unwrap());
            let to = address(number);
            requests
                .accept(&EmailRequest::unique(id, EmailKind::PasswordReset, Trigger::SelfService, to, NOW))
                .await
                .unwrap();
        })
        .await,
    );
    add(
        "find a user by address",
        cost(async |_| {
            assert!(users.find(somebody.key()).await.unwrap().is_some());
        })
        .await,
    );
    add(
        "find users by name",
        cost(async |_| {
            assert_eq!(users.search(&format!("model{middle}"), None, PAGE).await.unwrap().rows.len(), 1);
        })
        .await,
    );
    add(
        "newest users",
        cost(async |_| {
            assert_eq!(users.search("", None, PAGE).await.unwrap().rows.len(), PAGE);
        })
        .await,
    );
    let counter = CounterKey::unknown_devices(somebody.key());
    add(
        "count a sign-in",
        cost(async |_| {
            let id = new_ulid(NOW, &OsEntropy).unwrap();
            let Admission::Counted(attempt) = lockouts.admit(&counter, id, policy, NOW).await.unwrap() else {
                panic!("nothing locks this counter")
            };
            lockouts.succeed_on_unknown_device(&attempt).await.unwrap();
        })
        .await,
    );
    for (what, filter, after) in [
        ("email log, newest", filter(), None),
        ("email log, middle", filter(), Some(deep)),
        ("email log, delivered", EmailLogFilter { status: Some(DeliveryStatus::Delivered), ..filter() }, None),
        ("email log, bounced (1 in 100)", EmailLogFilter { status: Some(DeliveryStatus::Bounced), ..filter() }, None),
        ("email log, activations (1 in 10)", EmailLogFilter { kind: Some(EmailKind::Activation), ..filter() }, None),
        ("email log, one recipient", EmailLogFilter { recipient: Some(somebody.key().clone()), ..filter() }, None),
    ] {
        add(
            what,
            cost(async |_| {
                log.page(&filter, after, PAGE).await.unwrap();
            })
            .await,
        );
    }
    add(
        "get an email by id",
        cost(async |_| {
            assert!(log.get(deep).await.unwrap().is_some());
        })
        .await,
    );
    add(
        "get a suppression",
        cost(async |_| {
            assert!(suppressions.get(somebody.key()).await.unwrap().is_some());
        })
        .await,
    );
    add(
        "newest suppressions",
        cost(async |_| {
            assert_eq!(suppressions.page(None, PAGE, NOW).await.unwrap().rows.len(), PAGE);
        })
        .await,
    );
    // Each event is about a different email to a recipient without a history.
    let fresh = fresh_emails(&log, 2 * RUNS).await;
    let (deliveries, bounces) = fresh.split_at(RUNS);
    add("delivery event", cost(async |number| take(&consumer, "Delivery", &deliveries[number]).await).await);
    add("bounce event", cost(async |number| take(&consumer, "Bounce", &bounces[number]).await).await);
    column
}

async fn cost(operation: impl AsyncFn(usize)) -> Cost {
    let mut times = Vec::new();
    let mut called = Vec::new();
    for number in 0..RUNS {
        let begun = Instant::now();
        let ((), calls) = calls::counting(operation(number)).await;
        times.push(begun.elapsed().as_secs_f64());
        called = calls;
    }
    times.sort_by(f64::total_cmp);
    Cost {
        write_units: called.iter().map(|call| call.write_units).sum(),
        read_units: called.iter().map(|call| call.read_units).sum(),
        seconds: times[RUNS / 2],
    }
}

fn consumer(database: &Database) -> BounceConsumer {
    let clock: mailkey_local::ses::Clock = Arc::new(|| NOW);
    let ses = LocalSes::new(Outbox::in_memory(Arc::clone(&clock)), SuppressionList::in_memory(), clock);
    let mail = EmailConfig {
        notice_configuration_set: None,
        from: EmailAddress::parse("no-reply@mail.example.com").unwrap(),
        configuration_set: Some("recovery".to_owned()),
    };
    let app =
        App { db: database.clone(), clock: Arc::new(Still), entropy: Arc::new(OsEntropy), directory: Directory::Own };
    let watched = WatchedEvents::new(Watch::default(), Route::BySender);
    BounceConsumer { app, ses_list: SesSuppressionList::new(app::ses_client(&ses)), mail, watched }
}

async fn take(consumer: &BounceConsumer, kind: &str, (email_id, address): &(EmailId, String)) {
    let detail = match kind {
        "Delivery" => json!({ "timestamp": NOW.to_string(), "recipients": [address], "smtpResponse": "250 2.0.0 OK" }),
        _ => {
            json!({ "bounceType": "Permanent", "bounceSubType": "General", "timestamp": NOW.to_string(), "feedbackId": email_id.to_string(),
            "bouncedRecipients": [{ "emailAddress": address, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown" }] })
        }
    };
    let mut event = json!({
        "eventType": kind,
        "mail": { "timestamp": NOW.to_string(), "messageId": email_id.to_string(), "source": "no-reply@mail.example.com",
            "destination": [address], "tags": { "email_id": [email_id.to_string()], "ses:configuration-set": ["recovery"] } },
    });
    event[kind.to_lowercase()] = detail;
    let outcome = consumer.handle_event(&event).await;
    assert!(outcome.into_answer().is_ok());
}

/// Creates emails that were just sent, each to a different recipient.
async fn fresh_emails(log: &EmailLogStore, number: usize) -> Vec<(EmailId, String)> {
    let mut emails = Vec::new();
    for number in 0..number {
        let id = EmailId(new_ulid(NOW, &OsEntropy).unwrap());
        let to = EmailAddress::parse(&format!("fresh@domain{number}.example")).unwrap();
        let entry = EmailLogEntry::new(
            id,
            to.as_typed(),
            EmailKind::PasswordReset,
            Trigger::SelfService,
            DeliveryStatus::Sent,
            NOW,
        );
        log.begin(&entry, to.key(), SignedDuration::from_hours(24)).await.unwrap();
        emails.push((id, to.as_typed().to_owned()));
    }
    emails
}

/// Writes `size` users, entries, suppressions and events: one of each kind through its store, the others as copies of
/// its items under other names. Returns the ids of the entries, oldest first.
async fn fill(dynamodb: &LocalDynamoDb, database: &Database, size: usize) -> Vec<EmailId> {
    let user = UserId(new_ulid(NOW, &OsEntropy).unwrap());
    let model = model_user(user);
    UserStore::new(database.clone()).create(&NewUser { user: model, password_hash: None }, Vec::new()).await.unwrap();
    for table in ["Users", "UserSearch"] {
        copy(dynamodb, table, size, &|text, number| {
            text.replace(&user.to_string(), &numbered(user, number)).replace("model0", &format!("model{number}"))
        });
    }
    let cause = Cause::new(SuppressionReason::HardBounce, NOW);
    let suppressed = EmailAddress::parse("model0@example.com").unwrap();
    SuppressionStore::new(database.clone())
        .change(suppressed.key(), |record| record.suppress(cause.clone()))
        .await
        .unwrap();
    copy(dynamodb, "Suppressions", size, &|text, number| text.replace("model0", &format!("model{number}")));
    RawEventStore::new(database.clone())
        .keep(&RawEvent {
            key: "model0".to_owned(),
            why: WhyKept::Evidence,
            at: NOW,
            address: None,
            raw: "{}".to_owned(),
        })
        .await
        .unwrap();
    copy(dynamodb, "SesEvents", size, &|text, number| text.replace("model0", &format!("event{number}")));
    fill_log(dynamodb, database, size).await
}

/// Writes entries over the last 60 days: one in ten is an activation, one in a hundred bounced.
async fn fill_log(dynamodb: &LocalDynamoDb, database: &Database, size: usize) -> Vec<EmailId> {
    let log = EmailLogStore::new(database.clone());
    let mut ids = Vec::with_capacity(size);
    let step = SignedDuration::from_millis(60 * 24 * 3_600_000 / size as i64);
    let mut models = Vec::new();
    for (kind, status) in [
        (EmailKind::PasswordReset, DeliveryStatus::Delivered),
        (EmailKind::Activation, DeliveryStatus::Delivered),
        (EmailKind::PasswordReset, DeliveryStatus::Bounced),
    ] {
        let id = EmailId(new_ulid(NOW, &OsEntropy).unwrap());
        let entry = EmailLogEntry::new(id, "model0@example.com", kind, Trigger::SelfService, status, NOW);
        let to = EmailAddress::parse("model0@example.com").unwrap();
        log.begin(&entry, to.key(), SignedDuration::from_hours(24)).await.unwrap();
        let item =
            dynamodb.items("EmailLog").unwrap().into_iter().find(|item| item["id"]["S"] == id.to_string()).unwrap();
        models.push((id, item.to_string()));
    }
    let month = NOW.strftime("%Y-%m").to_string();
    let mut batch = Vec::new();
    for number in 0..size {
        let at = NOW - step * (size - number) as i32;
        let id = EmailId(new_ulid(at, &OsEntropy).unwrap());
        ids.push(id);
        let model = if number % 100 == 0 { 2 } else { usize::from(number % 10 == 0) };
        let (known, text) = &models[model];
        let text = text.replace(&known.to_string(), &id.to_string()).replace("model0", &format!("model{number}"));
        batch.push(text.replace(&format!("\"{month}\""), &format!("\"{}\"", at.strftime("%Y-%m"))));
        if batch.len() == 25 || number + 1 == size {
            write(dynamodb, "EmailLog", std::mem::take(&mut batch));
        }
    }
    ids
}

fn model_user(id: UserId) -> User {
    User {
        id,
        email: EmailAddress::parse("model0@example.com").unwrap(),
        external_id: None,
        display_name: "Some model0".to_owned(),
        role: Role::Member,
        status: UserStatus::Active,
        locale: Locale::default(),
        created_at: NOW,
        last_sign_in_at: None,
        token_generation: 0,
        session_generation: 0,
    }
}

fn address(number: usize) -> EmailAddress {
    EmailAddress::parse(&format!("model{number}@example.com")).unwrap()
}

/// The id for a number, counted from the model's id.
fn numbered(model: UserId, number: usize) -> String {
    ulid::Ulid(model.0.0.wrapping_add(1 + number as u128)).to_string()
}

/// Copies each item of a table `size` times.
fn copy(dynamodb: &LocalDynamoDb, table: &str, size: usize, as_number: &dyn Fn(&str, usize) -> String) {
    let models: Vec<String> = dynamodb.items(table).unwrap().iter().map(Value::to_string).collect();
    let mut batch = Vec::new();
    for number in 0..size {
        // Items whose key doesn't depend on the name, such as the domain's, differ by the user's id.
        batch.extend(models.iter().map(|model| as_number(model, number)));
        while batch.len() >= 25 {
            let rest = batch.split_off(25);
            write(dynamodb, table, std::mem::replace(&mut batch, rest));
        }
    }
    if !batch.is_empty() {
        write(dynamodb, table, batch);
    }
}

fn write(dynamodb: &LocalDynamoDb, table: &str, items: Vec<String>) {
    let put = |text: String| {
        let item: Value = serde_json::from_str(&text).unwrap();
        json!({ "PutRequest": { "Item": item } })
    };
    let request = json!({ "RequestItems": { table: items.into_iter().map(put).collect::<Vec<_>>() } });
    dynamodb.run("BatchWriteItem", &request).unwrap();
}

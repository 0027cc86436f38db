//! Measures a page of the email log, in a small and in a large log: read units, counted by the database, and time.
//!
//! `cargo run --release -p mailkey-tests --bin bench-email-log [ENTRIES]`. Units are exact; times vary.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress, OsEntropy,
    email_log::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, EmailLogFilter, Trigger},
    entropy::new_ulid,
};
use mailkey_dynamodb::{Database, EmailLogStore};
use mailkey_local::{calls, dynamodb::LocalDynamoDb, tables};
use tokio::task::JoinSet;

const PAGE: usize = 25;
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

#[tokio::main]
async fn main() {
    let large: usize = std::env::args().nth(1).map_or(1_000_000, |number| number.parse().unwrap());
    println!("{:<34} {:>10} {:>6} {:>7} {:>9}", "page", "entries", "rows", "units", "ms");
    for entries in [1000, large] {
        let dynamodb = LocalDynamoDb::in_memory().unwrap();
        tables::create(&dynamodb).unwrap();
        let log = EmailLogStore::new(Database::new(dynamodb.client(), ""));
        let ids = fill(&log, entries).await;
        let none = EmailLogFilter::default;
        let bounced = Some(DeliveryStatus::Bounced);
        let deep = ids.len().checked_sub(1000 * PAGE).map(|behind| ids[behind]);
        for (what, filter, after) in [
            ("first", none(), None),
            ("status=bounced (1 in 1000)", EmailLogFilter { status: bounced, ..none() }, None),
            (
                "status=bounced, kind=activation",
                EmailLogFilter { status: bounced, kind: Some(EmailKind::Activation), ..none() },
                None,
            ),
            ("kind=activation", EmailLogFilter { kind: Some(EmailKind::Activation), ..none() }, None),
            ("recipient", EmailLogFilter { recipient: Some(address(7).key().clone()), ..none() }, None),
            ("page 1,000", none(), deep),
        ] {
            if what == "page 1,000" && deep.is_none() {
                continue;
            }
            let begun = Instant::now();
            let (page, calls) = calls::counting(log.page(&filter, after, PAGE)).await;
            let ms = begun.elapsed().as_secs_f64() * 1000.0;
            let units: f64 = calls.iter().map(|call| call.read_units).sum();
            println!("{what:<34} {entries:>10} {:>6} {units:>7} {ms:>9.1}", page.unwrap().rows.len());
        }
    }
}

/// Writes entries over the last 80 days, one in a thousand bounced. Returns their ids, oldest first.
async fn fill(log: &EmailLogStore, entries: usize) -> Vec<EmailId> {
    let step = SignedDuration::from_millis(80 * 24 * 3600 * 1000 / entries as i64);
    let mut ids = Vec::with_capacity(entries);
    let mut writing = JoinSet::new();
    for number in 0..entries {
        let at = NOW - step * (entries - number) as i32;
        let id = EmailId(new_ulid(at, &OsEntropy).unwrap());
        ids.push(id);
        let log = log.clone();
        writing.spawn(async move {
            log.begin(&entry(id, number, at), address(number).key(), SignedDuration::from_hours(24)).await
        });
        if writing.len() >= 64 {
            writing.join_next().await.unwrap().unwrap().unwrap();
        }
    }
    writing.join_all().await;
    ids
}

fn address(number: usize) -> EmailAddress {
    EmailAddress::parse(&format!("user-{}@example.com", number % 100_000)).unwrap()
}

fn entry(id: EmailId, number: usize, at: Timestamp) -> EmailLogEntry {
    let status = if number.is_multiple_of(1000) { DeliveryStatus::Bounced } else { DeliveryStatus::Delivered };
    let kind = if number.is_multiple_of(3) { EmailKind::Activation } else { EmailKind::PasswordReset };
    EmailLogEntry {
        message_id: Some("0100018f-00000000-0000-0000-0000-000000000000-000000".to_owned()),
        attempts: 1,
        ..EmailLogEntry::new(id, address(number).as_typed(), kind, Trigger::SelfService, status, at)
    }
}

//! The table `EmailCounts`: the daily counters of emails.
//!
//! One item for each origin, day, sender's domain and recipient's domain, with one number for each status. All items of
//! an origin are one partition, sorted by day, so a range of days is one query.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::client::{Database, Query, Reader, StoreError, Write, n, s, ttl};
use mailkey::email_log::{
    Origin,
    counts::{CountKey, CountedAs, EmailCounts},
};

const TABLE: &str = "EmailCounts";

/// Separates the parts of a sort key. No domain contains it.
const SEPARATOR: char = '#';

/// Counters are kept for a little more than a year, to compare a month with the same month of the year before.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Reads and writes the counters.
#[derive(Debug, Clone)]
pub struct EmailCountStore {
    database: Database,
}

impl EmailCountStore {
    /// The counters of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Adds the changes of a batch, with one write for each group. A count that can't be written is logged, not retried:
    /// the batch is done, and counting it again would count the written groups twice.
    pub async fn add(&self, origin: Origin, changes: &EmailCounts, now: Timestamp) {
        let kept_until = now.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX);
        let writes = changes.groups().map(|(key, counters)| {
            let update = Write::update(TABLE, [("origin", s(origin.as_str())), ("group", s(sort_key(key)))]);
            let update = update.set("ttl", ttl(kept_until)).set("schema", n(1));
            let update = counters.iter().fold(update, |update, (name, number)| update.add(name, n(number)));
            self.database.write(update)
        });
        for error in join_all(writes).await.into_iter().filter_map(Result::err) {
            tracing::error!(error = mailkey::unavailable::chain(&error), "emails couldn't be counted");
        }
    }

    /// The counters of one origin in these days, both inclusive.
    pub async fn read(&self, origin: Origin, from: Date, to: Date) -> Result<EmailCounts, StoreError> {
        // The separator's successor: behind every item of the last day.
        let query = Query::new(TABLE, "origin", origin.as_str()).between("group", from, format!("{to}$"));
        let names: BTreeMap<_, _> = CountedAs::all().map(|counter| (counter.as_str(), counter)).collect();
        let mut counts = EmailCounts::default();
        for item in self.database.query_all(query).await? {
            let reader = Reader::new(TABLE, &item);
            let key = parse(reader.text("group")?).ok_or(reader.corrupt("group"))?;
            for (name, counter) in &names {
                if let Some(number) = reader.optional_number(name) {
                    counts.add(key.clone(), *counter, number);
                }
            }
        }
        Ok(counts)
    }
}

fn sort_key(CountKey { day, sender_domain, recipient_domain }: &CountKey) -> String {
    format!("{day}{SEPARATOR}{sender_domain}{SEPARATOR}{recipient_domain}")
}

fn parse(sort_key: &str) -> Option<CountKey> {
    let mut parts = sort_key.splitn(3, SEPARATOR);
    let day = parts.next()?.parse().ok()?;
    let (sender_domain, recipient_domain) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(CountKey { day, sender_domain, recipient_domain })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_key_reads_back_and_is_within_its_day() {
        for recipient_domain in ["example.org", ""] {
            let day: Date = "2026-11-25".parse().unwrap();
            let (sender_domain, recipient_domain) = ("mail.example.com".to_owned(), recipient_domain.to_owned());
            let key = CountKey { day, sender_domain, recipient_domain };
            let text = sort_key(&key);
            assert_eq!(parse(&text), Some(key));
            assert!(text > day.to_string() && text < format!("{day}$") && *text < *"2026-11-26", "{text}");
        }
        assert_eq!(parse("yesterday#a#b"), None);
    }
}

//! DynamoDB: every call to it goes through this module.

mod item;
mod read;
mod write;

use std::{error::Error, fmt};

use aws_sdk_dynamodb::Client;
pub use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use crate::{
    clock::{from_millis, millis},
    log_partitions::LogPartitions,
    unavailable::{Unavailable, chain},
};
pub use item::{Item, Reader, attribute_from_json, item, item_from_json, list, n, optional, s, time, ttl};
pub use read::{Found, Query};
pub use write::{Committed, Returned, Write};

/// The deployment's tables.
#[derive(Clone)]
pub struct Database {
    client: Client,
    prefix: String,
    log_partitions: LogPartitions,
}

impl Database {
    /// The tables whose names begin with `prefix`, such as the stack's name and a hyphen.
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self { client, prefix: prefix.into(), log_partitions: LogPartitions::default() }
    }

    /// The same, with logs that are divided.
    #[must_use]
    pub fn with_log_partitions(self, log_partitions: LogPartitions) -> Self {
        Self { log_partitions, ..self }
    }

    /// How the logs are divided.
    pub fn log_partitions(&self) -> &LogPartitions {
        &self.log_partitions
    }

    /// The SDK's client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The full name of a table, from its word in the template.
    pub fn table(&self, word: &str) -> String {
        format!("{}{word}", self.prefix)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Why a store failed. A condition that was false is a result, not an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB did not do what we asked.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// An item is not as this version writes it. Another try won't help.
    #[error("an item of {table} has no valid {attribute}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// The operating system gave us no random bytes.
    #[error(transparent)]
    NoEntropy(#[from] crate::entropy::NoEntropy),
}

impl StoreError {
    /// Wraps what the SDK says of a failed call.
    pub fn unavailable(
        operation: &'static str,
        table: &'static str,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        unavailable(format!("{operation} on {table}"), source).into()
    }

    /// Other writers changed an item of `table` each time we tried to.
    pub fn contended(table: &'static str) -> Self {
        unavailable(format!("a change of an item of {table}"), Contended).into()
    }

    /// The error with all of its causes, for a log line. The SDK's texts contain neither keys nor values of items.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// Other writers were faster, again and again.
#[derive(Debug, thiserror::Error)]
#[error("other writers changed the item at every try")]
struct Contended;

fn unavailable(operation: String, source: impl Error + Send + Sync + 'static) -> Unavailable {
    Unavailable { service: "DynamoDB", operation, source: Box::new(source) }
}

/// The month of a time, which names a partition of what is listed by time: `2026-11`.
pub(crate) fn month(at: Timestamp) -> String {
    at.to_string().chars().take(7).collect()
}

/// The bounds of ULIDs, both inclusive, for a time range `[from, to)` and what lies behind `after` when the newest come
/// first.
pub(crate) fn ulid_bounds(from: Option<Timestamp>, to: Option<Timestamp>, after: Option<Ulid>) -> (Ulid, Ulid) {
    let at = |time: Timestamp| Ulid::from_parts(u64::try_from(millis(time)).unwrap_or(0), 0).0;
    let low = from.map_or(0, at);
    let high = to.map_or(u128::MAX, |to| at(to).saturating_sub(1));
    let high = after.map_or(high, |after| high.min(after.0.saturating_sub(1)));
    (Ulid(low), Ulid(high))
}

/// So many months are looked through at most: longer than anything is kept.
const MONTHS: usize = 14;

/// The months from `high` (or from now) back to `low`, newest first.
pub(crate) fn months_back(low: Ulid, high: Ulid, now: Timestamp) -> Vec<String> {
    let time = |id: Ulid| from_millis(i64::try_from(id.timestamp_ms()).unwrap_or(i64::MAX));
    let newest = time(high).min(now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(now));
    let oldest = month(time(low));
    let (year, month_number) = (month(newest)[..4].parse().unwrap_or(2000), month(newest)[5..].parse().unwrap_or(1));
    let back = |steps: i32| {
        let months = year * 12 + (month_number - 1) - steps;
        format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
    };
    (0..MONTHS as i32).map(back).take_while(|month| *month >= oldest).collect()
}

/// A query for what has `hash` and lies within `range`, newest first.
pub(crate) fn newest_first(
    database: &Database,
    table: &str,
    index: Option<&str>,
    hash: (&str, &str),
    range: (&str, &dyn fmt::Display, &dyn fmt::Display),
    limit: usize,
) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
    database
        .client()
        .query()
        .table_name(database.table(table))
        .set_index_name(index.map(ToOwned::to_owned))
        .key_condition_expression("#hash = :hash AND #range BETWEEN :low AND :high")
        .expression_attribute_names("#hash", hash.0)
        .expression_attribute_names("#range", range.0)
        .expression_attribute_values(":hash", s(hash.1))
        .expression_attribute_values(":low", s(range.1.to_string()))
        .expression_attribute_values(":high", s(range.2.to_string()))
        .scan_index_forward(false)
        .limit(i32::try_from(limit).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_walked_backwards_from_the_bound_or_from_now() {
        let now: Timestamp = "2026-02-10T00:00:00Z".parse().unwrap();
        let (low, high) = ulid_bounds(Some("2025-11-30T00:00:00Z".parse().unwrap()), None, None);
        assert_eq!(months_back(low, high, now), ["2026-02", "2026-01", "2025-12", "2025-11"]);
        let (low, high) = ulid_bounds(
            Some("2026-01-01T00:00:00Z".parse().unwrap()),
            Some("2026-01-20T00:00:00Z".parse().unwrap()),
            None,
        );
        assert_eq!(months_back(low, high, now), ["2026-01"]);
        let (low, high) = ulid_bounds(None, None, None);
        assert_eq!(months_back(low, high, now).len(), MONTHS);
    }

    #[test]
    fn bounds_hold_the_range_and_what_lies_behind_the_cursor() {
        let from: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let (low, high) = ulid_bounds(Some(from), Some(from), None);
        assert!(low > high, "an empty range");
        let after = Ulid(500);
        assert_eq!(ulid_bounds(None, None, Some(after)), (Ulid(0), Ulid(499)));
    }
}

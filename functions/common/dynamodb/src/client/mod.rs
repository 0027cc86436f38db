//! DynamoDB: every call to it goes through this module.

mod item;
mod read;
mod write;

use std::{error::Error, fmt};

use aws_sdk_dynamodb::Client;
pub use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ulid::Ulid;

pub use item::{Item, Reader, attribute_from_json, item, item_from_json, list, n, optional, s, set_of, time, ttl};
use mailkey::{
    clock::millis,
    unavailable::{Unavailable, chain},
};
pub use read::{Found, Query};
pub use write::{Committed, Returned, Write};

/// The deployment's tables.
#[derive(Clone)]
pub struct Database {
    client: Client,
    prefix: String,
}

impl Database {
    /// The tables whose names begin with `prefix`, such as the stack's name and a hyphen.
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self { client, prefix: prefix.into() }
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
    NoEntropy(#[from] mailkey::entropy::NoEntropy),
}

impl StoreError {
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
    Unavailable::new("DynamoDB", operation, source)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_the_range_and_what_lies_behind_the_cursor() {
        let from: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let (low, high) = ulid_bounds(Some(from), Some(from), None);
        assert!(low > high, "an empty range");
        let after = Ulid(500);
        assert_eq!(ulid_bounds(None, None, Some(after)), (Ulid(0), Ulid(499)));
    }
}

//! DynamoDB: the client with the names of this deployment's tables, items read and written with types, and what can
//! go wrong.

use std::{collections::HashMap, error::Error, fmt};

pub use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use aws_sdk_dynamodb::{
    Client, error::SdkError, operation::transact_write_items::TransactWriteItemsError, primitives::Blob, types::Update,
};
use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use crate::{
    clock::{from_millis, millis},
    log_partitions::LogPartitions,
};

/// An item of a table.
pub type Item = HashMap<String, AttributeValue>;

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

/// How much a read has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// All that was written before: a unit for 4 KB.
    Latest,
    /// Perhaps not what was written within the last moment: half a unit. Enough where what follows is written on
    /// condition that nothing changed, or where a refusal is confirmed by the latest.
    Recent,
}

impl Freshness {
    /// As DynamoDB calls it: whether the read is consistent.
    pub fn is_consistent(self) -> bool {
        self == Self::Latest
    }
}

/// What can go wrong in a store. Refused conditions are outcomes of the operations, not errors.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table did not do what it was asked: throttled, failing, or not answering. Worth another try.
    #[error("{operation} on {table} failed")]
    Unavailable {
        /// The operation.
        operation: &'static str,
        /// The table's word.
        table: &'static str,
        /// What the SDK said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another writer was faster, again and again.
    #[error("{table} is written by too many at once")]
    Contended {
        /// The table's word.
        table: &'static str,
    },
    /// An item is not as this version writes it. Another try will not help.
    #[error("an item of {table} has no valid {attribute}")]
    Corrupt {
        /// The table's word.
        table: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// No random bytes were to be had.
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
        Self::Unavailable { operation, table, source: Box::new(source) }
    }

    /// The error with all of its causes, for a log line. The SDK's texts hold neither keys nor values of items.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// A string attribute.
pub fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time attribute: milliseconds since the Unix epoch.
pub fn time(at: Timestamp) -> AttributeValue {
    n(millis(at))
}

/// The attribute that DynamoDB's TTL reads: epoch *seconds*. Deletion lags by days, so nothing may rest on it.
pub fn ttl(at: Timestamp) -> AttributeValue {
    n(at.as_second())
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is written, whole.
    Done,
    /// Something that had to hold no longer did, or another writer was at it: nothing is written. Look again.
    Overtaken,
}

impl Database {
    /// Writes `parts`: all of them or none. A single update is written as such, at half the price of a transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where a table fails.
    pub async fn commit(&self, mut parts: Vec<TransactWriteItem>) -> Result<Committed, StoreError> {
        if let [TransactWriteItem { update: Some(update), .. }] = parts.as_mut_slice() {
            return self.commit_update(update.clone()).await;
        }
        let answer = self.client.transact_write_items().set_transact_items(Some(parts)).send().await;
        match answer.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(Committed::Done),
            Err(TransactWriteItemsError::TransactionCanceledException(e)) => {
                let lost = |code: &str| matches!(code, "ConditionalCheckFailed" | "TransactionConflict");
                if e.cancellation_reasons().iter().filter_map(|reason| reason.code()).any(lost) {
                    Ok(Committed::Overtaken)
                } else {
                    let e = TransactWriteItemsError::TransactionCanceledException(e);
                    Err(StoreError::unavailable("TransactWriteItems", "several tables", e))
                }
            }
            Err(e) if e.is_transaction_in_progress_exception() => Ok(Committed::Overtaken),
            Err(e) => Err(StoreError::unavailable("TransactWriteItems", "several tables", e)),
        }
    }

    async fn commit_update(&self, update: Update) -> Result<Committed, StoreError> {
        let request = self.client.update_item().table_name(update.table_name).set_key(Some(update.key));
        let answer = request
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .send()
            .await;
        match answer.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(Committed::Done),
            Err(e) if e.is_conditional_check_failed_exception() => Ok(Committed::Overtaken),
            Err(e) => Err(StoreError::unavailable("UpdateItem", "one table", e)),
        }
    }
}

/// Reads the attributes of an item, or says which one is wrong.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    table: &'static str,
    item: &'a Item,
}

impl<'a> Reader<'a> {
    /// Reads `item`, which came from `table`.
    pub fn new(table: &'static str, item: &'a Item) -> Self {
        Self { table, item }
    }

    /// A string that must be there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where it is not.
    pub fn text(&self, attribute: &'static str) -> Result<&'a str, StoreError> {
        self.optional_text(attribute).ok_or(self.corrupt(attribute))
    }

    /// A string that may be there.
    pub fn optional_text(&self, attribute: &str) -> Option<&'a str> {
        self.item.get(attribute)?.as_s().ok().map(String::as_str)
    }

    /// A number that must be there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where it is not, or is none.
    pub fn number(&self, attribute: &'static str) -> Result<i64, StoreError> {
        self.optional_number(attribute).ok_or(self.corrupt(attribute))
    }

    /// A number that may be there.
    pub fn optional_number(&self, attribute: &str) -> Option<i64> {
        self.item.get(attribute)?.as_n().ok()?.parse().ok()
    }

    /// A time that must be there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where it is not.
    pub fn time(&self, attribute: &'static str) -> Result<Timestamp, StoreError> {
        self.number(attribute).map(from_millis)
    }

    /// A time that may be there.
    pub fn optional_time(&self, attribute: &str) -> Option<Timestamp> {
        self.optional_number(attribute).map(from_millis)
    }

    /// A value with a text form that must be there and be valid.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where it is not.
    pub fn parsed<T: std::str::FromStr>(&self, attribute: &'static str) -> Result<T, StoreError> {
        self.text(attribute)?.parse().map_err(|_| self.corrupt(attribute))
    }

    /// The items of a list of maps; none where there is no list.
    pub fn maps(&self, attribute: &str) -> Vec<Reader<'a>> {
        let list = self.item.get(attribute).and_then(|value| value.as_l().ok());
        list.into_iter()
            .flatten()
            .filter_map(|value| value.as_m().ok())
            .map(|item| Reader { table: self.table, item })
            .collect()
    }

    /// The error that names an attribute.
    pub fn corrupt(&self, attribute: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, attribute }
    }
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

/// Turns an attribute in DynamoDB's JSON form, as a stream's record holds it, into the SDK's.
///
/// `None` for a form this deployment never writes.
pub fn attribute_from_json(json: &serde_json::Value) -> Option<AttributeValue> {
    let (kind, value) = json.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(value.as_bool()?),
        "B" => AttributeValue::B(Blob::new(
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, value.as_str()?).ok()?,
        )),
        "L" => AttributeValue::L(value.as_array()?.iter().map(attribute_from_json).collect::<Option<_>>()?),
        "M" => AttributeValue::M(item_from_json(value)?),
        _ => return None,
    })
}

/// Turns an item in DynamoDB's JSON form, such as a stream's `NewImage`, into the SDK's.
pub fn item_from_json(json: &serde_json::Value) -> Option<Item> {
    json.as_object()?.iter().map(|(name, value)| Some((name.clone(), attribute_from_json(value)?))).collect()
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

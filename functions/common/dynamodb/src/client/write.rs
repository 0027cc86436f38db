//! Writes, and the one way to commit them.

use std::{collections::HashMap, fmt::Debug, time::Duration};

use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{
        AttributeValue, CancellationReason, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update, error::ConditionalCheckFailedException,
    },
};

use super::{Database, Item, item, unavailable};
use mailkey::unavailable::Unavailable;

/// One write: alone, or a part of a transaction.
#[derive(Debug, Clone)]
#[must_use = "a write does nothing until it is committed"]
pub struct Write {
    table: &'static str,
    kind: Kind,
    condition: Option<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

#[derive(Debug, Clone)]
enum Kind {
    Put(Item),
    Update { key: Item, clauses: [Vec<String>; 4] },
    Delete(Item),
}

/// The clauses of an update expression, in the order of [`Kind::Update`].
const CLAUSES: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

impl Write {
    fn new(table: &'static str, kind: Kind) -> Self {
        Self { table, kind, condition: None, names: HashMap::new(), values: HashMap::new() }
    }

    /// Puts `item` in the place of what is there under its key.
    pub fn put(table: &'static str, item: Item) -> Self {
        Self::new(table, Kind::Put(item))
    }

    /// Puts `item` if there is none with its key, of which `key_attribute` is one attribute.
    pub fn put_new(table: &'static str, item: Item, key_attribute: &str) -> Self {
        Self::put(table, item).only_if(format!("attribute_not_exists({key_attribute})"))
    }

    /// Changes attributes of the item with `key`, or creates it.
    pub fn update<const N: usize>(table: &'static str, key: [(&str, AttributeValue); N]) -> Self {
        Self::update_item(table, item(key))
    }

    /// The same for a key that is an item already.
    pub fn update_item(table: &'static str, key: Item) -> Self {
        Self::new(table, Kind::Update { key, clauses: Default::default() })
    }

    /// Makes the item what `item` says, of which the attributes `key` are the key. Of `known`, the other attributes that this
    /// version writes, those that `item` doesn't have are removed. All others stay: a newer version may have written them,
    /// and a rollback must not lose them.
    pub fn replace(table: &'static str, key: &[&str], known: &[&str], item: Item) -> Self {
        let is_key = |name: &str| key.contains(&name);
        let removed = known.iter().filter(|name| !item.contains_key(**name));
        let removed: Vec<_> = removed.copied().filter(|name| !is_key(name)).collect();
        let (key, attributes): (Item, Item) = item.into_iter().partition(|(name, _)| is_key(name));
        let update = attributes
            .into_iter()
            .fold(Self::update_item(table, key), |update, (name, value)| update.set(&name, value));
        removed.into_iter().fold(update, Self::remove)
    }

    /// Deletes the item with `key`.
    pub fn delete<const N: usize>(table: &'static str, key: [(&str, AttributeValue); N]) -> Self {
        Self::new(table, Kind::Delete(item(key)))
    }

    /// The same for a key that is an item already.
    pub fn delete_item(table: &'static str, key: Item) -> Self {
        Self::new(table, Kind::Delete(key))
    }

    fn clause(mut self, clause: usize, expression: impl Into<String>) -> Self {
        if let Kind::Update { clauses, .. } = &mut self.kind {
            clauses[clause].push(expression.into());
        }
        self
    }

    /// Sets an attribute of an update to a value.
    pub fn set(self, attribute: &str, value: AttributeValue) -> Self {
        let (name, placeholder) = (format!("#{attribute}"), format!(":{attribute}"));
        self.clause(0, format!("{name} = {placeholder}")).name(&name, attribute).value(&placeholder, value)
    }

    /// Adds to the `SET` clause of an update, such as `attempts = attempts + :one`.
    pub fn set_expression(self, expression: impl Into<String>) -> Self {
        self.clause(0, expression)
    }

    /// Adds to the `REMOVE` clause of an update.
    pub fn remove(self, attribute: &str) -> Self {
        let name = format!("#{attribute}");
        self.clause(1, name.clone()).name(&name, attribute)
    }

    /// Adds a number to an attribute of an update, which counts as zero where it is missing, or members to a set.
    pub fn add(self, attribute: &str, value: AttributeValue) -> Self {
        let (name, placeholder) = (format!("#{attribute}"), format!(":add_{attribute}"));
        self.clause(2, format!("{name} {placeholder}")).name(&name, attribute).value(&placeholder, value)
    }

    /// Removes the members of `set` from a set of an update. A set without members is removed.
    pub fn delete_from_set(self, attribute: &str, set: AttributeValue) -> Self {
        let (name, placeholder) = (format!("#{attribute}"), format!(":delete_{attribute}"));
        self.clause(3, format!("{name} {placeholder}")).name(&name, attribute).value(&placeholder, set)
    }

    /// Writes only if `condition` is true.
    pub fn only_if(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// Says which value `placeholder`, such as `:seen`, stands for.
    pub fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    /// Says which attribute `placeholder`, such as `#status`, stands for.
    pub fn name(mut self, placeholder: &str, attribute: &str) -> Self {
        self.names.insert(placeholder.to_owned(), attribute.to_owned());
        self
    }

    fn operation(&self) -> String {
        let operation = match self.kind {
            Kind::Put(_) => "PutItem",
            Kind::Update { .. } => "UpdateItem",
            Kind::Delete(_) => "DeleteItem",
        };
        format!("{operation} on {}", self.table)
    }

    fn into_part(self, database: &Database) -> Result<TransactWriteItem, BuildError> {
        let table = database.table(self.table);
        let (condition, names, values) = (self.condition, filled(self.names), filled(self.values));
        let part = TransactWriteItem::builder();
        let part = match self.kind {
            Kind::Put(item) => part.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Kind::Update { key, clauses } => part.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(update_expression(&clauses))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Kind::Delete(key) => part.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
        };
        Ok(part.build())
    }
}

fn update_expression(clauses: &[Vec<String>; 4]) -> String {
    let clauses = CLAUSES.iter().zip(clauses).filter(|(_, parts)| !parts.is_empty());
    clauses.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect::<Vec<_>>().join(" ")
}

/// DynamoDB refuses empty maps.
fn filled<V>(map: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then_some(map)
}

/// The result of committing writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// All of it is written.
    Done,
    /// Nothing is written: the condition of this part, the first of those that failed, was false.
    ConditionFailed(usize),
}

/// The result of a write that also returns the item.
#[derive(Debug, Clone, PartialEq)]
pub enum Returned {
    /// It is written. An update returns the whole item as it is now; a put or a delete returns no attributes.
    Written(Item),
    /// Nothing is written: the condition was false. If there is an item, this is it.
    ConditionFailed(Option<Item>),
}

/// How often a transaction is tried that meets another one or is throttled. The waits add up to less than a second.
const ATTEMPTS: u32 = 4;

impl Database {
    /// Writes all of `writes` or nothing. A single write goes out as such, at half the price of a transaction.
    ///
    /// Writes that meet another transaction, and transactions that are throttled, are tried again here. The SDK's client
    /// does not do that, but it tries again after every other failure that may pass. A transaction whose outcome is
    /// unknown then has the same `ClientRequestToken`, so that nothing is written twice.
    pub async fn commit(&self, mut writes: Vec<Write>) -> Result<Committed, Unavailable> {
        if writes.len() < 2 {
            return match writes.pop() {
                None => Ok(Committed::Done),
                Some(write) => self.write(write).await,
            };
        }
        let operation = {
            let tables: Vec<_> = writes.iter().map(|write| write.table).collect();
            format!("TransactWriteItems on {}", tables.join(", "))
        };
        let parts: Result<Vec<_>, _> = writes.into_iter().map(|write| write.into_part(self)).collect();
        let parts = parts.map_err(|e| unavailable(operation.clone(), e))?;
        let mut attempt = 1;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(parts.clone()));
            let Err(error) = request.send().await else { return Ok(Committed::Done) };
            let cancelled = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(e)) => cause(e.cancellation_reasons()),
                _ => Cancelled::Other,
            };
            match cancelled {
                Cancelled::ConditionFailed(part) => return Ok(Committed::ConditionFailed(part)),
                Cancelled::Transient if attempt < ATTEMPTS => tokio::time::sleep(pause(attempt)).await,
                Cancelled::Transient | Cancelled::Other => return Err(unavailable(operation, error)),
            }
            attempt += 1;
        }
    }

    /// Does a single write.
    pub async fn write(&self, write: Write) -> Result<Committed, Unavailable> {
        Ok(match self.send(write, false).await? {
            Returned::Written(_) => Committed::Done,
            Returned::ConditionFailed(_) => Committed::ConditionFailed(0),
        })
    }

    /// Does a single write and returns the item: after it, or as it is where the condition was false.
    pub async fn write_returning(&self, write: Write) -> Result<Returned, Unavailable> {
        self.send(write, true).await
    }

    /// Does an update without a condition and returns the whole item as it is now.
    pub async fn update(&self, write: Write) -> Result<Item, Unavailable> {
        match self.send(write, true).await? {
            Returned::Written(item) => Ok(item),
            Returned::ConditionFailed(item) => Ok(item.unwrap_or_default()),
        }
    }

    async fn send(&self, write: Write, returning: bool) -> Result<Returned, Unavailable> {
        let mut attempt = 1;
        loop {
            match self.send_once(write.clone(), returning).await {
                Ok(returned) => return Ok(returned),
                Err(Refused { in_transaction: true, .. }) if attempt < ATTEMPTS => {
                    tokio::time::sleep(pause(attempt)).await;
                }
                Err(refused) => return Err(refused.unavailable),
            }
            attempt += 1;
        }
    }

    async fn send_once(&self, write: Write, returning: bool) -> Result<Returned, Refused> {
        let (operation, table) = (write.operation(), self.table(write.table));
        let (condition, names, values) = (write.condition, filled(write.names), filled(write.values));
        let on_failure = returning.then_some(ReturnValuesOnConditionCheckFailure::AllOld);
        match write.kind {
            Kind::Put(item) => {
                let request = self.client.put_item().table_name(table).set_item(Some(item));
                let request = request
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(on_failure);
                outcome(operation, request.send().await.map(|_| None))
            }
            Kind::Update { key, clauses } => {
                let request = self.client.update_item().table_name(table).set_key(Some(key));
                let request = request
                    .update_expression(update_expression(&clauses))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values(returning.then_some(ReturnValue::AllNew))
                    .set_return_values_on_condition_check_failure(on_failure);
                outcome(operation, request.send().await.map(|answer| answer.attributes))
            }
            Kind::Delete(key) => {
                let request = self.client.delete_item().table_name(table).set_key(Some(key));
                let request = request
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(on_failure);
                outcome(operation, request.send().await.map(|_| None))
            }
        }
    }
}

/// DynamoDB refused a single write.
struct Refused {
    /// A transaction is at the same item.
    in_transaction: bool,
    unavailable: Unavailable,
}

/// An error that may say that a condition was false.
trait Conditional {
    fn condition_failed(&self) -> Option<&ConditionalCheckFailedException>;
}

macro_rules! may_fail_a_condition {
    ($($error:ident),+) => {
        $(impl Conditional for $error {
            fn condition_failed(&self) -> Option<&ConditionalCheckFailedException> {
                if let Self::ConditionalCheckFailedException(e) = self { Some(e) } else { None }
            }
        })+
    };
}

may_fail_a_condition!(PutItemError, UpdateItemError, DeleteItemError);

fn outcome<E, R>(operation: String, answer: Result<Option<Item>, SdkError<E, R>>) -> Result<Returned, Refused>
where
    E: Conditional + ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    let error = match answer {
        Ok(item) => return Ok(Returned::Written(item.unwrap_or_default())),
        Err(error) => error,
    };
    let service_error = error.as_service_error();
    if let Some(failed) = service_error.and_then(Conditional::condition_failed) {
        return Ok(Returned::ConditionFailed(failed.item().cloned()));
    }
    let in_transaction = service_error.and_then(|e| e.code()) == Some("TransactionConflictException");
    Err(Refused { in_transaction, unavailable: unavailable(operation, error) })
}

/// Why DynamoDB cancelled a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cancelled {
    ConditionFailed(usize),
    /// Another transaction was at the same items, or the table throttled us.
    Transient,
    Other,
}

/// A condition that failed outweighs everything else: another try would fail as well.
fn cause(reasons: &[CancellationReason]) -> Cancelled {
    let transient = |code: &str| {
        ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"]
            .contains(&code)
    };
    match reasons.iter().position(|reason| reason.code() == Some("ConditionalCheckFailed")) {
        Some(part) => Cancelled::ConditionFailed(part),
        None if reasons.iter().filter_map(CancellationReason::code).any(transient) => Cancelled::Transient,
        None => Cancelled::Other,
    }
}

/// The wait after an attempt: up to 50, 150 and 450 ms, at least half of it, so that those who met don't meet again.
fn pause(attempt: u32) -> Duration {
    let longest = 50 * 3_u64.pow(attempt.saturating_sub(1).min(5));
    Duration::from_millis(fastrand::u64(longest / 2..=longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{n, s, set_of};

    fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
        codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
    }

    #[test]
    fn a_cancellation_names_the_first_failed_condition_or_is_transient() {
        for (codes, expected) in [
            (&["None", "ConditionalCheckFailed", "ConditionalCheckFailed"][..], Cancelled::ConditionFailed(1)),
            (&["TransactionConflict", "ConditionalCheckFailed"], Cancelled::ConditionFailed(1)),
            (&["None", "TransactionConflict"], Cancelled::Transient),
            (&["ThrottlingError", "None"], Cancelled::Transient),
            (&["ProvisionedThroughputExceeded"], Cancelled::Transient),
            (&["RequestLimitExceeded"], Cancelled::Transient),
            (&["ValidationError", "None"], Cancelled::Other),
            (&[], Cancelled::Other),
        ] {
            assert_eq!(cause(&reasons(codes)), expected, "{codes:?}");
        }
    }

    #[test]
    fn the_waits_grow_and_stay_below_a_second_together() {
        for _ in 0..100 {
            let waits: Vec<_> = (1..ATTEMPTS).map(pause).collect();
            assert!(waits.is_sorted(), "{waits:?}");
            assert!(waits.iter().sum::<Duration>() < Duration::from_secs(1), "{waits:?}");
        }
    }

    #[test]
    fn a_replacement_removes_what_is_known_and_missing_and_leaves_what_is_unknown() {
        let replaced = item([("address_key", s("a")), ("version", n(2))]);
        let write = Write::replace("Suppressions", &["address_key"], &["version", "ttl"], replaced);
        let Kind::Update { key, clauses } = &write.kind else { panic!("not an update: {write:?}") };
        assert_eq!(*key, item([("address_key", s("a"))]));
        assert_eq!(update_expression(clauses), "SET #version = :version REMOVE #ttl");
    }

    #[test]
    fn an_update_becomes_one_expression_with_its_names_and_values() {
        let write = Write::update("Users", [("pk", s("user#1"))])
            .set("status", s("active"))
            .set_expression("attempts = attempts + :one")
            .value(":one", n(1))
            .remove("ttl")
            .add("count", n(2))
            .delete_from_set("words", set_of(["a".to_owned()]));
        let Kind::Update { key, clauses } = &write.kind else { panic!("not an update: {write:?}") };
        assert_eq!(*key, item([("pk", s("user#1"))]));
        assert_eq!(
            update_expression(clauses),
            "SET #status = :status, attempts = attempts + :one REMOVE #ttl ADD #count :add_count \
             DELETE #words :delete_words"
        );
        assert_eq!(write.names.len(), 4);
        assert_eq!(write.values[":add_count"], n(2));
        assert_eq!(write.values[":status"], s("active"));
    }
}

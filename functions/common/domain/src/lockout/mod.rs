//! Lockout: too many wrong passwords, and sign-in waits.
//!
//! Attempts are counted *before* a password is looked at, atomically, so that guesses in parallel can't get past the
//! limit. The counter belongs to the canonical address, known or not, so that a lock reveals nothing. Redemption clears
//! it: an attacker who keeps an account locked does not keep its owner out (OWASP ASVS 5.0, 6.1.1).

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError::ConditionalCheckFailedException,
    types::{Delete, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    account::AddressKey,
    database::{Database, Freshness, Item, Reader, StoreError, n, s, time, ttl},
};

const TABLE: &str = "SignInAttempts";

/// A run of failures is forgotten after a day without another.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// When sign-in locks, and for how long; from the security settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// So many attempts in a row may fail.
    pub max_failures: i64,
    /// So long nothing more is tried then.
    pub duration: SignedDuration,
}

/// The attempts at one address since its last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many, those still being verified among them.
    pub count: i64,
    /// When the last began. Attempts while locked are not counted, so they don't prolong the lock.
    pub last_at: Timestamp,
}

impl Attempts {
    /// Until when sign-in is locked, if it is.
    pub fn locked_until(self, policy: LockoutPolicy, now: Timestamp) -> Option<Timestamp> {
        let until = self.last_at.saturating_add(policy.duration).unwrap_or(Timestamp::MAX);
        (self.count >= policy.max_failures && now < until).then_some(until)
    }

    /// Whether the run of failures is over, so that the next attempt is the first of a new one.
    fn is_over(self, policy: LockoutPolicy, now: Timestamp) -> bool {
        let since = now.duration_since(self.last_at);
        since >= FORGOTTEN_AFTER || (self.count >= policy.max_failures && since >= policy.duration)
    }
}

/// Whether a password may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may: this attempt is counted already.
    Counted(Attempts),
    /// It may not, until then.
    Locked {
        /// When sign-in opens again.
        until: Timestamp,
    },
}

/// Reads and writes the counters.
#[derive(Debug, Clone)]
pub struct LockoutStore {
    database: Database,
}

impl LockoutStore {
    /// The counters of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Counts an attempt at `address`, unless it is locked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails, or others write faster again and again.
    pub async fn admit(
        &self,
        address: &AddressKey,
        policy: LockoutPolicy,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        for _ in 0..5 {
            let seen = match self.count(address, policy, now).await? {
                Ok(counted) => return Ok(Admission::Counted(counted)),
                Err(seen) => seen,
            };
            // The counter vanished between the two (a success, an unlock): begin again.
            let Some(seen) = seen else { continue };
            if let Some(until) = seen.locked_until(policy, now) {
                return Ok(Admission::Locked { until });
            }
            if seen.is_over(policy, now) && self.begin_new_run(address, seen, now).await? {
                return Ok(Admission::Counted(Attempts { count: 1, last_at: now }));
            }
        }
        Err(StoreError::Contended { table: TABLE })
    }

    /// One more attempt, if the run is neither full nor over; else what stands there.
    async fn count(
        &self,
        address: &AddressKey,
        policy: LockoutPolicy,
        now: Timestamp,
    ) -> Result<Result<Attempts, Option<Attempts>>, StoreError> {
        let forgotten = now.saturating_sub(FORGOTTEN_AFTER).unwrap_or(Timestamp::MIN);
        let answer = self
            .update(address, now)
            .update_expression(
                "SET attempts = if_not_exists(attempts, :none) + :one, pending = if_not_exists(pending, :none) + :one, \
                 last_at = :now, #ttl = :ttl, #schema = :one",
            )
            .condition_expression("attribute_not_exists(address_key) OR (attempts < :max AND last_at > :forgotten)")
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":max", n(policy.max_failures))
            .expression_attribute_values(":forgotten", time(forgotten))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(answer) => {
                Ok(Ok(answer.attributes().map(read).transpose()?.unwrap_or(Attempts { count: 1, last_at: now })))
            }
            Err(ConditionalCheckFailedException(e)) => Ok(Err(e.item().map(read).transpose()?)),
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    /// Starts a new run in the place of one that is over; false where another attempt was faster.
    async fn begin_new_run(&self, address: &AddressKey, seen: Attempts, now: Timestamp) -> Result<bool, StoreError> {
        let answer = self
            .update(address, now)
            .update_expression("SET attempts = :one, pending = :one, last_at = :now, #ttl = :ttl, #schema = :one")
            .condition_expression("attempts = :seen AND last_at = :seen_at")
            .expression_attribute_values(":seen", n(seen.count))
            .expression_attribute_values(":seen_at", time(seen.last_at))
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(e) if e.is_conditional_check_failed_exception() => Ok(false),
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    fn update(
        &self,
        address: &AddressKey,
        now: Timestamp,
    ) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
        let request = self.database.client().update_item().table_name(self.database.table(TABLE));
        request
            .key("address_key", s(address.as_str()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":ttl", ttl(now.saturating_add(FORGOTTEN_AFTER).unwrap_or(Timestamp::MAX)))
    }

    /// The password of an attempt was wrong: it is no longer being verified.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn fail(&self, address: &AddressKey) -> Result<(), StoreError> {
        let request = self.database.client().update_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("address_key", s(address.as_str()))
            .update_expression("SET pending = pending - :one")
            .condition_expression("pending >= :one")
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(()),
            // The run was cleared meanwhile, by an unlock or a redemption.
            Err(e) if e.is_conditional_check_failed_exception() => Ok(()),
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    /// Forgets the failures after a success, unless other attempts came in between or are being verified still: those
    /// stay counted, so that a success does not open the door for guesses that run beside it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn succeed(&self, address: &AddressKey, counted: Attempts) -> Result<(), StoreError> {
        let request = self.database.client().delete_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("address_key", s(address.as_str()))
            .condition_expression("attempts = :counted AND last_at = :at AND pending = :one")
            .expression_attribute_values(":counted", n(counted.count))
            .expression_attribute_values(":at", time(counted.last_at))
            .expression_attribute_values(":one", n(1))
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(e) if e.is_conditional_check_failed_exception() => self.fail(address).await,
            Err(e) => Err(StoreError::unavailable("DeleteItem", TABLE, e)),
        }
    }

    /// The attempts at an address, if any are counted.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn get(&self, address: &AddressKey) -> Result<Option<Attempts>, StoreError> {
        self.get_as(address, Freshness::Latest).await
    }

    /// The same, as fresh as the caller needs it.
    ///
    /// # Errors
    ///
    /// As of [`get`](Self::get).
    pub async fn get_as(&self, address: &AddressKey, freshness: Freshness) -> Result<Option<Attempts>, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let request = request.key("address_key", s(address.as_str())).consistent_read(freshness.is_consistent());
        let answer = request.send().await.map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        answer.item().map(read).transpose()
    }

    /// Writes a counter, for a seed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn put(&self, address: &AddressKey, attempts: Attempts) -> Result<(), StoreError> {
        let item = Item::from([
            ("address_key".to_owned(), s(address.as_str())),
            ("attempts".to_owned(), n(attempts.count)),
            ("pending".to_owned(), n(0)),
            ("last_at".to_owned(), time(attempts.last_at)),
            ("ttl".to_owned(), ttl(attempts.last_at.saturating_add(FORGOTTEN_AFTER).unwrap_or(Timestamp::MAX))),
            ("schema".to_owned(), n(1)),
        ]);
        let request = self.database.client().put_item().table_name(self.database.table(TABLE));
        request.set_item(Some(item)).send().await.map_err(|e| StoreError::unavailable("PutItem", TABLE, e))?;
        Ok(())
    }
}

impl LockoutStore {
    /// Clearing the counter of `address` as a part of a transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it can't be written down.
    pub fn clear(&self, address: &AddressKey) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(self.database.table(TABLE)).key("address_key", s(address.as_str()));
        let delete = delete.build().map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn read(item: &Item) -> Result<Attempts, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(Attempts { count: reader.number("attempts")?, last_at: reader.time("last_at")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: LockoutPolicy = LockoutPolicy { max_failures: 10, duration: SignedDuration::from_mins(15) };
    const LAST: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[test]
    fn the_lock_begins_at_the_limit_and_ends_after_its_time() {
        for (count, minutes_later, locked, over) in [
            (1, 0, false, false),
            (9, 0, false, false),
            (9, 15, false, false),
            (9, 24 * 60, false, true),
            (10, 0, true, false),
            (10, 14, true, false),
            (10, 15, false, true),
            (12, 14, true, false),
        ] {
            let attempts = Attempts { count, last_at: LAST };
            let now = LAST + SignedDuration::from_mins(minutes_later);
            assert_eq!(attempts.locked_until(POLICY, now).is_some(), locked, "{count} after {minutes_later} min");
            assert_eq!(attempts.is_over(POLICY, now), over, "{count} after {minutes_later} min");
        }
    }

    #[test]
    fn a_clock_set_back_keeps_the_lock() {
        let attempts = Attempts { count: 10, last_at: LAST };
        assert!(attempts.locked_until(POLICY, LAST - SignedDuration::from_hours(1)).is_some());
    }
}

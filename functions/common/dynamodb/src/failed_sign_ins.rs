//! The table `FailedSignIns`.

use jiff::Timestamp;

use crate::client::{
    AttributeValue, Committed, Database, Item, Reader, Returned, StoreError, Write, item, n, s, time, ttl,
};
use mailkey::account::AddressKey;
use mailkey::lockout::{Admission, FORGOTTEN_AFTER, FailedSignIns, LockoutPolicy};

const TABLE: &str = "FailedSignIns";

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
    pub async fn admit(
        &self,
        address: &AddressKey,
        policy: LockoutPolicy,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        for _ in 0..5 {
            let seen = match self.count(address, policy, now).await? {
                Returned::Written(item) => return Ok(Admission::Counted(read(&item)?)),
                Returned::ConditionFailed(seen) => seen.as_ref().map(read).transpose()?,
            };
            // A success or an unlock deleted the counter between the two: start again.
            let Some(seen) = seen else { continue };
            if let Some(until) = seen.locked_until(policy, now) {
                return Ok(Admission::Locked { until });
            }
            if seen.is_over(policy, now)
                && let Returned::Written(item) = self.begin_new_run(address, seen, now).await?
            {
                return Ok(Admission::Counted(read(&item)?));
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Counts one more attempt if the run is neither full nor over.
    async fn count(&self, address: &AddressKey, policy: LockoutPolicy, now: Timestamp) -> Result<Returned, StoreError> {
        let forgotten = now.saturating_sub(FORGOTTEN_AFTER).unwrap_or(Timestamp::MIN);
        let update = attempt(address, now)
            .set_expression("attempts = if_not_exists(attempts, :none) + :one")
            .set_expression("pending = if_not_exists(pending, :none) + :one")
            .value(":one", n(1))
            .value(":none", n(0))
            .only_if("attribute_not_exists(address_key) OR (attempts < :max AND last_at > :forgotten)")
            .value(":max", n(policy.max_failures))
            .value(":forgotten", time(forgotten));
        Ok(self.database.write_returning(update).await?)
    }

    /// Starts a new run in the place of one that is over, unless another attempt already did.
    async fn begin_new_run(
        &self,
        address: &AddressKey,
        seen: FailedSignIns,
        now: Timestamp,
    ) -> Result<Returned, StoreError> {
        let update = attempt(address, now)
            .set("attempts", n(1))
            .set("pending", n(1))
            .only_if("attempts = :seen AND last_at = :seen_at")
            .value(":seen", n(seen.count))
            .value(":seen_at", time(seen.last_at));
        Ok(self.database.write_returning(update).await?)
    }

    /// The password of an attempt was wrong: it is no longer being verified. If an unlock or a redemption cleared the
    /// run meanwhile, nothing is left to change.
    pub async fn fail(&self, address: &AddressKey) -> Result<(), StoreError> {
        let update = Write::update(TABLE, key(address))
            .set_expression("pending = pending - :one")
            .only_if("pending >= :one")
            .value(":one", n(1));
        self.database.write(update).await?;
        Ok(())
    }

    /// Forgets the failures after a success, unless other attempts came in between or are still being verified. Those
    /// stay counted, so that a success does not help guesses that run in parallel.
    pub async fn succeed(&self, address: &AddressKey, counted: FailedSignIns) -> Result<(), StoreError> {
        let delete = Write::delete(TABLE, key(address))
            .only_if("attempts = :counted AND last_at = :at AND pending = :one")
            .value(":counted", n(counted.count))
            .value(":at", time(counted.last_at))
            .value(":one", n(1));
        match self.database.write(delete).await? {
            Committed::Done => Ok(()),
            Committed::ConditionFailed(_) => self.fail(address).await,
        }
    }

    /// The attempts at an address, if any are counted.
    pub async fn get(&self, address: &AddressKey) -> Result<Option<FailedSignIns>, StoreError> {
        self.database.get(TABLE, key(address)).await?.as_ref().map(read).transpose()
    }

    /// Writes a counter, for a seed.
    pub async fn put(&self, address: &AddressKey, attempts: FailedSignIns) -> Result<(), StoreError> {
        let item = item([
            ("address_key", s(address.as_str())),
            ("attempts", n(attempts.count)),
            ("pending", n(0)),
            ("last_at", time(attempts.last_at)),
            ("ttl", ttl(attempts.last_at.saturating_add(FORGOTTEN_AFTER).unwrap_or(Timestamp::MAX))),
            ("schema", n(1)),
        ]);
        self.database.write(Write::put(TABLE, item)).await?;
        Ok(())
    }

    /// The write that clears the counter of `address`.
    pub fn clear(&self, address: &AddressKey) -> Write {
        Write::delete(TABLE, key(address))
    }
}

fn key(address: &AddressKey) -> [(&'static str, AttributeValue); 1] {
    [("address_key", s(address.as_str()))]
}

/// What every update by an attempt sets.
fn attempt(address: &AddressKey, now: Timestamp) -> Write {
    Write::update(TABLE, key(address))
        .set("last_at", time(now))
        .set("ttl", ttl(now.saturating_add(FORGOTTEN_AFTER).unwrap_or(Timestamp::MAX)))
        .set("schema", n(1))
}

fn read(item: &Item) -> Result<FailedSignIns, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(FailedSignIns { count: reader.number("attempts")?, last_at: reader.time("last_at")? })
}

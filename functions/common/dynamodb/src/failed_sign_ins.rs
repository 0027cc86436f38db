//! The table `FailedSignIns`: one counter for each address, and one for each device that is known to it.

use jiff::{SignedDuration, Timestamp};

use crate::client::{
    AttributeValue, Committed, Database, Item, Reader, Returned, StoreError, Write, item, n, s, set_of, time, ttl,
};
use mailkey::account::AddressKey;
use mailkey::entropy::Ulid;
use mailkey::lockout::{
    Admission, CountedAttempt, CounterKey, FORGOTTEN_AFTER, FailedSignIns, IN_ROW_KEPT, LockoutPolicy, MAX_IN_ROW,
};

const TABLE: &str = "FailedSignIns";

/// How long a counter without failures is kept, for attempts that end without a verdict.
const KEPT_WITHOUT_FAILURES: SignedDuration = SignedDuration::from_hours(24);

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

    /// Counts the attempt `id`, which begins now, unless the counter is locked.
    pub async fn admit(
        &self,
        counter: &CounterKey,
        id: Ulid,
        policy: LockoutPolicy,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        let counted = |attempts| Admission::Counted(CountedAttempt { counter: counter.clone(), id, attempts });
        for _ in 0..5 {
            let seen = match self.count(counter, id, policy, now).await? {
                Returned::Written(item) => return Ok(counted(read(&item)?)),
                Returned::ConditionFailed(seen) => seen.as_ref().map(read).transpose()?,
            };
            // A success or an unlock deleted the counter in between: start again.
            let Some(seen) = seen else { continue };
            let next = match seen.admit(policy, id, now) {
                Ok(next) => next,
                Err(lock) => return Ok(Admission::Locked(lock)),
            };
            if self.replace(counter, &seen, &next).await? == Committed::Done {
                return Ok(counted(next));
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Counts one more attempt if that needs no other change of the counter.
    async fn count(
        &self,
        counter: &CounterKey,
        id: Ulid,
        policy: LockoutPolicy,
        now: Timestamp,
    ) -> Result<Returned, StoreError> {
        let forgotten = now.saturating_sub(FORGOTTEN_AFTER).unwrap_or(Timestamp::MIN);
        let update = Write::update(TABLE, key(counter))
            .set_expression("attempts = if_not_exists(attempts, :none) + :one")
            .set_expression("in_row = if_not_exists(in_row, :none) + :one")
            .set_expression("#ttl = if_not_exists(#ttl, :ttl)")
            .name("#ttl", "ttl")
            .value(":one", n(1))
            .value(":none", n(0))
            .value(":ttl", ttl(now.saturating_add(KEPT_WITHOUT_FAILURES).unwrap_or(Timestamp::MAX)))
            .add("undecided", ids(&[id]))
            .set("schema", n(1))
            .only_if(
                "attribute_not_exists(address_key) OR (attempts < :max AND in_row < :max_in_row \
                 AND (attribute_not_exists(failed_at) OR failed_at > :forgotten) \
                 AND (attribute_not_exists(in_row_until) OR in_row_until > :now))",
            )
            .value(":max", n(policy.max_failures))
            .value(":max_in_row", n(MAX_IN_ROW))
            .value(":forgotten", time(forgotten))
            .value(":now", time(now));
        Ok(self.database.write_returning(update).await?)
    }

    /// Writes `next` in the place of `seen`, unless another attempt changed the counter.
    async fn replace(
        &self,
        counter: &CounterKey,
        seen: &FailedSignIns,
        next: &FailedSignIns,
    ) -> Result<Committed, StoreError> {
        let undecided =
            if seen.undecided.is_empty() { "attribute_not_exists(undecided)" } else { "undecided = :seen_ids" };
        let mut update = Write::update(TABLE, key(counter))
            .set("attempts", n(next.count))
            .set("in_row", n(next.in_row))
            .set("undecided", ids(&next.undecided))
            .only_if(format!("attempts = :seen AND in_row = :seen_in_row AND {undecided}"))
            .value(":seen", n(seen.count))
            .value(":seen_in_row", n(seen.in_row));
        if !seen.undecided.is_empty() {
            update = update.value(":seen_ids", ids(&seen.undecided));
        }
        for (attribute, at) in [("failed_at", next.failed_at), ("in_row_until", next.in_row_until)] {
            if at.is_none() {
                update = update.remove(attribute);
            }
        }
        Ok(self.database.write(update).await?)
    }

    /// The password of an attempt was wrong. Returns the counter with this failure; `None` if an unlock or a redemption
    /// cleared it meanwhile, or if the verdict came so late that the attempt no longer counts.
    pub async fn fail(&self, attempt: &CountedAttempt, now: Timestamp) -> Result<Option<FailedSignIns>, StoreError> {
        let until = now.saturating_add(IN_ROW_KEPT).unwrap_or(Timestamp::MAX);
        let update =
            decided(attempt).set("failed_at", time(now)).set("in_row_until", time(until)).set("ttl", ttl(until));
        match self.database.write_returning(update).await? {
            Returned::Written(item) => Ok(Some(read(&item)?)),
            Returned::ConditionFailed(_) => Ok(None),
        }
    }

    /// The password of an attempt from a known device was right: its failures are forgotten, unless other attempts came
    /// in between or are still being verified. Those stay counted, so a success doesn't help concurrent guesses.
    pub async fn succeed_on_known_device(&self, attempt: &CountedAttempt) -> Result<(), StoreError> {
        match self.clear_if_unchanged(attempt).await? {
            Committed::Done => Ok(()),
            Committed::ConditionFailed(_) => self.give_back(attempt).await,
        }
    }

    /// The password of an attempt from an unknown device was right: only this attempt no longer counts, so the counter
    /// doesn't reveal the success.
    pub async fn succeed_on_unknown_device(&self, attempt: &CountedAttempt) -> Result<(), StoreError> {
        if attempt.attempts.in_row == 1 && self.clear_if_unchanged(attempt).await? == Committed::Done {
            return Ok(());
        }
        self.give_back(attempt).await
    }

    /// The attempt no longer counts, and nothing else changes.
    pub async fn give_back(&self, attempt: &CountedAttempt) -> Result<(), StoreError> {
        let update =
            decided(attempt).set_expression("attempts = attempts - :one, in_row = in_row - :one").value(":one", n(1));
        self.database.write(update).await?;
        Ok(())
    }

    async fn clear_if_unchanged(&self, attempt: &CountedAttempt) -> Result<Committed, StoreError> {
        let FailedSignIns { count, in_row, .. } = attempt.attempts;
        let delete = Write::delete(TABLE, key(&attempt.counter))
            .only_if("attempts = :counted AND in_row = :in_row AND undecided = :ids")
            .value(":counted", n(count))
            .value(":in_row", n(in_row))
            .value(":ids", ids(&[attempt.id]));
        Ok(self.database.write(delete).await?)
    }

    /// The attempts at an address by unknown devices, if any are counted.
    pub async fn get(&self, address: &AddressKey) -> Result<Option<FailedSignIns>, StoreError> {
        let counter = CounterKey::unknown_devices(address);
        self.database.get(TABLE, key(&counter)).await?.as_ref().map(read).transpose()
    }

    /// Writes a counter, for a seed.
    pub async fn put(&self, address: &AddressKey, attempts: &FailedSignIns) -> Result<(), StoreError> {
        let mut item = item([
            ("address_key", s(CounterKey::unknown_devices(address).as_str())),
            ("attempts", n(attempts.count)),
            ("in_row", n(attempts.in_row)),
            ("schema", n(1)),
        ]);
        for (attribute, at) in [("failed_at", attempts.failed_at), ("in_row_until", attempts.in_row_until)] {
            item.extend(at.map(|at| (attribute.to_owned(), time(at))));
        }
        item.extend(attempts.in_row_until.map(|at| ("ttl".to_owned(), ttl(at))));
        self.database.write(Write::put(TABLE, item)).await?;
        Ok(())
    }

    /// The write that clears the counter of unknown devices at `address`.
    pub fn clear(&self, address: &AddressKey) -> Write {
        Write::delete(TABLE, key(&CounterKey::unknown_devices(address)))
    }
}

fn key(counter: &CounterKey) -> [(&'static str, AttributeValue); 1] {
    [("address_key", s(counter.as_str()))]
}

fn ids(ids: &[Ulid]) -> AttributeValue {
    set_of(ids.iter().map(Ulid::to_string))
}

/// What every verdict on an attempt changes, if the attempt still counts.
fn decided(attempt: &CountedAttempt) -> Write {
    Write::update(TABLE, key(&attempt.counter))
        .delete_from_set("undecided", ids(&[attempt.id]))
        .only_if("contains(undecided, :id)")
        .value(":id", s(attempt.id.to_string()))
}

fn read(item: &Item) -> Result<FailedSignIns, StoreError> {
    let reader = Reader::new(TABLE, item);
    let undecided = reader.set("undecided").iter().map(|id| id.parse().map_err(|_| reader.corrupt("undecided")));
    Ok(FailedSignIns {
        count: reader.number("attempts")?,
        in_row: reader.number("in_row")?,
        undecided: undecided.collect::<Result<_, _>>()?,
        failed_at: reader.optional_time("failed_at"),
        in_row_until: reader.optional_time("in_row_until"),
    })
}

//! Lockout: after too many wrong passwords, sign-in waits.
//!
//! Attempts are counted *before* a password is verified, atomically, so concurrent guesses can't exceed the limit. A
//! counter belongs to an address, whether it has an account or not, so a lock reveals nothing; a known device has a
//! counter of its own, so strangers can't lock it out. Only a redemption and a staff unlock clear an address's counter:
//! a sign-in that cleared it would reveal to a stranger that somebody signed in.

use jiff::{SignedDuration, Timestamp};

use crate::{account::AddressKey, clock::from_millis, device::DeviceId, entropy::Ulid};

/// A run of failures is forgotten after a day without another.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long an attempt counts that ends without a verdict, because a table failed or the client disconnected.
pub const UNDECIDED_FOR: SignedDuration = SignedDuration::from_secs(60);

/// How many attempts in a row may fail until a recovery (NIST SP 800-63B-4, section 3.2.2).
pub const MAX_IN_ROW: i64 = 100;

/// How long failures in a row are kept after the last one: longer than a device token is valid, so a device that used
/// up its failures stays unknown.
pub const IN_ROW_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// When sign-in locks, and for how long; from the security settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// So many attempts in a row may fail.
    pub max_failures: i64,
    /// So long nothing more is tried then.
    pub duration: SignedDuration,
}

/// What a counter belongs to: an address, or one device that is known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterKey(String);

impl CounterKey {
    /// The counter of all devices that aren't known to `address`.
    pub fn unknown_devices(address: &AddressKey) -> Self {
        Self(address.as_str().to_owned())
    }

    /// The counter of a device that is known to `address`. A domain has no `#`, so no address has this key.
    pub fn device(address: &AddressKey, device: DeviceId) -> Self {
        Self(format!("{}#{}", address.as_str(), device.as_text()))
    }

    /// Its text form, for a table.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The attempts that a counter counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedSignIns {
    /// Attempts of this run: failures, and those without a verdict.
    pub count: i64,
    /// The same across runs. Locks that end by themselves don't reset it.
    pub in_row: i64,
    /// The attempts without a verdict. Each id contains the time when it began.
    pub undecided: Vec<Ulid>,
    /// The last failure of this run.
    pub failed_at: Option<Timestamp>,
    /// When the failures in a row are forgotten.
    pub in_row_until: Option<Timestamp>,
}

/// Why a password isn't verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Sign-in is possible again at this time.
    Until(Timestamp),
    /// Too many attempts failed in a row: sign-in is possible after a recovery.
    UntilRecovery,
}

impl FailedSignIns {
    /// A counter with `count` failures, the last one at `at`.
    pub fn failed(failures: i64, at: Timestamp) -> Self {
        let in_row_until = at.saturating_add(IN_ROW_KEPT).ok();
        Self { count: failures, in_row: failures, undecided: Vec::new(), failed_at: Some(at), in_row_until }
    }

    /// The failures of this run.
    pub fn failures(&self) -> i64 {
        self.count - self.undecided()
    }

    fn undecided(&self) -> i64 {
        i64::try_from(self.undecided.len()).unwrap_or(i64::MAX)
    }

    fn failures_in_row(&self, now: Timestamp) -> i64 {
        let kept = self.in_row_until.is_none_or(|until| now < until);
        if kept { self.in_row - self.undecided() } else { 0 }
    }

    fn locked_until(&self, policy: LockoutPolicy) -> Option<Timestamp> {
        let failed_at = self.failed_at.filter(|_| self.failures() >= policy.max_failures)?;
        Some(failed_at.saturating_add(policy.duration).unwrap_or(Timestamp::MAX))
    }

    /// The lock that failures have caused, if there is one.
    pub fn lock(&self, policy: LockoutPolicy, now: Timestamp) -> Option<Lock> {
        if self.failures_in_row(now) >= MAX_IN_ROW {
            return Some(Lock::UntilRecovery);
        }
        self.locked_until(policy).filter(|until| now < *until).map(Lock::Until)
    }

    /// Whether the failure that was counted last has started a lock, so that the owner is notified once for each.
    pub fn has_just_locked(&self, policy: LockoutPolicy, now: Timestamp) -> bool {
        self.failures() == policy.max_failures || self.failures_in_row(now) == MAX_IN_ROW
    }

    /// Whether the run of failures is over, so that the next attempt is the first of a new one.
    fn is_over(&self, policy: LockoutPolicy, now: Timestamp) -> bool {
        let forgotten = self.failed_at.is_some_and(|at| now.duration_since(at) >= FORGOTTEN_AFTER);
        forgotten || self.locked_until(policy).is_some_and(|until| now >= until)
    }

    /// The counter after counting the attempt `id`, which begins now.
    ///
    /// # Errors
    ///
    /// The [`Lock`] if the attempt must not be made. Attempts without a verdict can refuse others for up to a minute;
    /// they never start the long lock.
    pub fn admit(&self, policy: LockoutPolicy, id: Ulid, now: Timestamp) -> Result<Self, Lock> {
        if let Some(lock) = self.lock(policy, now) {
            return Err(lock);
        }
        let is_over = self.is_over(policy, now);
        let failures = if is_over { 0 } else { self.failures() };
        let in_row = self.failures_in_row(now);
        let mut undecided: Vec<_> =
            self.undecided.iter().copied().filter(|id| counts_until(*id, now).is_some()).collect();
        let open = i64::try_from(undecided.len()).unwrap_or(i64::MAX);
        if failures + open >= policy.max_failures || in_row + open >= MAX_IN_ROW {
            let first = undecided.iter().filter_map(|id| counts_until(*id, now)).min();
            return Err(Lock::Until(first.unwrap_or(now)));
        }
        undecided.push(id);
        Ok(Self {
            count: failures + open + 1,
            in_row: in_row + open + 1,
            undecided,
            failed_at: self.failed_at.filter(|_| !is_over),
            in_row_until: self.in_row_until.filter(|until| now < *until),
        })
    }
}

/// Until when an attempt without a verdict counts; `None` if it doesn't any more, or if the clock was set back to before
/// it began.
fn counts_until(id: Ulid, now: Timestamp) -> Option<Timestamp> {
    let began = from_millis(i64::try_from(id.timestamp_ms()).unwrap_or(i64::MAX));
    let until = began.saturating_add(UNDECIDED_FOR).ok()?;
    (now < until && began.duration_since(now) < UNDECIDED_FOR).then_some(until)
}

/// An attempt that is counted: its password may be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedAttempt {
    /// Its counter.
    pub counter: CounterKey,
    /// Its id.
    pub id: Ulid,
    /// The counter with this attempt.
    pub attempts: FailedSignIns,
}

/// Whether a password may be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It may: this attempt is counted already.
    Counted(CountedAttempt),
    /// It may not.
    Locked(Lock),
}

#[cfg(test)]
mod tests;

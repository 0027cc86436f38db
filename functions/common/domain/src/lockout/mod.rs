//! Lockout: too many wrong passwords, and sign-in waits.
//!
//! Attempts are counted *before* a password is looked at, atomically, so that guesses in parallel can't get past the
//! limit. The counter belongs to the canonical address, known or not, so that a lock reveals nothing. Redemption clears
//! it: an attacker who keeps an account locked does not keep its owner out (OWASP ASVS 5.0, 6.1.1).

use jiff::{SignedDuration, Timestamp};

/// A run of failures is forgotten after a day without another.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

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
pub struct FailedSignIns {
    /// How many, those still being verified among them.
    pub count: i64,
    /// When the last began. Attempts while locked are not counted, so they don't prolong the lock.
    pub last_at: Timestamp,
}

impl FailedSignIns {
    /// Until when sign-in is locked, if it is.
    pub fn locked_until(self, policy: LockoutPolicy, now: Timestamp) -> Option<Timestamp> {
        let until = self.last_at.saturating_add(policy.duration).unwrap_or(Timestamp::MAX);
        (self.count >= policy.max_failures && now < until).then_some(until)
    }

    /// Whether the run of failures is over, so that the next attempt is the first of a new one.
    pub fn is_over(self, policy: LockoutPolicy, now: Timestamp) -> bool {
        let since = now.duration_since(self.last_at);
        since >= FORGOTTEN_AFTER || (self.count >= policy.max_failures && since >= policy.duration)
    }
}

/// Whether a password may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may: this attempt is counted already.
    Counted(FailedSignIns),
    /// It may not, until then.
    Locked {
        /// When sign-in opens again.
        until: Timestamp,
    },
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
            let attempts = FailedSignIns { count, last_at: LAST };
            let now = LAST + SignedDuration::from_mins(minutes_later);
            assert_eq!(attempts.locked_until(POLICY, now).is_some(), locked, "{count} after {minutes_later} min");
            assert_eq!(attempts.is_over(POLICY, now), over, "{count} after {minutes_later} min");
        }
    }

    #[test]
    fn a_clock_set_back_keeps_the_lock() {
        let attempts = FailedSignIns { count: 10, last_at: LAST };
        assert!(attempts.locked_until(POLICY, LAST - SignedDuration::from_hours(1)).is_some());
    }
}

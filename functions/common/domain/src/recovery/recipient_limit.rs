//! How many links may be mailed to an address: a counter of its own item, written conditionally, so that no race gets
//! more mail out than is allowed.

use jiff::{SignedDuration, Timestamp};

use crate::email_log::EmailId;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The longer window of the two: older emails don't matter.
pub const RECIPIENT_LIMIT_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// How many links an address may be mailed (OWASP Forgot Password cheat sheet: a limit per account against flooding).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailLimits {
    /// In any 60 minutes.
    pub per_hour: usize,
    /// In any 24 hours.
    pub per_day: usize,
}

impl EmailLimits {
    /// For somebody who called our email spam, and asks for a link all the same.
    pub const ONCE_A_DAY: Self = Self { per_hour: 1, per_day: 1 };
}

/// The links that were mailed to an address within the last day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientLimit {
    /// The emails that are counted, and when.
    pub mailed: Vec<(EmailId, Timestamp)>,
    /// Counts the writes, so that none is lost.
    pub version: i64,
}

/// The address had as many links as it may have; the next may go out at this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyEmails {
    /// When the next link may be mailed.
    pub until: Timestamp,
}

impl RecipientLimit {
    /// The recipient_limit after the email `id` is counted; or, where it may not be sent, until when. An email is counted
    /// once, however often it is tried.
    ///
    /// # Errors
    ///
    /// [`TooManyEmails`] where the limits are reached.
    pub fn acquire(&self, id: EmailId, limits: EmailLimits, now: Timestamp) -> Result<Self, TooManyEmails> {
        let age = |at: &Timestamp| now.duration_since(*at);
        let mut mailed: Vec<_> =
            self.mailed.iter().filter(|(_, at)| age(at) < RECIPIENT_LIMIT_WINDOW).copied().collect();
        if mailed.iter().any(|(counted, _)| *counted == id) {
            return Ok(Self { mailed, version: self.version + 1 });
        }
        mailed.sort_by_key(|(_, at)| *at);
        let full = |limit: usize, window: SignedDuration| {
            let within: Vec<_> = mailed.iter().filter(|(_, at)| age(at) < window).collect();
            // The oldest of the newest `limit` has to leave the window first.
            (within.len() >= limit).then(|| within.get(within.len() - limit.max(1)).map_or(now, |(_, at)| *at + window))
        };
        if let Some(until) = full(limits.per_hour, HOUR).max(full(limits.per_day, RECIPIENT_LIMIT_WINDOW)) {
            return Err(TooManyEmails { until });
        }
        mailed.push((id, now));
        Ok(Self { mailed, version: self.version + 1 })
    }
}

impl RecipientLimit {
    /// Until when no link may be mailed, if so.
    pub fn refused(&self, limits: EmailLimits, now: Timestamp) -> Option<TooManyEmails> {
        // No email has this id.
        self.acquire(EmailId(ulid::Ulid::nil()), limits, now).err()
    }

    /// The recipient_limit without the email `id`, which was counted and did not go out.
    #[must_use]
    pub fn release(&self, id: EmailId) -> Self {
        let mailed = self.mailed.iter().filter(|(counted, _)| *counted != id).copied();
        Self { mailed: mailed.collect(), version: self.version + 1 }
    }
}

/// The result of spending from a recipient limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquired {
    /// The email is counted and may go out.
    Counted,
    /// It may not.
    Refused(TooManyEmails),
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: EmailLimits = EmailLimits { per_hour: 3, per_day: 10 };

    fn at(minute: i64) -> Timestamp {
        Timestamp::new(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn id(number: u128) -> EmailId {
        EmailId(ulid::Ulid(number))
    }

    /// Asks at each of these minutes; answers which were allowed.
    fn allowed(minutes: &[i64]) -> Vec<i64> {
        let mut recipient_limit = RecipientLimit::default();
        let mut allowed = Vec::new();
        for (number, minute) in minutes.iter().enumerate() {
            if let Ok(next) = recipient_limit.acquire(id(number as u128), LIMITS, at(*minute)) {
                recipient_limit = next;
                allowed.push(*minute);
            }
        }
        allowed
    }

    #[test]
    fn three_an_hour_and_no_more_in_any_sixty_minutes() {
        assert_eq!(allowed(&[0, 1, 2, 3, 30, 59, 60, 61, 62, 63]), [0, 1, 2, 60, 61, 62]);
    }

    #[test]
    fn ten_a_day_and_no_more_in_any_day() {
        let every_half_hour: Vec<_> = (0..60).map(|i| i * 30).collect();
        let allowed = allowed(&every_half_hour);
        assert_eq!(allowed[..10], every_half_hour[..10]);
        assert_eq!(allowed[10], 24 * 60, "the eleventh waits until the first is a day old");
    }

    #[test]
    fn an_email_that_is_tried_again_counts_once() {
        let mut recipient_limit = RecipientLimit::default();
        for _ in 0..20 {
            recipient_limit = recipient_limit.acquire(id(1), LIMITS, at(0)).unwrap();
        }
        assert_eq!(recipient_limit.mailed.len(), 1);
    }

    #[test]
    fn what_is_given_back_is_not_counted() {
        let mut recipient_limit = RecipientLimit::default();
        for number in 0..3 {
            recipient_limit = recipient_limit.acquire(id(number), LIMITS, at(0)).unwrap();
        }
        let recipient_limit = recipient_limit.release(id(1));
        assert_eq!(recipient_limit.mailed.len(), 2);
        assert!(recipient_limit.acquire(id(3), LIMITS, at(1)).is_ok());
        assert_eq!(recipient_limit.release(id(9)).mailed, recipient_limit.mailed);
    }

    #[test]
    fn a_refusal_says_when_the_next_may_go_out() {
        let mut recipient_limit = RecipientLimit::default();
        for (number, minute) in [10, 20, 30].into_iter().enumerate() {
            recipient_limit = recipient_limit.acquire(id(number as u128), LIMITS, at(minute)).unwrap();
        }
        assert_eq!(recipient_limit.acquire(id(9), LIMITS, at(40)), Err(TooManyEmails { until: at(70) }));
    }
}

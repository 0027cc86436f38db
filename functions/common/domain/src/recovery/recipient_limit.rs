//! How many links may be mailed to an address: a counter of its own item, written conditionally, so that no race gets
//! more mail out than is allowed.

use jiff::{SignedDuration, Timestamp};

use crate::{
    account::{User, UserId},
    email_log::EmailId,
};

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

/// A link that was mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedLink {
    /// The email that carried it.
    pub id: EmailId,
    /// When it was mailed.
    pub at: Timestamp,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's token generation at that time.
    pub generation: i64,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl MailedLink {
    /// Whether the link can still be used by `user`.
    fn is_live(&self, user: &User, now: Timestamp) -> bool {
        now < self.expires_at && self.user_id == user.id && self.generation == user.token_generation
    }
}

/// The links that were mailed to an address within the last day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientLimit {
    /// The emails that are counted.
    pub mailed: Vec<MailedLink>,
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
    /// The limit after `link` to `user` is counted. An email counts once, no matter how often it is tried.
    ///
    /// # Errors
    ///
    /// [`TooManyEmails`] where the limits are reached.
    pub fn acquire(&self, link: MailedLink, user: &User, limits: EmailLimits) -> Result<Self, TooManyEmails> {
        let now = link.at;
        let mut mailed: Vec<_> =
            self.mailed.iter().filter(|link| age(link, now) < RECIPIENT_LIMIT_WINDOW).cloned().collect();
        if mailed.iter().any(|counted| counted.id == link.id) {
            return Ok(Self { mailed, version: self.version + 1 });
        }
        if let Some(too_many) = self.refused(user, limits, now) {
            return Err(too_many);
        }
        mailed.push(link);
        Ok(Self { mailed, version: self.version + 1 })
    }

    /// Until when no link may be mailed to `user`, if so: while a limit is reached and one of the links that are counted
    /// still works. So whoever is refused has a link already, and nobody can use up the links of somebody who needs one.
    pub fn refused(&self, user: &User, limits: EmailLimits, now: Timestamp) -> Option<TooManyEmails> {
        let mut mailed: Vec<_> = self.mailed.iter().filter(|link| age(link, now) < RECIPIENT_LIMIT_WINDOW).collect();
        mailed.sort_by_key(|link| link.at);
        let full = |limit: usize, window: SignedDuration| {
            let within: Vec<_> = mailed.iter().filter(|link| age(link, now) < window).collect();
            let last_dies = within.iter().filter(|link| link.is_live(user, now)).map(|link| link.expires_at).max()?;
            // The oldest of the newest `limit` has to leave the window first.
            let oldest = within.get(within.len().checked_sub(limit.max(1))?)?;
            Some((oldest.at + window).min(last_dies))
        };
        let until = full(limits.per_hour, HOUR).max(full(limits.per_day, RECIPIENT_LIMIT_WINDOW))?;
        Some(TooManyEmails { until })
    }

    /// The limit without the email `id`, which was counted but not sent.
    #[must_use]
    pub fn release(&self, id: EmailId) -> Self {
        let mailed = self.mailed.iter().filter(|counted| counted.id != id).cloned();
        Self { mailed: mailed.collect(), version: self.version + 1 }
    }
}

fn age(link: &MailedLink, now: Timestamp) -> SignedDuration {
    now.duration_since(link.at)
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

    use crate::{
        EmailAddress, Locale,
        account::{Role, UserStatus},
    };

    const LIMITS: EmailLimits = EmailLimits { per_hour: 3, per_day: 10 };

    fn at(minute: i64) -> Timestamp {
        Timestamp::new(1_800_000_000 + minute * 60, 0).unwrap()
    }

    fn user(generation: i64) -> User {
        User {
            id: UserId(ulid::Ulid(1)),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            external_id: None,
            display_name: "Alice".to_owned(),
            role: Role::Member,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: at(0),
            last_sign_in_at: None,
            token_generation: generation,
            session_generation: 0,
        }
    }

    /// A link mailed to `user` at this minute, which works for a day.
    fn link(number: u128, user: &User, minute: i64) -> MailedLink {
        MailedLink {
            id: EmailId(ulid::Ulid(number)),
            at: at(minute),
            user_id: user.id,
            generation: user.token_generation,
            expires_at: at(minute + 24 * 60),
        }
    }

    /// Asks at each of these minutes, and redeems a link at each minute of `redeemed`; returns which were sent.
    fn sent(minutes: &[i64], redeemed: &[i64]) -> Vec<i64> {
        let mut recipient_limit = RecipientLimit::default();
        let mut sent = Vec::new();
        for (number, minute) in minutes.iter().enumerate() {
            let generation = redeemed.iter().filter(|at| *at <= minute).count();
            let user = user(i64::try_from(generation).unwrap());
            if let Ok(next) = recipient_limit.acquire(link(number as u128, &user, *minute), &user, LIMITS) {
                recipient_limit = next;
                sent.push(*minute);
            }
        }
        sent
    }

    #[test]
    fn three_an_hour_and_no_more_in_any_sixty_minutes() {
        assert_eq!(sent(&[0, 1, 2, 3, 30, 59, 60, 61, 62, 63], &[]), [0, 1, 2, 60, 61, 62]);
    }

    #[test]
    fn ten_a_day_and_no_more_in_any_day() {
        let every_half_hour: Vec<_> = (0..60).map(|i| i * 30).collect();
        let sent = sent(&every_half_hour, &[]);
        assert_eq!(sent[..10], every_half_hour[..10]);
        assert_eq!(sent[10], 24 * 60, "the eleventh waits until the first is a day old");
    }

    /// Whoever asks for links in somebody's name can't use up the links that the owner needs after a redemption.
    #[test]
    fn after_a_redemption_the_next_link_is_sent_at_once_and_only_that_one() {
        assert_eq!(sent(&[0, 1, 2, 3, 11, 12, 21, 22], &[10, 20]), [0, 1, 2, 11, 21]);
        let every_twenty_minutes: Vec<_> = (0..72).map(|i| i * 20).collect();
        let day_limit = sent(&every_twenty_minutes, &[24 * 60 - 60]);
        assert_eq!(day_limit[10..], [24 * 60 - 60]);
    }

    #[test]
    fn only_a_link_that_still_works_for_this_user_refuses_another() {
        let alice = user(0);
        let mut recipient_limit = RecipientLimit::default();
        for number in 0..3 {
            recipient_limit = recipient_limit.acquire(link(number, &alice, 0), &alice, LIMITS).unwrap();
        }
        let refused = |user: &User, minute| recipient_limit.refused(user, LIMITS, at(minute)).is_some();
        assert!(refused(&alice, 1));
        assert!(!refused(&user(1), 1), "a redemption or a deactivation cancelled them");
        assert!(
            !refused(&User { id: UserId(ulid::Ulid(2)), ..alice.clone() }, 1),
            "the address belongs to somebody else"
        );
        for link in &mut recipient_limit.mailed {
            link.expires_at = at(5);
        }
        assert_eq!(recipient_limit.refused(&alice, LIMITS, at(4)), Some(TooManyEmails { until: at(5) }));
        assert_eq!(recipient_limit.refused(&alice, LIMITS, at(5)), None, "they expired");
    }

    #[test]
    fn an_email_that_is_tried_again_counts_once() {
        let (mut recipient_limit, alice) = (RecipientLimit::default(), user(0));
        for _ in 0..20 {
            recipient_limit = recipient_limit.acquire(link(1, &alice, 0), &alice, LIMITS).unwrap();
        }
        assert_eq!(recipient_limit.mailed.len(), 1);
    }

    #[test]
    fn what_is_given_back_is_not_counted() {
        let (mut recipient_limit, alice) = (RecipientLimit::default(), user(0));
        for number in 0..3 {
            recipient_limit = recipient_limit.acquire(link(number, &alice, 0), &alice, LIMITS).unwrap();
        }
        let recipient_limit = recipient_limit.release(EmailId(ulid::Ulid(1)));
        assert_eq!(recipient_limit.mailed.len(), 2);
        assert!(recipient_limit.acquire(link(3, &alice, 1), &alice, LIMITS).is_ok());
        assert_eq!(recipient_limit.release(EmailId(ulid::Ulid(9))).mailed, recipient_limit.mailed);
    }

    #[test]
    fn a_refusal_says_when_the_next_may_go_out() {
        let (mut recipient_limit, alice) = (RecipientLimit::default(), user(0));
        for (number, minute) in [10, 20, 30].into_iter().enumerate() {
            recipient_limit = recipient_limit.acquire(link(number as u128, &alice, minute), &alice, LIMITS).unwrap();
        }
        assert_eq!(recipient_limit.acquire(link(9, &alice, 40), &alice, LIMITS), Err(TooManyEmails { until: at(70) }));
    }
}

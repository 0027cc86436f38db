//! Sessions: opaque to whoever holds one, stored as a digest, ended by sign-out, redemption and deactivation.

use jiff::{SignedDuration, Timestamp};

use crate::{
    account::{User, UserId, UserStatus},
    secret::{Secret, SecretDigest},
};

/// How long a session lasts at most: a working day (NIST SP 800-63B-4 section 2.1.3 recommends at most 30 days for the
/// lowest level, 24 hours for the next).
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// The secret that a signed-in client holds.
pub type SessionToken = Secret;

/// What is stored of a [`SessionToken`].
pub type SessionDigest = SecretDigest;

/// A session as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The key.
    pub digest: SessionDigest,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's session generation when it began: a redemption bumps the user's, and all sessions end at once.
    pub generation: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// From this moment on it has ended.
    pub expires_at: Timestamp,
}

impl Session {
    /// A session of `user` that begins now.
    pub fn begin(token: &SessionToken, user: &User, now: Timestamp) -> Self {
        Self {
            digest: token.digest(),
            user_id: user.id,
            generation: user.session_generation,
            created_at: now,
            expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
        }
    }

    /// Whether it still holds for `user`, as the user's record stands at this very request.
    pub fn holds(&self, user: &User, now: Timestamp) -> bool {
        self.user_id == user.id
            && self.generation == user.session_generation
            && now < self.expires_at
            && user.status == UserStatus::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, Locale, OsEntropy, account::Role};

    #[test]
    fn a_session_holds_for_its_user_its_generation_and_its_time_only() {
        let now = Timestamp::new(1_800_000_000, 0).unwrap();
        let user = User {
            id: UserId(ulid::Ulid(1)),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            display_name: "Alice".to_owned(),
            role: Role::Member,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: now,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 4,
            external_id: None,
        };
        let session = Session::begin(&Secret::generate(&OsEntropy).unwrap(), &user, now);
        let later = now + LIFETIME;
        assert!(session.holds(&user, now));
        assert!(session.holds(&user, later - SignedDuration::from_millis(1)));
        assert!(!session.holds(&user, later), "expired");
        assert!(!session.holds(&User { session_generation: 5, ..user.clone() }, now), "revoked");
        assert!(!session.holds(&User { status: UserStatus::Inactive, ..user.clone() }, now), "deactivated");
        assert!(!session.holds(&User { id: UserId(ulid::Ulid(2)), ..user }, now), "another user's");
    }
}

//! May this token be spent? A pure decision.

use jiff::Timestamp;

use super::{IssuedToken, Purpose};
use crate::account::{User, UserStatus};

/// The one answer for a token that is unknown, expired, spent, superseded, for another purpose, or of a user who may
/// not use it. Why is not told apart: it would tell a stranger what the account's state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid token")]
pub struct InvalidToken;

/// A redemption that may go ahead, with what must still hold when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// The token to be spent.
    pub token: IssuedToken,
    /// Its user, as read.
    pub user: User,
}

/// Decides whether `token` may be spent by `user` at `now`.
///
/// Expiry is by the clock: the table's TTL deletes days late.
///
/// # Errors
///
/// [`InvalidToken`] where it may not.
pub fn check(token: Option<IssuedToken>, user: Option<User>, now: Timestamp) -> Result<Redemption, InvalidToken> {
    let (token, user) = token.zip(user).ok_or(InvalidToken)?;
    let status_wanted = match token.purpose {
        Purpose::PasswordReset => UserStatus::Active,
        Purpose::Activation => UserStatus::Pending,
    };
    // What was spent is of a former generation.
    let valid = now < token.expires_at
        && token.user_id == user.id
        && token.generation == user.token_generation
        && token.address == *user.email.key()
        && user.status == status_wanted;
    if valid { Ok(Redemption { token, user }) } else { Err(InvalidToken) }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{
        EmailAddress, Locale, OsEntropy,
        account::{Role, UserId},
        email_log::EmailId,
        entropy::new_ulid,
        secret::Secret,
    };

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn user(status: UserStatus) -> User {
        User {
            id: UserId(ulid::Ulid::from_parts(1, 1)),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            display_name: "Alice".to_owned(),
            role: Role::Member,
            status,
            locale: Locale::En,
            created_at: NOW,
            last_sign_in_at: None,
            token_generation: 3,
            session_generation: 0,
            external_id: None,
        }
    }

    fn token(purpose: Purpose, user: &User) -> IssuedToken {
        let secret = Secret::generate(&OsEntropy).unwrap();
        let email_id = EmailId(new_ulid(NOW, &OsEntropy).unwrap());
        IssuedToken::issue(&secret, purpose, user, email_id, SignedDuration::from_hours(24), NOW)
    }

    #[test]
    fn a_token_is_valid_for_its_purpose_its_user_and_its_time_only() {
        use Purpose::{Activation, PasswordReset};
        use UserStatus::{Active, Inactive, Pending};
        let at = |seconds: i64| NOW + SignedDuration::from_secs(seconds);
        let day = 24 * 3600;
        type Change = fn(&mut IssuedToken, &mut User);
        let same: Change = |_, _| {};
        for (what, purpose, status, now, change, valid) in [
            ("fresh", PasswordReset, Active, at(0), same, true),
            ("in its last second", PasswordReset, Active, at(day - 1), same, true),
            ("at the moment it expires", PasswordReset, Active, at(day), same, false),
            ("47 hours later, still in the table", PasswordReset, Active, at(2 * day - 3600), same, false),
            ("an activation of a pending user", Activation, Pending, at(0), same, true),
            ("an activation of an active user", Activation, Active, at(0), same, false),
            ("a reset of a pending user", PasswordReset, Pending, at(0), same, false),
            ("a reset of a disabled user", PasswordReset, Inactive, at(0), same, false),
            ("an activation of a disabled user", Activation, Inactive, at(0), same, false),
            (
                "spent, or superseded by another redemption",
                PasswordReset,
                Active,
                at(1),
                |_, u| u.token_generation += 1,
                false,
            ),
            (
                "sent to a former address",
                PasswordReset,
                Active,
                at(1),
                |_, u| u.email = EmailAddress::parse("a@example.com").unwrap(),
                false,
            ),
            (
                "the same address spelled otherwise",
                PasswordReset,
                Active,
                at(1),
                |_, u| u.email = EmailAddress::parse("ALICE@example.com").unwrap(),
                true,
            ),
            (
                "of another user",
                PasswordReset,
                Active,
                at(1),
                |t, _| t.user_id = UserId(ulid::Ulid::from_parts(2, 2)),
                false,
            ),
        ] {
            let mut user = user(status);
            let mut token = token(purpose, &user);
            change(&mut token, &mut user);
            assert_eq!(check(Some(token), Some(user), now).is_ok(), valid, "{what}");
        }
    }

    #[test]
    fn without_token_or_user_there_is_nothing_to_spend() {
        let user = user(UserStatus::Active);
        assert_eq!(check(None, Some(user.clone()), NOW), Err(InvalidToken));
        assert_eq!(check(Some(token(Purpose::PasswordReset, &user)), None, NOW), Err(InvalidToken));
    }
}

//! Reset tokens and activation tokens: the secrets in links, issued, spent once, and otherwise an "Invalid Token".

mod redemption;

use jiff::{SignedDuration, Timestamp};

use crate::{
    account::{AddressKey, User, UserId},
    email_log::EmailId,
    secret::{Secret, SecretDigest},
    text_form::text_form,
};
pub use redemption::{InvalidToken, Redemption, check};

/// The secret in a link to reset a password or to activate an account.
pub type LinkToken = Secret;

/// What is stored of a [`LinkToken`].
pub type TokenDigest = SecretDigest;

/// What a token is for. A token of one purpose is invalid for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Sets a new password for an active user.
    PasswordReset,
    /// Sets the first password for a pending user, who becomes active.
    Activation,
}

text_form!(Purpose { PasswordReset = "password_reset", Activation = "activation" });

impl Purpose {
    /// The page of the support site that a link of this purpose opens.
    pub fn page(self) -> &'static str {
        match self {
            Self::PasswordReset => "/reset-password/",
            Self::Activation => "/activate/",
        }
    }

    /// The link: its host comes from configuration, never from a request; the token stands in the fragment, which
    /// browsers keep to themselves (OWASP ASVS 5.0, 14.2.1).
    pub fn link(self, site_url: &str, token: &LinkToken) -> String {
        format!("{site_url}{}#token={}", self.page(), token.reveal())
    }
}

/// A token that was issued, as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The key.
    pub digest: TokenDigest,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub user_id: UserId,
    /// The address it was mailed to: it dies when the user's address changes.
    pub address: AddressKey,
    /// The user's token generation when it was issued: it dies when it, or another link, is redeemed.
    pub generation: i64,
    /// The email that carried it.
    pub email_id: EmailId,
    /// From this moment on it is invalid.
    pub expires_at: Timestamp,
}

impl IssuedToken {
    /// The record of a token issued now for `user`, to go out with the email `email_id`.
    pub fn issue(
        token: &LinkToken,
        purpose: Purpose,
        user: &User,
        email_id: EmailId,
        lifetime: SignedDuration,
        now: Timestamp,
    ) -> Self {
        Self {
            digest: token.digest(),
            purpose,
            user_id: user.id,
            address: user.email.key().clone(),
            generation: user.token_generation,
            email_id,
            expires_at: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
        }
    }
}

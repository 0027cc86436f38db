//! User records.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde_json::{Value, json};
use ulid::Ulid;

use super::EmailAddress;
use crate::{Locale, clock::rfc3339, second_factor::SecondFactors, text_form::text_form};

/// Names a user, for ever; addresses change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserId(pub Ulid);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for UserId {
    type Err = ulid::DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// Created, and not yet activated by the link in the activation mail: has no password.
    Pending,
    /// May sign in.
    Active,
    /// Disabled by an administrator: may not sign in, and gets no mail.
    Inactive,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Uses the portal.
    Member,
    /// Helps members.
    Support,
    /// May do everything.
    Admin,
}

text_form!(UserStatus { Pending = "pending", Active = "active", Inactive = "inactive" });
text_form!(Role { Member = "member", Support = "support", Admin = "admin" });

/// A user record, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Names the user.
    pub id: UserId,
    /// Where mail goes.
    pub email: EmailAddress,
    /// How the user is addressed; untrusted text.
    pub display_name: String,
    /// What the user may do.
    pub role: Role,
    /// Where the user stands.
    pub status: UserStatus,
    /// The language that email to them is in.
    pub locale: Locale,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the user last signed in.
    pub last_sign_in_at: Option<Timestamp>,
    /// Links issued under another number are dead.
    pub token_generation: i64,
    /// Sessions begun under another number have ended.
    pub session_generation: i64,
    /// The portal's own id of the user, so that both systems find the same person.
    pub external_id: Option<String>,
}

impl User {
    /// The user as the API shows it.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id.to_string(),
            "email": self.email.as_typed(),
            "display_name": self.display_name,
            "role": self.role.as_str(),
            "status": self.status.as_str(),
            "locale": self.locale.as_str(),
            "created_at": rfc3339(self.created_at),
        });
        if let Some(at) = self.last_sign_in_at {
            json["last_sign_in_at"] = rfc3339(at).into();
        }
        if let Some(external_id) = &self.external_id {
            json["external_id"] = external_id.as_str().into();
        }
        json
    }
}

/// A password's hash in PHC string form. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string as it was stored.
    pub fn from_phc(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A user with the hash of the password, where one was set.
#[derive(Debug, Clone)]
pub struct WithCredentials {
    /// The user.
    pub user: User,
    /// The hash.
    pub password_hash: Option<PasswordHash>,
    /// The second factors.
    pub second_factors: SecondFactors,
}

/// A user to be created.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The record.
    pub user: User,
    /// The hash of a password, where the user comes with one.
    pub password_hash: Option<PasswordHash>,
}

/// The result of writing a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written, with everything that goes with it.
    Done,
    /// Another user has the address.
    AddressTaken,
    /// Someone else changed the record since it was read.
    Conflict,
}

/// The first administrator, as far as there is one.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// Who was made.
    pub id: UserId,
    /// The record, unless it is gone.
    pub user: Option<User>,
}

//! User records.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use ulid::Ulid;

use super::EmailAddress;
use crate::{
    Locale,
    json::{Rfc3339, ulid_form},
    second_factor::SecondFactors,
    text_form::text_form,
};

/// Names a user, for ever; addresses change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserId(pub Ulid);

ulid_form!(UserId);

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

/// A user, without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The address that email is sent to, as it was typed.
    #[schemars(with = "String")]
    pub email: EmailAddress,
    /// The user's name. Untrusted: escape it where you show it.
    pub display_name: String,
    /// What the user may do.
    pub role: Role,
    /// Its status.
    pub status: UserStatus,
    /// The language of emails to the user.
    pub locale: Locale,
    /// When it was created.
    #[serde(with = "Rfc3339")]
    pub created_at: Timestamp,
    /// When the user last signed in.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<Timestamp>,
    /// Links issued under another number are dead.
    #[serde(skip)]
    pub token_generation: i64,
    /// Sessions begun under another number have ended.
    #[serde(skip)]
    pub session_generation: i64,
    /// The portal's own id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
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

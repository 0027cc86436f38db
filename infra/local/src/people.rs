//! The first users: one for each situation in the guide, or those of a file.

use std::{collections::HashSet, fs, path::Path};

use jiff::Timestamp;
use mailkey::{
    EmailAddress, Entropy, Locale,
    account::{
        NewUser, Role, User, UserId, UserStatus, Written,
        password::{Password, PasswordRules},
    },
    entropy::new_ulid,
    lockout::FailedSignIns,
    settings::SecuritySettings,
    suppression::{Cause, SuppressionReason, SuppressionRecord},
};
use mailkey_api::password::{self, Memory};
use mailkey_dynamodb::{Database, StoreError};
use serde::Deserialize;

/// The default seed.
const DEFAULT: &str = include_str!("../seed.json");

/// A user in a seed file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    email: String,
    display_name: String,
    #[serde(default = "member")]
    role: String,
    status: String,
    #[serde(default = "english")]
    locale: String,
    /// Pending users have no password.
    password: Option<String>,
    /// Creates the user with a lockout that has just begun.
    #[serde(default)]
    locked: bool,
    /// The reply of the recipient's server when an email bounced; creates a suppression.
    suppressed: Option<String>,
}

impl Person {
    /// Whether the person has a role above member.
    pub(crate) fn is_staff(&self) -> bool {
        self.role != member()
    }
}

fn member() -> String {
    Role::Member.as_str().to_owned()
}

fn english() -> String {
    Locale::En.as_str().to_owned()
}

/// The first users can't be created.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The seed file can't be read.
    #[error("can't read the seed file {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The seed isn't a JSON list of users.
    #[error("the seed isn't a JSON list of users: {0}")]
    NoList(#[from] serde_json::Error),
    /// A user can't be created.
    #[error("user {0} of the seed: {1}")]
    Invalid(usize, String),
    /// Writing to the tables failed.
    #[error("can't write the users: {}", .0.chain())]
    Store(#[from] StoreError),
    /// Hashing a password failed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
}

impl Person {
    /// An active administrator.
    pub fn administrator(email: &str, password: &str) -> Self {
        Self {
            email: email.to_owned(),
            display_name: "Administrator".to_owned(),
            role: Role::Admin.as_str().to_owned(),
            status: UserStatus::Active.as_str().to_owned(),
            locale: english(),
            password: Some(password.to_owned()),
            locked: false,
            suppressed: None,
        }
    }
}

/// Reads the users of a seed file, or the default seed.
pub fn read(file: Option<&Path>) -> Result<Vec<Person>, SeedError> {
    let text = match file {
        Some(file) => fs::read_to_string(file).map_err(|e| SeedError::Unreadable(file.display().to_string(), e))?,
        None => DEFAULT.to_owned(),
    };
    Ok(serde_json::from_str(&text)?)
}

/// A user of the seed, checked.
struct Checked<'a> {
    user: User,
    person: &'a Person,
}

/// Checks the administrator and every other user, then creates them. Nothing is written if one of them isn't valid.
pub async fn settle(
    administrator: &Person,
    people: &[Person],
    portal_name: &str,
    database: &Database,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), SeedError> {
    let mut addresses = HashSet::new();
    let mut checked = Vec::new();
    for (number, person) in std::iter::once(administrator).chain(people).enumerate() {
        let id = UserId(new_ulid(now, entropy).map_err(StoreError::from)?);
        let user = check(person, portal_name, id, now).map_err(|reason| SeedError::Invalid(number, reason))?;
        if !addresses.insert(user.email.key().clone()) {
            return Err(SeedError::Invalid(number, format!("{} is there twice", person.email)));
        }
        checked.push(Checked { user, person });
    }
    for Checked { user, person } in checked {
        create(user, person, database, entropy, now).await?;
    }
    Ok(())
}

/// The user, or why they can't be created.
fn check(person: &Person, portal_name: &str, id: UserId, now: Timestamp) -> Result<User, String> {
    let user = User {
        id,
        email: EmailAddress::parse(&person.email).map_err(|e| format!("\"{}\": {e}", person.email))?,
        display_name: person.display_name.clone(),
        role: person.role.parse().map_err(|_| "the role must be member, support or admin")?,
        status: person.status.parse().map_err(|_| "the status must be pending, active or inactive")?,
        locale: person.locale.parse().map_err(|_| "the locale must be a language tag such as en or de-AT")?,
        created_at: now,
        last_sign_in_at: None,
        token_generation: 0,
        session_generation: 0,
        external_id: None,
    };
    if person.display_name.trim().is_empty() {
        return Err("the display name is empty".to_owned());
    }
    match (&person.password, user.status) {
        (None, UserStatus::Active) => Err("an active user needs a password".to_owned()),
        (Some(_), UserStatus::Pending) => Err("a pending user can't have a password".to_owned()),
        (None, UserStatus::Pending | UserStatus::Inactive) => Ok(user),
        (Some(password), UserStatus::Active | UserStatus::Inactive) => {
            refuse_weak(password, &user.email, portal_name).map(|()| user)
        }
    }
}

/// Rejects a password that the service would reject, with the first reason.
pub fn refuse_weak(password: &str, email: &EmailAddress, portal_name: &str) -> Result<(), String> {
    let min_length = SecuritySettings::default().min_password_length();
    let weaknesses = PasswordRules { min_length, email, portal_name }.weaknesses(&Password::new(password));
    weaknesses.first().map_or(Ok(()), |weakness| Err(weakness.detail()))
}

async fn create(
    user: User,
    person: &Person,
    database: &Database,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), SeedError> {
    let hash = |password: &str| password::hash(&Password::new(password), entropy, &mut Memory::default());
    let new = NewUser { user, password_hash: person.password.as_deref().map(hash).transpose()? };
    if database.users().create(&new, Vec::new()).await? != Written::Done {
        return Ok(());
    }
    let address = new.user.email.key();
    if person.locked {
        let policy = database.settings().get().await?.lockout();
        let attempts = FailedSignIns::failed(policy.max_failures, now);
        database.lockouts().put(address, &attempts).await?;
    }
    if let Some(detail) = &person.suppressed {
        let cause = Cause { detail: Some(detail.clone()), ..Cause::new(SuppressionReason::HardBounce, now) };
        let suppress = |record: &mut SuppressionRecord| record.suppress(cause.clone());
        database.suppressions().change(address, suppress).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_of_a_seed_is_created_or_rejected_with_a_reason() {
        let strong = "violet canoe under nine bridges";
        for (email, status, role, locale, password, reason) in [
            ("dana@example.com", "active", "member", "en", Some(strong), ""),
            ("dana@example.com", "pending", "admin", "de-AT", None, ""),
            ("dana@example.com", "inactive", "support", "fr", None, ""),
            ("dana", "pending", "member", "en", None, "\"dana\": an email address has a name, an @ and a domain"),
            ("dana@example.com", "gone", "member", "en", None, "the status must be pending, active or inactive"),
            ("dana@example.com", "pending", "root", "en", None, "the role must be member, support or admin"),
            (
                "dana@example.com",
                "pending",
                "member",
                "de_AT",
                None,
                "the locale must be a language tag such as en or de-AT",
            ),
            ("dana@example.com", "active", "member", "en", None, "an active user needs a password"),
            ("dana@example.com", "pending", "member", "en", Some(strong), "a pending user can't have a password"),
            ("dana@example.com", "active", "member", "en", Some(""), "The password must have at least 15 characters."),
            (
                "dana@example.com",
                "inactive",
                "member",
                "en",
                Some("correct horse battery staple"),
                "This password is on a list of common passwords that are tried first.",
            ),
        ] {
            let person = Person {
                email: email.to_owned(),
                status: status.to_owned(),
                role: role.to_owned(),
                locale: locale.to_owned(),
                password: password.map(ToOwned::to_owned),
                ..Person::administrator(email, strong)
            };
            let id = UserId(mailkey::entropy::Ulid(1));
            let outcome = check(&person, "Example Portal", id, Timestamp::UNIX_EPOCH).err().unwrap_or_default();
            assert_eq!(outcome, reason);
        }
    }
}

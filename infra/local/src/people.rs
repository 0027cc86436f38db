//! The people to begin with: one user for each situation that the guide names, or those of a file.

use std::{fs, path::Path};

use jiff::Timestamp;
use mailkey::{
    Database, EmailAddress, Entropy, Locale, StoreError,
    account::{NewUser, Role, User, UserId, UserStatus, Written, password::Password},
    entropy::new_ulid,
    lockout::Attempts,
    suppression::{Cause, SuppressionReason, SuppressionRecord},
};
use mailkey_api::password::{self, Memory};
use serde::Deserialize;

/// The people of the default seed.
const DEFAULT: &str = include_str!("../seed.json");

/// A person of a seed.
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
    /// The password; a pending user has none.
    password: Option<String>,
    /// Whether there were too many wrong passwords just now.
    #[serde(default)]
    locked: bool,
    /// What the receiving host said when a mail bounced.
    suppressed: Option<String>,
}

fn member() -> String {
    Role::Member.as_str().to_owned()
}

fn english() -> String {
    Locale::En.as_str().to_owned()
}

/// A seed that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file can't be read.
    #[error("the seed {0} can't be read: {1}")]
    Unreadable(String, std::io::Error),
    /// It is no list of people.
    #[error("the seed is no list of users: {0}")]
    NoList(#[from] serde_json::Error),
    /// A person is not as people are.
    #[error("the user {0} of the seed has no valid {1}")]
    Invalid(usize, &'static str),
    /// The tables failed.
    #[error("the users could not be written: {}", .0.chain())]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
}

impl Person {
    /// An administrator.
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

/// The people of a file, or of the default seed.
///
/// # Errors
///
/// [`SeedError`] where the file can't be read or holds something else.
pub fn read(file: Option<&Path>) -> Result<Vec<Person>, SeedError> {
    let text = match file {
        Some(file) => fs::read_to_string(file).map_err(|e| SeedError::Unreadable(file.display().to_string(), e))?,
        None => DEFAULT.to_owned(),
    };
    Ok(serde_json::from_str(&text)?)
}

/// Writes people into the tables; who is there already stays as they are.
///
/// # Errors
///
/// [`SeedError`] where a person is not valid or a table fails.
pub async fn settle(
    people: &[Person],
    database: &Database,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<(), SeedError> {
    let users = database.users();
    for (number, person) in people.iter().enumerate() {
        let new = new_user(person, entropy, now).map_err(|error| match error {
            SeedError::Invalid(_, what) => SeedError::Invalid(number + 1, what),
            other => other,
        })?;
        if users.create(&new, Vec::new()).await? != Written::Done {
            continue;
        }
        let address = new.user.email.key();
        if person.locked {
            let policy = database.settings().get().await?.lockout();
            let attempts = Attempts { count: policy.max_failures, last_at: now };
            database.lockouts().put(address, attempts).await?;
        }
        if let Some(detail) = &person.suppressed {
            let cause = Cause { detail: Some(detail.clone()), ..Cause::new(SuppressionReason::HardBounce, now) };
            let suppress = |record: &mut SuppressionRecord| record.suppress(cause.clone());
            database.suppressions().change(address, suppress).await?;
        }
    }
    Ok(())
}

fn new_user(person: &Person, entropy: &dyn Entropy, now: Timestamp) -> Result<NewUser, SeedError> {
    let invalid = |what| SeedError::Invalid(0, what);
    let user = User {
        id: UserId(new_ulid(now, entropy).map_err(StoreError::from)?),
        email: EmailAddress::parse(&person.email).map_err(|_| invalid("email"))?,
        display_name: person.display_name.clone(),
        role: person.role.parse().map_err(|_| invalid("role"))?,
        status: person.status.parse().map_err(|_| invalid("status"))?,
        locale: person.locale.parse().map_err(|_| invalid("locale"))?,
        created_at: now,
        last_sign_in_at: None,
        token_generation: 0,
        session_generation: 0,
    };
    let hash = |password: &str| password::hash(&Password::new(password), entropy, &mut Memory::default());
    let hashed = person.password.as_deref().map(hash);
    Ok(NewUser { user, password_hash: hashed.transpose()? })
}

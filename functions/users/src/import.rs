//! `POST /api/admin/users/import`: users from another system, with their password hashes.

use jiff::Timestamp;
use mailkey::{
    EmailAddress, Locale,
    access::{NotAllowed, may_with_key},
    account::{NewUser, Role, User, UserId, UserStatus, Written, imported_hash},
    audit::{Action, AuditDetail, Target},
    entropy::new_ulid,
    locale::UnknownLocale,
};
use mailkey_api::{http::Caller, problem::Problem};
use mailkey_dynamodb::{StoreError, client::Committed};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Users, display_name, external_id, malformed, with_warnings};

/// How many users one request can import.
pub(crate) const MAX_USERS: usize = 25;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportRequest {
    pub(crate) users: Vec<ImportedUser>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedUser {
    email: String,
    display_name: String,
    role: Option<String>,
    locale: Option<String>,
    status: Option<String>,
    password_hash: Option<String>,
    external_id: Option<String>,
}

/// The result for one imported user.
enum Fate {
    Created(UserId),
    Exists(Option<UserId>),
    Refused(String),
}

/// The reason if other changes kept getting in the way.
const BUSY: &str = "someone else was making changes at the same time; try again";

impl Users {
    /// Imports each user separately. A rejected user gets a reason, and an existing user stays as they are, so that an
    /// import can be repeated. No emails are sent.
    pub(crate) async fn import(&self, caller: &Caller, users: Vec<ImportedUser>) -> Result<Value, Problem> {
        if users.is_empty() || users.len() > MAX_USERS {
            return Err(malformed("Import 1 to 25 users per request.").with_pointer("/users"));
        }
        if caller.is_api_key()
            && let Some(role) =
                users.iter().find_map(|user| user.role.as_deref()?.parse().ok().filter(|role| *role > Role::Member))
            && let Err(not_allowed) = may_with_key(role)
        {
            let target = Target::Route("POST /api/admin/users/import".to_owned());
            return Err(self.app.attempt(caller, Action::CreateUser, &target)?.refuse(not_allowed.into()).await);
        }
        let mut results = Vec::new();
        for user in users {
            let email = user.email.clone();
            let (address, fate) = match self.parse(user, self.app.now())? {
                Ok(new) => (Some(new.user.email.clone()), self.take(caller, new).await?),
                Err(reason) => (None, Fate::Refused(reason)),
            };
            results.push(match fate {
                Fate::Created(id) => {
                    let created = json!({ "email": email, "outcome": "created", "user_id": id.to_string() });
                    address.map_or(created.clone(), |address| with_warnings(created, &address))
                }
                Fate::Exists(Some(id)) => json!({ "email": email, "outcome": "exists", "user_id": id.to_string() }),
                Fate::Exists(None) => json!({ "email": email, "outcome": "exists" }),
                Fate::Refused(reason) => json!({ "email": email, "outcome": "refused", "reason": reason }),
            });
        }
        Ok(json!({ "results": results }))
    }

    async fn take(&self, caller: &Caller, new: NewUser) -> Result<Fate, Problem> {
        if new.user.role > caller.role {
            return Ok(Fate::Refused(NotAllowed::HigherRole.to_string()));
        }
        if !self.app.directory.has(&new.user) {
            return Ok(Fate::Refused("only staff have accounts here; the role must be support or admin".to_owned()));
        }
        // Before the user exists, so that sign-in never answers faster than this hash takes.
        if let Some(hash) = &new.password_hash
            && self.app.db.settings().note_import(imported_hash::work_ms(hash)).await? != Committed::Done
        {
            return Ok(Fate::Refused(BUSY.to_owned()));
        }
        let target = Target::User(new.user.id);
        let attempt = self.app.attempt(caller, Action::CreateUser, &target)?;
        let detail = AuditDetail::note(format!("imported, role {}, {}", new.user.role, new.user.status));
        let mut also = vec![attempt.done(detail)];
        if new.user.role == Role::Admin {
            also.extend(self.tell_of_administrator(caller, &new.user, Some(&new.user)).await?);
        }
        match self.app.db.users().create(&new, also).await? {
            Written::Done => Ok(Fate::Created(new.user.id)),
            Written::AddressTaken => {
                let existing = self.app.db.users().find(new.user.email.key()).await?;
                Ok(Fate::Exists(existing.map(|user| user.id)))
            }
            Written::Conflict => Ok(Fate::Refused(BUSY.to_owned())),
        }
    }

    /// The user, or why the input isn't valid.
    fn parse(&self, user: ImportedUser, now: Timestamp) -> Result<Result<NewUser, String>, Problem> {
        let id = UserId(new_ulid(now, &*self.app.entropy).map_err(StoreError::from)?);
        Ok(parse(user, id, now))
    }
}

fn parse(user: ImportedUser, id: UserId, now: Timestamp) -> Result<NewUser, String> {
    let because = |problem: Problem| problem.detail().to_owned();
    let hash = user.password_hash.as_deref().map(imported_hash::parse).transpose().map_err(|e| e.to_string())?;
    let status = match (user.status.as_deref(), &hash) {
        (None | Some("active"), Some(_)) => UserStatus::Active,
        (None | Some("pending"), None) => UserStatus::Pending,
        (Some("inactive"), _) => UserStatus::Inactive,
        (Some("active"), None) => return Err("an active user needs a password hash; leave the status out".to_owned()),
        (Some("pending"), Some(_)) => return Err("a pending user can’t have a password hash".to_owned()),
        (Some(_), _) => return Err("the status must be pending, active or inactive".to_owned()),
    };
    let user = User {
        id,
        email: EmailAddress::parse(&user.email).map_err(|e| e.to_string())?,
        display_name: display_name(&user.display_name).map_err(because)?,
        role: user
            .role
            .as_deref()
            .unwrap_or("member")
            .parse::<Role>()
            .map_err(|_| "the role must be member, support or admin")?,
        status,
        locale: user.locale.as_deref().map_or(Ok(Locale::default()), locale)?,
        created_at: now,
        last_sign_in_at: None,
        token_generation: 0,
        session_generation: 0,
        external_id: user.external_id.as_deref().map(external_id).transpose().map_err(because)?,
    };
    Ok(NewUser { user, password_hash: hash })
}

/// Accepts `de-AT`, `de_AT` and `de_AT.UTF-8`. An unsupported language or none isn't a reason to reject a user: they get
/// the default language.
fn locale(tag: &str) -> Result<Locale, String> {
    // POSIX: language_territory.codeset@modifier.
    let tag = tag.trim().split(['.', '@']).next().unwrap_or_default().replace('_', "-");
    if matches!(tag.as_str(), "" | "C" | "POSIX") {
        return Ok(Locale::default());
    }
    match tag.parse() {
        Ok(locale) => Ok(locale),
        Err(UnknownLocale::NoWords) => Ok(Locale::default()),
        Err(UnknownLocale::NoTag) => Err("the locale must be a language tag such as en or de-AT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: Option<&str>, hash: Option<&str>, email: &str, role: Option<&str>) -> String {
        let user = ImportedUser {
            email: email.to_owned(),
            display_name: "Alice".to_owned(),
            role: role.map(ToOwned::to_owned),
            locale: None,
            status: status.map(ToOwned::to_owned),
            password_hash: hash.map(ToOwned::to_owned),
            external_id: None,
        };
        match parse(user, UserId(mailkey::entropy::Ulid(1)), Timestamp::UNIX_EPOCH) {
            Ok(new) => new.user.status.to_string(),
            Err(reason) => reason,
        }
    }

    #[test]
    fn each_user_is_imported_or_rejected_with_a_reason() {
        let hash = format!("$2b$12${}", "a".repeat(53));
        let (hash, good) = (Some(hash.as_str()), "alice@example.com");
        for (status, hash, email, role, expected) in [
            (None, hash, good, None, "active"),
            (None, None, good, None, "pending"),
            (Some("inactive"), hash, good, None, "inactive"),
            (Some("inactive"), None, good, None, "inactive"),
            (Some("active"), hash, good, Some("support"), "active"),
            (Some("active"), None, good, None, "an active user needs a password hash; leave the status out"),
            (Some("pending"), hash, good, None, "a pending user can’t have a password hash"),
            (Some("gone"), hash, good, None, "the status must be pending, active or inactive"),
            (None, None, "alice", None, "an email address has a name, an @ and a domain"),
            (None, None, good, Some("root"), "the role must be member, support or admin"),
            (
                None,
                Some("md5"),
                good,
                None,
                "this kind of hash can't be verified; leave it out and send this person a reset link",
            ),
        ] {
            assert_eq!(outcome(status, hash, email, role), expected);
        }
    }

    #[test]
    fn a_locale_is_read_in_the_forms_that_other_systems_write() {
        for (tag, expected) in [
            ("de_AT", Ok(Locale::De)),
            ("de-AT", Ok(Locale::De)),
            ("en_US.UTF-8", Ok(Locale::En)),
            ("fr_FR.ISO-8859-15@euro", Ok(Locale::Fr)),
            ("", Ok(Locale::En)),
            (" ", Ok(Locale::En)),
            ("C", Ok(Locale::En)),
            ("pt_BR", Ok(Locale::En)),
            ("12", Err("the locale must be a language tag such as en or de-AT".to_owned())),
            ("de/AT", Err("the locale must be a language tag such as en or de-AT".to_owned())),
        ] {
            assert_eq!(locale(tag), expected, "{tag:?}");
        }
    }
}

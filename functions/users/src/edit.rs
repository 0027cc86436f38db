//! Creating and editing users.

use mailkey::{
    EmailAddress, Locale,
    access::{NotAllowed, Permission, may_with_key},
    account::{NewUser, Role, User, UserId, UserStatus, Written},
    audit::{Action, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    entropy::new_ulid,
    recovery::{EmailRequest, SecurityEvent},
};
use mailkey_api::{
    http::Caller,
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::{StoreError, client::Write};

use crate::Users;

/// The values of a new user.
pub(crate) struct Profile {
    pub(crate) email: EmailAddress,
    pub(crate) display_name: String,
    pub(crate) role: Role,
    pub(crate) locale: Locale,
    pub(crate) external_id: Option<String>,
}

/// The fields to change; `None` leaves a field as it is.
pub(crate) struct Changes {
    pub(crate) email: Option<EmailAddress>,
    pub(crate) display_name: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) status: Option<UserStatus>,
    pub(crate) locale: Option<Locale>,
}

impl Users {
    /// Creates a pending user. The activation email is queued in the same transaction.
    pub(crate) async fn create(&self, caller: &Caller, profile: Profile) -> Result<User, Problem> {
        let now = self.app.now();
        let user = User {
            id: UserId(new_ulid(now, &*self.app.entropy).map_err(StoreError::from)?),
            email: profile.email,
            display_name: profile.display_name,
            role: profile.role,
            status: UserStatus::Pending,
            locale: profile.locale,
            created_at: now,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
            external_id: profile.external_id,
        };
        if user.role > Role::Member {
            caller.stepped_up(now)?;
        }
        let attempt = self.app.attempt(caller, Action::CreateUser, &Target::User(user.id))?;
        if caller.is_api_key()
            && let Err(not_allowed) = may_with_key(user.role)
        {
            return Err(attempt.refuse(not_allowed.into()).await);
        }
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let mail = EmailRequest::unique(email_id, EmailKind::Activation, Trigger::Admin, user.email.clone(), now)
            .caused_by(caller.request_id.clone());
        let detail = AuditDetail { email_id: Some(email_id), ..AuditDetail::note(format!("role {}", user.role)) };
        let mut also = vec![self.app.db.email_requests().write(&mail), attempt.done(detail)];
        if user.role == Role::Admin {
            also.extend(self.tell_of_administrator(caller, &user, None).await?);
        }
        match self.app.db.users().create(&NewUser { user: user.clone(), password_hash: None }, also).await? {
            Written::Done => Ok(user),
            Written::AddressTaken => Err(attempt.refuse(Problem::new(ProblemType::EmailTaken)).await),
            Written::Conflict => Err(attempt.refuse(Problem::new(ProblemType::StaleVersion)).await),
        }
    }

    /// Edits a user. Changing the address cancels all links and notifies the old address. Deactivating the user ends
    /// every session and cancels every link. A changed role applies from the next request.
    pub(crate) async fn edit(&self, caller: &Caller, before: &User, changes: Changes) -> Result<User, Problem> {
        let now = self.app.now();
        if changes.role.is_some_and(|role| role != before.role)
            || changes.email.as_ref().is_some_and(|email| *email != before.email)
        {
            caller.stepped_up(now)?;
        }
        let attempt = self.app.attempt(caller, Action::EditUser, &Target::User(before.id))?;
        if let Err(not_allowed) = may_edit(caller, before, &changes) {
            return Err(attempt.refuse(not_allowed.into()).await);
        }
        let (after, changed) = apply(before, changes, self.app.db.users().has_password(before.id).await?);
        if changed.is_empty() {
            return Ok(after);
        }
        let detail = AuditDetail { note: Some(told(before, &after, &changed)), ..AuditDetail::changed(changed) };
        let mut also = vec![attempt.done(detail)];
        if after.email.key() != before.email.key() {
            let email_id = EmailId::new(now, &*self.app.entropy)?;
            let kind = EmailKind::AddressChanged;
            let notice = EmailRequest::unique(email_id, kind, Trigger::System, before.email.clone(), now)
                .about(before.id)
                .caused_by(caller.request_id.clone());
            also.push(self.app.db.email_requests().write(&notice));
        }
        if after.role == Role::Admin && before.role != Role::Admin {
            also.extend(self.tell_of_administrator(caller, &after, Some(before)).await?);
        }
        if loses_keys(before, &after) {
            let keys = self.app.db.api_keys().alive_of(before.id, now).await?;
            also.extend(keys.iter().map(|key| self.app.db.api_keys().revoke(key, now)));
        }
        match self.app.db.users().replace(before, &after, also).await? {
            Written::Done => Ok(after),
            Written::AddressTaken => Err(attempt.refuse(Problem::new(ProblemType::EmailTaken)).await),
            Written::Conflict => Err(attempt.refuse(Problem::new(ProblemType::StaleVersion)).await),
        }
    }

    /// The emails that tell the administrators, and the person if their account is active already, of a new
    /// administrator.
    pub(crate) async fn tell_of_administrator(
        &self,
        caller: &Caller,
        user: &User,
        before: Option<&User>,
    ) -> Result<Vec<Write>, StoreError> {
        let names = [user.display_name.clone()];
        let concerned = before.filter(|before| before.status == UserStatus::Active);
        self.app.tell_administrators(caller, SecurityEvent::AdministratorAdded, &names, concerned).await
    }
}

/// Whether the API keys that the user created are revoked: keys that only stop working would work again if somebody
/// activated or promoted the user later.
fn loses_keys(before: &User, after: &User) -> bool {
    let may_have_keys = |user: &User| user.role == Role::Admin && user.status != UserStatus::Inactive;
    may_have_keys(before) && !may_have_keys(after)
}

fn may_edit(caller: &Caller, target: &User, changes: &Changes) -> Result<(), NotAllowed> {
    let mut permissions = vec![Permission::Edit];
    permissions.extend(changes.role.filter(|role| *role != target.role).map(Permission::ChangeRole));
    permissions.extend(changes.status.filter(|status| *status != target.status).map(|_| Permission::ChangeStatus));
    if let Some(role) = changes.role.filter(|_| caller.is_api_key()) {
        may_with_key(role)?;
    }
    permissions.into_iter().try_for_each(|permission| caller.may(permission, target))
}

/// The changes with the values before and after, for the audit log, which has no name and no whole address in it.
fn told(before: &User, after: &User, changed: &[&str]) -> String {
    let told = |field: &&str| match *field {
        "email" => format!("email: {} -> {}", before.email.masked(), after.email.masked()),
        "role" => format!("role: {} -> {}", before.role, after.role),
        "status" => format!("status: {} -> {}", before.status, after.status),
        "locale" => format!("locale: {} -> {}", before.locale.as_str(), after.locale.as_str()),
        other => other.to_owned(),
    };
    changed.iter().map(told).collect::<Vec<_>>().join(", ")
}

/// The changed user, and the names of the changed fields.
fn apply(before: &User, changes: Changes, has_password: bool) -> (User, Vec<&'static str>) {
    let mut after = before.clone();
    let mut changed = Vec::new();
    if let Some(email) = changes.email.filter(|email| *email != before.email) {
        changed.push("email");
        if email.key() != before.email.key() {
            after.token_generation += 1;
        }
        after.email = email;
    }
    if let Some(name) = changes.display_name.filter(|name| *name != before.display_name) {
        changed.push("display_name");
        after.display_name = name;
    }
    if let Some(role) = changes.role.filter(|role| *role != before.role) {
        changed.push("role");
        after.role = role;
    }
    if let Some(locale) = changes.locale.filter(|locale| *locale != before.locale) {
        changed.push("locale");
        after.locale = locale;
    }
    // A user without a password is activated by a link, not by an administrator.
    let status = changes.status.map(|status| match status {
        UserStatus::Active if !has_password && before.status == UserStatus::Inactive => UserStatus::Pending,
        // Someone who has to choose a new password stays what they are.
        UserStatus::Active if !has_password => before.status,
        status => status,
    });
    if let Some(status) = status.filter(|status| *status != before.status) {
        changed.push("status");
        after.status = status;
        if status == UserStatus::Inactive {
            after.token_generation += 1;
            after.session_generation += 1;
        }
    }
    (after, changed)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn user() -> User {
        User {
            id: UserId(mailkey::entropy::Ulid(1)),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            display_name: "Alice".to_owned(),
            role: Role::Member,
            status: UserStatus::Active,
            locale: Locale::En,
            created_at: Timestamp::UNIX_EPOCH,
            last_sign_in_at: None,
            token_generation: 3,
            session_generation: 5,
            external_id: None,
        }
    }

    const NOTHING: Changes = Changes { email: None, display_name: None, role: None, status: None, locale: None };

    #[test]
    fn each_change_has_its_consequences() {
        let email = |text: &str| Some(EmailAddress::parse(text).unwrap());
        for (what, before, changes, has_password, changed, tokens, sessions) in [
            ("nothing", user(), NOTHING, true, vec![], 3, 5),
            (
                "the same name",
                user(),
                Changes { display_name: Some("Alice".to_owned()), ..NOTHING },
                true,
                vec![],
                3,
                5,
            ),
            (
                "a name",
                user(),
                Changes { display_name: Some("Al".to_owned()), ..NOTHING },
                true,
                vec!["display_name"],
                3,
                5,
            ),
            ("an address", user(), Changes { email: email("al@example.com"), ..NOTHING }, true, vec!["email"], 4, 5),
            ("a spelling", user(), Changes { email: email("Alice@example.com"), ..NOTHING }, true, vec!["email"], 3, 5),
            ("a language", user(), Changes { locale: Some(Locale::De), ..NOTHING }, true, vec!["locale"], 3, 5),
            ("a role", user(), Changes { role: Some(Role::Support), ..NOTHING }, true, vec!["role"], 3, 5),
            ("disabled", user(), Changes { status: Some(UserStatus::Inactive), ..NOTHING }, true, vec!["status"], 4, 6),
            (
                "enabled",
                User { status: UserStatus::Inactive, ..user() },
                Changes { status: Some(UserStatus::Active), ..NOTHING },
                true,
                vec!["status"],
                3,
                5,
            ),
        ] {
            let (after, names) = apply(&before, changes, has_password);
            assert_eq!(
                (names, after.token_generation, after.session_generation),
                (changed, tokens, sessions),
                "{what}"
            );
        }
    }

    #[test]
    fn the_audit_log_gets_values_before_and_after_without_names_and_whole_addresses() {
        let changes = Changes {
            email: EmailAddress::parse("bob@example.org").ok(),
            display_name: Some("Bob".to_owned()),
            role: Some(Role::Support),
            status: Some(UserStatus::Inactive),
            locale: Some(Locale::De),
        };
        let (after, changed) = apply(&user(), changes, true);
        assert_eq!(
            told(&user(), &after, &changed),
            "email: a***@example.com -> b***@example.org, display_name, role: member -> support, locale: en -> de, \
             status: active -> inactive"
        );
    }

    #[test]
    fn someone_who_has_to_choose_a_new_password_stays_active() {
        let (after, changed) = apply(&user(), Changes { status: Some(UserStatus::Active), ..NOTHING }, false);
        assert_eq!((after.status, changed.len()), (UserStatus::Active, 0));
    }

    #[test]
    fn reactivating_a_user_without_a_password_makes_them_pending() {
        let before = User { status: UserStatus::Inactive, ..user() };
        let (after, _) = apply(&before, Changes { status: Some(UserStatus::Active), ..NOTHING }, false);
        assert_eq!(after.status, UserStatus::Pending);
    }
}

//! Creates a deployment's first administrator, whom no one could create through the API.
//!
//! The event comes from direct invocation of the function, never through the API. It creates one user, once. Until that
//! user sets a password, sending it again resends the email, to a different address if the first one was mistyped.

use mailkey::{
    EmailAddress,
    account::{FirstAdmin, NewUser, Role, User, UserId, UserStatus, Written},
    audit::{Action, Actor, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    entropy::new_ulid,
    locale::Locale,
    recovery::EmailRequest,
};
use mailkey_api::AuditedAction;
use mailkey_dynamodb::{StoreError, client::Write};
use serde_json::{Value, json};

use crate::Users;

/// Why the first administrator wasn't created.
#[derive(Debug, thiserror::Error)]
pub enum FirstAdminRefused {
    /// The event doesn't have the expected form.
    #[error("the event must be {{\"first_admin\": {{\"email\": \"...\"}}}}: {0}")]
    Malformed(String),
    /// The first administrator exists and has set a password.
    #[error("this deployment already has its first administrator; sign in to create more")]
    ThereIsOne,
    /// The address belongs to another user.
    #[error("another user has this address")]
    AddressTaken,
    /// Somebody else does the same at this moment.
    #[error("somebody else does the same at this moment; try again")]
    Conflict,
    /// A table failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
}

impl Users {
    /// Creates the first administrator, or resends the activation email: `{"first_admin": {"email": "..."}}`.
    ///
    /// # Errors
    ///
    /// [`FirstAdminRefused`] says why there is none.
    pub(crate) async fn first_admin(&self, event: &Value) -> Result<Value, FirstAdminRefused> {
        let address = event["first_admin"]["email"].as_str().unwrap_or_default();
        let address = EmailAddress::parse(address).map_err(|e| FirstAdminRefused::Malformed(e.to_string()))?;
        let (user, written) = match self.app.db.users().first_admin().await? {
            None => self.make(address).await?,
            Some(FirstAdmin { user: Some(before), .. }) if before.status == UserStatus::Pending => {
                self.make_again(&before, address).await?
            }
            Some(_) => return Err(FirstAdminRefused::ThereIsOne),
        };
        match written {
            Written::Done => Ok(json!({ "user_id": user.id.to_string(), "email": user.email.as_typed() })),
            Written::AddressTaken => Err(FirstAdminRefused::AddressTaken),
            Written::Conflict => Err(FirstAdminRefused::Conflict),
        }
    }

    async fn make(&self, email: EmailAddress) -> Result<(User, Written), StoreError> {
        let now = self.app.now();
        let user = User {
            id: UserId(new_ulid(now, &*self.app.entropy)?),
            email,
            display_name: "Administrator".to_owned(),
            role: Role::Admin,
            status: UserStatus::Pending,
            locale: Locale::default(),
            created_at: now,
            last_sign_in_at: None,
            token_generation: 0,
            session_generation: 0,
            external_id: None,
        };
        let mut also = vec![self.app.db.users().mark_first_admin(user.id)];
        also.extend(self.mail_and_audit(&user, Action::CreateUser, Vec::new())?);
        let written = self.app.db.users().create(&NewUser { user: user.clone(), password_hash: None }, also).await?;
        Ok((user, written))
    }

    /// Sends the pending administrator a new link and cancels earlier ones, which may have gone to a mistyped address.
    async fn make_again(&self, before: &User, email: EmailAddress) -> Result<(User, Written), StoreError> {
        let after = User { email, token_generation: before.token_generation + 1, ..before.clone() };
        let changed = if after.email == before.email { Vec::new() } else { vec!["email".to_owned()] };
        let also = self.mail_and_audit(&after, Action::EditUser, changed)?;
        let written = self.app.db.users().replace(before, &after, also).await?;
        Ok((after, written))
    }

    /// Nobody is signed in: in the audit log the administrator stands as their own maker.
    fn mail_and_audit(&self, user: &User, action: Action, changed: Vec<String>) -> Result<Vec<Write>, StoreError> {
        let now = self.app.now();
        let email_id = EmailId::new(now, &*self.app.entropy).map_err(StoreError::from)?;
        let mail = EmailRequest::unique(email_id, EmailKind::Activation, Trigger::Admin, user.email.clone(), now);
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip: None, request_id: None };
        let attempt = AuditedAction::new(&self.app, actor, action, &Target::User(user.id))?;
        let detail = AuditDetail { changed, email_id: Some(email_id), ..AuditDetail::note("first administrator") };
        Ok(vec![self.app.db.email_requests().write(&mail), attempt.done(detail)])
    }
}

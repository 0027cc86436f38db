//! What an operator asks of this function by invoking it directly, never through the API.

use mailkey::{
    EmailAddress,
    account::{EmailAddressError, User},
    audit::{Action, Actor, AuditDetail, Target},
    email_log::EmailId,
    recovery::{EmailRequest, SecurityEvent},
};
use mailkey_api::AuditedAction;
use mailkey_dynamodb::{StoreError, client::Committed};
use serde_json::{Value, json};

use crate::{FirstAdminRefused, Users};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The first administrator wasn't created.
    #[error(transparent)]
    FirstAdmin(#[from] FirstAdminRefused),
    /// The second factor wasn't removed.
    #[error(transparent)]
    SecondFactor(#[from] RemovalRefused),
    /// The event asks for something else.
    #[error("the event must contain either \"first_admin\" or \"remove_second_factor\", and nothing else")]
    Unknown,
    /// Something about the person that isn't used: believing that it is would mislead.
    #[error("the only field of \"{0}\" is \"email\"")]
    UnknownField(&'static str),
}

/// Why the second factor wasn't removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovalRefused {
    /// The event doesn't have the expected form.
    #[error("the event must be {{\"remove_second_factor\": {{\"email\": \"...\"}}}}: {0}")]
    Malformed(#[from] EmailAddressError),
    /// The address belongs to nobody.
    #[error("no user has this address")]
    NoSuchUser,
    /// There is nothing to remove.
    #[error("this user has no second factor")]
    NoSecondFactor,
    /// A table failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
}

impl Users {
    /// Does what an operator asks for: `{"first_admin": ...}` or `{"remove_second_factor": ...}`.
    ///
    /// # Errors
    ///
    /// [`OperatorError`] says why nothing was done.
    pub async fn operate(&self, event: &Value) -> Result<Value, OperatorError> {
        if event.as_object().is_none_or(|event| event.len() != 1) {
            return Err(OperatorError::Unknown);
        }
        for task in ["first_admin", "remove_second_factor"] {
            let fields = event.get(task).and_then(Value::as_object);
            if fields.is_some_and(|fields| fields.keys().any(|name| name != "email")) {
                return Err(OperatorError::UnknownField(task));
            }
        }
        match (event.get("first_admin"), event.get("remove_second_factor")) {
            (Some(_), _) => Ok(self.first_admin(event).await?),
            (None, Some(person)) => Ok(self.remove_lost_second_factor(person).await?),
            (None, None) => Err(OperatorError::Unknown),
        }
    }

    /// Removes the second factor of someone whom no other administrator can help, ends their sessions, and tells them.
    /// The password and the role stay.
    async fn remove_lost_second_factor(&self, person: &Value) -> Result<Value, RemovalRefused> {
        let address = EmailAddress::parse(person["email"].as_str().unwrap_or_default())?;
        let users = self.app.db.users();
        let user = users.find(address.key()).await?.ok_or(RemovalRefused::NoSuchUser)?;
        let now = self.app.now();
        let email_id = EmailId::new(now, &*self.app.entropy).map_err(StoreError::from)?;
        let notice = EmailRequest::security_notice(email_id, SecurityEvent::SecondFactorRemoved, &user, now);
        let writes = vec![users.remove_second_factor(user.id), self.app.db.email_requests().write(&notice)];
        let attempt = self.by_operator(&user)?;
        let detail =
            AuditDetail { email_id: Some(email_id), ..AuditDetail::note("by an operator who invoked the function") };
        match attempt.try_to_carry_out(writes, detail).await? {
            Committed::Done => Ok(json!({ "user_id": user.id.to_string(), "email": user.email.as_typed() })),
            Committed::ConditionFailed(_) => Err(RemovalRefused::NoSecondFactor),
        }
    }

    /// Nobody is signed in, so the entry names the user as the actor, and its detail says that an operator did it. AWS
    /// CloudTrail records the caller only if a trail logs Lambda's data events.
    fn by_operator(&self, user: &User) -> Result<AuditedAction, StoreError> {
        let actor = Actor { user_id: user.id, role: user.role, api_key: None, ip: None, request_id: None };
        AuditedAction::new(&self.app, actor, Action::RemoveSecondFactor, &Target::User(user.id))
    }
}

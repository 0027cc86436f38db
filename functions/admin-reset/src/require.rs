//! `POST /api/admin/users/{id}/require-new-password`: the user has to choose a new password.

use std::sync::Arc;

use axum::extract::State;
use mailkey::{
    access::Permission,
    account::{Role, User, UserId},
    audit::{Action, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    recovery::EmailRequest,
};
use mailkey_api::{
    EmailQueued,
    http::{Caller, NoBody, PathId, SupportCaller},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::client::Committed;

use crate::AdminReset;

pub(crate) async fn require_new_password(
    State(function): State<Arc<AdminReset>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<UserId>,
    NoBody: NoBody,
) -> Result<EmailQueued, Problem> {
    let user = function.app.db.users().get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
    function.require_new_password(&caller, &user).await
}

impl AdminReset {
    /// The old password, every session, every link and the API keys that the user created stop working immediately, and
    /// a link is sent. Nothing is done if the link would not be sent, because the user could not get in again.
    async fn require_new_password(&self, caller: &Caller, user: &User) -> Result<EmailQueued, Problem> {
        let now = self.app.now();
        let attempt = self.app.attempt(caller, Action::RequireNewPassword, &Target::User(user.id))?;
        let objection = match caller.may(Permission::RequireNewPassword, user) {
            Err(not_allowed) => Some(not_allowed.into()),
            Ok(()) => self.app.objection(user, EmailKind::PasswordReset, now).await?,
        };
        if let Some(problem) = objection {
            return Err(attempt.refuse(problem).await);
        }
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let link = EmailRequest::unique(email_id, EmailKind::PasswordReset, Trigger::Admin, user.email.clone(), now)
            .caused_by(caller.request_id.clone());
        let mut writes = vec![self.app.db.users().remove_password(user), self.app.db.email_requests().write(&link)];
        if user.role > Role::Member {
            let keys = self.app.db.api_keys().alive_of(user.id, now).await?;
            writes.extend(keys.iter().map(|key| self.app.db.api_keys().revoke(key, now)));
        }
        match attempt.try_to_carry_out(writes, AuditDetail::email(email_id)).await? {
            Committed::Done => Ok(EmailQueued { email_id }),
            Committed::ConditionFailed(_) => Err(Problem::new(ProblemType::StaleVersion)),
        }
    }
}

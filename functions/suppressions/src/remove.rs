//! Removes a suppression: first at SES, in every spelling that SES has, then here. After a failure in between, the same
//! call can be repeated, and no suppression is removed here that SES still has.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use mailkey::{
    EmailAddress,
    access::Permission,
    account::{User, UserStatus},
    audit::{Action, AuditDetail},
    email_log::{EmailId, EmailKind, Trigger},
    recovery::EmailRequest,
};
use mailkey_api::{
    AuditedAction, EmailQueued,
    http::{AdminCaller, Caller, NoBody, PathId},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::client::{Committed, Write};

use crate::{Suppressions, TRIES};

pub(crate) async fn remove(
    State(function): State<Arc<Suppressions>>,
    AdminCaller(caller): AdminCaller,
    PathId(address): PathId<EmailAddress>,
    NoBody: NoBody,
) -> Result<StatusCode, Problem> {
    let attempt = function.attempt(&caller, Action::RemoveSuppression, &address)?;
    function.remove(&caller, &attempt, &address, Vec::new(), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn remove_and_resend(
    State(function): State<Arc<Suppressions>>,
    AdminCaller(caller): AdminCaller,
    PathId(address): PathId<EmailAddress>,
    NoBody: NoBody,
) -> Result<EmailQueued, Problem> {
    let attempt = function.attempt(&caller, Action::RemoveAndResend, &address)?;
    let user = function.app.db.users().find(address.key()).await?;
    let user = match objection(&caller, user) {
        Ok(user) => user,
        Err(objection) => return Err(attempt.refuse(objection).await),
    };
    let now = function.app.now();
    let email_id = EmailId::new(now, &*function.app.entropy)?;
    let kind = match user.status {
        UserStatus::Pending => EmailKind::Activation,
        UserStatus::Active | UserStatus::Inactive => EmailKind::PasswordReset,
    };
    let request = EmailRequest::unique(email_id, kind, Trigger::Admin, user.email.clone(), now)
        .caused_by(caller.request_id.clone());
    let also = vec![function.app.db.email_requests().write(&request)];
    function.remove(&caller, &attempt, &user.email, also, Some(email_id)).await?;
    Ok(EmailQueued { email_id })
}

impl Suppressions {
    /// Removes the suppression of an address at SES and here, with `also` in the same transaction. Responds with
    /// `not-found` if the address isn't suppressed and there is nothing to send.
    async fn remove(
        &self,
        caller: &Caller,
        attempt: &AuditedAction,
        address: &EmailAddress,
        also: Vec<Write>,
        sends: Option<EmailId>,
    ) -> Result<(), Problem> {
        let at_ses = self.ses_list.remove(address, &[]).await?.len();
        match self.remove_here(caller, attempt, address, also, sends, at_ses).await {
            // What was done at SES can't be undone, so the audit log has it although the request fails.
            Err(problem) if at_ses > 0 => {
                let detail = AuditDetail::note(format!("{}, {at_ses} removed at SES, none here", address.masked()));
                attempt.note_done(detail).await?;
                Err(problem)
            }
            outcome => outcome,
        }
    }

    /// Removes the suppression of an address here, after `at_ses` of it were removed at SES.
    async fn remove_here(
        &self,
        caller: &Caller,
        attempt: &AuditedAction,
        address: &EmailAddress,
        also: Vec<Write>,
        sends: Option<EmailId>,
        at_ses: usize,
    ) -> Result<(), Problem> {
        for _ in 0..TRIES {
            let now = self.app.now();
            let mut record = self.record(address).await?;
            if record.active(now).is_empty() && at_ses == 0 && sends.is_none() {
                return Err(Problem::new(ProblemType::NotFound).with_detail("This address isn’t suppressed."));
            }
            let was = record.active(now).first().map_or("not suppressed here".to_owned(), |it| it.reason.to_string());
            record.remove(now, Some(caller.user.id));
            let writes = [vec![self.app.db.suppressions().write(&record)], also.clone()].concat();
            let note = AuditDetail::note(format!("{}, {was}, {at_ses} at SES", address.masked()));
            if attempt.try_to_carry_out(writes, AuditDetail { email_id: sends, ..note }).await? == Committed::Done {
                tracing::info!(
                    recipient = address.masked(),
                    metric = "SuppressionsRemoved",
                    "a suppression is removed"
                );
                return Ok(());
            }
        }
        Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
    }
}

/// Why no link can be sent to the user, apart from the suppression that is about to be removed.
fn objection(caller: &Caller, user: Option<User>) -> Result<User, Problem> {
    let user = user.ok_or(Problem::new(ProblemType::NotFound).with_detail("No user has this address."))?;
    caller.may(Permission::SendLink, &user)?;
    if user.status == UserStatus::Inactive {
        return Err(Problem::new(ProblemType::UserInactive));
    }
    Ok(user)
}

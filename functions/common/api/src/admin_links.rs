//! Sending a link because an administrator asks for it: through the same mailer as any other, but with an answer at
//! once where it would not be sent.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use mailkey::{
    access::Permission,
    account::{User, UserStatus},
    audit::{Action, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    json::EXAMPLE_ID,
    recovery::EmailRequest,
    suppression::Cause,
};

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    App,
    http::{Caller, JsonBody},
    problem::{Problem, ProblemType},
};

/// An email that was queued. The email log shows its status.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmailQueued {
    /// The id of the email in the email log.
    pub email_id: EmailId,
}

impl EmailQueued {
    /// An example.
    pub const EXAMPLE: Self = Self { email_id: EmailId(EXAMPLE_ID) };
}

impl IntoResponse for EmailQueued {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, JsonBody(self)).into_response()
    }
}

impl App {
    /// Sends a link of `kind` to `user` and answers the email log entry that tells what becomes of it. The caller
    /// neither chooses nor sees the secret (OWASP ASVS 5.0, 6.4.6).
    ///
    /// # Errors
    ///
    /// `admin-required` and `not-allowed` by role; `user-inactive`, `already-active` and `address-suppressed` where the
    /// mail would not be sent; `service-unavailable`.
    pub async fn send_link(
        &self,
        caller: &Caller,
        user: &User,
        kind: EmailKind,
        action: Action,
        target: &Target,
    ) -> Result<EmailQueued, Problem> {
        let now = self.now();
        let attempt = self.attempt(caller, action, target)?;
        let objection = match caller.may(Permission::SendLink, user) {
            Err(not_allowed) => Some(not_allowed.into()),
            Ok(()) => self.objection(user, kind, now).await?,
        };
        if let Some(problem) = objection {
            return Err(attempt.refuse(problem).await);
        }
        let email_id = EmailId::new(now, &*self.entropy)?;
        let request = EmailRequest::unique(email_id, kind, Trigger::Admin, user.email.clone(), now)
            .caused_by(caller.request_id.clone());
        attempt.carry_out(vec![self.db.email_requests().write(&request)], AuditDetail::email(email_id)).await?;
        Ok(EmailQueued { email_id })
    }

    /// Why a link of `kind` would not be sent to `user`, said before it is asked for.
    pub async fn objection(&self, user: &User, kind: EmailKind, now: Timestamp) -> Result<Option<Problem>, Problem> {
        if user.status == UserStatus::Inactive {
            return Ok(Some(Problem::new(ProblemType::UserInactive)));
        }
        if kind == EmailKind::Activation && user.status == UserStatus::Active {
            return Ok(Some(Problem::new(ProblemType::AlreadyActive)));
        }
        let suppression = self.db.suppressions().get(user.email.key()).await?;
        if let Some(cause) = suppression.as_ref().and_then(|record| record.holding_back(Trigger::Admin, now)) {
            return Ok(Some(Problem::new(ProblemType::AddressSuppressed).with_detail(suppressed_because(cause))));
        }
        Ok(None)
    }
}

fn suppressed_because(cause: &Cause) -> String {
    let why = cause.reason.in_plain_words();
    format!("Emails to this address are suppressed: {why}. Correct the address, or have the suppression removed first.")
}

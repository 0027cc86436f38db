//! `POST /api/admin/users/{id}/unlock`.

mod api;

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use mailkey::{
    access::Permission,
    account::{User, UserId},
    audit::{Action, AuditDetail, Target},
    email_log::{EmailId, EmailKind, Trigger},
    recovery::EmailRequest,
};
use mailkey_api::{
    App,
    http::{Caller, NoBody, PathId, SupportCaller},
    problem::{Problem, ProblemType},
};

pub use api::operations;

/// The dependencies of this function.
pub struct Unlock {
    /// The tables, the clock and the random source.
    pub app: App,
}

impl AsRef<App> for Unlock {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Unlock>) -> Router {
    Router::new().route("/api/admin/users/{id}/unlock", post(unlock)).with_state(function)
}

async fn unlock(
    State(function): State<Arc<Unlock>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<UserId>,
    NoBody: NoBody,
) -> Result<StatusCode, Problem> {
    let user = function.app.db.users().get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
    function.unlock(&caller, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Unlock {
    /// Clears the failed sign-ins, writes the audit entry, and notifies the owner if there was a lock, all in one
    /// transaction.
    async fn unlock(&self, caller: &Caller, user: &User) -> Result<(), Problem> {
        let now = self.app.now();
        let target = Target::User(user.id);
        let attempt = self.app.attempt(caller, Action::Unlock, &target)?;
        if let Err(not_allowed) = caller.may(Permission::Unlock, user) {
            return Err(attempt.refuse(not_allowed.into()).await);
        }
        let policy = self.app.db.settings().get().await?.lockout();
        let attempts = self.app.db.lockouts().get(user.email.key()).await?;
        let was_locked = attempts.is_some_and(|attempts| attempts.lock(policy, now).is_some());
        let detail = if was_locked { "was locked" } else { "was not locked" };
        let mut items = vec![self.app.db.lockouts().clear(user.email.key())];
        if was_locked {
            let email_id = EmailId::new(now, &*self.app.entropy)?;
            let (kind, trigger) = (EmailKind::AccountUnlocked, Trigger::System);
            let notice = EmailRequest::unique(email_id, kind, trigger, user.email.clone(), now)
                .caused_by(caller.request_id.clone());
            items.push(self.app.db.email_requests().write(&notice));
        }
        Ok(attempt.carry_out(items, AuditDetail::note(detail)).await?)
    }
}

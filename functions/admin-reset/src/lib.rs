//! `POST /api/admin/users/{id}/reset-password`, `.../require-new-password` and `.../resend-activation`.

mod api;
mod require;

use std::sync::Arc;

use axum::{Router, extract::State, routing::post};
use mailkey::{
    account::UserId,
    audit::{Action, Target},
    email_log::EmailKind,
};
use mailkey_api::{
    App, EmailQueued,
    http::{Caller, NoBody, PathId, SupportCaller},
    problem::{Problem, ProblemType},
};

pub use api::operations;

/// The dependencies of this function.
pub struct AdminReset {
    /// The tables, the clock and the random source.
    pub app: App,
}

impl AsRef<App> for AdminReset {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<AdminReset>) -> Router {
    Router::new()
        .route("/api/admin/users/{id}/reset-password", post(reset_password))
        .route("/api/admin/users/{id}/require-new-password", post(require::require_new_password))
        .route("/api/admin/users/{id}/resend-activation", post(resend_activation))
        .with_state(function)
}

async fn reset_password(
    State(function): State<Arc<AdminReset>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<UserId>,
    NoBody: NoBody,
) -> Result<EmailQueued, Problem> {
    function.send(&caller, id, EmailKind::PasswordReset, Action::ResetPassword).await
}

async fn resend_activation(
    State(function): State<Arc<AdminReset>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<UserId>,
    NoBody: NoBody,
) -> Result<EmailQueued, Problem> {
    function.send(&caller, id, EmailKind::Activation, Action::ResendActivation).await
}

impl AdminReset {
    async fn send(&self, caller: &Caller, id: UserId, kind: EmailKind, action: Action) -> Result<EmailQueued, Problem> {
        let user = self.app.db.users().get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
        self.app.send_link(caller, &user, kind, action, &Target::User(user.id)).await
    }
}

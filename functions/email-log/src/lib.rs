//! The email log: every email and every decision not to send one, newest first. Also: one entry with its timeline,
//! resending, and a CSV export.

mod api;
mod export;
mod filter;
mod statistics;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use mailkey::{
    audit::{Action, AuditDetail, Target},
    email_log::{EmailId, EmailKind, EmailLogEntry, EmailLogFilter, Origin},
    paging::CursorKey,
    watched::WatchedSenders,
};
use mailkey_api::{
    App, EmailQueued,
    http::{AdminCaller, Caller, JsonBody, NoBody, PathId, StrictQuery, SupportCaller},
    problem::{Problem, ProblemType},
};
use serde_json::json;

pub use api::operations;

/// The dependencies of this function.
pub struct EmailLog {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Signs cursors.
    pub cursors: CursorKey,
    /// The senders whose email is logged, too.
    pub watched: WatchedSenders,
}

impl AsRef<App> for EmailLog {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<EmailLog>) -> Router {
    Router::new()
        .route("/api/admin/email-log", get(list))
        .route("/api/admin/email-log/export", get(export))
        .route("/api/admin/email-statistics", get(statistics::show))
        .route("/api/admin/email-log/{id}", get(show))
        .route("/api/admin/email-log/{id}/resend", post(resend))
        .with_state(function)
}

async fn list(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(caller): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let filter = function.filter(&mut query)?;
    let (limit, cursor) = (query.limit()?, query.cursor()?);
    query.finish()?;
    let scope = format!("email-log|{}|{}", filter::text(&filter), caller.user.id);
    let after = cursor.map(|cursor| function.cursors.open(&scope, &cursor)).transpose()?;
    let after: Option<EmailId> = after.and_then(|position| position.parse().ok());
    let page = function.app.db.email_log().page(&filter, after, limit).await?;
    let entries: Vec<_> = page.rows.iter().map(EmailLogEntry::shown).collect();
    let next = page.next.map(|position| function.cursors.seal(&scope, &position));
    Ok(JsonBody(json!({ "entries": entries, "next_cursor": next })))
}

async fn show(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(_): SupportCaller,
    PathId(id): PathId<EmailId>,
) -> Result<JsonBody, Problem> {
    Ok(JsonBody(json!(function.entry(id).await?.shown_with_timeline())))
}

async fn resend(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<EmailId>,
    NoBody: NoBody,
) -> Result<EmailQueued, Problem> {
    let entry = function.entry(id).await?;
    function.resend(&caller, &entry).await
}

async fn export(
    State(function): State<Arc<EmailLog>>,
    AdminCaller(caller): AdminCaller,
    mut query: StrictQuery,
) -> Result<Response, Problem> {
    let filter = function.filter(&mut query)?;
    query.finish()?;
    let (action, target) = (Action::ExportEmailLog, Target::EmailLog);
    let attempt = function.app.attempt(&caller, action, &target)?;
    attempt.note_done(AuditDetail::default()).await?;
    Ok(export::csv(function.app.db.email_log().clone(), filter))
}

impl EmailLog {
    /// The filter of a request. Without watched senders, only our own log is read unless the other one is asked for.
    fn filter(&self, query: &mut StrictQuery) -> Result<EmailLogFilter, Problem> {
        let filter = filter::read(query)?;
        let origin = filter.origin.or(self.watched.is_empty().then_some(Origin::Mailkey));
        Ok(EmailLogFilter { origin, ..filter })
    }

    async fn entry(&self, id: EmailId) -> Result<EmailLogEntry, Problem> {
        self.app.db.email_log().find(id).await?.ok_or(Problem::new(ProblemType::NotFound))
    }

    /// Resends a link email with a new link. Notices are about one moment, so they aren't resent.
    async fn resend(&self, caller: &Caller, entry: &EmailLogEntry) -> Result<EmailQueued, Problem> {
        let refuse = |detail: &str| Problem::new(ProblemType::NotResendable).with_detail(detail);
        match entry.kind {
            EmailKind::PasswordReset | EmailKind::Activation => {}
            EmailKind::PasswordChanged
            | EmailKind::AccountLocked
            | EmailKind::AccountUnlocked
            | EmailKind::SecurityNotice
            | EmailKind::AddressChanged
            | EmailKind::Canary => {
                return Err(refuse("Notices can’t be resent. They are about one moment in the past."));
            }
            EmailKind::Other => {
                return Err(refuse("Mailkey didn’t send this email. Send it again from the system that did."));
            }
        }
        let no_user = || refuse("No user has this address. There is nobody to send a link to.");
        let user = self.app.db.users().get(entry.user_id.ok_or_else(no_user)?).await?.ok_or_else(no_user)?;
        let target = Target::Email(entry.id.to_string());
        self.app.send_link(caller, &user, entry.kind, Action::ResendEmail, &target).await
    }
}

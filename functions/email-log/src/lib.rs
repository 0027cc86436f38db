//! The email log: every email and every decision not to send one, newest first. Also: one entry with its timeline,
//! resending, and a CSV export.

mod api;
mod export;
mod filter;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use mailkey::{
    Database, SharedClock, SharedEntropy,
    account::UserStore,
    audit::{Action, Target},
    clock::whole_millis,
    email_log::{EmailKind, EmailLogEntry, EmailLogStore, LogId},
    http::{AdminCaller, Caller, Gate, Gated, JsonBody, NoBody, PathId, StrictQuery, SupportCaller},
    paging::CursorKey,
    problem::{Problem, ProblemType},
    recovery::LinkDesk,
};
use serde_json::json;

pub use api::operations;

/// The dependencies of this function.
pub struct EmailLog {
    /// Authenticates callers and records what they do.
    pub gate: Gate,
    /// The email log.
    pub log: EmailLogStore,
    /// The users whose links are resent.
    pub users: UserStore,
    /// Sends links on behalf of an administrator.
    pub desk: LinkDesk,
    /// Signs the cursors of paged lists.
    pub cursors: CursorKey,
    /// Source of the current time.
    pub clock: SharedClock,
    /// Source of randomness for ids and secrets.
    pub entropy: SharedEntropy,
}

impl EmailLog {
    /// Builds the function on this deployment's tables.
    pub fn new(
        database: &Database,
        gate: Gate,
        cursors: CursorKey,
        clock: SharedClock,
        entropy: SharedEntropy,
    ) -> Self {
        Self {
            gate,
            log: EmailLogStore::new(database.clone()),
            users: UserStore::new(database.clone()),
            desk: LinkDesk::new(database, Arc::clone(&clock), Arc::clone(&entropy)),
            cursors,
            clock,
            entropy,
        }
    }
}

impl Gated for EmailLog {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<EmailLog>) -> Router {
    Router::new()
        .route("/api/admin/email-log", get(list))
        .route("/api/admin/email-log/export", get(export))
        .route("/api/admin/email-log/{id}", get(show))
        .route("/api/admin/email-log/{id}/resend", post(resend))
        .with_state(function)
}

async fn list(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(caller): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let filter = filter::read(&mut query)?;
    let (limit, cursor) = (query.limit()?, query.cursor()?);
    query.finish()?;
    let scope = format!("email-log|{filter:?}|{}|{}", filter::recipient(&filter), caller.user.id);
    let after = cursor.map(|cursor| function.cursors.open(&scope, &cursor)).transpose()?;
    let after: Option<LogId> = after.and_then(|position| position.parse().ok());
    let page = function.log.page(&filter, after, limit, function.clock.now()).await?;
    let entries: Vec<_> = page.rows.iter().map(EmailLogEntry::to_json).collect();
    let next = page.next.map(|position| function.cursors.seal(&scope, &position));
    Ok(JsonBody(json!({ "entries": entries, "next_cursor": next })))
}

async fn show(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(_): SupportCaller,
    PathId(id): PathId<LogId>,
) -> Result<JsonBody, Problem> {
    Ok(JsonBody(function.entry(id).await?.to_json_with_timeline()))
}

async fn resend(
    State(function): State<Arc<EmailLog>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<LogId>,
    NoBody: NoBody,
) -> Result<(StatusCode, JsonBody), Problem> {
    let entry = function.entry(id).await?;
    let log_id = function.resend(&caller, &entry).await?;
    Ok((StatusCode::ACCEPTED, JsonBody(json!({ "email_log_id": log_id.to_string() }))))
}

async fn export(
    State(function): State<Arc<EmailLog>>,
    AdminCaller(caller): AdminCaller,
    mut query: StrictQuery,
) -> Result<Response, Problem> {
    let filter = filter::read(&mut query)?;
    query.finish()?;
    let now = whole_millis(function.clock.now());
    let (action, target) = (Action::ExportEmailLog, Target::EmailLog);
    let attempt = function.gate.attempt(&caller, action, &target)?;
    attempt.note_done(None).await?;
    Ok(export::csv(function.log.clone(), filter, now))
}

impl EmailLog {
    async fn entry(&self, id: LogId) -> Result<EmailLogEntry, Problem> {
        self.log.get(id).await?.ok_or(Problem::new(ProblemType::NotFound))
    }

    /// Resends a link email with a new link. Notices are about one moment, so they aren't resent.
    async fn resend(&self, caller: &Caller, entry: &EmailLogEntry) -> Result<LogId, Problem> {
        let refuse = |detail: &str| Problem::new(ProblemType::NotResendable).with_detail(detail);
        match entry.kind {
            EmailKind::PasswordReset | EmailKind::Activation => {}
            EmailKind::PasswordChanged
            | EmailKind::AccountLocked
            | EmailKind::AccountUnlocked
            | EmailKind::AddressChanged
            | EmailKind::Canary => {
                return Err(refuse("Notices can’t be resent. They are about one moment in the past."));
            }
        }
        let no_user = || refuse("No user has this address, so there is no one to send a link to.");
        let user = self.users.get(entry.user_id.ok_or_else(no_user)?).await?.ok_or_else(no_user)?;
        let target = Target::Email(entry.id.to_string());
        self.desk.send_link(caller, &user, entry.kind, Action::ResendEmail, &target).await
    }
}

//! Suppressions for administrators: list, show, add, remove, and remove with a new link.

mod api;
mod remove;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use mailkey::{
    EmailAddress,
    audit::{Action, AuditDetail, Target},
    erasure::Pseudonyms,
    paging::CursorKey,
    suppression::{Cause, ShownSuppression, SuppressionReason, SuppressionRecord},
};
use mailkey_api::{
    App, AuditedAction,
    http::{AdminCaller, Caller, JsonBody, PathId, StrictJson, StrictQuery, SupportCaller},
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::{StoreError, client::Committed};
use mailkey_ses::SesSuppressionList;
use serde::Deserialize;
use serde_json::json;

pub use api::operations;

/// Maximum length of an administrator's reason, in characters.
const MAX_REASON: usize = 300;

/// How often a conflicting write is retried.
pub(crate) const TRIES: usize = 6;

/// The dependencies of this function.
pub struct Suppressions {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Signs cursors.
    pub cursors: CursorKey,
    /// Names addresses in the audit log.
    pub pseudonyms: Pseudonyms,
    /// SES's own list.
    pub ses_list: SesSuppressionList,
}

impl Suppressions {
    fn attempt(&self, caller: &Caller, action: Action, address: &EmailAddress) -> Result<AuditedAction, StoreError> {
        self.app.attempt(caller, action, &Target::Suppression(self.pseudonyms.of(address.key())))
    }

    async fn record(&self, address: &EmailAddress) -> Result<SuppressionRecord, StoreError> {
        let record = self.app.db.suppressions().get(address.key()).await?;
        Ok(record.unwrap_or_else(|| SuppressionRecord::new(address.key().clone())))
    }
}

impl AsRef<App> for Suppressions {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Suppressions>) -> Router {
    Router::new()
        .route("/api/admin/suppressions", get(list))
        .route("/api/admin/suppressions/{address}", get(show).put(add).delete(remove::remove))
        .route("/api/admin/suppressions/{address}/remove-and-resend", post(remove::remove_and_resend))
        .with_state(function)
}

async fn list(
    State(function): State<Arc<Suppressions>>,
    SupportCaller(caller): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let (limit, cursor) = (query.limit()?, query.cursor()?);
    query.finish()?;
    let scope = format!("suppressions|{}", caller.user.id);
    let after = cursor.map(|cursor| function.cursors.open(&scope, &cursor)).transpose()?;
    let now = function.app.clock.now();
    let page = function.app.db.suppressions().page(after.as_deref(), limit, now).await?;
    let rows: Vec<_> = page.rows.iter().filter_map(|record| record.shown(now)).collect();
    let next = page.next.map(|position| function.cursors.seal(&scope, &position));
    Ok(JsonBody(json!({ "suppressions": rows, "next_cursor": next })))
}

async fn show(
    State(function): State<Arc<Suppressions>>,
    SupportCaller(_): SupportCaller,
    PathId(address): PathId<EmailAddress>,
) -> Result<JsonBody<ShownSuppression>, Problem> {
    let record = function.app.db.suppressions().get(address.key()).await?;
    let shown = record.and_then(|record| record.shown(function.app.clock.now()));
    shown.map(JsonBody).ok_or(Problem::new(ProblemType::NotFound).with_detail("This address is not suppressed."))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddRequest {
    reason: String,
}

async fn add(
    State(function): State<Arc<Suppressions>>,
    AdminCaller(caller): AdminCaller,
    PathId(address): PathId<EmailAddress>,
    StrictJson(body): StrictJson<AddRequest>,
) -> Result<JsonBody<ShownSuppression>, Problem> {
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
        let detail = format!("The reason must have 1 to {MAX_REASON} characters and no control characters.");
        return Err(Problem::new(ProblemType::MalformedRequest).with_detail(detail).with_pointer("/reason"));
    }
    let attempt = function.attempt(&caller, Action::Suppress, &address)?;
    let now = function.app.now();
    // A reason that has a code is taken for what it says; any other is the administrator's own.
    let kind = reason.parse().unwrap_or(SuppressionReason::Manual);
    let detail = (kind.as_str() != reason).then(|| reason.to_owned());
    let cause = Cause { detail, added_by: Some(caller.user.id), ..Cause::new(kind, now) };
    for _ in 0..TRIES {
        let mut record = function.record(&address).await?;
        record.suppress(cause.clone());
        let write = function.app.db.suppressions().write(&record);
        let detail = AuditDetail::note(format!("{}, {kind}", address.masked()));
        if attempt.try_to_carry_out(vec![write], detail).await? == Committed::Done {
            let shown = record.shown(now);
            return shown.map(JsonBody).ok_or(Problem::new(ProblemType::InternalError));
        }
    }
    Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
}

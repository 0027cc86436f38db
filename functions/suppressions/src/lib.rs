//! Suppressions for administrators: list, show, add, remove, and remove with a new link.

mod api;
mod lift;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use mailkey::{
    Database, EmailAddress, SharedClock, SharedEntropy, StoreError,
    account::UserStore,
    audit::{Action, Attempt, Target},
    clock::whole_millis,
    http::{AdminCaller, Caller, Gate, Gated, JsonBody, PathId, StrictJson, StrictQuery, SupportCaller},
    paging::CursorKey,
    problem::{Problem, ProblemType},
    recovery::LinkDesk,
    sender::{SesClient, SesSuppressionList},
    suppression::{Cause, SuppressionReason, SuppressionRecord, SuppressionStore},
};
use serde::Deserialize;
use serde_json::json;

pub use api::operations;

/// Maximum length of an administrator's reason, in characters.
const MAX_REASON: usize = 300;

/// How often a conflicting write is retried.
pub(crate) const TRIES: usize = 6;

/// The dependencies of this function.
pub struct Suppressions {
    /// Authenticates callers and records what they do.
    pub gate: Gate,
    /// The addresses we no longer email.
    pub suppressions: SuppressionStore,
    /// The account-level suppression list of SES.
    pub ses_list: SesSuppressionList,
    /// The users who own the addresses.
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

impl Suppressions {
    /// Builds the function on this deployment's tables.
    pub fn new(
        database: &Database,
        ses: SesClient,
        gate: Gate,
        cursors: CursorKey,
        clock: SharedClock,
        entropy: SharedEntropy,
    ) -> Self {
        Self {
            gate,
            suppressions: SuppressionStore::new(database.clone()),
            ses_list: SesSuppressionList::new(ses),
            users: UserStore::new(database.clone()),
            desk: LinkDesk::new(database, Arc::clone(&clock), Arc::clone(&entropy)),
            cursors,
            clock,
            entropy,
        }
    }

    fn attempt(&self, caller: &Caller, action: Action, address: &EmailAddress) -> Result<Attempt<'_>, StoreError> {
        self.gate.attempt(caller, action, &Target::Suppression(address.key().clone()))
    }

    async fn record(&self, address: &EmailAddress) -> Result<SuppressionRecord, StoreError> {
        let record = self.suppressions.get(address.key()).await?;
        Ok(record.unwrap_or_else(|| SuppressionRecord::new(address.key().clone())))
    }
}

impl Gated for Suppressions {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Suppressions>) -> Router {
    Router::new()
        .route("/api/admin/suppressions", get(list))
        .route("/api/admin/suppressions/{address}", get(show).put(add).delete(lift::lift))
        .route("/api/admin/suppressions/{address}/lift-and-resend", post(lift::lift_and_resend))
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
    let now = function.clock.now();
    let page = function.suppressions.page(after.as_deref(), limit, now).await?;
    let rows: Vec<_> = page.rows.iter().filter_map(|record| record.to_json(now)).collect();
    let next = page.next.map(|position| function.cursors.seal(&scope, &position));
    Ok(JsonBody(json!({ "suppressions": rows, "next_cursor": next })))
}

async fn show(
    State(function): State<Arc<Suppressions>>,
    SupportCaller(_): SupportCaller,
    PathId(address): PathId<EmailAddress>,
) -> Result<JsonBody, Problem> {
    let record = function.suppressions.get(address.key()).await?;
    let shown = record.and_then(|record| record.to_json(function.clock.now()));
    shown.map(JsonBody).ok_or(Problem::new(ProblemType::NotFound).with_detail("This address isn’t suppressed."))
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
) -> Result<JsonBody, Problem> {
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
        let detail = format!("The reason must have 1 to {MAX_REASON} characters and no control characters.");
        return Err(Problem::new(ProblemType::MalformedRequest).with_detail(detail));
    }
    let attempt = function.attempt(&caller, Action::Suppress, &address)?;
    let now = whole_millis(function.clock.now());
    // A reason that matches a code becomes that code; any other is stored as a manual reason.
    let kind = reason.parse().unwrap_or(SuppressionReason::Manual);
    let detail = (kind.as_str() != reason).then(|| reason.to_owned());
    let cause = Cause { detail, added_by: Some(caller.user.id), ..Cause::new(kind, now) };
    for _ in 0..TRIES {
        let mut record = function.record(&address).await?;
        record.suppress(cause.clone());
        let part = function.suppressions.in_transaction(&record)?;
        if attempt.try_to_carry_out(vec![part], Some(kind.to_string())).await? {
            let shown = record.to_json(now);
            return shown.map(JsonBody).ok_or(Problem::new(ProblemType::InternalError));
        }
    }
    Err(Problem::new(ProblemType::ServiceUnavailable).with_retry_after(1))
}

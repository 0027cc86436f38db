//! Explains why an email didn't arrive, and whether our sending works.

mod api;
mod facts;
mod watch;

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use mailkey::{
    Database, EmailAddress, SharedClock,
    account::UserStore,
    config::{MailConfig, PortalConfig},
    diagnosis::diagnose,
    dns::{Resolve, check_sender},
    email_log::EmailLogStore,
    http::{Gate, Gated, JsonBody, StrictQuery, SupportCaller},
    lockout::LockoutStore,
    problem::{Problem, ProblemType},
    recovery::AllowanceStore,
    sender::{SenderDesk, SenderReport, SenderStateStore, SesClient, SesSuppressionList},
    settings::SettingsStore,
    suppression::SuppressionStore,
};

pub use api::operations;

/// The dependencies of this function. It only reads.
pub struct Diagnose {
    /// Authenticates callers and records what they do.
    pub gate: Gate,
    /// The user records.
    pub users: UserStore,
    /// Their failed sign-ins.
    pub lockouts: LockoutStore,
    /// The lockout limits and the limits on links.
    pub settings: SettingsStore,
    /// The links already sent to each recipient.
    pub allowances: AllowanceStore,
    /// The addresses we no longer email.
    pub suppressions: SuppressionStore,
    /// The account-level suppression list of SES.
    pub ses_list: SesSuppressionList,
    /// The log of every email.
    pub log: EmailLogStore,
    /// The sender alarms and the canary's result.
    pub sender_state: SenderStateStore,
    /// Reads our account and identity from SES.
    pub sender: SenderDesk,
    /// Looks up DNS records.
    pub resolver: Arc<dyn Resolve>,
    /// Base URL of the pages that explain each cause.
    pub site_url: String,
    /// Source of the current time.
    pub clock: SharedClock,
}

impl Diagnose {
    /// Builds the function on this deployment's tables.
    pub fn new(
        database: &Database,
        ses: SesClient,
        mail: &MailConfig,
        portal: &PortalConfig,
        resolver: Arc<dyn Resolve>,
        gate: Gate,
        clock: SharedClock,
    ) -> Self {
        Self {
            gate,
            users: UserStore::new(database.clone()),
            lockouts: LockoutStore::new(database.clone()),
            settings: SettingsStore::new(database.clone()),
            allowances: AllowanceStore::new(database.clone()),
            suppressions: SuppressionStore::new(database.clone()),
            ses_list: SesSuppressionList::new(ses.clone()),
            log: EmailLogStore::new(database.clone()),
            sender_state: SenderStateStore::new(database.clone()),
            sender: SenderDesk::new(ses, mail),
            resolver,
            site_url: portal.site_url.clone(),
            clock,
        }
    }
}

impl Gated for Diagnose {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Diagnose>) -> Router {
    Router::new()
        .route("/api/admin/diagnosis", get(diagnosis))
        .route("/api/admin/sender", get(sender))
        .with_state(function)
}

async fn diagnosis(
    State(function): State<Arc<Diagnose>>,
    SupportCaller(_): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let malformed = |detail: &str| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
    let email = query.text("email").ok_or(malformed("Add the recipient's address to the query: ?email=."))?;
    query.finish()?;
    let address = EmailAddress::parse(&email).map_err(|_| malformed("The parameter email isn't an email address."))?;
    let now = function.clock.now();
    let facts = function.facts(address, now).await?;
    let mut json = diagnose(&facts, now).to_json(&facts.address, &function.site_url);
    if let Some(user) = &facts.user {
        json["user"] = user.to_json();
    }
    Ok(JsonBody(json))
}

async fn sender(
    State(function): State<Arc<Diagnose>>,
    SupportCaller(_): SupportCaller,
    query: StrictQuery,
) -> Result<JsonBody, Problem> {
    query.finish()?;
    let now = function.clock.now();
    let state = function.sender_state.read().await?;
    let health = function.sender.health(now).await;
    let dns = check_sender(&*function.resolver, &function.sender.names(&health)).await;
    let report = SenderReport::new(function.sender.from().clone(), health, state, &dns, now);
    Ok(JsonBody(report.to_json()))
}

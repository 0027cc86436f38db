//! Why an email did not arrive, and whether our side of the mail is in order.

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

/// What the function works with. It only reads.
pub struct Diagnose {
    /// Who calls.
    pub gate: Gate,
    /// The users.
    pub users: UserStore,
    /// Their failures.
    pub lockouts: LockoutStore,
    /// When sign-in locks, and how many links there may be.
    pub settings: SettingsStore,
    /// How many links there were.
    pub allowances: AllowanceStore,
    /// Where mail is not sent.
    pub suppressions: SuppressionStore,
    /// SES's own list.
    pub ses_list: SesSuppressionList,
    /// Every email.
    pub log: EmailLogStore,
    /// Alarms, and the canary.
    pub sender_state: SenderStateStore,
    /// What SES says of us.
    pub sender: SenderDesk,
    /// The DNS.
    pub resolver: Arc<dyn Resolve>,
    /// Where the pages of the causes are.
    pub site_url: String,
    /// The clock.
    pub clock: SharedClock,
}

impl Diagnose {
    /// The function on this deployment's tables.
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

/// The routes of this function.
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
    let email = query.text("email").ok_or(malformed("Say whose mail is missing: ?email=."))?;
    query.finish()?;
    let address = EmailAddress::parse(&email).map_err(|_| malformed("The parameter email is no email address."))?;
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

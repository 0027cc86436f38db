//! Explains why an email didn't arrive, and whether our sending works.

mod api;
pub mod dns;
mod facts;
mod watch;

use std::sync::Arc;

use axum::{Router, extract::State, routing::get};
use jiff::Timestamp;
use mailkey::{
    EmailAddress,
    diagnosis::{Asker, diagnose},
    json::Rfc3339,
    sender::{SenderReport, SenderState, ShownReport},
    watched::WatchedSenders,
};
use mailkey_api::{
    App,
    http::{JsonBody, StrictQuery, SupportCaller},
    problem::{Problem, ProblemType},
};
use mailkey_ses::{SesAccount, SesSuppressionList};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::dns::{Resolve, check_sender};

pub use api::operations;

/// What the function works with.
pub struct Diagnose {
    /// The tables, the clock and the random source.
    pub app: App,
    /// SES's own list.
    pub ses_list: SesSuppressionList,
    /// What SES says of us.
    pub sender: SesAccount,
    /// Looks up DNS records.
    pub resolver: Arc<dyn Resolve>,
    /// Base URL of the pages that explain each cause.
    pub site_url: String,
    /// The ARN of the topic for events about watched senders, for those who set them up. A local service has none.
    pub watched_topic: Option<String>,
    /// The senders whose email is logged, too.
    pub watched: WatchedSenders,
}

impl AsRef<App> for Diagnose {
    fn as_ref(&self) -> &App {
        &self.app
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
    SupportCaller(caller): SupportCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let malformed = |detail: &str| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
    let email = query.text("email").ok_or(malformed("Add the recipient's address to the query: ?email=."))?;
    query.finish()?;
    let address =
        EmailAddress::parse(&email).map_err(|_| malformed("The parameter email must be an email address."))?;
    let now = function.app.clock.now();
    let asker = Asker { is_api_key: caller.is_api_key(), user: caller.user, role: caller.role };
    let facts = function.facts(asker, address, now).await?;
    let answer = diagnose(&facts, now);
    Ok(JsonBody(json!(answer.shown(&facts.address, facts.user.as_ref(), &function.site_url))))
}

async fn sender(
    State(function): State<Arc<Diagnose>>,
    SupportCaller(_): SupportCaller,
    query: StrictQuery,
) -> Result<JsonBody, Problem> {
    query.finish()?;
    let now = function.app.clock.now();
    let state = function.app.db.sender_state().read().await?;
    let health = function.sender.health(now).await;
    let dns = check_sender(&*function.resolver, &function.sender.names(&health)).await;
    let watched = function.watched_senders(&state);
    let report = SenderReport::new(function.sender.from().clone(), health, state, &dns, now);
    let answer =
        Sender { report: report.shown(), watched_topic: function.watched_topic.as_deref(), watched_senders: watched };
    Ok(JsonBody(json!(answer)))
}

#[derive(Serialize, JsonSchema)]
struct Sender<'a> {
    #[serde(flatten)]
    report: ShownReport<'a>,
    /// The ARN of the SNS topic for events about watched senders.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "arn:aws:sns:eu-west-1:111122223333:mailkey-watched")]
    watched_topic: Option<&'a str>,
    /// The senders whose email is logged, too.
    watched_senders: Vec<WatchedSender>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WatchedSender {
    /// A watched domain or address.
    sender: String,
    /// When the last event about it arrived.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    last_event_at: Option<Timestamp>,
}

impl Diagnose {
    /// When the last event about email of each watched sender came, if one ever did.
    fn watched_senders(&self, state: &SenderState) -> Vec<WatchedSender> {
        let senders = self.watched.iter().map(ToString::to_string);
        senders.map(|sender| WatchedSender { last_event_at: state.watched.get(&sender).copied(), sender }).collect()
    }
}

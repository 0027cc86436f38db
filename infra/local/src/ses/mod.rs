//! A local Amazon SES: the part of the SES v2 API that Mailkey and portals use, an outbox in place of delivery, and the
//! events that SES would publish.
//!
//! It follows the SES documentation, including the awkward parts. SES accepts an email to a suppressed address with a
//! message id, and the email bounces later. The suppression list is looked up by exact spelling but matched without
//! regard to case. Text without a character set is reduced to ASCII. Recipients at `simulator.amazonses.com` get the
//! outcomes of SES's mailbox simulator.
//!
//! ```text
//! aws-sdk-sesv2 ── connector ──> endpoint ──> Outbox ──> local_routes (/_local/outbox/)
//!                                   │  └──> events_for ──> EventSink
//!                                 Faults <── PUT /_local/ses-faults
//! ```
//!
//! Portals call the same endpoint at `/_local/ses` ([`LocalSes::for_portals`]).

mod account;
mod address;
mod draft;
mod endpoint;
mod error;
mod events;
mod faults;
mod files;
mod id;
mod links;
mod local_routes;
mod mail;
mod outbox;
mod pages;
mod query;
mod raw;
mod suppression;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

pub use crate::in_process::connector;
pub use account::{SIGNING_ZONE, dkim_tokens, mail_from_domain};
pub use endpoint::{endpoint, portal_routes};
pub use events::{REGION, events_for};
pub use faults::{FaultMode, FaultPlan, Faults};
pub use local_routes::local_routes;
pub(crate) use local_routes::{MAIL_POLICY, PAGE_POLICY, answer};
pub use mail::SentEmail;
pub use outbox::{Outbox, OutboxError};
pub use suppression::{SuppressedAddress, SuppressionList, SuppressionReason};

use draft::Draft;

/// The default configuration set of every identity that a portal sends from.
const PORTAL_SET: &str = "portal";

/// Returns the current time. It is passed in so that tests can set any time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Receives the events that SES would publish to the configuration set's destination. It is called before `SendEmail`
/// returns, so that no accepted email loses its events.
pub type EventSink = Arc<dyn Fn(Vec<Value>) + Send + Sync>;

/// The local SES account: its outbox, its suppression list and its injected faults.
///
/// Clones share their state.
#[derive(Clone)]
pub struct LocalSes {
    clock: Clock,
    outbox: Outbox,
    suppressions: SuppressionList,
    faults: Faults,
    events: Option<EventSink>,
    configuration_sets: Option<Arc<BTreeSet<String>>>,
    /// The configuration set of emails that name none, as the setting of an identity.
    default_configuration_set: Option<&'static str>,
}

impl LocalSes {
    /// An account that publishes no events and accepts every configuration set.
    pub fn new(outbox: Outbox, suppressions: SuppressionList, clock: Clock) -> LocalSes {
        LocalSes {
            clock,
            outbox,
            suppressions,
            faults: Faults::default(),
            events: None,
            configuration_sets: None,
            default_configuration_set: None,
        }
    }

    /// Sets the receiver of events.
    #[must_use]
    pub fn with_events(mut self, sink: EventSink) -> LocalSes {
        self.events = Some(sink);
        self
    }

    /// Accepts only these configuration sets. Emails that name another one are rejected, as at SES, so a set that is
    /// missing in the template shows up locally.
    #[must_use]
    pub fn with_configuration_sets(mut self, names: impl IntoIterator<Item = String>) -> LocalSes {
        self.configuration_sets = Some(Arc::new(names.into_iter().collect()));
        self
    }

    /// The same account for senders other than Mailkey: every configuration set exists, and an email that names none uses
    /// the identity's default. So each email has events.
    #[must_use]
    pub fn for_portals(&self) -> LocalSes {
        LocalSes { configuration_sets: None, default_configuration_set: Some(PORTAL_SET), ..self.clone() }
    }

    /// The emails that were sent.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The account-level suppression list.
    pub fn suppressions(&self) -> &SuppressionList {
        &self.suppressions
    }

    /// The injected faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn knows_configuration_set(&self, name: &str) -> bool {
        self.configuration_sets.as_ref().is_none_or(|known| known.contains(name))
    }

    /// Stores the email as sent and publishes its events.
    fn accept(&self, draft: Draft) -> Result<Arc<SentEmail>, OutboxError> {
        let suppressed: BTreeMap<_, _> = draft
            .recipients
            .iter()
            .filter_map(|recipient| Some((recipient.clone(), self.suppressions.reason_not_to_send(recipient)?)))
            .collect();
        let mail = self.outbox.record(draft, suppressed)?;
        self.publish(&mail);
        Ok(mail)
    }

    /// SES publishes events to the destinations of a configuration set, so an email without one has no events.
    fn publish(&self, mail: &SentEmail) {
        let Some(sink) = self.events.as_ref().filter(|_| mail.configuration_set.is_some()) else {
            return;
        };
        let events = events_for(mail, self.now());
        tracing::debug!(message_id = mail.message_id, events = events.len(), "local SES events");
        sink(events);
    }
}

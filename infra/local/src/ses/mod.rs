//! Amazon SES on one machine: the part of the SES v2 API that Mailkey uses, an outbox instead of the internet, and the
//! events that SES would publish.
//!
//! It behaves as SES documents itself, also where that is awkward: a suppressed address is accepted with a message id
//! and bounces later, the suppression list is looked up by exact spelling but matched without regard to case, and text
//! without a character set is cut down to ASCII. Recipients at `simulator.amazonses.com` get what SES's mailbox
//! simulator gives them.
//!
//! ```text
//! aws-sdk-sesv2 ── connector ──> endpoint ──> Outbox ──> local_routes (/_local/outbox/)
//!                                   │  └──> events_for ──> EventSink
//!                                 Faults <── PUT /_local/ses-faults
//! ```

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
mod suppression;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

pub use crate::in_process::connector;
pub use account::{SIGNING_ZONE, dkim_tokens, mail_from_domain};
pub use endpoint::endpoint;
pub use events::{REGION, events_for};
pub use faults::{FaultMode, FaultPlan, Faults};
pub use local_routes::local_routes;
pub(crate) use local_routes::{MAIL_POLICY, PAGE_POLICY, answer};
pub use mail::SentMail;
pub use outbox::{Outbox, OutboxError};
pub use suppression::{SuppressedAddress, SuppressionList, SuppressionReason};

use draft::Draft;

/// Where the time comes from. It is handed in, so that a test can stand at any moment it likes.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Takes the events that SES would publish to the configuration set's destination, as bare event-publishing records. It
/// is called before the answer to `SendEmail`, so that what it keeps is kept of every mail that SES took.
pub type EventSink = Arc<dyn Fn(Vec<Value>) + Send + Sync>;

/// The SES account of this machine: what it sent, what it refuses to send to, and how it is told to misbehave.
///
/// Clones share everything.
#[derive(Clone)]
pub struct LocalSes {
    clock: Clock,
    outbox: Outbox,
    suppressions: SuppressionList,
    faults: Faults,
    events: Option<EventSink>,
    configuration_sets: Option<Arc<BTreeSet<String>>>,
}

impl LocalSes {
    /// An account that publishes no events and knows every configuration set.
    pub fn new(outbox: Outbox, suppressions: SuppressionList, clock: Clock) -> LocalSes {
        LocalSes { clock, outbox, suppressions, faults: Faults::default(), events: None, configuration_sets: None }
    }

    /// Publishes events to `sink`.
    #[must_use]
    pub fn with_events(mut self, sink: EventSink) -> LocalSes {
        self.events = Some(sink);
        self
    }

    /// Knows only these configuration sets: a mail that names another is refused, as SES refuses it. So a set that the
    /// template does not declare is noticed here already.
    #[must_use]
    pub fn with_configuration_sets(mut self, names: impl IntoIterator<Item = String>) -> LocalSes {
        self.configuration_sets = Some(Arc::new(names.into_iter().collect()));
        self
    }

    /// The mail that went out.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The account's suppression list.
    pub fn suppressions(&self) -> &SuppressionList {
        &self.suppressions
    }

    /// What the endpoint is told to do wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn knows_configuration_set(&self, name: &str) -> bool {
        self.configuration_sets.as_ref().is_none_or(|known| known.contains(name))
    }

    /// Records the mail as sent and publishes its events.
    fn accept(&self, draft: Draft) -> Result<Arc<SentMail>, OutboxError> {
        let suppressed: BTreeMap<_, _> = draft
            .recipients()
            .filter_map(|recipient| Some((recipient.clone(), self.suppressions.reason_not_to_send(recipient)?)))
            .collect();
        let mail = self.outbox.record(draft, suppressed)?;
        self.publish(&mail);
        Ok(mail)
    }

    /// SES publishes events to the destinations of a configuration set: a mail without one has none.
    fn publish(&self, mail: &SentMail) {
        let Some(sink) = self.events.as_ref().filter(|_| mail.configuration_set.is_some()) else {
            return;
        };
        let events = events_for(mail, self.now());
        tracing::debug!(message_id = mail.message_id, events = events.len(), "local SES events");
        sink(events);
    }
}

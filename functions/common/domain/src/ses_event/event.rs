//! An event, whichever way it came.

use std::fmt;

use jiff::Timestamp;

use super::{field, kind::EventKind};
use crate::text_form::text_form;

/// Which of SES's two notification systems an event is from. With both on, each event comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Of a configuration set. The mail's tags are there.
    EventPublishing,
    /// Of an identity. No tags; the mail's headers, where they are asked for.
    FeedbackNotification,
}

text_form!(System { EventPublishing = "event_publishing", FeedbackNotification = "feedback_notification" });

/// One event of SES. It may be about several recipients.
#[derive(Debug, Clone, PartialEq)]
pub struct SesEvent {
    /// What happened.
    pub kind: EventKind,
    /// Which system says so.
    pub system: System,
    /// To which mail.
    pub mail: Mail,
    /// When it happened; where that isn't said, when the mail was handed to SES. `None` where the event has no time at
    /// all: then [`Record::published_at`](super::Record::published_at) is the nearest.
    pub at: Option<Timestamp>,
    /// Whom it is about. Empty where that is not said and the mail had several recipients.
    pub recipients: Vec<Affected>,
    /// Names the bounce or complaint; the same in both systems.
    pub feedback_id: Option<String>,
}

/// The mail that an event is about. Identifiers that no mail of ours could have (blank, over 256 bytes) are `None`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// What SES answered when it took the mail.
    pub message_id: Option<String>,
    /// When SES took it.
    pub sent_at: Option<Timestamp>,
    /// The address that SES was asked to send from, without the display name.
    pub source: Option<String>,
    /// The addresses that it went to, without display names.
    pub destination: Vec<String>,
    /// The tag `email_id`.
    pub email_id: Option<String>,
    /// The tag `kind`.
    pub kind: Option<String>,
    /// The header `X-Mailkey-Email-Id`.
    pub header_email_id: Option<String>,
    /// The tag `ses:configuration-set`.
    pub configuration_set: Option<String>,
    /// The address in the header `From`, if the event has headers.
    pub from: Option<String>,
    /// The header `Subject`, masked.
    pub subject: Option<String>,
    /// The sender's own tags, at most ten, sorted by name.
    pub tags: Vec<(String, String)>,
}

/// A recipient that an event is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Affected {
    /// The address as SES gives it, without a display name. It can differ from the one that the mail went to: in case,
    /// or where the mailbox forwards.
    pub address: String,
    /// The enhanced status code (RFC 3463), such as `5.1.1`.
    pub status: Option<String>,
    /// `Action` of RFC 3464: `failed`, `delayed`, ...
    pub action: Option<String>,
    /// What the reporting host said. Untrusted, clipped, on one line, without anything that could be a token.
    pub diagnostic: Option<String>,
}

/// Without addresses: they don't belong into logs.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id)
            .field("sent_at", &self.sent_at)
            .field("source", &self.source.as_deref().map(field::masked))
            .field("destinations", &self.destination.len())
            .field("email_id", &self.email_id)
            .field("kind", &self.kind)
            .field("header_email_id", &self.header_email_id)
            .field("configuration_set", &self.configuration_set)
            .finish_non_exhaustive()
    }
}

/// Neither the whole address nor the diagnostic, which tends to repeat it.
impl fmt::Debug for Affected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Affected")
            .field("address", &field::masked(&self.address))
            .field("status", &self.status)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

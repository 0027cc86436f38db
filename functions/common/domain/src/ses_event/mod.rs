//! What SES tells of emails: its events, and the envelopes that they come in.
//!
//! Two notification systems (event publishing by configuration set, feedback notifications by identity) and several
//! transports (SNS to SQS, SNS to Lambda, SNS by HTTP, EventBridge, each with or without raw delivery) end up at one
//! door. [`unwrap`] opens whatever it is handed, by shape alone, and gives one [`Record`] for each thing that came in.
//! Nothing here decides whether an event is believed or what follows from it.

mod bounce;
mod envelope;
mod event;
mod field;
mod keeping;
mod key;
mod kind;
mod read;
#[cfg(test)]
mod samples;
mod subject;
#[cfg(test)]
mod wrapped;

pub use bounce::{BounceKind, BounceSubtype, ComplaintSubtype, DelayKind, FeedbackType};
pub use envelope::{Content, NonDeliveryEvent, NonDeliveryKind, NotUnderstood, Record, unwrap, unwrap_text};
pub use event::{Affected, Mail, SesEvent, System};
pub use keeping::raw_for_keeping;
pub use key::event_key;
pub use kind::EventKind;
pub use subject::masked_subject;

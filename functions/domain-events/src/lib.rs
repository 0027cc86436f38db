//! Publishes events for the portal.
//!
//! Each function stores what it did, in the same transaction, in a table with a stream: the audit log, the recovery
//! requests, the suppressions or the email log. This function reads the streams and puts events on EventBridge. No event
//! is lost, and none reports something that didn't happen. An event may be delivered twice, with the same id.

mod event;
#[cfg(feature = "lambda")]
mod publish;

pub use event::{DomainEvent, event_of};
#[cfg(feature = "lambda")]
pub use publish::{DomainEvents, SOURCE};

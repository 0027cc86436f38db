//! The email log: every system email, sent or deliberately not sent, and what became of it.

mod entry;
pub mod filter;
mod hear;
mod status;

pub use entry::{EmailKind, EmailLogEntry, LogId, Moment, Reason, Trigger};
pub use filter::EmailLogFilter;
pub use hear::{Heard, StatusChange};
pub use status::DeliveryStatus;

//! The email log: every system email, sent or deliberately not sent, and what became of it.

mod entry;
mod filter;
mod hear;
mod merge;
mod page;
mod status;
mod store;

pub use entry::{EmailKind, EmailLogEntry, LogId, Moment, Reason, Trigger};
pub use filter::{EmailLogFilter, PARTITIONS};
pub use hear::{Heard, StatusChange};
pub use status::DeliveryStatus;
pub use store::{Begin, EmailLogStore};

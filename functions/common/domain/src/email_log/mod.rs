//! The email log: every system email, sent or deliberately not sent, and what became of it.

mod entry;
mod hear;
mod page;
mod status;
mod store;

pub use entry::{EmailKind, EmailLogEntry, LogId, Moment, Reason, Trigger};
pub use hear::Heard;
pub use page::EmailLogFilter;
pub use status::DeliveryStatus;
pub use store::{Begin, Claim, EmailLogStore, StatusChange};

//! The email log: every system email, sent or deliberately not sent, and what became of it.

mod apply;
pub mod counts;
mod entry;
pub mod filter;
mod status;
mod watched;

pub use apply::{Applied, StatusChange};
pub use entry::{
    ERASED, EmailId, EmailKind, EmailLogEntry, Reason, ShownEmail, ShownWithTimeline, TimelineEvent, Trigger,
};
pub use filter::EmailLogFilter;
pub use status::DeliveryStatus;
pub use watched::{Origin, WatchedEmail};

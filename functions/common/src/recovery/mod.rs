//! Recovery requests: somebody asked for a link, or the system has a notice to send. The outbox of the system.

mod allowance;
mod decision;
#[cfg(feature = "http")]
mod link_desk;
mod pace;
mod request;
mod store;

pub use allowance::{AllowanceStore, MailAllowance, MailLimits, Spent, TooManyMails};
pub use decision::{Decision, Facts, decide};
#[cfg(feature = "http")]
pub use link_desk::LinkDesk;
pub use pace::Pace;
pub use request::{RecoveryRequest, RequestKey, RequestKeyring};
pub use store::{Accepted, RecoveryRequestStore, read_image};

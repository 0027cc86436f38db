//! Recovery requests: somebody asked for a link, or the system has a notice to send. The outbox of the system.

mod allowance;
mod decision;
mod pace;
mod request;
mod store;

pub use allowance::{AllowanceStore, MailAllowance, MailLimits, Spent, TooManyMails};
pub use decision::{Decision, Facts, decide};
pub use pace::Pace;
pub use request::{RecoveryRequest, RequestKey, RequestKeyring};
pub use store::{Accepted, RecoveryRequestStore, read_image};

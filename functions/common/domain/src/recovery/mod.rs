//! Recovery requests: somebody asked for a link, or the system has a notice to send. The outbox of the system.

mod allowance;
mod allowance_store;
mod decision;
mod pace;
mod pace_store;
mod request;
mod store;

pub use allowance::{ALLOWANCE_WINDOW, MailAllowance, MailLimits, Spent, TooManyMails};
pub use allowance_store::AllowanceStore;
pub use decision::{Decision, Facts, decide};
pub use pace::{OwnLinks, minute_of};
pub use pace_store::Pace;
pub use request::{Accepted, RecoveryRequest, RequestKey, RequestKeyring};
pub use store::{RecoveryRequestStore, read_image};

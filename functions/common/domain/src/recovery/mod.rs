//! Recovery requests: somebody asked for a link, or the system has a notice to send. The outbox of the system.

mod allowance;
mod decision;
mod pace;
mod request;

pub use allowance::{ALLOWANCE_WINDOW, MailAllowance, MailLimits, Spent, TooManyMails};
pub use decision::{Decision, Facts, decide};
pub use pace::{OwnLinks, minute_of};
pub use request::{Accepted, RecoveryRequest, RequestKey, RequestKeyring};

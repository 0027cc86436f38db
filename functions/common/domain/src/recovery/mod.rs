//! Email requests: somebody asked for a link, or the system has a notice to send. The outbox of the system.

mod decision;
mod recipient_limit;
mod request;
mod site_wide_limit;

pub use decision::{Decision, Facts, decide};
pub use recipient_limit::{Acquired, EmailLimits, MailedLink, RECIPIENT_LIMIT_WINDOW, RecipientLimit, TooManyEmails};
pub use request::{Accepted, EmailRequest, RequestKey, RequestKeyring, SecurityEvent};
pub use site_wide_limit::{OwnLinks, minute_of};

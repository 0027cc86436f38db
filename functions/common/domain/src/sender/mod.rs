//! The sender: our side of email delivery. What we send, what SES's refusals mean, and whether our setup is in order.

mod alarm;
mod checks;
mod event_path;
mod health;
mod refusal;
mod report;
mod state;
mod suppression_list;
mod verdicts;

use std::fmt;

use crate::{
    account::EmailAddress,
    email_log::{EmailId, EmailKind},
    request_id::RequestId,
};
pub use alarm::{AlarmKind, SenderAlarm};
pub use checks::{CheckName, SenderCheck, checks};
pub use event_path::event_path;
pub use health::{AccountHealth, IdentityHealth, SenderHealth, identity_names};
pub use refusal::{Refusal, RefusalClass, classify};
pub use report::{SenderReport, ShownReport};
pub use state::{Canary, SenderState};
pub use suppression_list::{SesSuppressionReason, SuppressedAtSes, is_spelling_of, spellings};

/// An email, ready to go. It holds a link, so it does not print.
#[derive(Clone)]
pub struct OutgoingEmail {
    /// The entry of the email log.
    pub email_id: EmailId,
    /// What it is about.
    pub kind: EmailKind,
    /// The one recipient.
    pub to: EmailAddress,
    /// The subject: one line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
    /// The API request that caused it, if one did.
    pub request_id: Option<RequestId>,
}

impl fmt::Debug for OutgoingEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingEmail")
            .field("email_id", &self.email_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

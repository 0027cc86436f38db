//! People whom Mailkey knows only from the email that the portal sends them.

use jiff::Timestamp;

use super::{Cause, Facts, Finding, RECENT, delivery::bare, finding::Check};
use crate::email_log::{DeliveryStatus, EmailLogEntry};

impl Facts {
    /// Whether the portal emails the address, and no user has it.
    pub(super) fn is_portal_only(&self) -> bool {
        self.user.is_none() && !self.watched.is_empty()
    }

    /// The newest email of the portal, if it is recent enough to say something about today.
    pub(super) fn portal_email(&self, now: Timestamp) -> Option<&EmailLogEntry> {
        self.watched.first().filter(|entry| now.duration_since(entry.requested_at) < RECENT)
    }
}

/// Mailkey can't send the portal's email again, so the advice says who can.
pub(super) fn reword(findings: &mut [Finding]) {
    for finding in findings {
        let text = &finding.fix.text;
        finding.fix.text = text
            .replace("send a new link", "send the email again from the portal")
            .replace("Send a new link", "Send the email again from the portal")
            .replace("change it on the record", "change it in the portal");
    }
}

/// What is fine: the server accepts other email for the address.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let mut checked = Vec::new();
    if facts.is_portal_only() {
        let summary = "The portal emails this address. Mailkey itself has no user record of it.".to_owned();
        checked.push(Check { check: "user", summary, denies: &[Cause::NoSuchUser] });
    }
    let delivered = facts.watched.iter().find_map(|entry| Some((entry, entry.latest(DeliveryStatus::Delivered)?)));
    if let Some((entry, event)) = delivered.filter(|(entry, _)| entry.status == DeliveryStatus::Delivered) {
        let from = entry.watched.as_ref().and_then(|email| email.shown_from()).unwrap_or("the portal");
        let said = event.detail.as_deref().map(|said| format!(": {}", bare(said))).unwrap_or_default();
        let summary = format!("The recipient’s server accepted an email from {from} at {}{said}.", event.at);
        checked.push(Check { check: "portal_email", summary, denies: &[Cause::MailboxDoesNotExist] });
    }
    checked
}

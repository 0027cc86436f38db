//! Which findings carry a note for the recipient's IT.

use super::{Cause, Facts, Finding, Who};
use crate::{
    email_log::{DeliveryStatus, Reason},
    recipient_it::{EmailTrace, NoteForIt},
};

/// The note, if the finding is about an email that the recipient's server blocked or delayed, or accepted and probably
/// quarantined. Not for a full mailbox, which needs no search, nor for a fault that only our side can fix.
pub(super) fn of(facts: &Facts, finding: &Finding) -> Option<NoteForIt> {
    let id = finding.evidence.iter().find_map(|evidence| evidence.email_id)?;
    let entry = facts.emails.iter().find(|entry| entry.id == id)?;
    let is_held = match entry.status {
        DeliveryStatus::Blocked | DeliveryStatus::Delayed => entry.reason != Some(Reason::MailboxFull),
        DeliveryStatus::Delivered => matches!(finding.cause, Cause::ProbablyInJunk | Cause::LinkOpenedByScannerOnly),
        _ => false,
    };
    let is_our_fault = finding.cause == Cause::RefusedSenderFault && finding.fix.who != Who::RecipientsIt;
    if !is_held || is_our_fault {
        return None;
    }
    let answered = entry.latest(entry.status);
    let identity = facts.health.identity.as_ref();
    Some(NoteForIt::new(&EmailTrace {
        at: answered.map_or(entry.updated_at, |event| event.at),
        recipient: &entry.recipient,
        from: &facts.from.for_delivery(),
        message_id: entry.message_id.as_deref(),
        mail_from_domain: identity.and_then(|identity| identity.mail_from_domain.as_deref()),
        reply: answered.and_then(|event| event.detail.as_deref()),
        exchangers: &facts.exchangers,
    }))
}

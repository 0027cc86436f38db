//! What a watched bounce does to an address.

use crate::{
    feedback::{Effect, Interpretation},
    ses_event::Affected,
    smtp::{Fault, SmtpCause, SmtpReply},
    suppression::SuppressionReason,
};

/// The codes that are about one mailbox: it doesn't exist, it has no place to deliver to, or it is closed
/// (RFC 3463 section 3.2, RFC 7505).
const OF_A_MAILBOX: [(u8, u16, u16); 3] = [(5, 1, 1), (5, 1, 10), (5, 2, 1)];

/// Whether a bounce of watched email suppresses the address. Mailkey doesn't know how well another system sends, so only
/// a reply about the mailbox itself counts: one of three codes, and no word against the sender.
pub fn suppresses(interpretation: &Interpretation, affected: &Affected) -> bool {
    let reply = SmtpReply::parse(affected.status.as_deref(), affected.diagnostic.as_deref());
    let code = reply.enhanced.map(|code| (code.class, code.subject, code.detail));
    let is_about_the_mailbox = code.is_some_and(|code| OF_A_MAILBOX.contains(&code));
    let cause: SmtpCause = reply.cause();
    interpretation.effect == Effect::Suppress(SuppressionReason::HardBounce)
        && is_about_the_mailbox
        && cause.fault() == Fault::Address
}

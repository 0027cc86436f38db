//! What became of the email that somebody waits for.

use jiff::{SignedDuration, Timestamp};

use super::{
    Cause, Certainty, Facts, Finding,
    account::{name, send_link},
    finding::{Check, Evidence, Fix},
};
use crate::{
    email_log::{DeliveryStatus, EmailLogEntry, Reason, TimelineEvent},
    smtp::SmtpCause,
};

/// SES's events come within seconds; after so long without any something is wrong with their way.
const SILENCE: SignedDuration = SignedDuration::from_mins(10);

/// What the last email's status says.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let Some(entry) = facts.awaited() else { return Vec::new() };
    let finding = match entry.status {
        DeliveryStatus::Queued | DeliveryStatus::SendFailedRetrying => Some(being_sent(entry, now)),
        DeliveryStatus::Sent => Some(sent(facts, entry, now)),
        DeliveryStatus::Delayed => Some(delayed(entry, now)),
        DeliveryStatus::SoftBounced | DeliveryStatus::Blocked | DeliveryStatus::Rejected | DeliveryStatus::Bounced => {
            Some(came_back(facts, entry))
        }
        DeliveryStatus::SendFailed => not_handed_over(facts, entry),
        DeliveryStatus::Skipped
        | DeliveryStatus::Delivered
        | DeliveryStatus::Suppressed
        | DeliveryStatus::Complained => None,
    };
    finding.into_iter().collect()
}

fn being_sent(entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let again = entry.status == DeliveryStatus::SendFailedRetrying;
    let done = if again { "could not be handed to SES yet, and is tried again" } else { "waits to be handed to SES" };
    let seen = Evidence::of(entry, format!("{} {done}.", name(entry.kind)), entry.updated_at);
    let (certainty, summary, fix) = if now.duration_since(entry.requested_at) >= SILENCE {
        let fix = "Look at the sender page and at the mailer’s log: an email waits longer than it should. Then send the link again.";
        (Certainty::Likely, "The email has waited to be sent for more than ten minutes, which is too long.", fix)
    } else if again {
        let fix = "Wait a few minutes, and look again: it is tried again by itself.";
        (Certainty::Certain, "SES could not take the email at the first attempt, and it is tried again.", fix)
    } else {
        (Certainty::Certain, "The email is about to be sent.", "Wait a minute, and look again.")
    };
    Finding::new(Cause::StillOnTheWay, certainty, summary, Fix::by_hand(fix)).because([seen])
}

fn sent(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let handed_over = entry.latest(DeliveryStatus::Sent).map_or(entry.updated_at, |event| event.at);
    let seen = Evidence::of(entry, format!("{} was handed to SES.", name(entry.kind)), handed_over);
    if now.duration_since(handed_over) < SILENCE {
        let fix = Fix::by_hand("Wait a few minutes: SES says within that time what became of it.");
        let summary = "The email was handed to SES a moment ago, and is on the way.";
        return Finding::new(Cause::StillOnTheWay, Certainty::Certain, summary, fix).because([seen]);
    }
    let proven = match facts.proven_at() {
        Some(at) => Evidence::at("The last event of SES that we heard of.", at),
        None => Evidence::new("No event of SES was ever heard of."),
    };
    let text = "Look at the sender page: if its event path is wrong, the way from SES’s topic to our queue has to be mended \
                (nobody’s delivery status is known until then). If it is fine, send the link again.";
    let summary = "SES took the email, and has said nothing of it since: whether it arrived is not known.";
    Finding::new(Cause::NoFeedback, Certainty::Certain, summary, Fix::by_hand(text)).because([seen, proven])
}

fn delayed(entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let last = entry.latest(DeliveryStatus::Delayed);
    let until = last.and_then(|event| event.until);
    let said = last.and_then(|event| event.detail.as_deref()).map_or("it gave no reason", bare);
    let seen = Evidence::of(
        entry,
        format!("The receiving host has not taken it yet: {said}"),
        last.map_or(entry.updated_at, |it| it.at),
    );
    if entry.reason == Some(Reason::MailboxFull) {
        let fix = Fix::by_hand("Ask the user to make room in the mailbox; SES goes on trying. Or use another address.");
        let summary = "The mailbox is full; SES goes on trying to deliver the email.";
        return Finding::new(Cause::MailboxFull, Certainty::Certain, summary, fix).because([seen]);
    }
    let wait = match until {
        Some(until) if until > now => format!("Wait: SES goes on trying until {until}."),
        _ => "SES has given up by now, or is about to: send a new link, or use another address.".to_owned(),
    };
    let summary = "The email is still on the way: the receiving host puts it off.";
    Finding::new(Cause::StillOnTheWay, Certainty::Certain, summary, Fix::by_hand(wait)).because([seen])
}

/// It came back; the entry's reason says why.
fn came_back(facts: &Facts, entry: &EmailLogEntry) -> Finding {
    let last = entry.latest(entry.status);
    let said = last.and_then(|event| event.detail.as_deref()).map(bare);
    let said = said.map_or("It came back without a reason.".to_owned(), |said| format!("It came back with: {said}"));
    let seen = Evidence::of(entry, said, last.map_or(entry.updated_at, |event| event.at));
    let (cause, certainty, summary, fix) = match entry.reason {
        Some(Reason::MailboxDoesNotExist) => (
            Cause::MailboxDoesNotExist,
            Certainty::Certain,
            "There is no mailbox with this address, says its host.",
            "Ask the user for the right address and correct the record, or ask their IT to make the mailbox.",
        ),
        Some(Reason::MailboxFull) => (
            Cause::MailboxFull,
            Certainty::Certain,
            "The mailbox is full, and the email was returned.",
            "Ask the user to make room, and send a new link; or use another address.",
        ),
        Some(Reason::RefusedAsSpam | Reason::RefusedContent) => (
            Cause::RefusedAsSpam,
            Certainty::Certain,
            "The receiving host refused the email for its content: it took it for spam, or does not allow it.",
            "Ask the recipient’s IT to let mail of our sending domain in, with the host’s answer as evidence.",
        ),
        Some(Reason::RefusedSenderFault | Reason::TemplateBroken | Reason::Virus) => (
            Cause::RefusedSenderFault,
            Certainty::Certain,
            "The email was refused for our fault, not the recipient’s: authentication, reputation, policy or content.",
            "Look at the sender page and mend what it names; then send the link again. The address is fine.",
        ),
        Some(Reason::DomainInvalid) => (
            Cause::TypoInDomain,
            Certainty::Certain,
            "The domain of the address does not exist or takes no mail: the email came back.",
            "Ask the user for the right address, and correct the record.",
        ),
        Some(Reason::TimedOut | Reason::HostTrouble | Reason::Greylisted) => (
            Cause::DomainWideTrouble,
            Certainty::Possible,
            "The recipient’s host was in trouble, or could not be reached, until SES gave up.",
            "Send the link again later, or use another address.",
        ),
        _ => {
            let meaning = last.map_or(SmtpCause::Undetermined, TimelineEvent::meaning);
            (Cause::DomainWideTrouble, Certainty::Possible, meaning.in_plain_words(), meaning.fix())
        }
    };
    let again = facts
        .user
        .as_ref()
        .filter(|_| matches!(cause, Cause::MailboxFull | Cause::DomainWideTrouble | Cause::RefusedSenderFault));
    let fix = match again.and_then(send_link) {
        Some(action) => Fix::by(action, fix),
        None => Fix::by_hand(fix),
    };
    Finding::new(cause, certainty, summary, fix).because([seen])
}

/// SES did not take it, for a reason that is about this email or about that moment. What SES has against our account or
/// domain is found where the sender is looked at.
fn not_handed_over(facts: &Facts, entry: &EmailLogEntry) -> Option<Finding> {
    let said = entry.latest(DeliveryStatus::SendFailed).and_then(|event| event.detail.as_deref());
    let (summary, fix) = match entry.reason {
        Some(Reason::RefusedBySes) => (
            "SES refused to take this email.",
            "Read SES’s answer: it says what it does not like about this email. The address is fine otherwise.",
        ),
        Some(
            Reason::SenderPaused
            | Reason::SenderSuspended
            | Reason::SenderOverQuota
            | Reason::SenderUnverified
            | Reason::SenderMisconfigured,
        ) => return None,
        _ => (
            "The email could not be handed to SES: SES was failing, too slow, or took no more mail.",
            "Look at the sender page; when everything there is fine, send the link again. The address is fine.",
        ),
    };
    let seen = Evidence::of(entry, said.unwrap_or("SES gave no reason."), entry.updated_at);
    let fix = match facts.user.as_ref().and_then(send_link) {
        Some(action) if entry.reason != Some(Reason::RefusedBySes) => Fix::by(action, fix),
        _ => Fix::by_hand(fix),
    };
    Some(Finding::new(Cause::RefusedSenderFault, Certainty::Likely, summary, fix).because([seen]))
}

/// What a host said, without the name of the protocol that SES puts before it.
pub(super) fn bare(said: &str) -> &str {
    said.strip_prefix("smtp;").unwrap_or(said).trim()
}

/// What is fine.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let delivered = facts.emails.iter().find_map(|entry| Some((entry, entry.latest(DeliveryStatus::Delivered)?)));
    let Some((entry, event)) = delivered else { return Vec::new() };
    let said = event.detail.as_deref().map(|said| format!(": {}", bare(said))).unwrap_or_default();
    let summary = format!("{} was taken by the recipient’s host at {}{said}.", name(entry.kind), event.at);
    vec![Check { check: "delivery", summary, denies: &[Cause::MailboxDoesNotExist, Cause::NoFeedback] }]
}

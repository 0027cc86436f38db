//! What became of the email that somebody waits for.

use jiff::Timestamp;

use super::{
    Cause, Certainty, Facts, Finding, PATIENCE, Severity, Who,
    account::{name, resend},
    address::{first_sentence, wrong_address},
    finding::{Check, Evidence, Fix},
};
use crate::{
    clock::{ago, time_left},
    email_log::{DeliveryStatus, EmailLogEntry, Reason, TimelineEvent},
    smtp::{Fault, SmtpCause},
};

/// What the last email's status says; if a suppression held that one back, what became of the email before it.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let Some(entry) = telling(facts, now) else { return Vec::new() };
    let finding = match entry.status {
        DeliveryStatus::Queued | DeliveryStatus::SendFailedRetrying => Some(being_sent(facts, entry, now)),
        DeliveryStatus::Sent => Some(sent(facts, entry, now)),
        DeliveryStatus::Delayed => Some(delayed(facts, entry, now)),
        DeliveryStatus::SoftBounced | DeliveryStatus::Blocked | DeliveryStatus::Rejected | DeliveryStatus::Bounced => {
            Some(came_back(facts, entry, now))
        }
        DeliveryStatus::SendFailed => not_handed_over(facts, entry, now),
        DeliveryStatus::Skipped
        | DeliveryStatus::Delivered
        | DeliveryStatus::Suppressed
        | DeliveryStatus::Complained => None,
    };
    finding.into_iter().collect()
}

/// The awaited email; if the address was suppressed when it was to go out, the failed one that led to the suppression.
fn telling(facts: &Facts, now: Timestamp) -> Option<&EmailLogEntry> {
    let awaited = facts.awaited_now(now)?;
    let was_held_back =
        awaited.status == DeliveryStatus::Suppressed || awaited.reason == Some(Reason::AddressSuppressed);
    if !was_held_back {
        return Some(awaited);
    }
    let is_still = facts.is_held_back(now) || awaited.status == DeliveryStatus::Suppressed;
    if !is_still || !facts.is_suppressed_by_failures(now) {
        return None;
    }
    let fails = |entry: &&EmailLogEntry| {
        matches!(entry.status, DeliveryStatus::SoftBounced | DeliveryStatus::Blocked | DeliveryStatus::Bounced)
    };
    let has_outcome = |entry: &&EmailLogEntry| entry.status.rank() > DeliveryStatus::Delayed.rank();
    let earlier =
        facts.emails.iter().filter(|entry| entry.id != awaited.id && entry.status != DeliveryStatus::Suppressed);
    earlier.filter(has_outcome).take(1).find(fails)
}

fn being_sent(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let again = entry.status == DeliveryStatus::SendFailedRetrying;
    let done = if again { "couldn’t be handed to SES yet and is retried" } else { "is queued" };
    let seen = Evidence::of(entry, format!("{} {done}.", name(entry.kind)), entry.updated_at);
    let late_at = entry.requested_at.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
    let (severity, certainty, summary, fix) = if now >= late_at {
        let text = "Our operators should check the sender page and the mailer’s log. Then send a new link.";
        let fix = if facts.user.is_some() { resend(facts, now, text) } else { Fix::ask(Who::Operator, text) };
        (
            Severity::Warning,
            Certainty::Likely,
            "The email has been queued for more than ten minutes, which is too long.",
            fix,
        )
    } else if again {
        let text = "Wait a few minutes and check again. It’s retried automatically.";
        (
            Severity::Info,
            Certainty::Certain,
            "SES couldn’t accept the email yet; we’re retrying.",
            Fix::wait(late_at, text),
        )
    } else {
        (
            Severity::Info,
            Certainty::Certain,
            "The email is about to be sent.",
            Fix::wait(late_at, "Wait a minute and check again."),
        )
    };
    Finding::new(Cause::StillOnTheWay, severity, certainty, summary, fix).because([seen])
}

fn sent(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let handed_over = entry.latest(DeliveryStatus::Sent).map_or(entry.updated_at, |event| event.at);
    let seen = Evidence::of(entry, format!("{} was accepted by SES.", name(entry.kind)), handed_over);
    let late_at = handed_over.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
    if now < late_at {
        let fix = Fix::wait(late_at, "Wait a few minutes. SES reports the outcome within that time.");
        let summary = format!("SES accepted the email {}; it’s on its way.", ago(handed_over, now));
        return Finding::new(Cause::StillOnTheWay, Severity::Info, Certainty::Certain, summary, fix).because([seen]);
    }
    let proven = match facts.proven_at() {
        Some(at) => Evidence::at("The last event from SES about this address, or a test email.", at),
        None => Evidence::new("No event from SES about this address, or a test email, has been received."),
    };
    let text = "Open Sender and check the delivery events. If they don’t arrive, the path from SES’s topic to our queue needs \
                fixing. If they do, send a new link.";
    let summary = "SES accepted the email but hasn’t reported its outcome, so we don’t know whether it arrived.";
    let fix = Fix::ask(Who::Operator, text);
    Finding::new(Cause::NoFeedback, Severity::Warning, Certainty::Certain, summary, fix).because([seen, proven])
}

fn delayed(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let last = entry.latest(DeliveryStatus::Delayed);
    let until = last.and_then(|event| event.until);
    let said = last.and_then(|event| event.detail.as_deref()).map_or("it gave no reason", bare);
    let at = last.map_or(entry.updated_at, |it| it.at);
    let seen = Evidence::of(entry, format!("The recipient’s server hasn’t accepted it yet: {said}"), at);
    if entry.reason == Some(Reason::MailboxFull) {
        let fix = Fix::ask(
            Who::User,
            "Ask the user to make room in the mailbox. SES keeps retrying. Or use another address.",
        );
        let summary = "The mailbox is full; SES keeps trying to deliver the email.";
        return Finding::new(Cause::MailboxFull, Severity::Blocking, Certainty::Certain, summary, fix).because([seen]);
    }
    let fix = match until {
        Some(until) if until > now => Fix::wait(
            until,
            format!(
                "Wait. SES keeps trying for up to another {}. If the user can’t wait, use another address.",
                time_left(until, now)
            ),
        ),
        _ => resend(facts, now, "SES has stopped retrying, or is about to. Send a new link, or use another address."),
    };
    let summary = "The email is still on its way: the recipient’s server is delaying it.";
    Finding::new(Cause::StillOnTheWay, Severity::Info, Certainty::Certain, summary, fix).because([seen])
}

/// It came back: the entry's reason names the cause, and the server's reply the details.
fn came_back(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Finding {
    let last = entry.latest(entry.status);
    let detail = last.and_then(|event| event.detail.as_deref());
    let said =
        detail.map_or("It came back without a reason.".to_owned(), |said| format!("It came back with: {}", bare(said)));
    let seen = Evidence::of(entry, said, last.map_or(entry.updated_at, |event| event.at));
    let smtp = last.map_or(SmtpCause::Undetermined, TimelineEvent::meaning);
    let sentence = |otherwise: &str| match smtp {
        SmtpCause::Undetermined => otherwise.to_owned(),
        smtp => first_sentence(smtp.in_plain_words()).to_owned(),
    };
    let advice = |otherwise| if smtp == SmtpCause::Undetermined { otherwise } else { smtp.fix() };
    let (blocking, warning) = (Severity::Blocking, Severity::Warning);
    let (certain, possible) = (Certainty::Certain, Certainty::Possible);
    let (cause, severity, certainty, summary, fix) = match entry.reason {
        Some(Reason::MailboxDoesNotExist) => {
            let is_clear = smtp.fault() == Fault::Address || detail.is_none();
            let certainty = if is_clear { certain } else { Certainty::Likely };
            let otherwise = "The recipient’s server says this mailbox doesn’t exist.";
            let summary = if is_clear { sentence(otherwise) } else { otherwise.to_owned() };
            (Cause::MailboxDoesNotExist, blocking, certainty, summary, wrong_address(facts))
        }
        Some(Reason::MailboxFull) => {
            let summary = "The mailbox is full, and the email was returned.".to_owned();
            let fix = resend(facts, now, SmtpCause::MailboxFull.fix());
            (Cause::MailboxFull, blocking, certain, summary, fix)
        }
        Some(Reason::DomainInvalid) => {
            let summary = "The domain of the address doesn’t exist or doesn’t accept email.".to_owned();
            (Cause::TypoInDomain, blocking, certain, summary, wrong_address(facts))
        }
        Some(Reason::RefusedByRecipient) => {
            let who = if smtp == SmtpCause::BlockedByRecipient { Who::User } else { Who::RecipientsIt };
            let text = "Ask the mailbox’s owner, or their IT, to allow our sender address. Then send a new link.";
            let summary = sentence("The mailbox’s owner doesn’t accept our email.");
            (Cause::RefusedByRecipient, blocking, certain, summary, Fix::ask(who, advice(text)))
        }
        Some(Reason::RefusedAsSpam | Reason::RefusedContent) => {
            let who = if smtp == SmtpCause::MessageTooLarge { Who::Operator } else { Who::RecipientsIt };
            let text = "Ask the recipient’s IT to allow email from our sending domain. Send them the server’s reply.";
            let summary = sentence("The recipient’s server rejected the email because of its content.");
            (Cause::RefusedAsSpam, blocking, certain, summary, Fix::ask(who, advice(text)))
        }
        Some(Reason::RefusedSenderFault | Reason::TemplateBroken | Reason::Virus) => {
            let text = "Open Sender and fix what it lists, then send a new link. If Sender shows no problem, the server’s reply \
                        says what to fix. The user’s address is fine.";
            let summary = sentence("The email was rejected because of a problem on our side.");
            let fix = match smtp {
                SmtpCause::Policy => Fix::ask(Who::RecipientsIt, smtp.fix()),
                SmtpCause::Protocol => resend(facts, now, smtp.fix()),
                _ => Fix::ask(Who::Operator, advice(text)),
            };
            (Cause::RefusedSenderFault, blocking, certain, summary, fix)
        }
        Some(Reason::TimedOut | Reason::HostTrouble | Reason::Greylisted) => {
            let summary =
                sentence("The recipient’s server had a problem or couldn’t be reached until SES stopped retrying.");
            let text = advice("Send a new link later, or use another address.");
            let fix = match smtp {
                SmtpCause::LoopOrRouting => Fix::ask(Who::RecipientsIt, text),
                _ => resend(facts, now, text),
            };
            (Cause::DomainWideTrouble, warning, possible, summary, fix)
        }
        _ => {
            let unclear = SmtpCause::Undetermined;
            let fix = resend(facts, now, unclear.fix());
            (Cause::Undetermined, warning, possible, unclear.in_plain_words().to_owned(), fix)
        }
    };
    Finding::new(cause, severity, certainty, summary, fix).because([seen])
}

/// SES did not take it, for a reason that is about this email or about that moment. What SES has against our account or
/// domain is found where the sender is looked at.
fn not_handed_over(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Option<Finding> {
    let said = entry.latest(DeliveryStatus::SendFailed).and_then(|event| event.detail.as_deref());
    let (summary, fix) = match entry.reason {
        Some(Reason::RefusedBySes) => (
            "SES rejected this email.",
            Fix::ask(Who::Operator, "Read SES’s reply: it says what is wrong with this email. Then send a new link."),
        ),
        Some(
            Reason::SenderPaused
            | Reason::SenderSuspended
            | Reason::SenderOverQuota
            | Reason::SenderUnverified
            | Reason::SenderMisconfigured,
        ) => return None,
        _ => (
            "The email couldn’t be handed to SES, which was failing or too slow at that moment.",
            resend(facts, now, "Send a new link. If it fails again, open Sender and fix what it lists."),
        ),
    };
    let seen = Evidence::of(entry, said.unwrap_or("SES gave no reason."), entry.updated_at);
    Some(Finding::new(Cause::RefusedSenderFault, Severity::Warning, Certainty::Likely, summary, fix).because([seen]))
}

/// What a host said, without the name of the protocol that SES puts before it.
pub(super) fn bare(said: &str) -> &str {
    said.strip_prefix("smtp;").unwrap_or(said).trim()
}

/// What is fine.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Vec<Check> {
    let delivered = facts.emails.iter().find_map(|entry| Some((entry, entry.latest(DeliveryStatus::Delivered)?)));
    let Some((entry, event)) = delivered else { return Vec::new() };
    let said = event.detail.as_deref().map(|said| format!(": {}", bare(said))).unwrap_or_default();
    let summary = format!("{} was accepted by the recipient’s server {}{said}.", name(entry.kind), ago(event.at, now));
    vec![Check { check: "delivery", summary, denies: &[Cause::MailboxDoesNotExist, Cause::NoFeedback] }]
}

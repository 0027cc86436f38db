//! What is known of the address: suppressions, and its domain.

use jiff::Timestamp;

use super::{
    Action, Cause, Certainty, Facts, Finding, Severity, Who,
    account::resend,
    delivery::bare,
    finding::{Check, Evidence, Fix},
};
use crate::{
    clock::{ago, time_left},
    dns::MxVerdict,
    email_log::{DeliveryStatus, Reason, Trigger},
    sender::SesSuppressionReason,
    smtp::{Fault, SmtpReply},
    suppression::{Cause as Suppressed, Scope, SuppressionReason},
    typo,
};

/// Suppressions, ours and SES's, and the dead mailbox that caused one.
pub(super) fn find_suppressions(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let active = facts.suppression.as_ref().map(|record| record.active(now)).unwrap_or_default();
    findings.extend(active.iter().find_map(|cause| dead_mailbox(facts, cause, now)));
    // Our suppressions hold back our email, not the portal's.
    if let Some(first) = active.first().filter(|_| !facts.is_portal_only()) {
        findings.push(here(facts, first, &active, now));
    }
    let text =
        "If the address is right and the mailbox works: send a new link. If it bounces again, it’s suppressed again.";
    let refused = facts.awaited_now(now).filter(|entry| entry.status == DeliveryStatus::Suppressed);
    if let Some(listed) = facts.listed() {
        let why = match listed.reason {
            SesSuppressionReason::Bounce => "an email to it bounced",
            SesSuppressionReason::Complaint => "its owner marked an email as spam",
        };
        let reason = format!("SES’s suppression list contains {}, because {why}.", listed.address);
        let summary = "The address is on SES’s suppression list, so SES sends it nothing.";
        let text = match listed.reason {
            SesSuppressionReason::Bounce => text,
            SesSuppressionReason::Complaint => "Only if the user asks for email: send a new link.",
        };
        let fix = resend(facts, now, text);
        let finding = Finding::new(Cause::SuppressedAtSes, Severity::Blocking, Certainty::Certain, summary, fix);
        findings.push(finding.because([Evidence::at(reason, listed.since)]));
    } else if let Some(entry) = refused {
        let detail = entry.in_order().into_iter().rev().find_map(|event| event.detail.clone());
        let seen = Evidence::of(entry, detail.unwrap_or_else(|| "SES did not send it.".to_owned()), entry.updated_at);
        let summary = "SES accepted the last email but didn’t send it, because the address was on a suppression list.";
        let severity = if facts.at_ses == Some(None) { Severity::Warning } else { Severity::Blocking };
        let fix = resend(facts, now, text);
        let finding = Finding::new(Cause::SuppressedAtSes, severity, Certainty::Likely, summary, fix);
        findings.push(finding.because([seen]));
    }
    findings
}

fn here(facts: &Facts, first: &Suppressed, active: &[&Suppressed], now: Timestamp) -> Finding {
    let by_request =
        "The user can request a link, once a day. Only if they ask you to, remove the suppression and send one.";
    let (severity, certainty, summary, text) = match first.scope() {
        Scope::All if first.reason == SuppressionReason::Manual => (
            Severity::Blocking,
            Certainty::Certain,
            format!("Email to this address is suppressed: {}.", first.reason.in_plain_words()),
            "Read why. Only if the user asks for email: send a new link.",
        ),
        Scope::All => (
            Severity::Blocking,
            Certainty::Certain,
            format!("Email to this address is suppressed: {}.", first.reason.in_plain_words()),
            "If the address is right and the mailbox works: send a new link. If it bounces again, it’s suppressed again.",
        ),
        // The owner's own request isn't held back, so this may be the reason, but need not be.
        Scope::AutomaticMail => (
            Severity::Warning,
            Certainty::Possible,
            format!("Only links that the user requests are sent, once a day: {}.", first.reason.in_plain_words()),
            by_request,
        ),
    };
    let evidence = active.iter().map(|cause| suppressed(cause, now));
    let fix = resend(facts, now, text);
    Finding::new(Cause::SuppressedHere, severity, certainty, summary, fix).because(evidence)
}

fn suppressed(cause: &Suppressed, now: Timestamp) -> Evidence {
    let said = cause.detail.as_deref().map_or(".".to_owned(), |detail| format!(": {}", bare(detail)));
    let until = cause.expires_at.map(|until| format!(" for another {}", time_left(until, now)));
    let until = until.unwrap_or_default();
    Evidence {
        at: Some(cause.since),
        email_id: cause.email_id,
        ..Evidence::new(format!("The address is suppressed{until}, because {}{said}", cause.reason.in_plain_words()))
    }
}

/// The dead mailbox behind a suppression: what the server said is kept with the suppression for longer than the email is
/// kept in the log.
fn dead_mailbox(facts: &Facts, cause: &Suppressed, now: Timestamp) -> Option<Finding> {
    let said = cause.detail.as_deref().filter(|_| cause.reason == SuppressionReason::HardBounce)?;
    let smtp = SmtpReply::parse(None, Some(said)).cause();
    if smtp.fault() != Fault::Address {
        return None;
    }
    let (summary, fix) = (first_sentence(smtp.in_plain_words()), wrong_address(facts));
    let finding = Finding::new(Cause::MailboxDoesNotExist, Severity::Blocking, Certainty::Certain, summary, fix);
    Some(finding.because([suppressed(cause, now)]))
}

/// The first of the sentences; the others belong to what to do.
pub(super) fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// What to do about an address that no mailbox has.
pub(super) fn wrong_address(facts: &Facts) -> Fix {
    let text = "Ask the user for the right address and change it on the record. Only if the address is right and the \
                mailbox exists now, remove the suppression and send a new link.";
    change_address(facts, None, text)
}

/// Changes the address on record, to this one if it is known.
pub(super) fn change_address(facts: &Facts, to: Option<&crate::account::EmailAddress>, text: &str) -> Fix {
    match &facts.user {
        Some(user) => Fix::by(Action::ChangeAddress(user.id, to.cloned()), text),
        None => Fix::ask(Who::User, text),
    }
}

impl Facts {
    /// The address on SES's suppression list.
    pub(super) fn listed(&self) -> Option<&crate::sender::SuppressedAtSes> {
        self.at_ses.as_ref().and_then(Option::as_ref)
    }

    /// Whether a link that staff sends now would be held back.
    pub(super) fn is_held_back(&self, now: Timestamp) -> bool {
        let here = self.suppression.as_ref().is_some_and(|record| record.holding_back(Trigger::Admin, now).is_some());
        here || self.listed().is_some()
    }

    /// Whether every suppression of the address follows from emails that failed: not from a complaint, and not from an
    /// administrator.
    pub(super) fn is_suppressed_by_failures(&self, now: Timestamp) -> bool {
        let active = self.suppression.as_ref().map(|record| record.active(now)).unwrap_or_default();
        let by_failure =
            |cause: &&Suppressed| !matches!(cause.reason, SuppressionReason::Complaint | SuppressionReason::Manual);
        active.iter().all(by_failure) && self.listed().is_none_or(|it| it.reason == SesSuppressionReason::Bounce)
    }
}

/// A misspelt domain, or one that takes no mail.
pub(super) fn find_typo(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let domain = facts.address.key().domain();
    let dead = match facts.mx {
        MxVerdict::NoSuchDomain => Some("doesn’t exist"),
        MxVerdict::NoMail => Some("has no mail server"),
        MxVerdict::NullMx => Some("says that it never accepts email (RFC 7505)"),
        MxVerdict::Accepts | MxVerdict::WeakAccepts | MxVerdict::Suspicious | MxVerdict::Unknown => None,
    };
    let bounced = facts.awaited_now(now).filter(|entry| entry.reason == Some(Reason::DomainInvalid));
    let is_used = facts.emails.iter().any(|entry| entry.redeemed_at.is_some() || entry.person_acted_at.is_some());
    if dead.is_none() && bounced.is_none() && (facts.suggestion.is_none() || is_used) {
        return Vec::new();
    }
    let severity = if dead.is_some() || bounced.is_some() { Severity::Blocking } else { Severity::Warning };
    let certainty = match &facts.suggestion {
        _ if severity == Severity::Blocking => Certainty::Certain,
        Some(suggestion) if suggestion.certainty == typo::Certainty::Likely => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let meant = facts.suggestion.as_ref().map(|suggestion| &suggestion.address);
    let typed = meant.map(|meant| meant.as_typed());
    let summary = match (dead, typed) {
        (Some(dead), Some(meant)) => format!("The domain {domain} {dead}; {meant} was probably meant."),
        (Some(dead), None) => format!("The domain {domain} {dead}, so nothing sent to it can arrive."),
        (None, Some(meant)) => format!("The domain {domain} looks mistyped; {meant} was probably meant."),
        (None, None) => format!("The domain {domain} didn’t accept our last email."),
    };
    let text = "Ask the user, then change the address on the record. Changing it notifies the old address. Then send a new link.";
    let fix = change_address(facts, meant, text);
    let asked = dead.map(|dead| Evidence::new(format!("DNS says: {domain} {dead}.")));
    let returned =
        bounced.map(|entry| Evidence::of(entry, "An email bounced: the domain is invalid.", entry.updated_at));
    let alike = facts.suggestion.as_ref().map(|suggestion| Evidence::new(suggestion.why.in_plain_words()));
    let mut finding = Finding::new(Cause::TypoInDomain, severity, certainty, summary, fix);
    finding = finding.because(asked).because(returned).because(alike);
    finding.suggestion = meant.cloned();
    vec![finding]
}

/// What is fine.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Vec<Check> {
    let mut checked = Vec::new();
    let removed = facts.suppression.as_ref().and_then(|record| record.removals.last());
    let since = removed
        .map(|removal| format!(" It was, until the suppression was removed {}.", ago(removal.at, now)))
        .unwrap_or_default();
    let expired =
        facts.suppression.as_ref().and_then(|record| record.causes.iter().find(|cause| !cause.is_active(now)));
    let expired = expired
        .and_then(|cause| cause.expires_at)
        .map(|at| format!(" It was, until {}.", ago(at, now)))
        .unwrap_or_default();
    let summary = format!("The address isn’t suppressed here.{since}{expired}");
    // A root cause may have absorbed the finding, so the record itself decides.
    if facts.suppression.as_ref().is_none_or(|record| record.active(now).is_empty()) {
        checked.push(Check { check: "suppression", summary, denies: &[Cause::SuppressedHere] });
    }
    if facts.at_ses == Some(None) {
        let summary = "The address isn’t on our account’s suppression list at SES.".to_owned();
        checked.push(Check { check: "suppression_at_ses", summary, denies: &[Cause::SuppressedAtSes] });
    }
    if matches!(facts.mx, MxVerdict::Accepts | MxVerdict::WeakAccepts) {
        let summary = format!("The domain {} accepts email.", facts.address.key().domain());
        checked.push(Check { check: "domain", summary, denies: &[Cause::TypoInDomain] });
    }
    checked
}

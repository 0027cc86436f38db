//! What is known of the address: suppressions, and its domain.

use jiff::Timestamp;
use serde_json::json;

use super::{
    Cause, Certainty, Facts, Finding,
    delivery::bare,
    finding::{Action, Check, Evidence, Fix, in_path},
};
use crate::{
    account::UserStatus,
    dns::MxVerdict,
    email_log::{DeliveryStatus, Reason},
    sender::SesSuppressionReason,
    suppression::{Cause as Suppressed, Scope, SuppressionReason},
    typo,
};

/// Suppressions, ours and SES's.
pub(super) fn find_suppressions(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let active = facts.suppression.as_ref().map(|record| record.active(now)).unwrap_or_default();
    if let Some(first) = active.first() {
        findings.push(here(facts, first, &active));
    }
    let listed = facts.at_ses.as_ref().and_then(Option::as_ref);
    let refused = facts.awaited().filter(|entry| entry.status == DeliveryStatus::Suppressed);
    if let Some(listed) = listed {
        let why = match listed.reason {
            SesSuppressionReason::Bounce => "an email to it bounced",
            SesSuppressionReason::Complaint => "its owner called an email spam",
        };
        let reason = format!("SES’s list has {}, because {why}.", listed.address);
        let summary = "SES keeps this address on its suppression list and sends it nothing.";
        let finding = Finding::new(Cause::SuppressedAtSes, Certainty::Certain, summary, remove(facts));
        findings.push(finding.because([Evidence::at(reason, listed.since)]));
    } else if let Some(entry) = refused {
        let detail = entry.in_order().into_iter().rev().find_map(|event| event.detail.clone());
        let text = detail.unwrap_or_else(|| "SES did not send it.".to_owned());
        let summary = "SES took the last email and did not send it: the address was on a suppression list there.";
        let finding = Finding::new(Cause::SuppressedAtSes, Certainty::Likely, summary, remove(facts));
        findings.push(finding.because([Evidence::of(entry, text, entry.updated_at)]));
    }
    findings
}

fn here(facts: &Facts, first: &Suppressed, active: &[&Suppressed]) -> Finding {
    let summary = match first.scope() {
        Scope::All => format!("Email to this address is suppressed: {}.", why(first.reason)),
        Scope::AutomaticMail => format!(
            "Mail that nobody asked for is suppressed ({}); a link the user asks for still goes, once a day.",
            why(first.reason)
        ),
    };
    let evidence = active.iter().map(|cause| {
        let said = cause.detail.as_deref().map_or(".".to_owned(), |detail| format!(": {}", bare(detail)));
        let until = cause.expires_at.map(|until| format!(" until {until}")).unwrap_or_default();
        Evidence {
            at: Some(cause.since),
            email_id: cause.email_id,
            ..Evidence::new(format!("Suppressed{until}, because {}{said}", why(cause.reason)))
        }
    });
    // Of a complaint the owner's own request is not held back: it may well be the reason, but it need not be.
    let certainty = if first.scope() == Scope::All { Certainty::Certain } else { Certainty::Possible };
    Finding::new(Cause::SuppressedHere, certainty, summary, remove(facts)).because(evidence)
}

/// What follows a "because".
fn why(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::HardBounce => "an email to it came back for good",
        SuppressionReason::DomainInvalid => "its domain does not exist or takes no email",
        SuppressionReason::ProviderGlobal => "SES has it on the list it keeps for all its customers",
        SuppressionReason::ProviderAccount => "it is on our account’s list at SES",
        SuppressionReason::ProviderValidation => "SES judged it to be bad",
        SuppressionReason::Complaint => "its owner called an email of ours spam",
        SuppressionReason::SoftRepeat => "several emails in a row came back",
        SuppressionReason::Manual => "an administrator put it on the list",
    }
}

fn remove(facts: &Facts) -> Fix {
    let path = format!("/api/admin/suppressions/{}", in_path(&facts.address));
    if facts.user.as_ref().is_some_and(|user| user.status != UserStatus::Inactive) {
        let text = "If the address is right and the mailbox exists now: remove the suppression, here and at SES, and send a new \
             link. If it bounces again, it is suppressed again. Otherwise correct the address.";
        Fix::by(Action::post(format!("{path}/remove-and-resend")), text)
    } else {
        Fix::by(Action { method: "DELETE", path, body: None }, "Remove the suppression, here and at SES.")
    }
}

/// A misspelt domain, or one that takes no mail.
pub(super) fn find_typo(facts: &Facts) -> Vec<Finding> {
    let domain = facts.address.key().domain();
    let dead = match facts.mx {
        MxVerdict::NoSuchDomain => Some("does not exist"),
        MxVerdict::NoMail => Some("has no mail host"),
        MxVerdict::NullMx => Some("says that it never takes mail (RFC 7505)"),
        MxVerdict::Accepts | MxVerdict::WeakAccepts | MxVerdict::Suspicious | MxVerdict::Unknown => None,
    };
    let bounced = facts.emails.iter().find(|entry| entry.reason == Some(Reason::DomainInvalid));
    if facts.suggestion.is_none() && dead.is_none() && bounced.is_none() {
        return Vec::new();
    }
    let certainty = match &facts.suggestion {
        _ if dead.is_some() || bounced.is_some() => Certainty::Certain,
        Some(suggestion) if suggestion.certainty == typo::Certainty::Likely => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let meant = facts.suggestion.as_ref().map(|suggestion| &suggestion.address);
    let summary = match (dead, meant) {
        (Some(dead), Some(meant)) => format!("The domain {domain} {dead}; {} was probably meant.", meant.as_typed()),
        (Some(dead), None) => format!("The domain {domain} {dead}, so nothing sent to it can arrive."),
        (None, Some(meant)) => format!("The domain {domain} looks misspelt; {} was probably meant.", meant.as_typed()),
        (None, None) => format!("The domain {domain} took no email when we last sent some."),
    };
    let text =
        "Ask the user, and correct the address on the record: the former address is told, and a new link can be sent.";
    let fix = match (&facts.user, meant) {
        (Some(user), Some(meant)) => {
            Fix::by(Action::patch(format!("/api/admin/users/{}", user.id), json!({ "email": meant.as_typed() })), text)
        }
        _ => Fix::by_hand(text),
    };
    let asked = dead.map(|dead| Evidence::new(format!("The DNS says: {domain} {dead}.")));
    let returned =
        bounced.map(|entry| Evidence::of(entry, "An email came back: the domain is invalid.", entry.updated_at));
    let alike = facts.suggestion.as_ref().map(|suggestion| Evidence::new(suggestion.why.in_plain_words()));
    let mut finding = Finding::new(Cause::TypoInDomain, certainty, summary, fix);
    finding = finding.because(asked).because(returned).because(alike);
    finding.suggestion = meant.cloned();
    vec![finding]
}

/// What is fine.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Vec<Check> {
    let mut checked = Vec::new();
    let removed = facts.suppression.as_ref().and_then(|record| record.removals.last());
    let since = removed.map(|removal| format!(" It was, until it was removed at {}.", removal.at)).unwrap_or_default();
    let expired =
        facts.suppression.as_ref().and_then(|record| record.causes.iter().find(|cause| !cause.is_active(now)));
    let expired =
        expired.and_then(|cause| cause.expires_at).map(|at| format!(" It was, until {at}.")).unwrap_or_default();
    let summary = format!("The address is not suppressed here.{since}{expired}");
    checked.push(Check { check: "suppression", summary, denies: &[Cause::SuppressedHere] });
    if facts.at_ses == Some(None) {
        let summary = "The address is not on our account’s suppression list at SES.".to_owned();
        checked.push(Check { check: "suppression_at_ses", summary, denies: &[Cause::SuppressedAtSes] });
    }
    if matches!(facts.mx, MxVerdict::Accepts | MxVerdict::WeakAccepts) {
        let summary = format!("The domain {} takes mail.", facts.address.key().domain());
        checked.push(Check { check: "domain", summary, denies: &[Cause::TypoInDomain] });
    }
    checked
}

//! What the account and the requests say.

use jiff::Timestamp;

use super::{
    Action, Cause, Certainty, Facts, Finding, PATIENCE, RECENT, Severity, Who,
    finding::{Check, Evidence, Fix},
};
use crate::{
    account::{User, UserStatus},
    clock::{ago, time_left},
    config::Directory,
    email_log::{DeliveryStatus, EmailKind, EmailLogEntry, Reason},
    lockout::{Lock, MAX_IN_ROW},
};

/// What the user record says.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let Some(user) = &facts.user else {
        return if facts.is_portal_only() { Vec::new() } else { vec![no_such_user(facts)] };
    };
    let mut findings = Vec::new();
    match user.status {
        UserStatus::Inactive => findings.push(inactive(facts, user)),
        UserStatus::Pending => findings.push(pending(facts, user, now)),
        UserStatus::Active => {}
    }
    if let Some(lock) = facts.lock {
        let text = "Unlock the account, or have the user reset the password: that unlocks it, too.";
        let (summary, seen) = match lock {
            Lock::Until(until) => (
                format!(
                    "Sign-in is locked for another {} after too many wrong passwords; email isn’t affected.",
                    time_left(until, now)
                ),
                Evidence::at("The lock ends by itself.", until),
            ),
            Lock::UntilRecovery => (
                format!(
                    "Sign-in from new devices is locked after {MAX_IN_ROW} wrong passwords in a row; email isn’t affected."
                ),
                Evidence::new("This lock ends when the user resets the password, or when you unlock the account."),
            ),
        };
        let fix = Fix::by(Action::Unlock(user.id), text);
        findings.push(
            Finding::new(Cause::AccountLocked, Severity::Warning, Certainty::Certain, summary, fix).because([seen]),
        );
    }
    findings
}

fn no_such_user(facts: &Facts) -> Finding {
    let refused = facts.emails.iter().filter(|entry| entry.reason == Some(Reason::NoSuchUser));
    let asked = refused.take(3).map(|entry| {
        Evidence::of(
            entry,
            "A link was requested. None was sent, because no user has this address.",
            entry.requested_at,
        )
    });
    let text = match facts.near.first() {
        Some(near) => {
            format!("Ask which address the user signed up with. {} is on record and almost the same.", near.as_typed())
        }
        None => "Ask which address the user signed up with, or create the user.".to_owned(),
    };
    let near = facts.near.iter().map(|near| Evidence::new(format!("On record: {}", near.as_typed())));
    let (certainty, summary, fix) = match facts.directory {
        Directory::Own => {
            (Certainty::Certain, "No user has this address, so no email goes to it.", Fix::ask(Who::User, text))
        }
        // The portal may know the person, so this says little.
        Directory::None => (
            Certainty::Possible,
            "No email from a watched sender to this address has been logged.",
            Fix::ask(
                Who::Operator,
                "Check in the portal which address the person has, and whether it sent an email. Open Sender to see \
                 when the last event of each watched sender arrived.",
            ),
        ),
    };
    let mut finding = Finding::new(Cause::NoSuchUser, Severity::Blocking, certainty, summary, fix);
    finding = finding.because(asked).because(near);
    if finding.evidence.is_empty() {
        finding = finding.because([Evidence::new("No user record has this address.")]);
    }
    finding.suggestion = facts.near.first().cloned();
    finding
}

fn inactive(facts: &Facts, user: &User) -> Finding {
    let text = "If the user should have access, activate the account. Then send a new link.";
    let skipped = facts.emails.iter().filter(|entry| entry.reason == Some(Reason::UserInactive));
    let asked = skipped.take(3).map(|entry| {
        Evidence::of(entry, format!("{} was not sent: the user is inactive.", name(entry.kind)), entry.requested_at)
    });
    let summary = "The user is inactive, and inactive users get no email.";
    let fix = Fix::by(Action::Activate(user.id), text);
    Finding::new(Cause::UserInactive, Severity::Blocking, Certainty::Certain, summary, fix)
        .because([Evidence::new("The user record says inactive.")])
        .because(asked)
}

fn pending(facts: &Facts, user: &User, now: Timestamp) -> Finding {
    let seen = Evidence::at("The user was created and hasn’t set a password yet.", user.created_at);
    let patient_until = user.created_at.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
    let (severity, summary, fix) = if now < patient_until {
        let text = "Give the user a few minutes to open the activation email. Then check again.";
        let summary = format!("This account was created {} and hasn’t been activated yet.", ago(user.created_at, now));
        (Severity::Info, summary, Fix::wait(patient_until, text))
    } else {
        let summary = "This account hasn’t been activated, so the user gets activation emails, not resets.".to_owned();
        let text = "Resend the activation email. The user sets the first password with its link.";
        (Severity::Warning, summary, resend(facts, now, text))
    };
    Finding::new(Cause::UserPending, severity, Certainty::Certain, summary, fix).because([seen])
}

/// Nobody asked for a link, or not lately. `is_blocked` says whether something else keeps links from being sent.
pub(super) fn find_never_asked(facts: &Facts, now: Timestamp, is_blocked: bool) -> Option<Finding> {
    facts.user.as_ref()?;
    let last = facts.links().next();
    if last.is_some_and(|entry| now.duration_since(entry.requested_at) < RECENT) {
        return None;
    }
    let seen = match last {
        Some(entry) => {
            let status = entry.status.as_str().replace('_', " ");
            Evidence::of(entry, format!("The last link: {}, {status}.", name(entry.kind)), entry.requested_at)
        }
        None => Evidence::new("The email log has no link for this address."),
    };
    // A request of the user's own is not sent to a suppressed address.
    let text = if facts.is_held_back(now) {
        "If the user needs one: send a link."
    } else if is_blocked {
        "If the user needs one: send a link once the problem above is fixed."
    } else {
        "If the user needs one: send a link, or tell the user to request one with exactly this address."
    };
    let summary = "No link was requested for this address in the last seven days.";
    let fix = resend(facts, now, text);
    Some(Finding::new(Cause::NeverAsked, Severity::Ok, Certainty::Certain, summary, fix).because([seen]))
}

/// The last link was not sent for a reason that no longer applies.
pub(super) fn find_skipped(facts: &Facts, now: Timestamp) -> Option<Finding> {
    let user = facts.user.as_ref()?;
    let entry = facts.awaited_now(now).filter(|entry| entry.status == DeliveryStatus::Skipped)?;
    let (cause, summary) = match entry.reason? {
        Reason::UserInactive if user.status != UserStatus::Inactive => (
            Cause::UserInactive,
            "The last link wasn’t sent because the user was inactive then; the account has been activated since.",
        ),
        Reason::AddressSuppressed if !facts.is_held_back(now) => (
            Cause::SuppressedHere,
            "The last link wasn’t sent because the address was suppressed then; it no longer is.",
        ),
        Reason::NoSuchUser => {
            (Cause::NoSuchUser, "When the last link was requested, no user had this address; now there is one.")
        }
        Reason::RequestTooOld => {
            (Cause::NeverAsked, "The last request was more than a day old when we handled it, so nothing was sent.")
        }
        Reason::AlreadyActive => {
            (Cause::NeverAsked, "The last email was for activating the account, which was active already.")
        }
        _ => return None,
    };
    let fix = resend(facts, now, "Send a new link.");
    Some(Finding::new(cause, Severity::Warning, Certainty::Certain, summary, fix).because([not_sent(entry)]))
}

/// The last link was not sent, since too many were.
pub(super) fn find_limit(facts: &Facts, now: Timestamp) -> Option<Finding> {
    let entry = facts.awaited_now(now).filter(|entry| entry.status == DeliveryStatus::Skipped)?;
    facts.user.as_ref()?;
    let (severity, certainty, summary, text) = match entry.reason? {
        Reason::SenderPaced => (
            Severity::Warning,
            Certainty::Certain,
            "The last link was not sent because the site-wide sending limit was reached in that minute.",
            "Send a link now, or tell the user to request one again. Check the email log for a flood of requests.",
        ),
        Reason::RateLimited if facts.no_link_until.is_some_and(|until| until > now) => (
            Severity::Blocking,
            Certainty::Certain,
            "The last link was not sent because this address has reached its limit of links.",
            "Send a link now: the limit doesn’t apply to links that you send. The newest link sent before still works, too.",
        ),
        Reason::RateLimited => (
            Severity::Warning,
            Certainty::Likely,
            "The last link was not sent because this address had reached its limit of links.",
            "Send a new link. Links sent before may still work, too.",
        ),
        _ => return None,
    };
    let again = facts.no_link_until.filter(|until| *until > now && entry.reason == Some(Reason::RateLimited));
    let again =
        again.map(|until| Evidence::new(format!("The user can request the next link in {}.", time_left(until, now))));
    let fix = resend(facts, now, text);
    let finding = Finding::new(Cause::RateLimited, severity, certainty, summary, fix);
    Some(finding.because([not_sent(entry)]).because(again))
}

fn not_sent(entry: &EmailLogEntry) -> Evidence {
    Evidence::of(entry, format!("{} was not sent.", name(entry.kind)), entry.requested_at)
}

/// Sends the user a new link, in whatever way the API accepts now: if the address is suppressed, the suppression is
/// removed first. The limit of links applies only to links that the user requests.
pub(super) fn resend(facts: &Facts, now: Timestamp, text: &str) -> Fix {
    let Some(user) = &facts.user else {
        let who = if facts.is_portal_only() { Who::Operator } else { Who::User };
        return Fix::ask(who, text);
    };
    if user.status == UserStatus::Inactive {
        return Fix::ask(Who::Administrator, format!("Activate the user first. {text}"));
    }
    if facts.is_held_back(now) {
        let text = format!("{text} Sending the link removes the suppression, here and at SES.");
        return Fix::by(Action::RemoveAndResend(user.email.clone()), text);
    }
    let action = match user.status {
        UserStatus::Pending => Action::ResendActivation(user.id),
        UserStatus::Active | UserStatus::Inactive => Action::SendLink(user.id),
    };
    Fix::by(action, text)
}

/// What is fine.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Vec<Check> {
    let mut checked = Vec::new();
    if let Some(user) = &facts.user {
        if user.status == UserStatus::Active {
            let denies = &[Cause::UserInactive, Cause::UserPending];
            checked.push(Check { check: "user", summary: "The user exists and is active.".to_owned(), denies });
        }
        let denies = &[Cause::AccountLocked];
        checked.push(Check { check: "lock", summary: "Sign-in isn’t locked.".to_owned(), denies });
    }
    if let Some(entry) = facts.links().next().filter(|entry| entry.status != DeliveryStatus::Skipped) {
        let summary = format!("{} was requested {}.", name(entry.kind), ago(entry.requested_at, now));
        checked.push(Check { check: "request", summary, denies: &[Cause::NeverAsked, Cause::RateLimited] });
    }
    checked
}

/// What an email is called.
pub(super) fn name(kind: EmailKind) -> &'static str {
    match kind {
        EmailKind::PasswordReset => "A link to reset the password",
        EmailKind::Activation => "An activation email",
        EmailKind::PasswordChanged => "The notice that the password was changed",
        EmailKind::AccountLocked => "The notice about the locked account",
        EmailKind::AccountUnlocked => "The notice that the account is unlocked",
        EmailKind::SecurityNotice => "The notice about access to the portal",
        EmailKind::AddressChanged => "The notice that the address was changed",
        EmailKind::Canary => "A test email (“canary”)",
        EmailKind::Other => "An email from the portal",
    }
}

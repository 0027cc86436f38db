//! What the account and the requests say.

use jiff::Timestamp;
use serde_json::json;

use super::{
    Cause, Certainty, Facts, Finding, RECENT,
    finding::{Action, Check, Evidence, Fix},
};
use crate::{
    account::{User, UserStatus},
    email_log::{DeliveryStatus, EmailKind, Reason},
    lockout::{Lock, MAX_IN_ROW},
};

/// What the user record says.
pub(super) fn find(facts: &Facts) -> Vec<Finding> {
    let Some(user) = &facts.user else { return vec![no_such_user(facts)] };
    let mut findings = Vec::new();
    match user.status {
        UserStatus::Inactive => findings.push(inactive(facts, user)),
        UserStatus::Pending => findings.push(pending(user)),
        UserStatus::Active => {}
    }
    if let Some(lock) = facts.lock {
        let action = Action::post(format!("/api/admin/users/{}/unlock", user.id));
        let fix = Fix::by(action, "Unlock the account, or have the user reset the password: that unlocks it too.");
        let (summary, seen) = match lock {
            Lock::Until(until) => (
                format!("Sign-in is locked until {until} after too many wrong passwords; mail is not affected."),
                Evidence::at("The lock ends by itself.", until),
            ),
            Lock::UntilRecovery => (
                format!(
                    "Sign-in from new devices is locked after {MAX_IN_ROW} wrong passwords in a row; mail is not affected."
                ),
                Evidence::new("This lock ends when the user resets the password, or when you unlock the account."),
            ),
        };
        findings.push(Finding::new(Cause::AccountLocked, Certainty::Certain, summary, fix).because([seen]));
    }
    findings
}

fn no_such_user(facts: &Facts) -> Finding {
    let refused = facts.emails.iter().filter(|entry| entry.reason == Some(Reason::NoSuchUser));
    let asked = refused.take(3).map(|entry| {
        Evidence::of(entry, "A link was asked for; none was sent, since no user has this address.", entry.requested_at)
    });
    let fix = match facts.near.first() {
        Some(near) => Fix::by_hand(format!(
            "Ask which address the user signed up with. {near} is on record and nearly the same: tell the user, or \
             change the record if it is the one that is wrong.",
            near = near.as_typed()
        )),
        None => Fix::by_hand("Ask which address the user signed up with, or create the user."),
    };
    let near = facts.near.iter().map(|near| Evidence::new(format!("On record: {}", near.as_typed())));
    let summary = "No user has this address, so no email goes to it.";
    let mut finding = Finding::new(Cause::NoSuchUser, Certainty::Certain, summary, fix).because(asked).because(near);
    finding.suggestion = facts.near.first().cloned();
    finding
}

fn inactive(facts: &Facts, user: &User) -> Finding {
    let action = Action::patch(format!("/api/admin/users/{}", user.id), json!({ "status": "active" }));
    let fix = Fix::by(action, "Activate the user if the account is to be used, and send a new link.");
    let skipped = facts.emails.iter().filter(|entry| entry.reason == Some(Reason::UserInactive));
    let asked = skipped.take(3).map(|entry| {
        Evidence::of(entry, format!("{} was not sent: the user is inactive.", name(entry.kind)), entry.requested_at)
    });
    let summary = "The user is inactive, and inactive users get no mail.";
    Finding::new(Cause::UserInactive, Certainty::Certain, summary, fix)
        .because([Evidence::new("The user record says inactive.")])
        .because(asked)
}

fn pending(user: &User) -> Finding {
    let action = Action::post(format!("/api/admin/users/{}/resend-activation", user.id));
    let fix = Fix::by(action, "Send the activation email again; the user sets the first password with its link.");
    let summary = "The account was never activated: the user gets activation emails, and no email to reset a password.";
    Finding::new(Cause::UserPending, Certainty::Certain, summary, fix)
        .because([Evidence::at("The user was created, and has set no password yet.", user.created_at)])
}

/// Nobody asked for a link, or not lately.
pub(super) fn find_never_asked(facts: &Facts, now: Timestamp) -> Option<Finding> {
    let user = facts.user.as_ref()?;
    let last = facts.links().next();
    if last.is_some_and(|entry| now.duration_since(entry.requested_at) < RECENT) {
        return None;
    }
    let seen = match last {
        Some(entry) => {
            Evidence::of(entry, format!("The last link: {}, {}.", name(entry.kind), entry.status), entry.requested_at)
        }
        None => Evidence::new("The email log has no link for this address."),
    };
    let fix = match send_link(user) {
        Some(action) => Fix::by(action, "Send a link, or tell the user to ask for one with exactly this address."),
        None => Fix::by_hand("Activate the user first; then send a link, or have the user ask for one."),
    };
    let summary = "Nobody asked for a link with this address within the last seven days.";
    Some(Finding::new(Cause::NeverAsked, Certainty::Certain, summary, fix).because([seen]))
}

/// The last link was not sent, since too many were.
pub(super) fn find_limit(facts: &Facts, now: Timestamp) -> Option<Finding> {
    let entry = facts.links().next().filter(|entry| now.duration_since(entry.requested_at) < RECENT)?;
    let user = facts.user.as_ref()?;
    if entry.reason == Some(Reason::SenderPaced) {
        let summary = "The last link was not sent: in that minute as many went out as may, to all addresses together.";
        let seen = Evidence::of(entry, format!("{} was not sent.", name(entry.kind)), entry.requested_at);
        let wait = "Send a link now, or tell the user to ask again. Look at the email log, too: was it a flood?";
        let fix = send_link(user).map_or(Fix::by_hand(wait), |action| Fix::by(action, wait));
        return Some(Finding::new(Cause::RateLimited, Certainty::Certain, summary, fix).because([seen]));
    }
    if entry.reason != Some(Reason::RateLimited) {
        return None;
    }
    let until = facts.no_link_until.filter(|until| *until > now);
    let wait = match until {
        Some(until) => {
            format!("The next link can go out at {until}. A link sent before may still work: use the newest.")
        }
        None => "A new link can be asked for now. The links sent before may still work as well.".to_owned(),
    };
    let summary = "The last link was not sent: this address had as many as it may have in that time.";
    let seen = Evidence::of(entry, format!("{} was not sent.", name(entry.kind)), entry.requested_at);
    let certainty = if until.is_some() { Certainty::Certain } else { Certainty::Likely };
    Some(Finding::new(Cause::RateLimited, certainty, summary, Fix::by_hand(wait)).because([seen]))
}

/// The call that sends the user a new link; `None` for an inactive user, who gets none.
pub(super) fn send_link(user: &User) -> Option<Action> {
    let link = match user.status {
        UserStatus::Pending => "resend-activation",
        UserStatus::Active => "reset-password",
        UserStatus::Inactive => return None,
    };
    Some(Action::post(format!("/api/admin/users/{}/{link}", user.id)))
}

/// What is fine.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let mut checked = Vec::new();
    if let Some(user) = &facts.user {
        if user.status == UserStatus::Active {
            let denies = &[Cause::UserInactive, Cause::UserPending];
            checked.push(Check { check: "user", summary: "The user exists and is active.".to_owned(), denies });
        }
        let denies = &[Cause::AccountLocked];
        checked.push(Check { check: "lock", summary: "Sign-in is not locked.".to_owned(), denies });
    }
    if let Some(entry) = facts.links().next().filter(|entry| entry.status != DeliveryStatus::Skipped) {
        let summary = format!("{} was asked for at {}.", name(entry.kind), entry.requested_at);
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
        EmailKind::AccountLocked => "The notice that the account is locked",
        EmailKind::AccountUnlocked => "The notice that the account is unlocked",
        EmailKind::AddressChanged => "The notice that the address was changed",
        EmailKind::Canary => "A canary",
    }
}

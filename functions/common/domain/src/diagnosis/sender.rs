//! What our own side says: the account at SES, the domain, the recipient's domain as others see it.

use jiff::{SignedDuration, Timestamp};

use super::{
    Cause, Certainty, Facts, Finding, RECENT,
    finding::{Check, Evidence, Fix},
};
use crate::{
    email_log::{DeliveryStatus, EmailLogEntry, Reason},
    sender::AlarmKind,
};

/// A burst of bounces says something about a domain for so long.
const TROUBLE_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// What is wrong at SES: what it says now, or what it said to the last email.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let account = facts.health.account.as_ref();
    let mut findings = Vec::new();
    if account.is_some_and(|account| !account.production_access) {
        let summary = "Our account at SES is in the sandbox: it may write to verified addresses only.";
        let fix = "In the SES console of this Region: Account dashboard, Request production access. Until it is granted, verify the recipient’s address in the console.";
        let seen = Evidence::new("SES says: no production access.");
        findings.push(certain(Cause::SenderSandboxed, summary, fix).because([seen]));
    }
    let paused = facts.state.alarms.iter().filter(|alarm| alarm.kind == AlarmKind::SendingPaused);
    let paused = paused.filter(|alarm| alarm.is_current(now)).max_by_key(|alarm| (alarm.last_at, &alarm.subject));
    if account.is_some_and(|account| account.is_paused()) || paused.is_some() {
        let summary = "Sending is paused at SES: no email goes out to anybody.";
        let fix = "In the SES console: Account dashboard and Reputation metrics say why. Mend that, and ask AWS to resume sending.";
        let seen = paused.map(|alarm| {
            let why = alarm.detail.as_deref().map(|why| format!(" {why}")).unwrap_or_default();
            Evidence::at(format!("SES said that sending is switched off.{why}"), alarm.last_at)
        });
        let says = account.filter(|account| account.is_paused()).map(|_| Evidence::new("SES says: sending is off."));
        findings.push(certain(Cause::SenderPaused, summary, fix).because(seen).because(says));
    }
    if let Some(account) = account.filter(|account| account.is_over_quota()) {
        let summary = "The day’s quota at SES is used up: mail goes out again as the last 24 hours move on.";
        let fix = "In the SES console: Account dashboard, Request a limit increase.";
        let text = format!("{} of {} emails in 24 hours.", account.sent_last_24_hours, account.daily_quota);
        findings.push(certain(Cause::SenderOverQuota, summary, fix).because([Evidence::new(text)]));
    }
    if let Some(identity) = facts.health.identity.as_ref().filter(|identity| !identity.exists || !identity.verified) {
        let summary = "SES does not know our sending domain as ours: it takes no mail from it.";
        let fix = "In the SES console: Verified identities. Publish the DKIM records that it names, and wait until it says Verified.";
        let seen = Evidence::new(format!("SES says: {} is not verified.", identity.name));
        findings.push(certain(Cause::SenderUnverified, summary, fix).because([seen]));
    }
    if let Some(failed) = facts.awaited_now(now).filter(|entry| entry.status == DeliveryStatus::SendFailed)
        && let Some(finding) = failed_then(failed).filter(|finding| findings.iter().all(|it| it.cause != finding.cause))
    {
        findings.push(finding);
    }
    findings
}

fn certain(cause: Cause, summary: &str, fix: &str) -> Finding {
    Finding::new(cause, Certainty::Certain, summary, Fix::by_hand(fix))
}

/// What SES refused the last email for, where it does not say so any more.
fn failed_then(entry: &EmailLogEntry) -> Option<Finding> {
    let (cause, summary) = match entry.reason? {
        Reason::SenderPaused | Reason::SenderSuspended => {
            (Cause::SenderPaused, "Sending was paused at SES when the email was to go out.")
        }
        Reason::SenderOverQuota => {
            (Cause::SenderOverQuota, "The day’s quota was used up when the email was to go out.")
        }
        Reason::SenderUnverified | Reason::SenderMisconfigured => (
            Cause::SenderUnverified,
            "SES did not accept our sender, or the recipient while in the sandbox, when the email was to go out.",
        ),
        _ => return None,
    };
    let said = entry.in_order().into_iter().rev().find_map(|event| event.detail.clone());
    let seen = Evidence::of(entry, said.unwrap_or_else(|| "SES refused it.".to_owned()), entry.updated_at);
    let fix = Fix::by_hand("Look at the sender page; when everything there is fine, send the link again.");
    Some(Finding::new(cause, Certainty::Likely, summary, fix).because([seen]))
}

/// Trouble of the recipient's whole domain.
pub(super) fn find_trouble(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let domain = facts.address.key().domain();
    let is_burst = |alarm: &&crate::sender::SenderAlarm| {
        alarm.kind == AlarmKind::DomainBurst
            && alarm.subject.as_deref() == Some(domain)
            && now.duration_since(alarm.last_at) < TROUBLE_LASTS.min(RECENT)
    };
    let Some(alarm) = facts.state.alarms.iter().find(is_burst) else { return Vec::new() };
    let summary =
        format!("Email to many addresses at {domain} came back at once: the domain is in trouble, or refuses us.");
    let fix = "Wait until the domain works again, and send the link again. Nobody’s address was suppressed for it.";
    let said = alarm.detail.as_deref().map(|said| format!(": {said}")).unwrap_or_default();
    let seen =
        Evidence::at(format!("{} emails came back with the same words{said}", alarm.count.max(5)), alarm.last_at);
    let finding = Finding::new(Cause::DomainWideTrouble, Certainty::Likely, summary, Fix::by_hand(fix));
    vec![finding.because([seen])]
}

/// What is fine.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let denies = &[Cause::SenderSandboxed, Cause::SenderPaused, Cause::SenderOverQuota, Cause::SenderUnverified];
    let known = facts.health.account.is_some() && facts.health.identity.is_some();
    let summary = "Our account at SES may send, is within its quota, and its sending domain is verified.".to_owned();
    known.then_some(Check { check: "sender", summary, denies }).into_iter().collect()
}

//! What our own side says: the account at SES, the domain, the recipient's domain as others see it.

use jiff::{SignedDuration, Timestamp};

use super::{
    Cause, Certainty, Facts, Finding, RECENT, Severity, Who,
    account::resend,
    finding::{Check, Evidence, Fix},
};
use crate::{
    email_log::{DeliveryStatus, EmailLogEntry, Reason},
    sender::{AlarmKind, SenderAlarm},
};

/// How long a burst of bounces is evidence about a domain.
const TROUBLE_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// How long no address of a domain is suppressed after a burst.
const BURST_LASTS: SignedDuration = SignedDuration::from_hours(1);

/// What is wrong at SES: what it says now, or what it said to the last email.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let account = facts.health.account.as_ref();
    let mut findings = Vec::new();
    if account.is_some_and(|account| !account.production_access) {
        let summary = "Our SES account is in the sandbox, so it can only email verified addresses.";
        let fix = "In the SES console of this Region: Account dashboard, Request production access. Until then, verify the recipient’s address there.";
        let seen = Evidence::new("SES says: no production access.");
        findings.push(certain(Cause::SenderSandboxed, summary, fix).because([seen]));
    }
    let paused = facts.state.alarms.iter().filter(|alarm| alarm.kind == AlarmKind::SendingPaused);
    let paused = paused.filter(|alarm| alarm.is_current(now)).max_by_key(|alarm| (alarm.last_at, &alarm.subject));
    if account.is_some_and(|account| account.is_paused()) || paused.is_some() {
        let summary = "Sending is paused at SES: no email goes out to anyone.";
        let fix = "In the SES console: Account dashboard and Reputation metrics show why. Fix that, then ask AWS to resume sending.";
        let seen = paused.map(|alarm| {
            let why = alarm.detail.as_deref().map(|why| format!(" {why}")).unwrap_or_default();
            Evidence::at(format!("SES reported that sending is switched off.{why}"), alarm.last_at)
        });
        let says = account.filter(|account| account.is_paused()).map(|_| Evidence::new("SES says: sending is off."));
        findings.push(certain(Cause::SenderPaused, summary, fix).because(seen).because(says));
    }
    if let Some(account) = account.filter(|account| account.is_over_quota()) {
        let summary = "The daily SES quota is used up, so no email goes out until some of the last 24 hours’ emails are a day old.";
        let fix = "In the SES console: Account dashboard, Request a limit increase.";
        let text = format!("{} of {} emails in 24 hours.", account.sent_last_24_hours, account.daily_quota);
        findings.push(certain(Cause::SenderOverQuota, summary, fix).because([Evidence::new(text)]));
    }
    if let Some(identity) = facts.health.identity.as_ref().filter(|identity| !identity.exists || !identity.verified) {
        let summary = "Our sending domain isn’t verified with SES, so SES accepts no email from it.";
        let fix = "In the SES console: Verified identities. Publish the DKIM records it lists, and wait until it shows Verified.";
        let seen = Evidence::new(format!("SES says: {} is not verified.", identity.name));
        findings.push(certain(Cause::SenderUnverified, summary, fix).because([seen]));
    }
    if let Some(failed) = facts.awaited_now(now).filter(|entry| entry.status == DeliveryStatus::SendFailed)
        && let Some(finding) =
            failed_then(facts, failed, now).filter(|finding| findings.iter().all(|it| it.cause != finding.cause))
    {
        findings.push(finding);
    }
    findings
}

fn certain(cause: Cause, summary: &str, fix: &str) -> Finding {
    Finding::new(cause, Severity::Blocking, Certainty::Certain, summary, Fix::ask(Who::Operator, fix))
}

/// What SES refused the last email for, where it does not say so any more.
fn failed_then(facts: &Facts, entry: &EmailLogEntry, now: Timestamp) -> Option<Finding> {
    let (cause, summary) = match entry.reason? {
        Reason::SenderPaused | Reason::SenderSuspended => {
            (Cause::SenderPaused, "Sending was paused at SES when we tried to send the email.")
        }
        Reason::SenderOverQuota => {
            (Cause::SenderOverQuota, "The daily SES quota was used up when we tried to send the email.")
        }
        Reason::SenderUnverified | Reason::SenderMisconfigured => (
            Cause::SenderUnverified,
            "SES rejected our sender, or a recipient that isn’t verified in the sandbox, when we tried to send the email.",
        ),
        _ => return None,
    };
    let said = entry.in_order().into_iter().rev().find_map(|event| event.detail.clone());
    let seen = Evidence::of(entry, said.unwrap_or_else(|| "SES rejected it.".to_owned()), entry.updated_at);
    let fix = if facts.health.account.is_some() {
        resend(facts, now, "SES no longer reports this problem. Send a new link.")
    } else {
        Fix::ask(Who::Operator, "Open Sender and fix what it lists. Then send a new link.")
    };
    Some(Finding::new(cause, Severity::Warning, Certainty::Likely, summary, fix).because([seen]))
}

/// The burst of bounces at the recipient's domain.
pub(super) fn burst(facts: &Facts, now: Timestamp) -> Option<&SenderAlarm> {
    let domain = facts.address.key().domain();
    facts.state.alarms.iter().find(|alarm| {
        alarm.kind == AlarmKind::DomainBurst
            && alarm.subject.as_deref() == Some(domain)
            && now.duration_since(alarm.last_at) < TROUBLE_LASTS.min(RECENT)
    })
}

/// Trouble of the recipient's whole domain.
pub(super) fn find_trouble(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let Some(alarm) = burst(facts, now) else { return Vec::new() };
    let domain = facts.address.key().domain();
    let summary =
        format!("Emails to many addresses at {domain} failed at once: its server has a problem or rejects us.");
    let over_at = alarm.last_at.saturating_add(BURST_LASTS).unwrap_or(Timestamp::MAX);
    let text = "Once the domain works again, send a new link. No address was suppressed because of it.";
    let fix = if now < over_at { Fix::wait(over_at, text) } else { resend(facts, now, text) };
    let said = alarm.detail.as_deref().map(|said| format!(": {said}")).unwrap_or_default();
    let seen = format!("{} emails failed with the same reply{said}", alarm.count.max(5));
    let severity = if now < over_at { Severity::Blocking } else { Severity::Warning };
    let finding = Finding::new(Cause::DomainWideTrouble, severity, Certainty::Likely, summary, fix);
    vec![finding.because([Evidence::at(seen, alarm.last_at)])]
}

/// What is fine.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let denies = &[Cause::SenderSandboxed, Cause::SenderPaused, Cause::SenderOverQuota, Cause::SenderUnverified];
    let known = facts.health.account.is_some() && facts.health.identity.is_some();
    let summary = "Our SES account can send and is within its quota, and our sending domain is verified.".to_owned();
    known.then_some(Check { check: "sender", summary, denies }).into_iter().collect()
}

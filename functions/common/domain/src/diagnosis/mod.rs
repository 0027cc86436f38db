//! Diagnosis: why an email did not arrive, with the evidence and the fix.
//!
//! The facts are gathered in a bounded number of reads, by the function `diagnose`; everything else here is pure: the
//! same facts give the same answer.

mod account;
mod action;
mod address;
mod cause;
mod damage;
mod delivery;
mod finding;
mod link;
mod portal;
mod recipient_note;
mod roots;
mod sender;
#[cfg(test)]
mod tests;
mod unsupported;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    account::{EmailAddress, User},
    clock::ago,
    config::Directory,
    dns::MxVerdict,
    email_log::{EmailId, EmailKind, EmailLogEntry},
    json::Rfc3339,
    lockout::Lock,
    sender::{SenderHealth, SenderState, SuppressedAtSes},
    suppression::SuppressionRecord,
    typo::Suggestion,
};
pub use action::{Action, ActionKind, Asker, MainAction, Who};
pub use cause::{Cause, Certainty, Severity};
use finding::ShownFinding;
pub use finding::{Check, Evidence, Finding, Fix};

/// What happened longer ago explains no email that somebody waits for today.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// SES's events come within seconds, and providers that hold email back do so for a few minutes (Google Workspace: about
/// four). Before this time nothing is late.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// What is known when it is asked why somebody does not get mail.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who asks.
    pub asker: Asker,
    /// The address that was asked about.
    pub address: EmailAddress,
    /// Where members live.
    pub directory: Directory,
    /// The user who has it.
    pub user: Option<User>,
    /// Addresses of users that are nearly this one, where no user has it.
    pub near: Vec<EmailAddress>,
    /// The lock on sign-in from unknown devices.
    pub lock: Option<Lock>,
    /// What is known against the address.
    pub suppression: Option<SuppressionRecord>,
    /// The address on SES's own list; `None` where SES did not answer.
    pub at_ses: Option<Option<SuppressedAtSes>>,
    /// The address's emails from Mailkey, the newest first.
    pub emails: Vec<EmailLogEntry>,
    /// The address's emails from watched senders, the newest first.
    pub watched: Vec<EmailLogEntry>,
    /// Until when a link that the user requests is refused, because too many were sent. Links of staff never are.
    pub no_link_until: Option<Timestamp>,
    /// What SES says of our account and domain.
    pub health: SenderHealth,
    /// Our alarms, and the canary.
    pub state: SenderState,
    /// Whether the address's domain takes mail.
    pub mx: MxVerdict,
    /// The mail exchangers of the address's domain, the preferred one first.
    pub exchangers: Vec<String>,
    /// What the address was probably meant to be.
    pub suggestion: Option<Suggestion>,
    /// Our From address, whose domain a recipient's IT has to let in.
    pub from: EmailAddress,
}

impl Facts {
    /// The emails that carry a link, the newest first.
    fn links(&self) -> impl Iterator<Item = &EmailLogEntry> {
        self.emails.iter().filter(|entry| matches!(entry.kind, EmailKind::PasswordReset | EmailKind::Activation))
    }

    /// The email that somebody waits for: the newest with a link, or else the newest.
    fn awaited(&self) -> Option<&EmailLogEntry> {
        let portal = self.watched.first().filter(|_| self.is_portal_only());
        portal.or_else(|| self.links().next()).or(self.emails.first())
    }

    /// The same, if it is recent enough for somebody to wait for it. Otherwise, the newest email of the portal.
    fn awaited_now(&self, now: Timestamp) -> Option<&EmailLogEntry> {
        let recent = self.awaited().filter(|entry| now.duration_since(entry.requested_at) < RECENT);
        recent.or_else(|| self.portal_email(now))
    }

    /// When an event of SES was last heard of: at the canary, or at one of these emails.
    fn proven_at(&self) -> Option<Timestamp> {
        let canary = self.state.canary.as_ref().and_then(|canary| canary.proven_at);
        let events = self.emails.iter().flat_map(|entry| &entry.timeline);
        events.filter(|event| event.key.is_some()).map(|event| event.at).chain(canary).max()
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The first finding's summary, or that nothing is wrong.
    pub summary: String,
    /// The first finding's severity.
    pub severity: Severity,
    /// The one thing to do.
    pub main_action: MainAction,
    /// What was found, the most telling first.
    pub findings: Vec<Finding>,
    /// What was checked and is fine.
    pub checked: Vec<Check>,
    /// When the way of SES's events was last proven.
    pub proven_at: Option<Timestamp>,
    /// That, in a sentence.
    pub event_path: String,
}

/// Why the address gets no mail.
pub fn diagnose(facts: &Facts, now: Timestamp) -> Diagnosis {
    let mut findings = Vec::new();
    findings.extend(account::find(facts, now));
    findings.extend(account::find_skipped(facts, now));
    findings.extend(account::find_limit(facts, now));
    findings.extend(address::find_suppressions(facts, now));
    findings.extend(sender::find(facts, now));
    findings.extend(address::find_typo(facts, now));
    findings.extend(delivery::find(facts, now));
    findings.extend(link::find(facts, now));
    findings.extend(portal::find(facts, now));
    findings.extend(sender::find_trouble(facts, now));
    let is_blocked = findings.iter().any(|finding| finding.severity == Severity::Blocking);
    findings.extend(account::find_never_asked(facts, now, is_blocked));
    damage::find(facts, now, &mut findings);
    findings.extend(unsupported::find(facts));
    if facts.is_portal_only() {
        portal::reword(&mut findings);
    }
    findings.sort_by_key(Finding::place);
    let mut findings = roots::absorb(merged(findings), facts, now);
    findings.sort_by_key(Finding::place);
    for finding in &mut findings {
        finding.note_for_recipient_it = recipient_note::of(facts, finding);
    }
    let main_action = action::choose(facts, findings.first());
    // An action of another finding might fail until the first is fixed. Only a lock is independent of everything else.
    for (place, finding) in findings.iter_mut().enumerate() {
        let Some(action) = finding.fix.action.take() else { continue };
        if !action::is_allowed(facts, &action) {
            finding.fix.who = Who::Administrator;
        } else if place == 0 || finding.cause == Cause::AccountLocked {
            finding.fix.action = Some(action);
        }
    }
    let severity = findings.first().map_or(Severity::Ok, |finding| finding.severity);
    let summary = match findings.first() {
        None => "No problem found.".to_owned(),
        Some(finding) if severity == Severity::Ok => format!("No problem found. {}", finding.summary),
        Some(finding) => finding.summary.clone(),
    };
    let checked = checked(facts, &findings, now);
    let proven_at = facts.proven_at();
    let event_path = match proven_at {
        Some(at) => format!("The last delivery event about this address, or a test email, came {}.", ago(at, now)),
        None => "No delivery event about Mailkey’s own email to this address, or about a test email, has come yet."
            .to_owned(),
    };
    Diagnosis { summary, severity, main_action, findings, checked, proven_at, event_path }
}

/// One finding for each cause: the first, with the evidence of the others.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        match merged.iter_mut().find(|known| known.cause == finding.cause) {
            Some(known) => *known = known.clone().because(finding.evidence),
            None => merged.push(finding),
        }
    }
    merged
}

fn checked(facts: &Facts, findings: &[Finding], now: Timestamp) -> Vec<Check> {
    let mut checked = Vec::new();
    checked.extend(account::check(facts, now));
    checked.extend(address::check(facts, now));
    checked.extend(sender::check(facts));
    checked.extend(delivery::check(facts, now));
    checked.extend(portal::check(facts));
    checked.extend(link::check(facts, now));
    let found = |check: &Check| findings.iter().any(|finding| check.denies.contains(&finding.cause));
    checked.retain(|check| !found(check));
    checked
}

/// Why email doesn't reach an address, and what to do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownDiagnosis<'a> {
    /// The address that was asked about.
    email: &'a str,
    /// The answer in one or two sentences.
    summary: &'a str,
    /// What it means for email now.
    severity: Severity,
    /// The one thing to do first.
    main_action: &'a MainAction,
    /// What was found, the most important first.
    findings: Vec<ShownFinding<'a>>,
    /// What was checked and is fine.
    checked: &'a [Check],
    /// Whether delivery events arrive.
    event_path: EventPath<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a User>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct EventPath<'a> {
    /// A summary in one sentence.
    summary: &'a str,
    /// When a delivery event last arrived.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    last_proven_at: Option<Timestamp>,
}

impl Diagnosis {
    /// The answer as the API shows it to a question about `email`. `site_url` is where the pages of the causes are.
    pub fn shown<'a>(&'a self, email: &'a EmailAddress, user: Option<&'a User>, site_url: &str) -> ShownDiagnosis<'a> {
        let docs_url = |finding: &Finding| format!("{site_url}{}", finding.cause.page());
        let findings = self.findings.iter().map(|finding| ShownFinding { finding, docs_url: docs_url(finding) });
        ShownDiagnosis {
            email: email.as_typed(),
            summary: &self.summary,
            severity: self.severity,
            main_action: &self.main_action,
            findings: findings.collect(),
            checked: &self.checked,
            event_path: EventPath { summary: &self.event_path, last_proven_at: self.proven_at },
            user,
        }
    }

    /// An example for the API description.
    pub fn example(user: &User, email_id: EmailId, at: Timestamp) -> Self {
        let cause = Cause::MailboxFull;
        let (severity, certainty) = (Severity::Blocking, Certainty::Certain);
        let summary = "The mailbox is full, and the email was returned.".to_owned();
        let text = "Ask the user to delete some email, then send a new link. Or use another address.";
        let fix = Fix::by(Action::SendLink(user.id), text);
        let (bounced_at, proven_at) = (at + SignedDuration::from_secs(4), at - SignedDuration::from_secs(1798));
        let seen = Evidence { email_id: Some(email_id), ..Evidence::at("smtp; 552 5.2.2 mailbox full", bounced_at) };
        let main_action = MainAction {
            kind: ActionKind::Call,
            label: "Send a new link".to_owned(),
            text: text.to_owned(),
            who: Who::You,
            cause: Some(cause),
            action: fix.action.clone(),
            wait_until: None,
            note: None,
            continue_with: None,
        };
        let findings = vec![Finding::new(cause, severity, certainty, summary.clone(), fix).because([seen])];
        let checked = vec![Check { check: "user", summary: "The user exists and is active.".to_owned(), denies: &[] }];
        let event_path = format!("SES’s delivery events were last received at {proven_at}.");
        Self { summary, severity, main_action, findings, checked, proven_at: Some(proven_at), event_path }
    }
}

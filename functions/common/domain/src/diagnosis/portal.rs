//! People whom Mailkey knows only from the email that the portal sends them.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Cause, Certainty, Facts, Finding, RECENT, Severity, Who,
    delivery::bare,
    finding::{Check, Evidence, Fix},
};
use crate::email_log::{DeliveryStatus, EmailLogEntry};

impl Facts {
    /// Whether the portal emails the address, and no user has it.
    pub(super) fn is_portal_only(&self) -> bool {
        self.user.is_none() && !self.watched.is_empty()
    }

    /// The newest email of the portal, if it is recent enough to say something about today.
    pub(super) fn portal_email(&self, now: Timestamp) -> Option<&EmailLogEntry> {
        self.watched.first().filter(|entry| now.duration_since(entry.requested_at) < RECENT)
    }
}

/// A recent spam complaint about an email of the portal. It suppresses nothing, but a mailbox files the email of a sender
/// as junk after one.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Option<Finding> {
    let complaints = facts.watched.iter().filter_map(|entry| Some((entry, entry.latest(DeliveryStatus::Complained)?)));
    let recent = complaints.filter(|(_, event)| now.duration_since(event.at) < RECENT);
    let (entry, event) = recent.max_by_key(|(_, event)| event.at)?;
    let from = entry.watched.as_ref().and_then(|email| email.shown_from()).unwrap_or("the portal");
    let sent_at = in_words(entry.requested_at, now);
    let seen =
        Evidence::of(entry, format!("The recipient marked the email of {sent_at} from {from} as spam."), event.at);
    let was_opened_since = facts.links().any(|link| link.person_acted_at.is_some_and(|at| at > event.at));
    let certainty = if was_opened_since { Certainty::Possible } else { Certainty::Likely };
    let summary = "The recipient marked an email of the portal as spam, so later ones may be in the junk folder.";
    let text = "Ask the user to look into the junk folder, and to mark the portal’s email there as not spam. Nothing is \
                suppressed because of it.";
    let fix = Fix::ask(Who::User, text);
    Some(Finding::new(Cause::ProbablyInJunk, Severity::Warning, certainty, summary, fix).because([seen]))
}

/// The time of day, with the date if that is another.
fn in_words(at: Timestamp, now: Timestamp) -> String {
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let format = if date(at) == date(now) { "%H:%M UTC" } else { "%Y-%m-%d, %H:%M UTC" };
    at.strftime(format).to_string()
}

/// Mailkey can't send the portal's email again, so the advice says who can.
pub(super) fn reword(findings: &mut [Finding]) {
    for finding in findings {
        let text = &finding.fix.text;
        finding.fix.text = text
            .replace("send a new link", "send the email again from the portal")
            .replace("Send a new link", "Send the email again from the portal")
            .replace("change it on the record", "change it in the portal");
    }
}

/// What is fine: the server accepts other email for the address.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let mut checked = Vec::new();
    if facts.is_portal_only() {
        let summary = "The portal emails this address. Mailkey itself has no user record of it.".to_owned();
        checked.push(Check { check: "user", summary, denies: &[Cause::NoSuchUser] });
    }
    let delivered = facts.watched.iter().find_map(|entry| Some((entry, entry.latest(DeliveryStatus::Delivered)?)));
    if let Some((entry, event)) = delivered.filter(|(entry, _)| entry.status == DeliveryStatus::Delivered) {
        let from = entry.watched.as_ref().and_then(|email| email.shown_from()).unwrap_or("the portal");
        let said = event.detail.as_deref().map(|said| format!(": {}", bare(said))).unwrap_or_default();
        let summary = format!("The recipient’s server accepted an email from {from} at {}{said}.", event.at);
        checked.push(Check { check: "portal_email", summary, denies: &[Cause::MailboxDoesNotExist] });
    }
    checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{
        diagnose,
        tests::scenario::{DAYS, at, delivered, healthy, hears, link, sent},
    };
    use crate::email_log::{EmailKind, Origin, Reason, Trigger, WatchedEmail};

    /// An email of the portal, as an entry of the log of watched email.
    fn portal(number: u128, asked: i64) -> EmailLogEntry {
        let watched = WatchedEmail {
            sender: "portal.example".to_owned(),
            from: Some("hello@portal.example".to_owned()),
            ..WatchedEmail::default()
        };
        let entry = sent(number, asked);
        let (kind, trigger) = (EmailKind::Other, Trigger::Portal);
        let entry = EmailLogEntry { kind, trigger, link_expires_at: None, watched: Some(watched), ..entry };
        assert_eq!(entry.origin(), Origin::Watched);
        entry
    }

    fn arrived(number: u128, asked: i64) -> EmailLogEntry {
        hears(portal(number, asked), asked + 1, DeliveryStatus::Delivered, None, "smtp; 250 OK")
    }

    fn complained(number: u128, asked: i64, at: i64) -> EmailLogEntry {
        hears(arrived(number, asked), at, DeliveryStatus::Complained, Some(Reason::MarkedAsSpam), "")
    }

    fn stranger(watched: Vec<EmailLogEntry>) -> Facts {
        Facts { user: None, emails: Vec::new(), watched, ..healthy() }
    }

    #[test]
    fn a_complaint_about_an_email_of_the_portal_is_evidence() {
        let unopened = delivered(2, -20);
        let member = |watched: Vec<EmailLogEntry>, emails: Vec<EmailLogEntry>| Facts { watched, emails, ..healthy() };
        let opened = healthy().emails;
        let before = vec![EmailLogEntry { person_acted_at: Some(at(-90)), ..link(3, -100, DeliveryStatus::Delivered) }];
        let today = "The recipient marked the email of 10:02 UTC from hello@portal.example as spam.";
        let earlier = "The recipient marked the email of 2026-11-20, 14:00 UTC from hello@portal.example as spam.";
        let (likely, possible) = (Some(Certainty::Likely), Some(Certainty::Possible));
        for (what, facts, certainty, evidence) in [
            ("no complaint", stranger(vec![arrived(1, -238)]), None, None),
            ("of today", stranger(vec![complained(1, -238, -60)]), likely, Some(today)),
            ("of another day", stranger(vec![complained(1, -2 * DAYS, -60)]), likely, Some(earlier)),
            ("before a newer email", stranger(vec![arrived(2, -30), complained(1, -238, -60)]), likely, Some(today)),
            (
                "the latest of two",
                stranger(vec![complained(2, -2 * DAYS, -60), complained(1, -3 * DAYS, -61)]),
                likely,
                Some(earlier),
            ),
            ("old", stranger(vec![complained(1, -8 * DAYS, -7 * DAYS)]), None, None),
            ("about an old email", stranger(vec![complained(1, -8 * DAYS, -60)]), likely, None),
            (
                "of a member who opened no link",
                member(vec![complained(1, -238, -60)], vec![unopened]),
                likely,
                Some(today),
            ),
            ("of a member who opened one since", member(vec![complained(1, -238, -60)], opened), possible, Some(today)),
            ("of a member who opened one before", member(vec![complained(1, -238, -60)], before), likely, Some(today)),
        ] {
            let diagnosis = diagnose(&facts, at(0));
            let found = diagnosis.findings.iter().find(|finding| finding.cause == Cause::ProbablyInJunk);
            assert_eq!(found.map(|finding| finding.certainty), certainty, "{what}: {:#?}", diagnosis.findings);
            let suppressed =
                |finding: &Finding| matches!(finding.cause, Cause::SuppressedHere | Cause::SuppressedAtSes);
            assert!(!diagnosis.findings.iter().any(suppressed), "{what}");
            if let Some(evidence) = evidence {
                let seen = found.unwrap().evidence.iter().any(|seen| seen.text == evidence && seen.email_id.is_some());
                assert!(seen && !diagnosis.summary.contains("No problem"), "{what}: {found:#?}");
            }
        }
    }

    #[test]
    fn a_person_without_an_account_is_known_from_the_portals_email() {
        let bounced =
            |reason| hears(portal(1, -30), -29, DeliveryStatus::Bounced, Some(reason), "smtp; 550 5.1.1 unknown");
        for (what, facts, first, user, accepted) in [
            ("nothing was sent", stranger(Vec::new()), Some(Cause::NoSuchUser), false, false),
            ("delivered", stranger(vec![arrived(1, -30)]), None, true, true),
            (
                "no such mailbox",
                stranger(vec![bounced(Reason::MailboxDoesNotExist)]),
                Some(Cause::MailboxDoesNotExist),
                true,
                false,
            ),
            ("on its way", stranger(vec![portal(1, -2)]), Some(Cause::StillOnTheWay), true, false),
            ("complained", stranger(vec![complained(1, -30, -20)]), Some(Cause::ProbablyInJunk), true, false),
            ("a member's", Facts { watched: vec![arrived(1, -30)], ..healthy() }, None, true, true),
        ] {
            let diagnosis = diagnose(&facts, at(0));
            let checked = |name: &str| diagnosis.checked.iter().any(|check| check.check == name);
            assert_eq!(diagnosis.findings.first().map(|finding| finding.cause), first, "{what}");
            assert_eq!((checked("user"), checked("portal_email")), (user, accepted), "{what}: {:?}", diagnosis.checked);
        }
    }

    #[test]
    fn advice_about_email_of_the_portal_never_offers_a_link_of_mailkey() {
        for status in [DeliveryStatus::SoftBounced, DeliveryStatus::Blocked, DeliveryStatus::Bounced] {
            for reason in
                [Reason::MailboxDoesNotExist, Reason::MailboxFull, Reason::RefusedByRecipient, Reason::TimedOut]
            {
                let entry = hears(portal(1, -30), -29, status, Some(reason), "");
                for finding in diagnose(&stranger(vec![entry]), at(0)).findings {
                    assert!(!finding.fix.text.to_lowercase().contains("new link"), "{}", finding.fix.text);
                    assert!(finding.fix.action.is_none(), "{status} {reason}: {:?}", finding.fix);
                }
            }
        }
    }
}

//! What became of the link, where the email arrived.

use jiff::{SignedDuration, Timestamp};

use super::{
    Cause, Certainty, Facts, Finding, PATIENCE, Severity, Who,
    account::resend,
    delivery::bare,
    finding::{Check, Evidence, Fix},
};
use crate::clock::ago;
use crate::email_log::{DeliveryStatus, EmailLogEntry};

/// What happened to the link of the last email that arrived.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let Some(entry) = facts.awaited_now(now).filter(|entry| entry.link_expires_at.is_some()) else {
        return Vec::new();
    };
    if let Some(redeemed_at) = facts.links().find_map(|entry| entry.redeemed_at).filter(|_| entry.redeemed_at.is_some())
    {
        return vec![used(facts, entry, redeemed_at, now)];
    }
    let Some(delivered) = entry.latest(DeliveryStatus::Delivered).filter(|_| entry.status == DeliveryStatus::Delivered)
    else {
        return Vec::new();
    };
    let dies_at = entry.link_expires_at.unwrap_or(Timestamp::MAX);
    let said = delivered.detail.as_deref().map_or("250", bare);
    let arrived = Evidence::of(entry, format!("The recipient’s server accepted the email: {said}"), delivered.at);
    let died = Evidence::of(entry, "The link expired.", dies_at);
    let warning =
        |cause, certainty, summary: &str, fix| Finding::new(cause, Severity::Warning, certainty, summary, fix);
    let finding = if delivered.at >= dies_at {
        let text = "Send a new link. If that one is late too, ask the recipient’s IT why their server delays our email, or ask an \
                    administrator to let links last longer.";
        let summary = "The recipient’s server accepted the email only after its link had expired.";
        let fix = resend(facts, now, text);
        warning(Cause::ArrivedAfterLinkDied, Certainty::Certain, summary, fix).because([arrived, died])
    } else if now >= dies_at {
        // A server's "accepted" doesn't say that the user has seen the email.
        let (summary, text) = match entry.person_acted_at {
            Some(_) => (
                "The email arrived, but its link expired before it was used.",
                "If the user still needs to get in: send a new link.",
            ),
            None => (
                "The recipient’s server accepted the email, but its link expired before anyone used it.",
                "If the user still needs to get in: send a new link, and ask the user to check the junk folder as well.",
            ),
        };
        let fix = resend(facts, now, text);
        warning(Cause::LinkExpired, Certainty::Certain, summary, fix).because([arrived, died])
    } else if entry.person_acted_at.is_some() {
        return Vec::new();
    } else if let Some(page_loaded_at) = entry.page_loaded_at {
        let seen = Evidence::of(entry, "The link’s page was loaded, but nobody did anything on it.", page_loaded_at);
        let summary = "Only an automated scanner has opened the link, which still works.";
        let text = format!(
            "Ask the user to check the inbox and the junk folder. The filter that opened the link may be holding the email. {}",
            ask_it(facts)
        );
        let fix = Fix::ask(Who::User, text);
        warning(Cause::LinkOpenedByScannerOnly, Certainty::Likely, summary, fix).because([arrived, seen])
    } else if now.duration_since(delivered.at) < PATIENCE {
        just_delivered(delivered.at, now).because([arrived])
    } else {
        junk(facts, delivered.at).because([arrived])
    };
    vec![finding]
}

fn used(facts: &Facts, entry: &EmailLogEntry, redeemed_at: Timestamp, now: Timestamp) -> Finding {
    let seen = Evidence::of(entry, "The link was used, and a new password was set.", redeemed_at);
    let summary = "The email arrived and its link was used.";
    let text = "A link works only once. If the user still can’t sign in: send a new link.";
    let fix = resend(facts, now, text);
    Finding::new(Cause::LinkAlreadyUsed, Severity::Ok, Certainty::Certain, summary, fix).because([seen])
}

/// Some providers hold email back for minutes, to look at it again (Google Workspace: about four).
fn just_delivered(delivered_at: Timestamp, now: Timestamp) -> Finding {
    let summary = format!(
        "The recipient’s server accepted the email {}; some providers hold email for a few minutes.",
        ago(delivered_at, now)
    );
    let late_at = delivered_at.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
    let fix = Fix::wait(late_at, "Wait until ten minutes have passed since the delivery, then check again.");
    Finding::new(Cause::StillOnTheWay, Severity::Info, Certainty::Certain, summary, fix)
}

fn junk(facts: &Facts, delivered_at: Timestamp) -> Finding {
    let asked =
        |other: &&EmailLogEntry| delivered_at.duration_since(other.requested_at).abs() < SignedDuration::from_hours(24);
    let repeated = facts.links().filter(asked).count() > 1;
    let unopened = Evidence::new("Nobody has opened its link.");
    let asked_again = repeated.then(|| Evidence::new("More than one link was requested within a day."));
    let summary = "The recipient’s server accepted the email, but nobody has opened its link: check the junk folder and any quarantine.";
    let fix = Fix::ask(Who::User, format!("Ask the user to check the junk folder. {}", ask_it(facts)));
    Finding::new(Cause::ProbablyInJunk, Severity::Warning, Certainty::Likely, summary, fix)
        .because([unopened])
        .because(asked_again)
}

/// What to tell the recipient's IT.
fn ask_it(facts: &Facts) -> String {
    format!(
        "If it isn’t there, ask their IT to search the mail filter’s quarantine for email from {} and to allow email from \
         the domain {}.",
        facts.from.for_delivery(),
        facts.from.key().domain()
    )
}

/// What is fine.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Option<Check> {
    let person_acted_at = facts.links().next()?.person_acted_at?;
    let summary =
        format!("A person used the page of the last link {}, so the email arrived.", ago(person_acted_at, now));
    Some(Check { check: "link", summary, denies: &[Cause::ProbablyInJunk, Cause::LinkOpenedByScannerOnly] })
}

//! What became of the link, where the email arrived.

use jiff::{SignedDuration, Timestamp};

use super::{
    Cause, Certainty, Facts, Finding,
    account::send_link,
    delivery::bare,
    finding::{Check, Evidence, Fix},
};
use crate::email_log::{DeliveryStatus, EmailLogEntry};

/// Whoever waits for a link opens it within this time.
const OPENED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What happened to the link of the last email that arrived.
pub(super) fn find(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let Some(entry) = facts.awaited_now(now).filter(|entry| entry.link_expires_at.is_some()) else {
        return Vec::new();
    };
    if let Some(redeemed_at) = facts.links().find_map(|entry| entry.redeemed_at).filter(|_| entry.redeemed_at.is_some())
    {
        return vec![used(facts, entry, redeemed_at)];
    }
    let Some(delivered) = entry.latest(DeliveryStatus::Delivered).filter(|_| entry.status == DeliveryStatus::Delivered)
    else {
        return Vec::new();
    };
    let dies_at = entry.link_expires_at.unwrap_or(Timestamp::MAX);
    let arrived = Evidence::of(entry, "The recipient’s host took the email.", delivered.at);
    let died = Evidence::of(entry, "The link expired.", dies_at);
    let sooner = Fix {
        text: "Send a new link. If it is late again, ask the recipient’s IT why their host puts our email off, or let links live longer."
            .to_owned(),
        ..new_link(facts)
    };
    let finding = if delivered.at >= dies_at {
        let summary = "The email arrived after its link had expired.";
        Finding::new(Cause::ArrivedAfterLinkDied, Certainty::Certain, summary, sooner).because([arrived, died])
    } else if now >= dies_at {
        let summary = "The email arrived, but its link has expired since: it answers \"Invalid Token\".";
        Finding::new(Cause::LinkExpired, Certainty::Certain, summary, new_link(facts)).because([arrived, died])
    } else if entry.person_acted_at.is_some() {
        return Vec::new();
    } else if let Some(page_loaded_at) = entry.page_loaded_at {
        let seen = Evidence::of(entry, "The link was fetched, and nobody did anything on its page.", page_loaded_at);
        let summary = "The link was opened by a machine that looks into mail, and by nobody since: it still works.";
        let fix = Fix::by_hand(format!(
            "Ask the user to look into the inbox and the junk folder: the filter that opened the link may hold the email back. {}",
            ask_it(facts)
        ));
        Finding::new(Cause::LinkOpenedByScannerOnly, Certainty::Likely, summary, fix).because([arrived, seen])
    } else {
        return vec![junk(facts, entry, delivered.at, now)];
    };
    vec![finding]
}

fn used(facts: &Facts, entry: &EmailLogEntry, redeemed_at: Timestamp) -> Finding {
    let seen = Evidence::of(entry, "The link was used, and a new password set.", redeemed_at);
    let summary = "The email arrived and its link was used; no link works twice.";
    Finding::new(Cause::LinkAlreadyUsed, Certainty::Certain, summary, new_link(facts)).because([seen])
}

fn junk(facts: &Facts, entry: &EmailLogEntry, delivered_at: Timestamp, now: Timestamp) -> Finding {
    let repeated = facts
        .links()
        .filter(|other| delivered_at.duration_since(other.requested_at).abs() < SignedDuration::from_hours(24))
        .count()
        > 1;
    let waited = now.duration_since(delivered_at) >= OPENED_WITHIN;
    let certainty = if repeated || waited { Certainty::Likely } else { Certainty::Possible };
    let said = entry.latest(DeliveryStatus::Delivered).and_then(|event| event.detail.as_deref()).map_or("250", bare);
    let arrived = Evidence::of(entry, format!("The recipient’s host took the email: {said}"), delivered_at);
    let unopened = Evidence::new("Nobody has opened its link.");
    let asked_again = repeated.then(|| Evidence::new("The user asked more than once within a day."));
    let summary = "The recipient’s host took the email and nobody opened its link: it is probably in the junk folder or in a \
                   quarantine.";
    let fix = Fix::by_hand(format!("Ask the user to look into the junk folder. {}", ask_it(facts)));
    Finding::new(Cause::ProbablyInJunk, certainty, summary, fix).because([arrived, unopened]).because(asked_again)
}

/// What to tell the recipient's IT.
fn ask_it(facts: &Facts) -> String {
    format!(
        "If it is not there, ask their IT to look into the mail filter’s quarantine for mail from {}, and to let mail from \
         the domain {} in.",
        facts.from.for_delivery(),
        facts.from.key().domain()
    )
}

fn new_link(facts: &Facts) -> Fix {
    let text = "If the user still needs to get in: send a new link.";
    match facts.user.as_ref().and_then(send_link) {
        Some(action) => Fix::by(action, text),
        None => Fix::by_hand(text),
    }
}

/// What is fine.
pub(super) fn check(facts: &Facts) -> Option<Check> {
    let person_acted_at = facts.links().next()?.person_acted_at?;
    let summary = format!("A person opened the last link at {person_acted_at}: the email is not missing.");
    Some(Check { check: "link", summary, denies: &[Cause::ProbablyInJunk, Cause::LinkOpenedByScannerOnly] })
}

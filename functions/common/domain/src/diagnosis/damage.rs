//! Whether a mail gateway damaged the link of the last email.

use jiff::Timestamp;

use super::{
    Cause, Certainty, Facts, Finding, PATIENCE, Severity, Who,
    finding::{Evidence, Fix},
};
use crate::{
    email_log::DeliveryStatus,
    sender::{AlarmKind, SenderAlarm},
};

/// Adds the finding if the last link was delivered and nobody opened it as it was sent. The junk folder is then only one
/// of two explanations.
pub(super) fn find(facts: &Facts, now: Timestamp, findings: &mut Vec<Finding>) {
    let Some(entry) = facts.awaited_now(now).filter(|entry| entry.link_expires_at.is_some()) else { return };
    let Some(delivered) = entry.latest(DeliveryStatus::Delivered) else { return };
    if entry.status != DeliveryStatus::Delivered || entry.person_acted_at.is_some() || entry.redeemed_at.is_some() {
        return;
    }
    let domain = facts.address.key().domain();
    let damaged = facts.state.alarms.iter().filter(|alarm| alarm.kind == AlarmKind::LinksDamaged);
    // The user has a few minutes to open the link, unless it is reported as damaged before.
    let is_late = now.duration_since(delivered.at) >= PATIENCE;
    let tells = |alarm: &SenderAlarm| alarm.is_current(now) && (is_late || alarm.last_at >= delivered.at);
    let at_domain = damaged.clone().find(|alarm| alarm.subject.as_deref() == Some(domain) && tells(alarm));
    let of_somebody = damaged.clone().find(|alarm| alarm.is_unproven() && alarm.last_at >= delivered.at);
    let (certainty, seen) = match (at_domain, of_somebody) {
        (Some(alarm), _) => {
            let times = if alarm.count == 1 { "once".to_owned() } else { format!("{} times", alarm.count) };
            (Certainty::Likely, seen(alarm, format!("A link to {domain} arrived damaged, {times} so far.")))
        }
        (None, Some(alarm)) => {
            let text = "Someone opened a link without its token after this email was delivered. We can’t tell who.";
            (Certainty::Possible, seen(alarm, text))
        }
        (None, None) => return,
    };
    for junk in findings.iter_mut().filter(|finding| finding.cause == Cause::ProbablyInJunk) {
        junk.certainty = Certainty::Possible;
    }
    let arrived = Evidence::of(entry, "The recipient’s server accepted the email.", delivered.at);
    // A new link would be damaged on the same way.
    let text = "Ask the user to copy the whole link from the email and paste it into the field on the page that the link \
                opens. Ask their IT team to exclude our links from rewriting. If the link is gone, send a new one.";
    let fix = Fix::ask(Who::User, text);
    let summary = match certainty {
        Certainty::Possible => "A mail gateway may have damaged the link: nobody has opened it as it was sent.",
        _ => "A mail gateway damages links to this domain, and nobody has opened this one as it was sent.",
    };
    findings
        .push(Finding::new(Cause::LinkDamaged, Severity::Warning, certainty, summary, fix).because([arrived, seen]));
}

fn seen(alarm: &SenderAlarm, text: impl Into<String>) -> Evidence {
    Evidence::at(text, alarm.last_at)
}

//! Whether SES can send to the address at all.

use serde_json::json;

use super::{
    Cause, Certainty, Facts, Finding,
    finding::{Action, Evidence, Fix},
};
use crate::email_log::Reason;

/// Adds the finding for a local part that isn't ASCII. That SES refused an email is its consequence, and becomes evidence.
pub(super) fn find(facts: &Facts, findings: &mut Vec<Finding>) {
    let Some(user) = facts.user.as_ref().filter(|_| !facts.address.is_supported_by_ses()) else { return };
    let refused = facts.emails.iter().find(|entry| entry.reason == Some(Reason::RefusedBySes));
    let seen = refused.map(|entry| Evidence::of(entry, "SES refused an email to this address.", entry.updated_at));
    if refused.is_some() {
        findings.retain(|finding| finding.cause != Cause::RefusedSenderFault);
    }
    let local = facts.address.as_typed().rsplit_once('@').map_or("", |(local, _)| local);
    let others: String = local.chars().filter(|c| !c.is_ascii()).take(5).collect();
    let ascii = facts.address.in_ascii();
    let fix = match &ascii {
        Some(ascii) => Fix::by(
            Action::patch(format!("/api/admin/users/{}", user.id), json!({ "email": ascii.as_typed() })),
            format!("Ask the user whether {} is the right address. If so, change the record.", ascii.as_typed()),
        ),
        None => Fix::by_hand("Ask the user for an address that has only ASCII characters, and change the record."),
    };
    let summary = "SES can’t send to this address, because it has characters other than ASCII before the @.";
    let characters = Evidence::new(format!("The characters that SES doesn’t accept: {others}"));
    let mut finding = Finding::new(Cause::AddressUnsupported, Certainty::Certain, summary, fix);
    finding = finding.because([characters]).because(seen);
    finding.suggestion = ascii;
    findings.push(finding);
}

//! Whether SES can send to the address at all.

use super::{Cause, Certainty, Facts, Finding, Severity, address::change_address, finding::Evidence};

/// A local part that isn't ASCII.
pub(super) fn find(facts: &Facts) -> Option<Finding> {
    facts.user.as_ref().filter(|_| !facts.address.is_supported_by_ses())?;
    let local = facts.address.as_typed().rsplit_once('@').map_or("", |(local, _)| local);
    let others: String = local.chars().filter(|c| !c.is_ascii()).take(5).collect();
    let ascii = facts.address.in_ascii();
    let text = match &ascii {
        Some(ascii) => {
            format!("Ask the user whether {} is the right address. If so, change the record.", ascii.as_typed())
        }
        None => "Ask the user for an address that has only ASCII characters, and change the record.".to_owned(),
    };
    let fix = change_address(facts, ascii.as_ref(), &text);
    let summary = "SES can’t send to this address, because it has characters other than ASCII before the @.";
    let characters = Evidence::new(format!("The characters that SES doesn’t accept: {others}"));
    let finding = Finding::new(Cause::AddressUnsupported, Severity::Blocking, Certainty::Certain, summary, fix);
    Some(Finding { suggestion: ascii, ..finding.because([characters]) })
}

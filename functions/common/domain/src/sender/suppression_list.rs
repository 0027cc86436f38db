//! An entry of the suppression list of our account at SES, and the spellings under which it may be stored.

use jiff::Timestamp;

use crate::account::EmailAddress;
use crate::text_form::text_form;

/// Why SES put an address on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SesSuppressionReason {
    /// An email came back for good.
    Bounce,
    /// The recipient called an email spam.
    Complaint,
}

text_form!(SesSuppressionReason { Bounce = "bounce", Complaint = "complaint" });

/// An entry of the list.
#[derive(Clone, PartialEq, Eq)]
pub struct SuppressedAtSes {
    /// The address as SES spells it.
    pub address: String,
    /// Why it is there.
    pub reason: SesSuppressionReason,
    /// Since when, or when SES last had a reason for it.
    pub since: Timestamp,
    /// SES's name for the email that was the reason; `None` where somebody put the address there.
    pub message_id: Option<String>,
}

/// Without the address.
impl std::fmt::Debug for SuppressedAtSes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("SuppressedAtSes");
        debug.field("reason", &self.reason).field("since", &self.since).field("message_id", &self.message_id);
        debug.finish_non_exhaustive()
    }
}

/// Equal without regard to case. Not by lower-casing: that makes some other characters ASCII ones.
pub fn is_spelling_of(text: &str, address: &EmailAddress) -> bool {
    EmailAddress::parse(text).is_ok_and(|other| other.key() == address.key())
}

/// The spellings an entry may have, each once. What is not ASCII can't be one: SES takes no email to it.
pub fn spellings(address: &EmailAddress, also: &[String]) -> Vec<String> {
    let mut spellings = vec![address.key().as_str().to_owned(), address.for_delivery(), address.as_typed().to_owned()];
    spellings.extend(also.iter().filter(|text| is_spelling_of(text, address)).map(|text| text.trim().to_owned()));
    let mut once: Vec<String> = Vec::new();
    for spelling in spellings {
        if spelling.is_ascii() && !once.contains(&spelling) {
            once.push(spelling);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_looked_for_in_each_spelling_once() {
        for (typed, also, expected) in [
            ("alice@example.com", &[][..], &["alice@example.com"][..]),
            ("Alice@example.com", &[], &["alice@example.com", "Alice@example.com"]),
            ("Alice@Example.COM", &[], &["alice@example.com", "Alice@example.com", "Alice@Example.COM"]),
            ("mike@exämple.org", &[], &["mike@xn--exmple-cua.org"]),
            ("jörg@example.org", &[], &[]),
            (
                "alice@example.com",
                &["ALICE@example.com", "alice@example.com"],
                &["alice@example.com", "ALICE@example.com"],
            ),
            // Only spellings of this very address: a forwarded mailbox is somebody else's.
            ("alice@example.com", &["bob@example.com", "alice+tag@example.com", ""], &["alice@example.com"]),
        ] {
            let also: Vec<String> = also.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(spellings(&EmailAddress::parse(typed).unwrap(), &also), expected, "{typed}");
        }
    }

    #[test]
    fn a_unicode_twin_is_no_spelling() {
        let address = EmailAddress::parse("mike@example.org").unwrap();
        for (text, same) in
            [("MIKE@EXAMPLE.ORG", true), ("mi\u{212A}e@example.org", false), ("mike@exämple.org", false)]
        {
            assert_eq!(is_spelling_of(text, &address), same, "{text}");
        }
    }
}

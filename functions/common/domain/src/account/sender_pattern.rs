//! Senders by domain or address.

use std::fmt;

use super::{AddressKey, EmailAddress};
use crate::dns::is_within;

/// A sender's domain with its subdomains, or one address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SenderPattern {
    /// Every address of the domain and of its subdomains.
    Domain(String),
    /// One address.
    Address(AddressKey),
}

/// The text is neither a domain nor an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a domain nor an email address")]
pub struct InvalidSenderPattern(pub(crate) String);

impl SenderPattern {
    /// Reads `portal.example` or `news@other.example`.
    ///
    /// # Errors
    ///
    /// [`InvalidSenderPattern`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSenderPattern> {
        let text = text.trim();
        let invalid = |_| InvalidSenderPattern(text.to_owned());
        if text.contains('@') {
            return EmailAddress::parse(text).map(|address| Self::Address(address.key().clone())).map_err(invalid);
        }
        // A domain is valid where an address in it is.
        let address = EmailAddress::parse(&format!("x@{text}")).map_err(invalid)?;
        Ok(Self::Domain(address.key().domain().to_owned()))
    }

    /// Whether an address is this sender's.
    pub fn matches(&self, address: &AddressKey) -> bool {
        match self {
            Self::Address(own) => own == address,
            Self::Domain(own) => is_within(address.domain(), own),
        }
    }
}

impl fmt::Display for SenderPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain(domain) => domain,
            Self::Address(address) => address.as_str(),
        })
    }
}

/// An address isn't for log lines.
impl fmt::Debug for SenderPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => write!(f, "SenderPattern({domain})"),
            Self::Address(address) => write!(f, "SenderPattern({address:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_includes_its_subdomains_and_an_address_is_itself() {
        for (pattern, address, expected) in [
            ("portal.example", "a@portal.example", true),
            ("Portal.Example", "a@PORTAL.example", true),
            ("portal.example", "a@mail.portal.example", true),
            ("portal.example", "a@notportal.example", false),
            ("portal.example", "a@portal.example.evil.test", false),
            ("mail.portal.example", "a@portal.example", false),
            ("bücher.example", "a@xn--bcher-kva.example", true),
            ("news@other.example", "News@Other.example", true),
            ("news@other.example", "news@mail.other.example", false),
            ("news@other.example", "other@other.example", false),
        ] {
            let pattern = SenderPattern::parse(pattern).unwrap();
            assert_eq!(pattern.matches(EmailAddress::parse(address).unwrap().key()), expected, "{pattern} {address}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "portal", "a b.example", "@portal.example", "*.portal.example", "a@", ".example"] {
            assert!(SenderPattern::parse(text).is_err(), "{text}");
        }
    }
}

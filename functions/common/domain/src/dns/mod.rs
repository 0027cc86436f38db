//! What the answers of the DNS mean: does a domain take email, and are our own domain's records right?
//!
//! This module asks nothing. It says which names to ask about and evaluates the answers. A question without an answer is
//! [`Answer::Unknown`] and proves nothing: a slow name server never makes an address look wrong.

mod dmarc;
mod mail_domain;
mod sender_check;
mod spf;
mod zone;

use std::fmt;

pub use dmarc::dmarc_domains;
pub use mail_domain::{MxVerdict, hosts_to_ask, mx_verdict};
pub use sender_check::{
    Check, CheckState, DnsCheck, DnsCheckKind, DnsRecord, RecordKind, SenderAnswers, SenderNames, check_sender,
};
pub use spf::{SPF_ROUNDS, SpfTexts, spf_names_to_ask};
pub use zone::{Zone, ZoneError, ZoneName, ZoneRecords};

/// What the DNS said to a question about one kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// These records; at least one.
    Found(Vec<T>),
    /// The name does not exist (NXDOMAIN, RFC 2308 section 2.1).
    NoSuchDomain,
    /// The name exists without records of this kind (NODATA, RFC 2308 section 2.2).
    NoRecords,
    /// No usable answer: SERVFAIL, REFUSED, too slow, no network.
    Unknown,
}

impl<T> Answer<T> {
    /// The records; none where the answer is none.
    pub fn records(&self) -> &[T] {
        match self {
            Self::Found(records) => records,
            Self::NoSuchDomain | Self::NoRecords | Self::Unknown => &[],
        }
    }

    /// Whether the DNS said for sure that there are no such records.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::NoSuchDomain | Self::NoRecords)
    }
}

/// A mail exchanger of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mx {
    /// Lower is tried first.
    pub preference: u16,
    /// The host, in lower case without the last dot; empty in a null MX (RFC 7505).
    pub host: String,
}

impl fmt::Display for Mx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.is_empty() { "." } else { &self.host };
        write!(f, "{} {host}", self.preference)
    }
}

/// A name as this crate compares it: lower case, no last dot.
pub fn plain_name(name: &str) -> String {
    let name = name.trim();
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether `name` is `domain` or below it.
pub(crate) fn is_within(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_holds_itself_and_what_is_below_it() {
        for (name, domain, expected) in [
            ("example.com", "example.com", true),
            ("mail.example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", "mail.example.com", false),
        ] {
            assert_eq!(is_within(name, domain), expected, "{name} in {domain}");
        }
    }

    #[test]
    fn an_exchanger_reads_as_in_a_zone_file() {
        assert_eq!(Mx { preference: 0, host: String::new() }.to_string(), "0 .");
        assert_eq!(Mx { preference: 10, host: "mx.example.com".into() }.to_string(), "10 mx.example.com");
    }
}

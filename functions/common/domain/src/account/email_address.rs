//! Email addresses: as typed, for mail, and in canonical form, for comparing.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use super::search;

/// A well-formed email address.
///
/// Mail goes to the address *as typed* (the local part belongs to the receiving host, RFC 5321 section 2.3.11);
/// accounts, counters and suppressions are keyed by its [canonical form](AddressKey). `Debug` shows neither: addresses
/// don't belong into logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    typed: String,
    key: AddressKey,
}

/// Why a text is no email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// There is nothing before or behind the `@`, or there is no `@`.
    #[error("an email address has a name, an @ and a domain")]
    Incomplete,
    /// Longer than RFC 5321 section 4.5.3.1 allows: 64 octets for the local part, 254 in all.
    #[error("the email address is too long")]
    TooLong,
    /// A control character, a space, a quote, a comma or another character that has no place there.
    #[error("the email address has a character that does not belong there")]
    BadCharacter,
    /// The part behind the `@` is no domain name with at least two labels.
    #[error("the part behind the @ is no domain name")]
    BadDomain,
}

impl EmailAddress {
    /// Reads an address. White space and invisible characters around it are ignored; quoted local parts and address literals, which nobody signs
    /// up with, are refused, and so is anything that could be read as more than one address.
    ///
    /// # Errors
    ///
    /// [`EmailAddressError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        use EmailAddressError::{BadCharacter, Incomplete, TooLong};
        if text.chars().any(char::is_control) {
            return Err(BadCharacter);
        }
        let typed = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        // Longer than any valid form: not worth normalising.
        if typed.len() > 1024 {
            return Err(TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(Incomplete)?;
        if local.is_empty() || domain.is_empty() {
            return Err(Incomplete);
        }
        if !local.chars().all(is_local) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(BadCharacter);
        }
        let domain = canonical_domain(domain)?;
        // NFC can make a character longer; the canonical form is an address, too.
        let canonical = canonical_local(local);
        let length = local.len().max(canonical.len());
        if length > 64 || length + 1 + domain.len() > 254 {
            return Err(TooLong);
        }
        let key = AddressKey(format!("{canonical}@{domain}"));
        Ok(Self { typed: typed.to_owned(), key })
    }

    /// As it was typed, without the white space around it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The canonical form.
    pub fn key(&self) -> &AddressKey {
        &self.key
    }

    /// The form that SES takes: the local part as typed, the domain in ASCII (punycode).
    pub fn for_delivery(&self) -> String {
        let local = self.typed.rsplit_once('@').map_or("", |(local, _)| local);
        format!("{local}@{}", self.key.domain())
    }

    /// For people: the local part as typed, the domain in Unicode.
    pub fn shown(&self) -> String {
        let local = self.typed.rsplit_once('@').map_or("", |(local, _)| local);
        format!("{local}@{}", idna::domain_to_unicode(self.key.domain()).0)
    }

    /// Whether SES can send to it: it takes a local part in ASCII only.
    pub fn is_supported_by_ses(&self) -> bool {
        self.for_delivery().is_ascii()
    }

    /// What the owner of an address that SES can't send to probably has instead: `tim.o'connor@` for `tim.o’connor@`, and
    /// `joerg@` for `jörg@`. Somebody has to ask: it is another address.
    pub fn in_ascii(&self) -> Option<Self> {
        let local = self.typed.rsplit_once('@').map_or("", |(local, _)| local);
        let ascii = search::fold(&search::digraphs(local));
        let found = Self::parse(&format!("{ascii}@{}", self.key.domain())).ok()?;
        (!self.is_supported_by_ses() && found.is_supported_by_ses()).then_some(found)
    }

    /// The address with all but the first character of its local part hidden, for log lines.
    pub fn masked(&self) -> String {
        self.key.masked()
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_typed())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

/// The canonical form of an email address: NFC, local part in lower case, domain in lower case and ASCII. Two
/// spellings with one key are one person's; tags behind a `+` and dots are left alone, they are distinct recipients.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressKey(String);

impl AddressKey {
    /// As tables have it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain, in lower case and ASCII.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The key with all but the first character of its local part hidden.
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        format!("{first}***@{}", self.domain())
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressKey({})", self.masked())
    }
}

/// `atext` of RFC 5322 and the dot, and what RFC 6531 adds: characters beyond ASCII, but no white space there either.
fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        || (!c.is_ascii() && !c.is_whitespace() && !is_invisible(c))
}

/// Characters that nobody sees: bidirectional controls, joiners, fillers, variation selectors, byte order marks.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFD}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Lower case and NFC, but never so that a character beyond ASCII becomes an ASCII one: the Kelvin sign is a `k` to
/// Unicode, yet an address with it is another address than the one with a `k` (CVE-2019-19844).
fn canonical_local(local: &str) -> String {
    let folds_into_ascii = |c: char| {
        !c.is_ascii()
            && (c.nfc().all(|n| n.is_ascii())
                || c.to_lowercase().all(|l| l.is_ascii())
                || c.to_lowercase().nfc().all(|n| n.is_ascii()))
    };
    if local.chars().any(folds_into_ascii) {
        return local.to_ascii_lowercase();
    }
    // Lower-casing can undo NFC and NFC can uncover capitals; two rounds reach the fixed point.
    let once: String = local.nfc().collect::<String>().to_lowercase();
    once.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// UTS #46 to ASCII, with the rules for host names and the lengths of DNS.
fn canonical_domain(domain: &str) -> Result<String, EmailAddressError> {
    // UTS #46 would remove some of them, but the address as typed would keep them.
    if domain.chars().any(is_invisible) {
        return Err(EmailAddressError::BadDomain);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailAddressError::BadDomain)?;
    let labels = ascii.split('.').count();
    let is_address = ascii.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if labels < 2 || is_address || ascii.ends_with('.') {
        return Err(EmailAddressError::BadDomain);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> String {
        EmailAddress::parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}")).key().as_str().to_owned()
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for (typed, expected) in [
            ("alice@example.com", "alice@example.com"),
            ("  Alice@Example.COM ", "alice@example.com"),
            ("\u{a0}alice@example.com\u{a0}", "alice@example.com"),
            ("O'Brien+tag@example.com", "o'brien+tag@example.com"),
            ("first.last@sub.example.co.uk", "first.last@sub.example.co.uk"),
            ("jörg@example.org", "jörg@example.org"),
            ("JO\u{308}RG@example.org", "jörg@example.org"),
            ("\u{feff}alice@example.com\u{200b} ", "alice@example.com"),
            ("mike@exämple.org", "mike@xn--exmple-cua.org"),
            ("mike@EXÄMPLE.org", "mike@xn--exmple-cua.org"),
        ] {
            assert_eq!(key(typed), expected);
        }
    }

    #[test]
    fn a_unicode_twin_is_another_address() {
        let mike = key("mike@example.org");
        for twin in [
            "mıke@example.org",
            "mi\u{212A}e@example.org",
            "MI\u{212A}E@example.org",
            "mİke@example.org",
            "mike@exämple.org",
        ] {
            assert_ne!(key(twin), mike, "{twin}");
        }
        assert_eq!(key("MIKE@EXAMPLE.ORG"), mike);
    }

    #[test]
    fn what_is_no_single_address_is_refused() {
        for text in [
            "",
            "   ",
            "alice",
            "@example.com",
            "alice@",
            "alice@localhost",
            "alice@example.com,evil@evil.test",
            "alice@example.com evil@evil.test",
            "alice@evil.test@example.com",
            "alice@example.com;evil@evil.test",
            "<alice@example.com>",
            "Alice <alice@example.com>",
            "\"alice\"@example.com",
            "alice@[127.0.0.1]",
            "alice@127.0.0.1",
            "alice@example.com.",
            "alice@-example.com",
            "alice@exa_mple.com",
            "alice@example..com",
            ".alice@example.com",
            "alice.@example.com",
            "al..ice@example.com",
            "alice@example.com\r\nBcc: evil@evil.test",
            "alice@example.com\n",
            "al\0ice@example.com",
            "al\u{202e}ice@example.com",
            "al\u{200b}ice@example.com",
            "alice@exam\u{200b}ple.com",
            "alice@exam\u{ad}ple.com",
            "al\u{3164}ice@example.com",
            "al\u{fe0f}ice@example.com",
            "al\u{e0041}ice@example.com",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn lengths_of_rfc_5321_hold() {
        assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(64))).is_ok());
        assert_eq!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))), Err(EmailAddressError::TooLong));
        // Three bytes as typed, six in NFC.
        let grows = |times| EmailAddress::parse(&format!("{}@example.com", "\u{f93}".repeat(times)));
        assert!(grows(10).is_ok());
        assert_eq!(grows(11), Err(EmailAddressError::TooLong));
        let label = "d".repeat(60);
        assert!(EmailAddress::parse(&format!("a@{label}.{label}.{label}.{label}.com")).is_ok());
        assert!(EmailAddress::parse(&format!("{}@{label}.{label}.{label}.{label}.com", "a".repeat(20))).is_err());
    }

    #[test]
    fn mail_goes_to_the_spelling_as_typed_with_the_domain_in_ascii() {
        let address = EmailAddress::parse(" Mike@Exämple.org ").unwrap();
        assert_eq!(address.as_typed(), "Mike@Exämple.org");
        assert_eq!(address.for_delivery(), "Mike@xn--exmple-cua.org");
    }

    #[test]
    fn an_address_that_ses_cannot_send_to_may_have_a_form_in_ascii() {
        for (typed, ascii) in [
            ("tim.o’connor@example.com", Some("tim.o'connor@example.com")),
            ("jörg@example.com", Some("joerg@example.com")),
            ("jo\u{308}rg@example.com", Some("joerg@example.com")),
            ("ａｌｉｃｅ@example.com", Some("alice@example.com")),
            ("josé@exämple.org", Some("jose@xn--exmple-cua.org")),
            ("ana–maria@example.com", Some("ana-maria@example.com")),
            ("用户@example.com", None),
            ("иван@example.com", None),
            ("alice@exämple.org", None),
            ("alice@example.com", None),
        ] {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!(address.in_ascii().as_ref().map(EmailAddress::as_typed), ascii, "{typed}");
            assert_eq!(address.is_supported_by_ses(), typed.starts_with("alice@"), "{typed}");
        }
        assert_eq!(EmailAddress::parse("jo@xn--exmple-cua.org").unwrap().shown(), "jo@exämple.org");
    }

    #[test]
    fn an_address_never_prints_whole() {
        let address = EmailAddress::parse("alice@example.com").unwrap();
        assert_eq!(
            format!("{address:?} {:?} {}", address.key(), address.masked()),
            "EmailAddress(a***@example.com) AddressKey(a***@example.com) a***@example.com"
        );
    }

    proptest! {
        #[test]
        fn parsing_a_key_again_gives_the_same_key(local in "[\\PC]{1,12}", domain in "[a-zA-Zäß0-9]{1,8}\\.[a-z]{2,4}") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
                let again = EmailAddress::parse(address.key().as_str()).unwrap();
                prop_assert_eq!(address.key(), again.key());
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,80}") {
            let _ = EmailAddress::parse(&text);
        }

        #[test]
        fn an_ascii_key_comes_from_an_ascii_local_part_only(local in "\\PC{1,10}") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@example.com"))
                && address.key().as_str().is_ascii() {
                prop_assert!(address.as_typed().is_ascii());
            }
        }
    }
}

//! Configuration as types that can't be wrong. The process reads the values at its start and passes them in.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::{
    account::{EmailAddress, EmailAddressError, Role, User},
    brand::{BrandColour, InvalidColour, Logo},
    text_form::text_form,
};

/// What the portal is called and where it is; never taken from a request (OWASP WSTG-INPV-17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalConfig {
    /// The portal's name, as people know it.
    pub name: String,
    /// Where the support site is, such as `https://portal.example`; no slash at the end.
    pub site_url: String,
    /// Whom to ask.
    pub support_email: String,
    /// Where people continue once they are back in, such as `https://www.example.com/app`.
    pub portal_url: Option<String>,
    /// The colour of links and buttons, if the portal has one.
    pub brand_colour: Option<BrandColour>,
    /// The format of the portal's logo, if it has one.
    pub logo: Option<Logo>,
}

/// Who the email comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailConfig {
    /// The address in `From`, which SES has verified.
    pub from: EmailAddress,
    /// SES's configuration set for links, whose event destination feeds the email log.
    pub configuration_set: Option<String>,
    /// The one for notices and canaries; where there is none, they go with the links.
    pub notice_configuration_set: Option<String>,
}

impl EmailConfig {
    /// Whether a configuration set is one of ours.
    pub fn is_ours(&self, configuration_set: Option<&str>) -> bool {
        configuration_set.is_some_and(|set| {
            let ours = [&self.configuration_set, &self.notice_configuration_set];
            ours.into_iter().flatten().any(|known| known == set)
        })
    }
}

/// Where members live. Staff always live in Mailkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Directory {
    /// In Mailkey.
    #[default]
    Own,
    /// Nowhere that Mailkey knows: it logs and explains email, and only staff have accounts.
    None,
}

text_form!(Directory { Own = "own", None = "none" });

impl Directory {
    /// Whether a user record counts: with `none`, there are no members.
    pub fn has(self, user: &User) -> bool {
        self == Self::Own || user.role > Role::Member
    }

    /// The user, if the record counts.
    pub fn only(self, user: Option<User>) -> Option<User> {
        user.filter(|user| self.has(user))
    }
}

impl PortalConfig {
    /// Checks the three values. The error names the field; it never repeats the value.
    pub fn new(name: String, site_url: String, support_email: String) -> Result<Self, InvalidPortal> {
        EmailAddress::parse(&support_email).map_err(InvalidPortal::SupportEmail)?;
        if name.chars().any(char::is_control) {
            return Err(InvalidPortal::Name);
        }
        if !is_site_url(&site_url) {
            return Err(InvalidPortal::SiteUrl);
        }
        Ok(Self { name, site_url, support_email, portal_url: None, brand_colour: None, logo: None })
    }

    /// Sets the URL of the portal itself, if there is one.
    pub fn with_portal_url(self, portal_url: Option<String>) -> Result<Self, InvalidPortal> {
        if portal_url.as_deref().is_some_and(|url| !is_page_url(url)) {
            return Err(InvalidPortal::PortalUrl);
        }
        Ok(Self { portal_url, ..self })
    }

    /// Sets the portal's colour and the name or format of its logo, if there are any.
    pub fn with_brand(self, colour: Option<&str>, logo: Option<&str>) -> Result<Self, InvalidPortal> {
        let brand_colour = colour.map(BrandColour::parse).transpose().map_err(InvalidPortal::BrandColour)?;
        let logo = logo.map(|name| Logo::parse(name).ok_or(InvalidPortal::Logo)).transpose()?;
        Ok(Self { brand_colour, logo, ..self })
    }
}

/// A portal configuration that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidPortal {
    /// The name has control characters.
    #[error("has control characters")]
    Name,
    /// The URL is not one of the two accepted forms.
    #[error("must be https://<host>, or http://127.0.0.1:<port> on one machine, without a path")]
    SiteUrl,
    /// The portal's URL is not one of the accepted forms.
    #[error("must be https://<host>, or http://127.0.0.1:<port> on one machine, with or without a path")]
    PortalUrl,
    /// The support address is not an email address.
    #[error(transparent)]
    SupportEmail(EmailAddressError),
    /// The colour can't be used.
    #[error(transparent)]
    BrandColour(InvalidColour),
    /// The logo has another format.
    #[error("must be a PNG or SVG file")]
    Logo,
}

fn is_site_url(url: &str) -> bool {
    let host = url.strip_prefix("https://").or(url.strip_prefix("http://").filter(|host| {
        let name = host.split(':').next().unwrap_or_default();
        name == "127.0.0.1" || name == "localhost"
    }));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
    })
}

/// A site's URL, perhaps followed by a path. A query or a fragment would clash with what pages and emails add.
fn is_page_url(url: &str) -> bool {
    let host_at = url.find("://").map_or(0, |at| at + 3);
    let path_at = url[host_at..].find('/').map_or(url.len(), |at| host_at + at);
    let (site, path) = url.split_at(path_at);
    is_site_url(site) && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b))
}

/// A secret key of at least 32 bytes, in base64. There is one per purpose. It does not print.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// Reads a key. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match BASE64_STANDARD.decode(text.trim()) {
            Ok(bytes) if bytes.len() >= 32 => Ok(Self(bytes)),
            Ok(_) => Err("has less than 32 bytes"),
            Err(_) => Err("is not base64"),
        }
    }

    /// The key.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// HMAC-SHA-256 under this key.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn hmac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes keys of any length")
    }

    /// Whether `text` is this key, in base64. Digests are compared, so that the time it takes says nothing.
    pub fn is(&self, text: &str) -> bool {
        BASE64_STANDARD.decode(text).is_ok_and(|shown| Sha256::digest(shown) == Sha256::digest(&self.0))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// The keys of one purpose, each with an id. The first is the current one, which signs; what was signed under one of
/// the others still holds. Written `id:base64,id:base64`; a key by itself has the id 0.
///
/// Clones share their keys, so that a rotation reaches all of them.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<RwLock<Vec<(String, SecretKey)>>>);

impl KeyRing {
    /// Reads keys. The error says what is wrong with them.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut keys = Vec::new();
        for key in text.split(',') {
            let (id, key) = key.split_once(':').unwrap_or(("0", key));
            let id = id.trim();
            if !(1..=16).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err("has a key whose id is not of 1 to 16 letters and digits");
            }
            if keys.iter().any(|(known, _)| known == id) {
                return Err("has two keys with one id");
            }
            keys.push((id.to_owned(), SecretKey::parse(key)?));
        }
        Ok(Self(Arc::new(RwLock::new(keys))))
    }

    /// The key that signs, and its id.
    pub fn current(&self) -> (String, SecretKey) {
        self.all().swap_remove(0)
    }

    /// The key with an id, current or former.
    pub fn get(&self, id: &str) -> Option<SecretKey> {
        self.all().into_iter().find(|(known, _)| known == id).map(|(_, key)| key)
    }

    /// All of them, the current one first.
    pub fn all(&self) -> Vec<(String, SecretKey)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the keys of this ring and of its clones with those of `other`.
    pub fn replace(&self, other: &Self) {
        let keys = other.all();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

/// Reads a span of time such as `24h`, `15m`, `2s` or `500ms`.
pub fn parse_duration(text: &str) -> Result<SignedDuration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: i64 = number.parse().map_err(|_| format!("{text:?} is no duration, such as 24h, 15m, 2s, 500ms"))?;
    let ms_per_unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 3600 * 1000,
        "d" => 24 * 3600 * 1000,
        _ => return Err(format!("{text:?} has no unit of ms, s, m, h or d")),
    };
    number.checked_mul(ms_per_unit).map(SignedDuration::from_millis).ok_or(format!("{text:?} is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        for (text, expected) in [
            ("24h", Some(86_400_000)),
            ("2s", Some(2000)),
            ("0s", Some(0)),
            ("500ms", Some(500)),
            ("15m", Some(900_000)),
            ("7d", Some(604_800_000)),
            ("", None),
            ("24", None),
            ("h", None),
            ("-2s", None),
            ("99999999999999999d", None),
        ] {
            assert_eq!(parse_duration(text).ok(), expected.map(SignedDuration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn the_site_is_a_host_under_https_or_this_machine() {
        for (url, good) in [
            ("https://portal.example", true),
            ("https://portal.example:8443", true),
            ("http://127.0.0.1:8787", true),
            ("http://localhost:8787", true),
            ("http://portal.example", false),
            ("http://127.0.0.1.evil.test", false),
            ("https://portal.example/", false),
            ("https://portal.example/app", false),
            ("https://user@portal.example", false),
            ("https://", false),
            ("portal.example", false),
        ] {
            assert_eq!(is_site_url(url), good, "{url}");
        }
    }

    #[test]
    fn the_portal_is_a_page_under_https_or_on_this_machine() {
        for (url, good) in [
            ("https://www.example.com", true),
            ("https://www.example.com/", true),
            ("https://www.example.com:8443/app/home", true),
            ("http://127.0.0.1:3000/", true),
            ("http://www.example.com/", false),
            ("https://user@www.example.com/", false),
            ("https://www.example.com/?next=1", false),
            ("https://www.example.com/#start", false),
            ("https://www.example.com/a b", false),
            ("https:///app", false),
            ("javascript:alert(1)", false),
            ("//www.example.com/", false),
            ("", false),
        ] {
            assert_eq!(is_page_url(url), good, "{url}");
        }
    }

    #[test]
    fn the_first_of_several_keys_signs_and_all_are_known() {
        let key = |byte: u8| BASE64_STANDARD.encode([byte; 32]);
        let ring = KeyRing::parse(&format!("2:{},1:{}", key(2), key(1))).unwrap();
        assert_eq!(ring.current().0, "2");
        assert_eq!(ring.get("1").unwrap().bytes(), [1; 32]);
        assert!(ring.get("3").is_none());
        assert_eq!(KeyRing::parse(&key(7)).unwrap().current().0, "0", "a key by itself");
        for (text, problem) in [
            (format!("2:{},2:{}", key(2), key(1)), "has two keys with one id"),
            (format!("{0}:{0}", key(2)), "has a key whose id is not of 1 to 16 letters and digits"),
            ("1:c2hvcnQ=".to_owned(), "has less than 32 bytes"),
            (format!("1:{},", key(1)), "has less than 32 bytes"),
        ] {
            assert_eq!(KeyRing::parse(&text).unwrap_err(), problem, "{text}");
        }
    }

    #[test]
    fn a_short_key_is_refused_and_none_prints() {
        assert_eq!(SecretKey::parse("c2hvcnQ=").unwrap_err(), "has less than 32 bytes");
        assert_eq!(SecretKey::parse("not base64!").unwrap_err(), "is not base64");
        let key = SecretKey::parse(&BASE64_STANDARD.encode([7; 32])).unwrap();
        assert_eq!(format!("{key:?}"), "SecretKey(..)");
    }
}

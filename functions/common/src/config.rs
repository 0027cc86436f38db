//! Configuration: all that a process takes from its environment, read in one place.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::SignedDuration;

use crate::account::EmailAddress;

/// What the portal is called and where it is; never taken from a request (OWASP WSTG-INPV-17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalConfig {
    /// The portal's name, as people know it.
    pub name: String,
    /// Where the support site is, such as `https://portal.example`; no slash at the end.
    pub site_url: String,
    /// Whom to ask.
    pub support_email: String,
}

/// Who the mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// The address in `From`, which SES has verified.
    pub from: EmailAddress,
    /// SES's configuration set, whose event destination feeds the email log.
    pub configuration_set: Option<String>,
}

/// A configuration that can't be used. It names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl ConfigError {
    fn new(variable: &'static str, problem: impl fmt::Display) -> Self {
        Self { variable, problem: problem.to_string() }
    }
}

/// Reads a variable; not set and empty are the same.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn optional(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Reads a variable that must be set.
///
/// # Errors
///
/// [`ConfigError`] where it is not.
pub fn required(variable: &'static str) -> Result<String, ConfigError> {
    optional(variable).ok_or(ConfigError::new(variable, "must be set"))
}

impl PortalConfig {
    /// `MAILKEY_PORTAL_NAME`, `MAILKEY_SITE_URL`, `MAILKEY_SUPPORT_EMAIL`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where one is missing or not what it should be.
    pub fn from_env() -> Result<Self, ConfigError> {
        let support_email = required("MAILKEY_SUPPORT_EMAIL")?;
        EmailAddress::parse(&support_email).map_err(|e| ConfigError::new("MAILKEY_SUPPORT_EMAIL", e))?;
        let name = required("MAILKEY_PORTAL_NAME")?;
        if name.chars().any(char::is_control) {
            return Err(ConfigError::new("MAILKEY_PORTAL_NAME", "has control characters"));
        }
        let site_url = required("MAILKEY_SITE_URL")?;
        if !is_site_url(&site_url) {
            let problem = "must be https://<host>, or http://127.0.0.1:<port> on one machine, without a path";
            return Err(ConfigError::new("MAILKEY_SITE_URL", problem));
        }
        Ok(Self { name, site_url, support_email })
    }
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

impl MailConfig {
    /// `MAILKEY_FROM`, `MAILKEY_CONFIGURATION_SET`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the address is missing or is none.
    pub fn from_env() -> Result<Self, ConfigError> {
        let from = EmailAddress::parse(&required("MAILKEY_FROM")?).map_err(|e| ConfigError::new("MAILKEY_FROM", e))?;
        Ok(Self { from, configuration_set: optional("MAILKEY_CONFIGURATION_SET") })
    }
}

/// A secret key of at least 32 bytes, in base64. There is one per purpose. It does not print.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    /// Reads a key from `variable`: a process does not start without the keys it needs.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it is missing or weak.
    pub fn from_env(variable: &'static str) -> Result<Self, ConfigError> {
        Self::parse(&required(variable)?).map_err(|problem| ConfigError::new(variable, problem))
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
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
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// Reads a span of time such as `24h`, `15m`, `2s` or `500ms`.
///
/// # Errors
///
/// What is wrong with it.
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
    fn a_short_key_is_refused_and_none_prints() {
        assert_eq!(SecretKey::parse("c2hvcnQ=").unwrap_err(), "has less than 32 bytes");
        assert_eq!(SecretKey::parse("not base64!").unwrap_err(), "is not base64");
        let key = SecretKey::parse(&BASE64_STANDARD.encode([7; 32])).unwrap();
        assert_eq!(format!("{key:?}"), "SecretKey(..)");
    }
}

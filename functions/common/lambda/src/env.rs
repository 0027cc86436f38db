//! Reads the environment.

use std::fmt;

use mailkey::{
    EmailAddress,
    config::{Directory, EmailConfig, InvalidPortal, PortalConfig},
    watched::{InvalidWatch, Watch},
};
use mailkey_api::password::{BREACHED_PASSWORDS_URL, BreachedPasswords, PasswordPolicy};

/// A variable that can't be used. The error names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl ConfigError {
    pub(crate) fn new(variable: &'static str, problem: impl fmt::Display) -> Self {
        Self { variable, problem: problem.to_string() }
    }
}

/// Reads a variable. An empty one counts as not set.
#[expect(clippy::disallowed_methods, reason = "the functions read the environment here and nowhere else")]
pub fn optional(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Reads a variable that must be set.
pub fn required(variable: &'static str) -> Result<String, ConfigError> {
    optional(variable).ok_or(ConfigError::new(variable, "must be set"))
}

/// `MAILKEY_PORTAL_NAME`, `MAILKEY_SITE_URL` and `MAILKEY_SUPPORT_EMAIL`; and `MAILKEY_PORTAL_URL`, `MAILKEY_BRAND_COLOUR` and
/// `MAILKEY_LOGO`, which may be missing.
pub fn portal() -> Result<PortalConfig, ConfigError> {
    const NAME: &str = "MAILKEY_PORTAL_NAME";
    const SITE_URL: &str = "MAILKEY_SITE_URL";
    const SUPPORT_EMAIL: &str = "MAILKEY_SUPPORT_EMAIL";
    const PORTAL_URL: &str = "MAILKEY_PORTAL_URL";
    const BRAND_COLOUR: &str = "MAILKEY_BRAND_COLOUR";
    const LOGO: &str = "MAILKEY_LOGO";
    let (colour, logo) = (optional(BRAND_COLOUR), optional(LOGO));
    let portal = PortalConfig::new(required(NAME)?, required(SITE_URL)?, required(SUPPORT_EMAIL)?);
    let portal = portal.and_then(|portal| portal.with_portal_url(optional(PORTAL_URL)));
    portal.and_then(|portal| portal.with_brand(colour.as_deref(), logo.as_deref())).map_err(|invalid| {
        let variable = match invalid {
            InvalidPortal::Name => NAME,
            InvalidPortal::SiteUrl => SITE_URL,
            InvalidPortal::PortalUrl => PORTAL_URL,
            InvalidPortal::SupportEmail(_) => SUPPORT_EMAIL,
            InvalidPortal::BrandColour(_) => BRAND_COLOUR,
            InvalidPortal::Logo => LOGO,
        };
        ConfigError::new(variable, invalid)
    })
}

/// `MAILKEY_DIRECTORY`, which may be missing.
pub fn directory() -> Result<Directory, ConfigError> {
    const DIRECTORY: &str = "MAILKEY_DIRECTORY";
    optional(DIRECTORY).map_or(Ok(Directory::default()), |text| {
        text.parse().map_err(|_| ConfigError::new(DIRECTORY, "must be own or none"))
    })
}

/// `MAILKEY_WATCH`, `MAILKEY_WATCHED_SUBJECTS` and `MAILKEY_WATCH_FAILURES_ONLY`, all of which may be missing.
pub fn watch() -> Result<Watch, ConfigError> {
    const SENDERS: &str = "MAILKEY_WATCH";
    const SUBJECTS: &str = "MAILKEY_WATCHED_SUBJECTS";
    const FAILURES_ONLY: &str = "MAILKEY_WATCH_FAILURES_ONLY";
    let [senders, subjects, failures_only] =
        [SENDERS, SUBJECTS, FAILURES_ONLY].map(|variable| optional(variable).unwrap_or_default());
    Watch::parse(&senders, &subjects, &failures_only).map_err(|invalid| {
        let variable = match invalid {
            InvalidWatch::Senders(_) => SENDERS,
            InvalidWatch::Subjects => SUBJECTS,
            InvalidWatch::FailuresOnly(_) => FAILURES_ONLY,
        };
        ConfigError::new(variable, invalid)
    })
}

/// The rules for new passwords: `MAILKEY_BREACHED_PASSWORDS` is `on` if they are looked up in the list of stolen ones.
pub fn password_policy(portal: &PortalConfig) -> Result<PasswordPolicy, ConfigError> {
    const BREACHED: &str = "MAILKEY_BREACHED_PASSWORDS";
    let breached = match optional(BREACHED).as_deref() {
        Some("on") => {
            let list = BreachedPasswords::new(BREACHED_PASSWORDS_URL);
            Some(list.map_err(|error| ConfigError::new(BREACHED, error))?)
        }
        _ => None,
    };
    Ok(PasswordPolicy::new(&portal.name, breached))
}

/// `MAILKEY_FROM`, `MAILKEY_CONFIGURATION_SET`, `MAILKEY_NOTICE_CONFIGURATION_SET`.
pub fn mail() -> Result<EmailConfig, ConfigError> {
    const FROM: &str = "MAILKEY_FROM";
    let from = EmailAddress::parse(&required(FROM)?).map_err(|e| ConfigError::new(FROM, e))?;
    Ok(EmailConfig {
        from,
        configuration_set: optional("MAILKEY_CONFIGURATION_SET"),
        notice_configuration_set: optional("MAILKEY_NOTICE_CONFIGURATION_SET"),
    })
}

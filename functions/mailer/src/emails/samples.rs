//! A sample of every email, for the tests and for the gallery of `cargo run`. They are never sent, and their links
//! don't work.

use jiff::{SignedDuration, Timestamp};
use mailkey::{Locale, email_log::EmailKind, recovery::SecurityEvent};

use super::{
    AccountLocked, AccountUnlocked, Activation, AddressChanged, Canary, PasswordChanged, PasswordReset, Portal,
    Rendered, SecurityNotice,
};

/// A token that is never issued: it decodes to a pattern instead of random bits.
const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Saturday 7 March 2026, 12:00 UTC.
const NOON: Timestamp = Timestamp::constant(1_772_884_800, 0);

/// A rendered email with the values that produced it.
pub struct Sample {
    /// The kind of email.
    pub kind: EmailKind,
    /// How it was triggered: `self_service`, `admin` or `notice`; or what it is about.
    pub variant: &'static str,
    /// The link that it contains, if any.
    pub link: Option<String>,
    /// The rendered subject and bodies.
    pub mail: Rendered,
}

/// One sample of each kind and variant.
pub fn all(portal: &Portal, locale: Locale, display_name: Option<&str>) -> Result<Vec<Sample>, askama::Error> {
    let mut samples = Vec::new();
    for (kind, variant) in VARIANTS {
        samples.push(sample(portal, locale, display_name, kind, variant)?);
    }
    Ok(samples)
}

const VARIANTS: [(EmailKind, &str); 14] = [
    (EmailKind::PasswordReset, "self_service"),
    (EmailKind::PasswordReset, "admin"),
    (EmailKind::Activation, "self_service"),
    (EmailKind::Activation, "admin"),
    (EmailKind::PasswordChanged, "notice"),
    (EmailKind::AccountLocked, "notice"),
    (EmailKind::AccountUnlocked, "admin"),
    (EmailKind::AddressChanged, "notice"),
    (EmailKind::PasswordChanged, "keys"),
    (EmailKind::SecurityNotice, "api_key_created"),
    (EmailKind::SecurityNotice, "administrator_added"),
    (EmailKind::SecurityNotice, "second_factor_added"),
    (EmailKind::SecurityNotice, "second_factor_removed"),
    (EmailKind::Canary, "notice"),
];

fn sample(
    portal: &Portal,
    locale: Locale,
    display_name: Option<&str>,
    kind: EmailKind,
    variant: &'static str,
) -> Result<Sample, askama::Error> {
    let started_by_administrator = variant == "admin";
    let mut link = None;
    let mail = match kind {
        EmailKind::PasswordReset => {
            let lifetime = SignedDuration::from_hours(24);
            let expires_at = NOON + lifetime;
            let link = link.insert(format!("{}/reset-password/#token={TOKEN}", portal.site_url));
            PasswordReset { portal, locale, display_name, link, expires_at, lifetime, started_by_administrator }
                .render()
        }
        EmailKind::Activation => {
            let lifetime = SignedDuration::from_hours(7 * 24);
            let expires_at = NOON + lifetime;
            let link = link.insert(format!("{}/activate/#token={TOKEN}", portal.site_url));
            Activation { portal, locale, display_name, link, expires_at, lifetime, started_by_administrator }.render()
        }
        EmailKind::PasswordChanged => {
            let keys = ["CRM".to_owned(), "Nightly export".to_owned()];
            let revoked_keys = if variant == "keys" { &keys[..] } else { &[] };
            PasswordChanged { portal, locale, display_name, changed_at: NOON, revoked_keys }.render()
        }
        EmailKind::SecurityNotice => {
            let event = variant.parse().unwrap_or(SecurityEvent::ApiKeyCreated);
            let names = &["CRM".to_owned()];
            SecurityNotice { portal, locale, display_name, event, names, happened_at: NOON }.render()
        }
        EmailKind::AccountLocked => {
            let lockout = SignedDuration::from_mins(15);
            AccountLocked { portal, locale, display_name, locked_at: NOON, lockout }.render()
        }
        EmailKind::AccountUnlocked => AccountUnlocked { portal, locale, display_name, unlocked_at: NOON }.render(),
        EmailKind::AddressChanged => AddressChanged { portal, locale, display_name, changed_at: NOON }.render(),
        EmailKind::Canary => Canary { portal, locale }.render(),
        // Other systems send these.
        EmailKind::Other => Err(askama::Error::Fmt),
    }?;
    Ok(Sample { kind, variant, link, mail })
}

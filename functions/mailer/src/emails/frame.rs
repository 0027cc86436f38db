//! The parts that all emails share: sender, greeting, subject and bodies.

use std::{borrow::Cow, fmt};

use askama::Template;
use mailkey::{
    brand::{BrandColour, Logo, Palette},
    config::PortalConfig,
};

use super::phrase::Phrase;
use super::salutation::Salutation;
use super::words::Words;
use super::{text, wording};

/// The portal's details in every email. They come from configuration, never from a request: a link built from a `Host`
/// header could lead to an attacker's site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The name that users know it by.
    pub name: String,
    /// Base URL: scheme and host, without a trailing slash.
    pub site_url: String,
    /// The support team's address.
    pub support_email: String,
    /// The portal itself, if the base URL is only that of the help pages.
    pub portal_url: Option<String>,
    /// The colour of links and buttons, if it isn't the default.
    pub brand_colour: Option<BrandColour>,
    /// The URL of the logo, if it has one. Without it, emails load nothing.
    pub logo_url: Option<String>,
}

impl From<PortalConfig> for Portal {
    fn from(PortalConfig { name, site_url, support_email, portal_url, brand_colour, logo }: PortalConfig) -> Self {
        let logo_url = logo.and_then(Logo::path_in_emails).map(|path| format!("{site_url}{path}"));
        Self { name, site_url, support_email, portal_url, brand_colour, logo_url }
    }
}

/// An email, ready to be sent as `multipart/alternative`.
///
/// Both bodies may contain a secret link, so `Debug` omits them and there is no `PartialEq`.
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    /// The plain text with folded lines. Each link has its own line.
    pub text: String,
    /// The HTML document. It loads nothing but the portal's logo, if it has one.
    pub html: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Rendered {
    pub(super) fn new(
        words: Words,
        subject: &Phrase,
        text: &impl Template,
        html: &impl Template,
    ) -> Result<Self, askama::Error> {
        Ok(Self {
            subject: subject.to_string(),
            text: text::folded(&text.render()?, words.direction()),
            html: html.render()?,
        })
    }
}

/// The values that both layouts print around every email's content.
pub(super) struct EmailFrame<'a> {
    pub(super) greeting: Phrase,
    pub(super) portal: String,
    pub(super) site_url: &'a str,
    pub(super) support_email: &'a str,
    /// The link in the footer.
    pub(super) home: String,
    pub(super) logo_url: Option<&'a str>,
    /// The colours of links and buttons.
    pub(super) light: Colours,
    pub(super) dark: Colours,
}

impl<'a> EmailFrame<'a> {
    pub(super) fn new(words: Words, portal: &'a Portal, display_name: Option<&str>) -> Self {
        let salutation = Salutation::parse(display_name);
        Self {
            greeting: salutation.name().map_or_else(|| words.greeting_to_nobody(), |name| words.greeting(name)),
            portal: wording::short_line(&portal.name),
            site_url: &portal.site_url,
            support_email: &portal.support_email,
            home: portal.portal_url.clone().unwrap_or_else(|| format!("{}/", portal.site_url)),
            logo_url: portal.logo_url.as_deref(),
            light: portal.brand_colour.map_or(Colours::LIGHT, |colour| colour.light().into()),
            dark: portal.brand_colour.map_or(Colours::DARK, |colour| colour.dark().into()),
        }
    }
}

/// The colours of links and buttons, as CSS.
pub(super) struct Colours {
    pub(super) accent: Cow<'static, str>,
    pub(super) on_accent: Cow<'static, str>,
}

impl Colours {
    const LIGHT: Self = Self { accent: Cow::Borrowed("#1a56c4"), on_accent: Cow::Borrowed("#ffffff") };
    const DARK: Self = Self { accent: Cow::Borrowed("#8fb8ff"), on_accent: Cow::Borrowed("#0c1a33") };
}

impl From<Palette> for Colours {
    fn from(Palette { accent, on_accent, .. }: Palette) -> Self {
        Self { accent: accent.to_string().into(), on_accent: on_accent.to_string().into() }
    }
}

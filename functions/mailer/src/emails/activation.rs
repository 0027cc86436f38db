//! The email with the link to activate an account.

use std::fmt;

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use mailkey::Locale;

use super::frame::{EmailFrame, Portal, Rendered};
use super::link::Link;
use super::words::Words;

/// Links a pending user to the page where they choose their first password, which activates the account.
pub struct Activation<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// The user's name, as entered; it is untrusted.
    pub display_name: Option<&'a str>,
    /// The full link. It contains the token, so it is a secret.
    pub link: &'a str,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// How long the link works after it was issued.
    pub lifetime: SignedDuration,
    /// Whether an administrator requested it, rather than the user.
    pub started_by_administrator: bool,
}

/// Omits the link, which is a secret, and the name, which is personal data.
impl fmt::Debug for Activation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activation")
            .field("expires_at", &self.expires_at)
            .field("started_by_administrator", &self.started_by_administrator)
            .finish_non_exhaustive()
    }
}

impl Activation<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, self.display_name);
        let link = &Link::new(words, self.link, self.lifetime, self.expires_at, self.started_by_administrator);
        let subject = words.activation_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame, link }, &Html { words, frame, link })
    }
}

#[derive(Template)]
#[template(path = "activation/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    link: &'a Link<'a>,
}

#[derive(Template)]
#[template(path = "activation/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    link: &'a Link<'a>,
}

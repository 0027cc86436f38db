//! The email with the link to choose a new password.

use std::fmt;

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use mailkey::Locale;

use super::letter::{Letterhead, Portal, Rendered};
use super::link::Link;
use super::words::Words;

/// Takes an active user to where a new password is chosen.
pub struct PasswordReset<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// The whole link, token and all: a secret.
    pub link: &'a str,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// How long the link works, counted from when it was made.
    pub lifetime: SignedDuration,
    /// Whether an administrator asked for it, and not somebody on the support pages.
    pub started_by_administrator: bool,
}

/// Prints neither the link, which is a secret, nor the name, which is somebody's.
impl fmt::Debug for PasswordReset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordReset")
            .field("expires_at", &self.expires_at)
            .field("started_by_administrator", &self.started_by_administrator)
            .finish_non_exhaustive()
    }
}

impl PasswordReset<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let letter = &Letterhead::new(words, self.portal, self.display_name);
        let link = &Link::new(words, self.link, self.lifetime, self.expires_at, self.started_by_administrator);
        let subject = words.password_reset_subject(&letter.portal);
        Rendered::new(words, &subject, &Text { words, letter, link }, &Html { words, letter, link })
    }
}

#[derive(Template)]
#[template(path = "password_reset/body.txt")]
struct Text<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
    link: &'a Link<'a>,
}

#[derive(Template)]
#[template(path = "password_reset/body.html")]
struct Html<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
    link: &'a Link<'a>,
}

//! The email with the link to choose a new password.

use std::fmt;

use askama::Template;
use jiff::{SignedDuration, Timestamp};

use super::letter::{Letterhead, Portal, Rendered};
use super::link::Link;

/// Takes an active user to where a new password is chosen.
pub struct PasswordReset<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
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
        let letter = &Letterhead::new(self.portal, self.display_name);
        let link = &Link::new(self.link, self.lifetime, self.expires_at, self.started_by_administrator);
        Rendered::from_templates(&Subject { letter }, &Text { letter, link }, &Html { letter, link })
    }
}

#[derive(Template)]
#[template(path = "password_reset/subject.txt")]
struct Subject<'a> {
    letter: &'a Letterhead<'a>,
}

#[derive(Template)]
#[template(path = "password_reset/body.txt")]
struct Text<'a> {
    letter: &'a Letterhead<'a>,
    link: &'a Link<'a>,
}

#[derive(Template)]
#[template(path = "password_reset/body.html")]
struct Html<'a> {
    letter: &'a Letterhead<'a>,
    link: &'a Link<'a>,
}

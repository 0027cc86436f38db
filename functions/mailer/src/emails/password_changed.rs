//! The notice that a password was changed.

use askama::Template;
use jiff::Timestamp;

use super::letter::{Letterhead, Portal, Rendered};
use super::wording;

/// Tells a user that the password was changed, in case it was somebody else who did. It holds no secret.
pub struct PasswordChanged<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// When the new password took effect.
    pub changed_at: Timestamp,
}

impl PasswordChanged<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let letter = &Letterhead::new(self.portal, self.display_name);
        let changed = &wording::moment(self.changed_at);
        Rendered::from_templates(&Subject { letter }, &Text { letter, changed }, &Html { letter, changed })
    }
}

#[derive(Template)]
#[template(path = "password_changed/subject.txt")]
struct Subject<'a> {
    letter: &'a Letterhead<'a>,
}

#[derive(Template)]
#[template(path = "password_changed/body.txt")]
struct Text<'a> {
    letter: &'a Letterhead<'a>,
    changed: &'a str,
}

#[derive(Template)]
#[template(path = "password_changed/body.html")]
struct Html<'a> {
    letter: &'a Letterhead<'a>,
    changed: &'a str,
}

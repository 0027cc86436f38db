//! The notice that a password was changed.

use askama::Template;
use jiff::Timestamp;
use mailkey::Locale;

use super::frame::{EmailFrame, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells users that their password was changed, in case someone else did it. It contains no secret.
pub struct PasswordChanged<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// The user's name, as entered; it is untrusted.
    pub display_name: Option<&'a str>,
    /// When the new password took effect.
    pub changed_at: Timestamp,
    /// The API keys that were revoked, as people named them; untrusted.
    pub revoked_keys: &'a [String],
}

impl PasswordChanged<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.changed_at);
        let names = wording::names(self.revoked_keys);
        let keys = &(!names.is_empty()).then(|| words.password_changed_keys(&names));
        let subject = words.password_changed_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame, when, keys }, &Html { words, frame, when, keys })
    }
}

#[derive(Template)]
#[template(path = "password_changed/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
    keys: &'a Option<Phrase>,
}

#[derive(Template)]
#[template(path = "password_changed/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
    keys: &'a Option<Phrase>,
}

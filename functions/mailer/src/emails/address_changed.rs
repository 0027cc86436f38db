//! The notice to the old address that an account's address was changed.

use askama::Template;
use jiff::Timestamp;
use mailkey::Locale;

use super::frame::{EmailFrame, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells the owner of the old address about the change, in case someone else made it. It contains no secret and doesn't
/// name the new address: this mailbox may no longer belong to the user.
pub struct AddressChanged<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// The user's name, as entered; it is untrusted.
    pub display_name: Option<&'a str>,
    /// When the new address took effect.
    pub changed_at: Timestamp,
}

impl AddressChanged<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.changed_at);
        let subject = words.address_changed_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame, when }, &Html { words, frame, when })
    }
}

#[derive(Template)]
#[template(path = "address_changed/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
}

#[derive(Template)]
#[template(path = "address_changed/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
}

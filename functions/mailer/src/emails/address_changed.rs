//! The notice, to the former address, that the address of an account was changed.

use askama::Template;
use jiff::Timestamp;
use mailkey::Locale;

use super::letter::{Letterhead, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells whoever reads the former address that it is the former one, in case it was somebody else who changed it. It
/// holds no secret, and does not name the new address: this mailbox may no longer be the user's.
pub struct AddressChanged<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// When the new address took effect.
    pub changed_at: Timestamp,
}

impl AddressChanged<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let letter = &Letterhead::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.changed_at);
        let subject = words.address_changed_subject(&letter.portal);
        Rendered::new(words, &subject, &Text { words, letter, when }, &Html { words, letter, when })
    }
}

#[derive(Template)]
#[template(path = "address_changed/body.txt")]
struct Text<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
    when: &'a Phrase,
}

#[derive(Template)]
#[template(path = "address_changed/body.html")]
struct Html<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
    when: &'a Phrase,
}

//! The notice that an administrator lifted the lock of an account.

use askama::Template;
use jiff::Timestamp;
use mailkey::Locale;

use super::letter::{Letterhead, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells a user that sign-in is open again. It holds no secret.
pub struct AccountUnlocked<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// When the lock was lifted.
    pub unlocked_at: Timestamp,
}

impl AccountUnlocked<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let letter = &Letterhead::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.unlocked_at);
        let subject = words.account_unlocked_subject(&letter.portal);
        Rendered::new(words, &subject, &Text { words, letter, when }, &Html { words, letter, when })
    }
}

#[derive(Template)]
#[template(path = "account_unlocked/body.txt")]
struct Text<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
    when: &'a Phrase,
}

#[derive(Template)]
#[template(path = "account_unlocked/body.html")]
struct Html<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
    when: &'a Phrase,
}

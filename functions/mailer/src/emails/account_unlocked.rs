//! The notice that an administrator unlocked an account.

use askama::Template;
use jiff::Timestamp;
use mailkey::Locale;

use super::frame::{EmailFrame, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells users that they can sign in again. It contains no secret.
pub struct AccountUnlocked<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// The user's name, as entered; it is untrusted.
    pub display_name: Option<&'a str>,
    /// When the lock was removed.
    pub unlocked_at: Timestamp,
}

impl AccountUnlocked<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.unlocked_at);
        let subject = words.account_unlocked_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame, when }, &Html { words, frame, when })
    }
}

#[derive(Template)]
#[template(path = "account_unlocked/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
}

#[derive(Template)]
#[template(path = "account_unlocked/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
}

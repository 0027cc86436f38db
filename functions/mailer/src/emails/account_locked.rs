//! The notice that an account was locked after too many failed sign-ins.

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use mailkey::Locale;

use super::frame::{EmailFrame, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells users that they can't sign in for a while, and what to do. It contains no secret.
pub struct AccountLocked<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the user reads.
    pub locale: Locale,
    /// The user's name, as entered; it is untrusted.
    pub display_name: Option<&'a str>,
    /// When the limit on failed sign-ins was reached.
    pub locked_at: Timestamp,
    /// How long the lock lasts from then.
    pub lockout: SignedDuration,
}

impl AccountLocked<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.locked_at);
        let lockout = &wording::lifetime(words, self.lockout);
        let subject = words.account_locked_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame, when, lockout }, &Html { words, frame, when, lockout })
    }
}

#[derive(Template)]
#[template(path = "account_locked/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
    lockout: &'a Phrase,
}

#[derive(Template)]
#[template(path = "account_locked/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    when: &'a Phrase,
    lockout: &'a Phrase,
}

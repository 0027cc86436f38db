//! The mail to SES's mailbox simulator.

use askama::Template;
use mailkey::Locale;

use super::letter::{Letterhead, Portal, Rendered};
use super::words::Words;

/// Proves, by going out, that mail goes out. Nobody reads it, but it is made as the others are, so that it proves that
/// too.
pub struct Canary<'a> {
    /// The portal that it comes from.
    pub portal: &'a Portal,
    /// The language that it is in.
    pub locale: Locale,
}

impl Canary<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let letter = &Letterhead::new(words, self.portal, None);
        let subject = words.canary_subject(&letter.portal);
        Rendered::new(words, &subject, &Text { words, letter }, &Html { words, letter })
    }
}

#[derive(Template)]
#[template(path = "canary/body.txt")]
struct Text<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
}

#[derive(Template)]
#[template(path = "canary/body.html")]
struct Html<'a> {
    words: Words,
    letter: &'a Letterhead<'a>,
}

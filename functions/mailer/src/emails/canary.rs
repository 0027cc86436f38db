//! The test email to SES's mailbox simulator.

use askama::Template;
use mailkey::Locale;

use super::frame::{EmailFrame, Portal, Rendered};
use super::words::Words;

/// Proves that sending works. No one reads it, but it is rendered like every other email, so that it tests rendering
/// too.
pub struct Canary<'a> {
    /// The portal that sends it.
    pub portal: &'a Portal,
    /// The language that it is written in.
    pub locale: Locale,
}

impl Canary<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, None);
        let subject = words.canary_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame }, &Html { words, frame })
    }
}

#[derive(Template)]
#[template(path = "canary/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
}

#[derive(Template)]
#[template(path = "canary/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
}

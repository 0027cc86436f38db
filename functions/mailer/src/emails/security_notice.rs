//! The notice about a change to who has access.

use askama::Template;
use jiff::Timestamp;
use mailkey::{Locale, recovery::SecurityEvent};

use super::frame::{EmailFrame, Portal, Rendered};
use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// Tells administrators of a new API key or administrator, and people of a change to their second factor. It contains no
/// secret.
pub struct SecurityNotice<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// The language that the recipient reads.
    pub locale: Locale,
    /// The recipient's name, as entered; it is untrusted.
    pub display_name: Option<&'a str>,
    /// What happened.
    pub event: SecurityEvent,
    /// What it happened to, as people named it; untrusted.
    pub names: &'a [String],
    /// When it happened.
    pub happened_at: Timestamp,
}

impl SecurityNotice<'_> {
    /// Renders the subject and both bodies.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let words = Words::of(self.locale);
        let frame = &EmailFrame::new(words, self.portal, self.display_name);
        let when = &wording::moment(words, self.happened_at);
        let names = wording::names(self.names);
        let what = &match self.event {
            SecurityEvent::ApiKeyCreated => words.security_notice_api_key_created(&names, &frame.portal, when),
            SecurityEvent::AdministratorAdded => words.security_notice_administrator_added(&names, &frame.portal, when),
            SecurityEvent::SecondFactorAdded => words.security_notice_second_factor_added(&frame.portal, when),
            SecurityEvent::SecondFactorRemoved => words.security_notice_second_factor_removed(&frame.portal, when),
        };
        let subject = words.security_notice_subject(&frame.portal);
        Rendered::new(words, &subject, &Text { words, frame, what }, &Html { words, frame, what })
    }
}

#[derive(Template)]
#[template(path = "security_notice/body.txt")]
struct Text<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    what: &'a Phrase,
}

#[derive(Template)]
#[template(path = "security_notice/body.html")]
struct Html<'a> {
    words: Words,
    frame: &'a EmailFrame<'a>,
    what: &'a Phrase,
}

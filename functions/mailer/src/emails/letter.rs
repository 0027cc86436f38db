//! What all emails have in common: whom they come from, whom they greet, and the three parts they are made of.

use std::fmt;

use askama::Template;

use super::phrase::Phrase;
use super::salutation::Salutation;
use super::words::Words;
use super::{text, wording};

/// What every email says about the portal it comes from. It is taken from configuration, never from a request: a link
/// built from a `Host` header is a link to whoever sent that header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// What its users call it.
    pub name: String,
    /// Where it is: scheme and host, without a slash at the end.
    pub site_url: String,
    /// A mailbox that people read.
    pub support_email: String,
}

/// An email, ready to be sent as `multipart/alternative`.
///
/// Both bodies may hold a link that is a secret; so this neither prints itself nor compares.
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    /// The plain text, its lines folded; links stand alone on theirs.
    pub text: String,
    /// The HTML document; it loads nothing.
    pub html: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Rendered {
    pub(super) fn new(
        words: Words,
        subject: &Phrase,
        text: &impl Template,
        html: &impl Template,
    ) -> Result<Self, askama::Error> {
        Ok(Self {
            subject: subject.to_string(),
            text: text::folded(&text.render()?, words.direction()),
            html: html.render()?,
        })
    }
}

/// What the two layouts print around every message.
pub(super) struct Letterhead<'a> {
    pub(super) greeting: Phrase,
    pub(super) portal: String,
    pub(super) site_url: &'a str,
    pub(super) support_email: &'a str,
}

impl<'a> Letterhead<'a> {
    pub(super) fn new(words: Words, portal: &'a Portal, display_name: Option<&str>) -> Self {
        let salutation = Salutation::parse(display_name);
        Self {
            greeting: salutation.name().map_or_else(|| words.greeting_to_nobody(), |name| words.greeting(name)),
            portal: wording::short_line(&portal.name),
            site_url: &portal.site_url,
            support_email: &portal.support_email,
        }
    }
}

//! The link section that both link emails share.

use jiff::{SignedDuration, Timestamp};

use super::phrase::Phrase;
use super::wording;
use super::words::Words;

/// An email's link, and how long it works.
///
/// The link is a secret, because it allows setting the password. So this type has no `Debug`.
pub(super) struct Link<'a> {
    pub(super) url: &'a str,
    pub(super) lifetime: Phrase,
    pub(super) expires: Phrase,
    pub(super) by_administrator: bool,
}

impl<'a> Link<'a> {
    pub(super) fn new(
        words: Words,
        url: &'a str,
        lifetime: SignedDuration,
        expires_at: Timestamp,
        started_by_administrator: bool,
    ) -> Self {
        Self {
            url,
            lifetime: wording::lifetime(words, lifetime),
            expires: wording::moment(words, expires_at),
            by_administrator: started_by_administrator,
        }
    }
}

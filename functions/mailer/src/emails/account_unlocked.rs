//! The notice that an administrator lifted the lock of an account.

use askama::Template;
use jiff::Timestamp;

use super::letter::{Letterhead, Portal, Rendered};
use super::wording;

/// Tells a user that sign-in is open again. It holds no secret.
pub struct AccountUnlocked<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// When the lock was lifted.
    pub unlocked_at: Timestamp,
}

impl AccountUnlocked<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let letter = &Letterhead::new(self.portal, self.display_name);
        let unlocked = &wording::moment(self.unlocked_at);
        Rendered::from_templates(&Subject { letter }, &Text { letter, unlocked }, &Html { letter, unlocked })
    }
}

#[derive(Template)]
#[template(path = "account_unlocked/subject.txt")]
struct Subject<'a> {
    letter: &'a Letterhead<'a>,
}

#[derive(Template)]
#[template(path = "account_unlocked/body.txt")]
struct Text<'a> {
    letter: &'a Letterhead<'a>,
    unlocked: &'a str,
}

#[derive(Template)]
#[template(path = "account_unlocked/body.html")]
struct Html<'a> {
    letter: &'a Letterhead<'a>,
    unlocked: &'a str,
}

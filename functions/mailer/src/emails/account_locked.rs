//! The notice that sign-in is closed after too many wrong passwords.

use askama::Template;
use jiff::{SignedDuration, Timestamp};

use super::letter::{Letterhead, Portal, Rendered};
use super::wording;

/// Tells a user that sign-in is closed for a while, and what to do about it. It holds no secret.
pub struct AccountLocked<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// When there had been too many wrong passwords.
    pub locked_at: Timestamp,
    /// How long sign-in is closed, counted from then.
    pub lockout: SignedDuration,
}

impl AccountLocked<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let letter = &Letterhead::new(self.portal, self.display_name);
        let locked = &wording::moment(self.locked_at);
        let lockout = &wording::lifetime(self.lockout);
        Rendered::from_templates(
            &Subject { letter },
            &Text { letter, locked, lockout },
            &Html { letter, locked, lockout },
        )
    }
}

#[derive(Template)]
#[template(path = "account_locked/subject.txt")]
struct Subject<'a> {
    letter: &'a Letterhead<'a>,
}

#[derive(Template)]
#[template(path = "account_locked/body.txt")]
struct Text<'a> {
    letter: &'a Letterhead<'a>,
    locked: &'a str,
    lockout: &'a str,
}

#[derive(Template)]
#[template(path = "account_locked/body.html")]
struct Html<'a> {
    letter: &'a Letterhead<'a>,
    locked: &'a str,
    lockout: &'a str,
}

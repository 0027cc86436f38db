//! The notice, to the former address, that the address of an account was changed.

use askama::Template;
use jiff::Timestamp;

use super::letter::{Letterhead, Portal, Rendered};
use super::wording;

/// Tells whoever reads the former address that it is the former one, in case it was somebody else who changed it. It
/// holds no secret, and does not name the new address: this mailbox may no longer be the user's.
pub struct AddressChanged<'a> {
    /// The portal that the account belongs to.
    pub portal: &'a Portal,
    /// What the user is called, as somebody once typed it.
    pub display_name: Option<&'a str>,
    /// When the new address took effect.
    pub changed_at: Timestamp,
}

impl AddressChanged<'_> {
    /// The email in its three parts.
    pub fn render(&self) -> Result<Rendered, askama::Error> {
        let letter = &Letterhead::new(self.portal, self.display_name);
        let changed = &wording::moment(self.changed_at);
        Rendered::from_templates(&Subject { letter }, &Text { letter, changed }, &Html { letter, changed })
    }
}

#[derive(Template)]
#[template(path = "address_changed/subject.txt")]
struct Subject<'a> {
    letter: &'a Letterhead<'a>,
}

#[derive(Template)]
#[template(path = "address_changed/body.txt")]
struct Text<'a> {
    letter: &'a Letterhead<'a>,
    changed: &'a str,
}

#[derive(Template)]
#[template(path = "address_changed/body.html")]
struct Html<'a> {
    letter: &'a Letterhead<'a>,
    changed: &'a str,
}

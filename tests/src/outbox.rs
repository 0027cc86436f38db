//! The mail that went out.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A mail in the local outbox.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Mail {
    /// Its name in the outbox.
    pub id: String,
    /// What SES called it.
    pub message_id: String,
    /// `To`.
    pub to: String,
    /// `From`.
    pub from: String,
    /// `Subject`.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// All headers.
    pub headers: BTreeMap<String, String>,
    /// The web addresses in the text.
    pub links: Vec<String>,
    /// When it was sent.
    pub sent_at: String,
}

impl Mail {
    /// The link with a secret, where the mail carries one.
    pub fn secret_link(&self) -> Option<&str> {
        let mut links = self.links.iter().filter(|link| link.contains("#token="));
        let link = links.next()?;
        assert!(links.next().is_none(), "two links with secrets in one mail");
        Some(link)
    }

    /// The secret in the link.
    pub fn token(&self) -> Option<String> {
        let (_, token) = self.secret_link()?.split_once("#token=")?;
        Some(token.to_owned())
    }
}

//! The emails that were sent.

use std::collections::BTreeMap;

use serde::Deserialize;

/// An email in the local outbox.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Mail {
    /// Id in the outbox.
    pub id: String,
    /// SES's message id.
    pub message_id: String,
    /// The `To` header.
    pub to: String,
    /// The `From` header.
    pub from: String,
    /// The `Subject` header.
    pub subject: String,
    /// The plain text body.
    pub text: String,
    /// The HTML body.
    pub html: String,
    /// All headers.
    pub headers: BTreeMap<String, String>,
    /// The URLs in the plain text.
    pub links: Vec<String>,
    /// When it was sent.
    pub sent_at: String,
}

impl Mail {
    /// The link that contains a secret, if there is one.
    pub fn secret_link(&self) -> Option<&str> {
        let mut links = self.links.iter().filter(|link| link.contains("#token="));
        let link = links.next()?;
        assert!(links.next().is_none(), "two secret links in one email");
        Some(link)
    }

    /// The token in the secret link.
    pub fn token(&self) -> Option<String> {
        let (_, token) = self.secret_link()?.split_once("#token=")?;
        Some(token.to_owned())
    }
}

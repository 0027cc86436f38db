//! Email that Mailkey logs and did not send.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use sha2::Sha256;
use ulid::Ulid;

use super::EmailId;
use crate::account::AddressKey;
use crate::text_form::text_form;

/// Who sent an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Mailkey.
    Mailkey,
    /// Another system, whose sender is watched.
    Watched,
}

text_form!(Origin { Mailkey = "mailkey", Watched = "watched" });

/// What an entry says about an email of another system. Events come in any order and don't all say everything, so a
/// part that is missing is filled in later.
#[derive(Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct WatchedEmail {
    /// The sender that the email counts for: a watched address, or the sender's domain.
    #[serde(skip)]
    pub sender: String,
    /// The address in `From`.
    #[serde(skip)]
    pub from: Option<String>,
    /// The envelope sender of a watched email.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "bounces@portal.example")]
    pub envelope_from: Option<String>,
    /// The subject of a watched email, without digits, codes and tokens. Untrusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "Your invoice ••••")]
    pub subject: Option<String>,
    /// SES's configuration set that the sender of a watched email named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"portal")]
    pub configuration_set: Option<String>,
    /// The sender's tags of a watched email.
    #[serde(serialize_with = "tags", skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "BTreeMap<String, String>", extend("maxProperties" = 10, "examples" = [{ "type": "invoice" }]))]
    pub tags: Vec<(String, String)>,
}

fn tags<S: Serializer>(tags: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(tags.iter().map(|(name, value)| (name, value)))
}

/// Addresses and subjects don't belong into logs.
impl std::fmt::Debug for WatchedEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchedEmail")
            .field("configuration_set", &self.configuration_set)
            .field("tags", &self.tags.len())
            .finish_non_exhaustive()
    }
}

impl WatchedEmail {
    /// The sender as people know it.
    pub fn shown_from(&self) -> Option<&str> {
        self.from.as_deref().or(self.envelope_from.as_deref())
    }

    /// This email with what only `other` says; `None` if that is nothing.
    pub fn learn(&self, other: &Self) -> Option<Self> {
        let or = |known: &Option<String>, new: &Option<String>| known.clone().or_else(|| new.clone());
        let learned = Self {
            sender: self.sender.clone(),
            from: or(&self.from, &other.from),
            envelope_from: or(&self.envelope_from, &other.envelope_from),
            subject: or(&self.subject, &other.subject),
            configuration_set: or(&self.configuration_set, &other.configuration_set),
            tags: if self.tags.is_empty() { other.tags.clone() } else { self.tags.clone() },
        };
        (learned != *self).then_some(learned)
    }
}

impl EmailId {
    /// The id of a watched email to one recipient. It follows from the email alone, so events in any order lead to the
    /// same entry.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn of_watched(message_id: &str, recipient: &AddressKey, sent_at: Timestamp) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(recipient.as_str().as_bytes()).expect("HMAC takes keys of any length");
        let digest = mac.chain_update(message_id).finalize().into_bytes();
        let mut random = [0; 16];
        random.copy_from_slice(&digest[..16]);
        let ms = u64::try_from(sent_at.as_millisecond()).unwrap_or(0);
        Self(Ulid::from_parts(ms, u128::from_be_bytes(random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;

    #[test]
    fn an_id_follows_from_email_and_recipient() {
        let key = |text| EmailAddress::parse(text).unwrap().key().clone();
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let (alice, bob) = (key("alice@example.com"), key("bob@example.com"));
        let id = EmailId::of_watched("m-1", &alice, at(1_000));
        assert_eq!(id, EmailId::of_watched("m-1", &key("Alice@Example.com"), at(1_000)));
        assert_eq!(id.0.timestamp_ms(), 1_000);
        for other in [
            EmailId::of_watched("m-2", &alice, at(1_000)),
            EmailId::of_watched("m-1", &bob, at(1_000)),
            EmailId::of_watched("m-1", &alice, at(1_001)),
        ] {
            assert_ne!(id, other);
        }
    }

    #[test]
    fn what_is_missing_is_filled_in_and_nothing_is_replaced() {
        let text = |text: &str| Some(text.to_owned());
        let from_envelope =
            WatchedEmail { sender: "a.example".to_owned(), envelope_from: text("x@a.example"), ..Default::default() };
        let whole = WatchedEmail { from: text("y@a.example"), subject: text("Hello"), ..from_envelope.clone() };
        assert_eq!(from_envelope.learn(&whole), Some(whole.clone()));
        assert_eq!(whole.learn(&from_envelope), None);
        assert_eq!((from_envelope.shown_from(), whole.shown_from()), (Some("x@a.example"), Some("y@a.example")));
        let other = WatchedEmail { subject: text("Another"), ..whole.clone() };
        assert_eq!(whole.learn(&other), None);
    }
}

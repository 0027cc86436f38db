//! An email that was sent.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::draft::Draft;
use super::suppression::SuppressionReason;
use super::{address, id, links};

/// An email that SES accepted, as stored in the outbox.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentEmail {
    /// A sortable id, unique in the outbox.
    pub id: String,
    /// The SES message id in the response to `SendEmail`.
    pub message_id: String,
    /// The `To` header: one or more addresses, separated by commas.
    pub to: String,
    /// The `From` header, with the display name if it has one.
    pub from: String,
    /// The envelope sender, which events call the source.
    pub source: String,
    /// The `Subject` header, decoded.
    pub subject: String,
    /// The plain text part, if there is one.
    pub text: Option<String>,
    /// The HTML part, if there is one.
    pub html: Option<String>,
    /// All headers: custom headers and those that SES sets.
    pub headers: BTreeMap<String, String>,
    /// The URLs in the text part, in order, without duplicates.
    pub links: Vec<String>,
    /// When SES accepted it.
    #[serde(with = "rfc3339")]
    pub sent_at: Timestamp,
    /// All recipients, including copies, as written in `SendEmail`.
    pub recipients: Vec<String>,
    /// The message tags, which SES repeats in events.
    pub tags: BTreeMap<String, Vec<String>>,
    /// The configuration set of the request.
    pub configuration_set: Option<String>,
    /// The recipients that were on the account's suppression list at sending time, and why.
    pub suppressed: BTreeMap<String, SuppressionReason>,
}

/// Prints only the ids: addresses, links and text must not appear in logs.
impl fmt::Debug for SentEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentEmail").field("id", &self.id).field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

impl SentEmail {
    /// The email as JSON for the outbox, without the local SES's own fields.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "message_id": self.message_id,
            "to": self.to,
            "from": self.from,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": self.headers,
            "links": self.links,
            "sent_at": rfc3339::text(self.sent_at),
        })
    }

    pub(super) fn new(draft: Draft, suppressed: BTreeMap<String, SuppressionReason>, now: Timestamp) -> SentEmail {
        let sent_at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let message_id = id::ses(sent_at, id::random());
        let headers = headers(&draft, &message_id, sent_at);
        SentEmail {
            id: id::ulid(sent_at.as_millisecond(), id::random()),
            to: draft.to.join(", "),
            links: draft.text.as_deref().map(links::links_in).unwrap_or_default(),
            recipients: draft.recipients,
            from: draft.from,
            source: draft.source,
            subject: draft.subject,
            text: draft.text,
            html: draft.html,
            tags: draft.tags,
            configuration_set: draft.configuration_set,
            message_id,
            headers,
            sent_at,
            suppressed,
        }
    }
}

/// Returns true if `recipients` contains `address`, ignoring case.
pub(super) fn is_among(recipients: &[String], address: &str) -> bool {
    recipients.iter().any(|recipient| bare(recipient).eq_ignore_ascii_case(address))
}

/// The address in `Name <address>`. Other text is returned unchanged.
pub(super) fn bare(written: &str) -> &str {
    address::parse(written).unwrap_or(written)
}

/// The headers of the request, and those that SES adds. Those of a raw message stay as written.
fn headers(draft: &Draft, message_id: &str, sent_at: Timestamp) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = draft.headers.iter().cloned().collect();
    headers.insert("Date".to_owned(), sent_at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string());
    headers.insert("Message-ID".to_owned(), format!("<{message_id}@email.amazonses.com>"));
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            headers.entry(name.to_owned()).or_insert(value);
        }
    };
    add("From", draft.from.clone());
    add("To", draft.to.join(", "));
    add("Cc", draft.cc.join(", "));
    add("Reply-To", draft.reply_to.join(", "));
    add("Subject", draft.subject.clone());
    add("MIME-Version", "1.0".to_owned());
    add("Content-Type", content_type(draft, message_id));
    headers
}

fn content_type(draft: &Draft, message_id: &str) -> String {
    match (&draft.text, &draft.html) {
        (Some(_), Some(_)) => format!("multipart/alternative; boundary=\"----=_Part_{message_id}\""),
        (None, Some(_)) => "text/html; charset=UTF-8".to_owned(),
        (Some(_), None) | (None, None) => "text/plain; charset=UTF-8".to_owned(),
    }
}

/// RFC 3339 times in UTC with milliseconds, as in SES events.
pub(super) mod rfc3339 {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(in crate::ses) fn text(time: Timestamp) -> String {
        format!("{time:.3}")
    }

    pub(in crate::ses) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*time))
    }

    pub(in crate::ses) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

//! Parses `SendEmail` requests and validates them as SES does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::address;
use super::error::SesError;
use super::raw::RawMessage;

/// Maximum number of recipients: To, Cc and Bcc together (SES quotas).
const MAX_RECIPIENTS: usize = 50;
/// Maximum number of custom headers (SES API, `MessageHeaderList`).
const MAX_HEADERS: usize = 15;
/// Maximum length of a header's name, its value, and both together (SES API, `MessageHeader`).
const MAX_HEADER_NAME: usize = 126;
const MAX_HEADER_VALUE: usize = 995;
const MAX_HEADER: usize = 996;
/// Maximum number of message tags, and maximum length of a name or value (SES API, `MessageTag`).
const MAX_TAGS: usize = 50;
const MAX_TAG: usize = 256;

/// Headers that have their own field in the request or that SES sets.
const RESERVED_HEADERS: [&str; 12] = [
    "bcc",
    "cc",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "reply-to",
    "return-path",
    "subject",
    "to",
];

/// An email that passed SES's validation.
pub(super) struct Draft {
    /// The envelope sender: `FromEmailAddress`, or the header of a raw message.
    pub(super) source: String,
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) cc: Vec<String>,
    pub(super) reply_to: Vec<String>,
    /// All recipients, including blind copies.
    pub(super) recipients: Vec<String>,
    /// The subject, decoded.
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    /// Custom headers; of a raw message, all headers as written.
    pub(super) headers: Vec<(String, String)>,
    pub(super) tags: BTreeMap<String, Vec<String>>,
    pub(super) configuration_set: Option<String>,
}

impl Draft {
    /// Reads the body of a `SendEmail` request.
    pub(super) fn parse(body: &[u8]) -> Result<Draft, SesError> {
        let mut request: Request = serde_json::from_slice(body).map_err(|_| SesError::not_json())?;
        let content = std::mem::take(&mut request.content);
        match (content.raw, content.simple) {
            (Some(raw), None) => {
                let message = RawMessage::parse(&raw.data)?;
                Draft::raw(message, request)
            }
            (None, Some(message)) => Draft::simple(message, request),
            _ => Err(SesError::bad_request("Content must be either Simple or Raw. The local SES has no templates.")),
        }
    }

    fn simple(message: Message, request: Request) -> Result<Draft, SesError> {
        let from = address_field("FromEmailAddress", request.from_email_address)?;
        let to = addresses("ToAddresses", request.destination.to_addresses)?;
        let cc = addresses("CcAddresses", request.destination.cc_addresses)?;
        let bcc = addresses("BccAddresses", request.destination.bcc_addresses)?;
        let draft = Draft {
            source: from.clone(),
            from,
            recipients: recipients([&to, &cc, &bcc])?,
            to,
            cc,
            reply_to: addresses("ReplyToAddresses", request.reply_to_addresses)?,
            subject: subject(message.subject)?,
            text: message.body.text.map(Content::sent),
            html: message.body.html.map(Content::sent),
            headers: headers(message.headers)?,
            tags: tags(request.email_tags)?,
            configuration_set: request.configuration_set_name,
        };
        if draft.text.is_none() && draft.html.is_none() {
            return Err(SesError::bad_request("Body must contain Text or Html."));
        }
        Ok(draft)
    }

    /// The request's own fields override the message: `FromEmailAddress` is the envelope sender, and only the addresses
    /// in `Destination` get the email.
    fn raw(message: RawMessage, request: Request) -> Result<Draft, SesError> {
        let from = address_field("From", message.from)?;
        let Destination { to_addresses, cc_addresses, bcc_addresses } = request.destination;
        let named = [to_addresses, cc_addresses, bcc_addresses].concat();
        let (to, cc) = (addresses("To", message.to)?, addresses("Cc", message.cc)?);
        let recipients = match addresses("Destination", named)? {
            named if named.is_empty() => recipients([&to, &cc, &addresses("Bcc", message.bcc)?])?,
            named => recipients([&named, &Vec::new(), &Vec::new()])?,
        };
        let in_request = tags(request.email_tags)?;
        let in_header = tags(message.tags.into_iter().map(|(name, value)| Tag { name, value }).collect())?;
        Ok(Draft {
            source: match request.from_email_address {
                Some(source) => address_field("FromEmailAddress", Some(source))?,
                None => from.clone(),
            },
            from,
            to,
            cc,
            recipients,
            reply_to: Vec::new(),
            subject: message.subject,
            text: message.text,
            html: message.html,
            headers: message.headers,
            tags: if in_request.is_empty() { in_header } else { in_request },
            configuration_set: request.configuration_set_name.or(message.configuration_set),
        })
    }
}

fn recipients(lists: [&Vec<String>; 3]) -> Result<Vec<String>, SesError> {
    let recipients = lists.map(Vec::as_slice).concat();
    match recipients.len() {
        0 => Err(SesError::bad_request("Destination must contain at least one address.")),
        1..=MAX_RECIPIENTS => Ok(recipients),
        _ => Err(SesError::bad_request("Recipient count exceeds 50.")),
    }
}

fn address_field(field: &str, address: Option<String>) -> Result<String, SesError> {
    let address = address.ok_or_else(|| SesError::bad_request(format!("{field} is missing.")))?;
    address::parse(&address).map_err(|reason| SesError::bad_request(format!("{field}: {reason}")))?;
    Ok(address)
}

fn addresses(field: &str, addresses: Vec<String>) -> Result<Vec<String>, SesError> {
    addresses.into_iter().map(|address| address_field(field, Some(address))).collect()
}

fn subject(subject: Option<Content>) -> Result<String, SesError> {
    let subject = subject.ok_or_else(|| SesError::bad_request("Subject is missing."))?.sent();
    if subject.chars().any(char::is_control) {
        return Err(SesError::bad_request("Subject contains control characters."));
    }
    Ok(subject)
}

fn headers(headers: Vec<Header>) -> Result<Vec<(String, String)>, SesError> {
    if headers.len() > MAX_HEADERS {
        return Err(SesError::bad_request("A message can have at most 15 custom headers."));
    }
    let mut seen = BTreeSet::new();
    headers
        .into_iter()
        .map(|Header { name, value }| {
            check_header(&name, &value)?;
            if !seen.insert(name.to_ascii_lowercase()) {
                return Err(SesError::bad_request(format!("Header {name} appears twice.")));
            }
            Ok((name, value))
        })
        .collect()
}

fn check_header(name: &str, value: &str) -> Result<(), SesError> {
    let refuse = |why: &str| Err(SesError::bad_request(why));
    let name_is_printable = name.bytes().all(|byte| (33..=126).contains(&byte) && byte != b':');
    if name.is_empty() || name.len() > MAX_HEADER_NAME || !name_is_printable {
        return refuse("A header name must have 1 to 126 printable ASCII characters and no colon.");
    }
    if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return refuse("A custom header can't be one that SES sets.");
    }
    if value.len() > MAX_HEADER_VALUE || !value.bytes().all(|byte| (32..=126).contains(&byte)) {
        return refuse("A header value can have at most 995 printable ASCII characters.");
    }
    if name.len() + value.len() > MAX_HEADER {
        return refuse("A header's name and value can have at most 996 characters together.");
    }
    Ok(())
}

fn tags(tags: Vec<Tag>) -> Result<BTreeMap<String, Vec<String>>, SesError> {
    if tags.len() > MAX_TAGS {
        return Err(SesError::bad_request("A message can have at most 50 tags."));
    }
    let mut by_name = BTreeMap::<String, Vec<String>>::new();
    for Tag { name, value } in tags {
        if !is_tag(&name) || !is_tag(&value) {
            let why = "A tag's name and value must have 1 to 256 ASCII letters, digits, underscores or dashes.";
            return Err(SesError::bad_request(why));
        }
        by_name.entry(name).or_default().push(value);
    }
    Ok(by_name)
}

fn is_tag(text: &str) -> bool {
    (1..=MAX_TAG).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    #[serde(default)]
    content: EmailContent,
    #[serde(default)]
    email_tags: Vec<Tag>,
    configuration_set_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct EmailContent {
    simple: Option<Message>,
    raw: Option<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    subject: Option<Content>,
    #[serde(default)]
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    text: Option<Content>,
    html: Option<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    data: String,
    charset: Option<String>,
}

impl Content {
    /// The text as it arrives. Without a character set, SES sends 7-bit ASCII and loses other characters.
    fn sent(self) -> String {
        if self.charset.is_some() || self.data.is_ascii() {
            return self.data;
        }
        self.data.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

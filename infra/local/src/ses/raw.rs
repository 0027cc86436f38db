//! Reads a raw message (MIME), which most clients of SES send.

use base64::{Engine, prelude::BASE64_STANDARD};
use mail_parser::{Address, MessageParser, PartType};

use super::error::SesError;

/// Headers that configure SES. SES removes them from the email.
const CONFIGURATION_SET: &str = "X-SES-CONFIGURATION-SET";
const MESSAGE_TAGS: &str = "X-SES-MESSAGE-TAGS";

/// Headers that SES replaces or removes.
const NOT_SENT: [&str; 4] = ["Bcc", "Date", "Message-ID", "Return-Path"];

/// The spelling of well-known header names, which the outbox and the events use.
const KNOWN: [&str; 7] = ["From", "Reply-To", "To", "Cc", "Subject", "MIME-Version", "Content-Type"];

/// The parts of a raw message that the local SES uses. Attachments are left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RawMessage {
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    pub(super) cc: Vec<String>,
    pub(super) bcc: Vec<String>,
    /// Decoded.
    pub(super) subject: String,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    /// The headers as written, unfolded, without those that SES replaces or removes.
    pub(super) headers: Vec<(String, String)>,
    pub(super) configuration_set: Option<String>,
    pub(super) tags: Vec<(String, String)>,
}

impl RawMessage {
    /// Reads a message as it is in a request: in base64.
    pub(super) fn parse(data: &str) -> Result<RawMessage, SesError> {
        let bytes = BASE64_STANDARD.decode(data).map_err(|_| SesError::not_json())?;
        let invalid = || SesError::bad_request("The raw message can't be parsed.");
        let message = MessageParser::default().parse(&bytes).ok_or_else(invalid)?;
        let mut headers: Vec<_> = message.headers_raw().map(|(name, value)| header(name, value)).collect();
        let configuration_set = take(&mut headers, CONFIGURATION_SET);
        let tags = take(&mut headers, MESSAGE_TAGS).map(|tags| pairs(&tags)).unwrap_or_default();
        headers.retain(|(name, _)| !NOT_SENT.iter().any(|not_sent| name.eq_ignore_ascii_case(not_sent)));
        let part = |ids: &[u32], as_text: fn(&PartType<'_>) -> Option<String>| {
            ids.iter().find_map(|id| as_text(&message.part(*id)?.body))
        };
        Ok(RawMessage {
            from: addresses(message.from()).into_iter().next(),
            to: addresses(message.to()),
            cc: addresses(message.cc()),
            bcc: addresses(message.bcc()),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: part(&message.text_body, plain),
            html: part(&message.html_body, html),
            headers,
            configuration_set,
            tags,
        })
    }
}

fn plain(part: &PartType<'_>) -> Option<String> {
    match part {
        PartType::Text(text) => Some(text.replace("\r\n", "\n")),
        _ => None,
    }
}

fn html(part: &PartType<'_>) -> Option<String> {
    match part {
        PartType::Html(html) => Some(html.replace("\r\n", "\n")),
        _ => None,
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    let name = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name);
    let lines: Vec<_> = value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
    (name.to_owned(), lines.join(" "))
}

fn take(headers: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let at = headers.iter().position(|(header, _)| header.eq_ignore_ascii_case(name))?;
    Some(headers.remove(at).1)
}

/// `name1=value1, name2=value2`
fn pairs(tags: &str) -> Vec<(String, String)> {
    let pair = |tag: &str| tag.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    tags.split([',', ';']).filter_map(pair).collect()
}

/// Each address with its decoded name, if it has one.
fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    let one = |address: &mail_parser::Addr<'_>| {
        let bare = address.address()?;
        Some(address.name().map_or_else(|| bare.to_owned(), |name| format!("{name} <{bare}>")))
    };
    header.into_iter().flat_map(Address::iter).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(message: &str) -> RawMessage {
        RawMessage::parse(&BASE64_STANDARD.encode(message.replace('\n', "\r\n"))).unwrap()
    }

    #[test]
    fn a_message_with_two_parts_and_an_attachment_is_read() {
        let message = parse(
            "From: =?utf-8?q?Caf=C3=A9?= <shop@portal.example>
To: Ada <ada@example.com>,
 bob@example.com
CC: carl@example.com
Bcc: dora@example.com
subject: =?utf-8?B?R3LDvMOfZQ==?=
Date: Mon, 02 Mar 2026 10:00:00 +0000
X-SES-CONFIGURATION-SET: portal
X-SES-MESSAGE-TAGS: kind=invoice, region=eu
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: base64

PGI+R3L83zwvYj4=
--b--
--a
Content-Type: application/pdf
Content-Disposition: attachment; filename=invoice.pdf
Content-Transfer-Encoding: base64

JVBERg==
--a--
",
        );
        assert_eq!(message.from.as_deref(), Some("Café <shop@portal.example>"));
        assert_eq!(message.to, ["Ada <ada@example.com>", "bob@example.com"]);
        assert_eq!(
            (message.cc, message.bcc),
            (vec!["carl@example.com".to_owned()], vec!["dora@example.com".to_owned()])
        );
        assert_eq!(message.subject, "Grüße");
        assert_eq!(message.text.as_deref().map(str::trim_end), Some("Grüße"));
        assert_eq!(message.html.as_deref(), Some("<b>Grüß</b>"));
        assert_eq!(message.configuration_set.as_deref(), Some("portal"));
        assert_eq!(message.tags, [("kind".into(), "invoice".into()), ("region".into(), "eu".into())]);
        let names: Vec<_> = message.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["From", "To", "Cc", "Subject", "MIME-Version", "Content-Type"]);
        assert_eq!(message.headers[1].1, "Ada <ada@example.com>, bob@example.com");
        assert_eq!(message.headers[3].1, "=?utf-8?B?R3LDvMOfZQ==?=");
    }

    #[test]
    fn a_part_that_is_missing_is_not_made_from_the_other() {
        let message = parse("From: a@portal.example\nContent-Type: text/html\n\n<p>Hello</p>\n");
        assert_eq!((message.text, message.html.as_deref()), (None, Some("<p>Hello</p>\n")));
        assert_eq!(parse("From: a@portal.example\n\nHello\n").text.as_deref(), Some("Hello\n"));
    }
}

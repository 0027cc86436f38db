//! All calls to SES: sending, the account's suppression list, the state of our account and identity.

mod account;
mod asking;
mod health;
mod suppression_list;

use std::time::Duration;

use aws_sdk_sesv2::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use mailkey::{
    config::{EmailConfig, PortalConfig},
    sender::{OutgoingEmail, Refusal, classify},
};

pub use account::SesAccount;
/// The SES client.
pub use aws_sdk_sesv2::Client as SesClient;
pub use suppression_list::{AtSes, SesSuppressionList};

/// A client with the credentials and the Region of `config`, without retries and with a long timeout.
pub fn connect(config: &aws_types::SdkConfig) -> SesClient {
    let timeouts = TimeoutConfig::builder().operation_timeout(SEND_TIMEOUT).build();
    let config = Builder::from(config).retry_config(RetryConfig::disabled()).timeout_config(timeouts);
    Client::from_conf(config.build())
}

/// How long SES may take to answer. The mailer's timeout is longer, so it can still log the outcome.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends through SES.
#[derive(Debug, Clone)]
pub struct Sender {
    client: Client,
    from: String,
    domain: String,
    reply_to: String,
    configuration_set: Option<String>,
    notice_configuration_set: Option<String>,
}

impl Sender {
    /// A sender for the portal's emails. `client` must not retry: after a timeout the email may have been sent, so the
    /// mailer decides about the next attempt and logs it.
    pub fn new(client: Client, mail: &EmailConfig, portal: &PortalConfig) -> Self {
        Self {
            client,
            from: mailbox(&portal.name, &mail.from.for_delivery()),
            domain: mail.from.key().domain().to_owned(),
            reply_to: portal.support_email.clone(),
            configuration_set: mail.configuration_set.clone(),
            notice_configuration_set: mail.notice_configuration_set.clone().or(mail.configuration_set.clone()),
        }
    }

    /// The domain of the From address.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Sends an email and returns SES's message id. [`Refusal`] says whether to try again.
    pub async fn send(&self, email: &OutgoingEmail) -> Result<String, Refusal> {
        let set = if email.kind.carries_a_link() { &self.configuration_set } else { &self.notice_configuration_set };
        let mut request = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .reply_to_addresses(&self.reply_to)
            .destination(Destination::builder().to_addresses(email.to.for_delivery()).build())
            .content(EmailContent::builder().simple(message(email)?).build())
            .email_tags(tag("email_id", &email.email_id.to_string())?)
            .email_tags(tag("kind", email.kind.as_str())?)
            .set_configuration_set_name(set.clone());
        if let Some(id) = &email.request_id {
            request = request.email_tags(tag("request_id", id.as_str())?);
        }
        match request.send().await {
            Ok(answer) => Ok(answer.message_id.unwrap_or_default()),
            Err(SdkError::ServiceError(e)) => Err(classify(e.err().code(), e.err().message().unwrap_or_default())),
            // Without a readable response, the email may or may not have been sent.
            Err(e) => Err(Refusal::unanswered(&e.to_string())),
        }
    }
}

/// The headers: two that suppress auto-replies, and our id of the email. Feedback notifications contain the header but no
/// tags.
fn message(email: &OutgoingEmail) -> Result<Message, Refusal> {
    let email_id = email.email_id.to_string();
    let mut message = Message::builder()
        .subject(utf_8(&email.subject)?)
        .body(Body::builder().text(utf_8(&email.text)?).html(utf_8(&email.html)?).build());
    let mut headers = vec![
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ("X-Mailkey-Email-Id", email_id.as_str()),
    ];
    headers.extend(email.request_id.as_ref().map(|id| ("X-Mailkey-Request-Id", id.as_str())));
    for (name, value) in headers {
        message =
            message.headers(MessageHeader::builder().name(name).value(value).build().map_err(Refusal::unbuildable)?);
    }
    Ok(message.build())
}

fn utf_8(text: &str) -> Result<Content, Refusal> {
    Content::builder().data(text).charset("UTF-8").build().map_err(Refusal::unbuildable)
}

fn tag(name: &str, value: &str) -> Result<MessageTag, Refusal> {
    MessageTag::builder().name(name).value(value).build().map_err(Refusal::unbuildable)
}

/// `name <address>` (RFC 5322). A name that isn't plain ASCII becomes encoded words (RFC 2047).
fn mailbox(name: &str, address: &str) -> String {
    if name.is_ascii() {
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{quoted}\" <{address}>")
    } else {
        // An encoded word has at most 75 characters, which is 45 bytes. Cut between characters.
        let mut words: Vec<String> = vec![String::new()];
        for c in name.chars() {
            if words.last().is_some_and(|word| word.len() + c.len_utf8() > 45) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        }
        let words: Vec<_> = words.iter().map(|word| format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(word))).collect();
        format!("{} <{address}>", words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_is_written_as_the_standards_want_it() {
        assert_eq!(mailbox("Example Portal", "no-reply@example.com"), "\"Example Portal\" <no-reply@example.com>");
        assert_eq!(mailbox("The \"Best\" Portal", "a@example.com"), "\"The \\\"Best\\\" Portal\" <a@example.com>");
        assert_eq!(mailbox("Müller & Söhne", "a@example.com"), "=?UTF-8?B?TcO8bGxlciAmIFPDtmhuZQ==?= <a@example.com>");
        assert!(mailbox(&"ü".repeat(60), "a@example.com").split(' ').all(|word| word.len() <= 75));
    }
}

//! A note for the recipient's IT: what their administrator needs to find an email that they blocked, quarantined,
//! delayed or lost, and where to look.

mod product;
mod reply;
mod words;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

pub use product::MailProduct;
pub use reply::ReplyKeys;

use crate::{dns::is_within, locale::Locale};

/// What is known of an email and of the server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTrace<'a> {
    /// When the server answered, or when SES gave the email up.
    pub at: Timestamp,
    /// The recipient's address.
    pub recipient: &'a str,
    /// The From address, whose domain signs the email (DKIM).
    pub from: &'a str,
    /// SES's message id.
    pub message_id: Option<&'a str>,
    /// The custom MAIL FROM domain of the sender's identity, if it is known.
    pub mail_from_domain: Option<&'a str>,
    /// The server's reply, if there was one.
    pub reply: Option<&'a str>,
    /// The mail exchangers of the recipient's domain, the preferred one first.
    pub exchangers: &'a [String],
}

/// The note, as facts. [`text`](Self::text) writes it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteForIt {
    at: Timestamp,
    recipient: String,
    from: String,
    /// Where to look.
    pub product: MailProduct,
    /// The sender in the envelope, which message traces list.
    pub envelope_sender: Option<String>,
    /// The header `Message-ID`.
    pub message_id: Option<String>,
    /// What the reply says of the server and its queue.
    pub keys: ReplyKeys,
    dkim_domain: String,
    reply: Option<String>,
}

impl NoteForIt {
    /// The note for an email.
    pub fn new(trace: &EmailTrace<'_>) -> Self {
        let reply = trace.reply.map(|reply| reply.trim_start_matches("smtp;").trim());
        let product = MailProduct::of(trace.exchangers, reply.unwrap_or_default());
        let mut keys = ReplyKeys::read(product, reply.unwrap_or_default());
        let bare = trace.from.rsplit_once('<').map_or(trace.from, |(_, address)| address.trim_end_matches('>'));
        let dkim_domain = bare.rsplit_once('@').map_or(bare, |(_, domain)| domain);
        // Some replies name the sender's domain, which may look like a server's name.
        keys.server = keys.server.filter(|server| !is_within(server, dkim_domain));
        keys.server = keys.server.or_else(|| trace.exchangers.first().cloned());
        Self {
            at: trace.at,
            recipient: trace.recipient.to_owned(),
            from: bare.to_owned(),
            product,
            envelope_sender: trace.message_id.map(|id| envelope_sender(id, trace.mail_from_domain)),
            message_id: trace.message_id.map(message_id_header),
            keys,
            dkim_domain: dkim_domain.to_owned(),
            reply: reply.map(ToOwned::to_owned),
        }
    }

    /// The note in a language, ready to be sent.
    pub fn text(&self, locale: Locale) -> String {
        let words = words::of(locale);
        let time = self.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let fields = [
            (words.time, Some(time.as_str())),
            (words.recipient, Some(&*self.recipient)),
            (words.from, Some(&*self.from)),
            (words.envelope_sender, self.envelope_sender.as_deref()),
            (words.message_id, self.message_id.as_deref()),
            (words.server, self.keys.server.as_deref()),
            (words.queue_id, self.keys.queue_id.as_deref()),
            (words.dkim_domain, Some(&*self.dkim_domain)),
            (words.reply, self.reply.as_deref()),
        ];
        let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?)));
        let fields: Vec<_> = fields.map(|field| field.replace(['\r', '\n'], " ")).collect();
        let is_accepted = self.reply.as_deref().is_some_and(|reply| reply.starts_with('2'));
        let greeting = if is_accepted { words.greeting_accepted } else { words.greeting };
        format!("{}\n\n{}\n\n{}", greeting, fields.join("\n"), words.where_to_look(self.product))
    }
}

/// Its text in each language.
impl Serialize for NoteForIt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Locale::ALL.iter().map(|locale| (locale, self.text(*locale))))
    }
}

/// SES's envelope sender: the message id at the MAIL FROM domain, which is SES's own unless the sender has one.
fn envelope_sender(message_id: &str, mail_from_domain: Option<&str>) -> String {
    let domain = mail_from_domain.map_or_else(|| region_of(message_id).mail_from.to_owned(), ToOwned::to_owned);
    format!("{message_id}@{domain}")
}

/// SES replaces the header `Message-ID` of every email.
fn message_id_header(message_id: &str) -> String {
    format!("<{message_id}@{}>", region_of(message_id).message_id)
}

struct SesDomains {
    mail_from: &'static str,
    message_id: &'static str,
}

/// SES's domains, by the Region that a message id begins with. For others, the administrator searches by the id.
fn region_of(message_id: &str) -> SesDomains {
    let domain = |domain| SesDomains { mail_from: domain, message_id: domain };
    match message_id.get(..4) {
        Some("0100") => SesDomains { mail_from: "amazonses.com", message_id: "email.amazonses.com" },
        Some("0101") => domain("us-west-2.amazonses.com"),
        Some("0102") => domain("eu-west-1.amazonses.com"),
        Some("0107") => domain("eu-central-1.amazonses.com"),
        _ => domain("*.amazonses.com"),
    }
}

#[cfg(test)]
mod tests;

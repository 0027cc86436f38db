//! Reads the server's name and its queue id from an SMTP reply.

use super::MailProduct;

/// What an administrator searches for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyKeys {
    /// The name of the server that answered.
    pub server: Option<String>,
    /// The server's own id of the email or of its refusal.
    pub queue_id: Option<String>,
}

impl ReplyKeys {
    /// The keys in a reply. A reply often has none: a server that refuses an email early never gave it an id.
    pub fn read(product: MailProduct, reply: &str) -> Self {
        let keys = match product {
            MailProduct::Microsoft365 => microsoft(reply),
            MailProduct::GoogleWorkspace => Self { queue_id: google(reply), ..Self::default() },
            MailProduct::Mimecast => Self { queue_id: mimecast(reply), ..Self::default() },
            MailProduct::Proofpoint => Self { queue_id: proofpoint(reply), ..Self::default() },
            MailProduct::Barracuda | MailProduct::Other => Self::default(),
        };
        Self { server: keys.server.or_else(|| server(reply)), queue_id: keys.queue_id.or_else(|| queue_id(reply)) }
    }
}

/// `[InternalId=1, Hostname=a.b]` when accepted, `[SERVER TIME ID]` when refused.
fn microsoft(reply: &str) -> ReplyKeys {
    if let Some(id) = after(reply, "InternalId=") {
        return ReplyKeys { server: after(reply, "Hostname="), queue_id: Some(id) };
    }
    let brackets = reply.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    let of_server = brackets.filter(|inside| inside.to_lowercase().contains("outlook.com")).last();
    let mut words = of_server.unwrap_or_default().split_whitespace();
    let server = words.next().filter(|word| is_host(word)).map(ToOwned::to_owned);
    ReplyKeys { server, queue_id: words.nth(1).map(ToOwned::to_owned) }
}

/// The word before `- gsmtp`.
fn google(reply: &str) -> Option<String> {
    let before = reply.rsplit_once("- gsmtp")?.0;
    before.split_whitespace().last().map(ToOwned::to_owned)
}

/// The last brackets: `[Yx3Dq0NvM5mFjw8b_JYVBA.us207]`.
fn mimecast(reply: &str) -> Option<String> {
    let inside = reply.rsplit_once('[')?.1.split(']').next()?;
    let (id, region) = inside.split_once('.')?;
    let is_id = id.len() >= 10 && region.len() <= 6 && !inside.contains(char::is_whitespace);
    is_id.then(|| inside.to_owned())
}

/// A word such as `3t5k2x8q2f-1`, or `3t5k2x8q2f` before `-1`.
fn proofpoint(reply: &str) -> Option<String> {
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(id, part)| {
            (8..=14).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
                && id.starts_with(|c: char| c.is_ascii_digit())
                && id.bytes().any(|byte| byte.is_ascii_lowercase())
                && (1..=2).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    reply.split(|c: char| c.is_whitespace() || "[]()<>,;:".contains(c)).find(is_id).map(ToOwned::to_owned)
}

/// The id of a server that says what it is: Postfix, Exim, Sendmail, Cisco.
fn queue_id(reply: &str) -> Option<String> {
    [
        "queued as ",
        "Queued as ",
        "queue id ",
        "id=",
        "Message-Id: ",
        "ok:  Message ",
        "ok: Message ",
        "reference: ",
        "case=",
        "ref:",
    ]
    .iter()
    .find_map(|words| after(reply, words))
    .filter(|id| id.len() >= 4 && id.bytes().any(|byte| byte.is_ascii_digit()))
}

/// The word behind `words`.
fn after(reply: &str, words: &str) -> Option<String> {
    let rest = reply.split_once(words)?.1;
    let word = rest.split(|c: char| c.is_whitespace() || ",;)]}>\"'".contains(c)).next()?.trim_end_matches('.');
    (!word.is_empty()).then(|| word.to_owned())
}

/// The name of a mail server in the reply: not one in a link or an address, and not the domain of a website.
fn server(reply: &str) -> Option<String> {
    let words = reply.split(|c: char| c.is_whitespace() || "[]()<>,;='\"".contains(c));
    let words = words.map(|word| word.trim_end_matches(['.', ':']).trim_start_matches("host:"));
    words.filter(|word| is_host(word)).find(|word| is_mail_server(word)).map(ToOwned::to_owned)
}

fn is_host(word: &str) -> bool {
    let labels: Vec<_> = word.split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    labels.len() >= 3
        && labels.iter().all(is_label)
        && labels.last().is_some_and(|last| last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn is_mail_server(host: &str) -> bool {
    let first = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
    ["mx", "mail", "smtp", "mta", "relay", "gateway", "mf", "in", "inbound", "esa", "postfix"]
        .iter()
        .any(|word| first.contains(word))
        || host.to_ascii_lowercase().ends_with("outlook.com")
}

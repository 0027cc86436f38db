//! The words of a reply as phrases are compared with them.
//!
//! Only words count. Addresses, URLs, host names, IP addresses and ids are taken out first, because any text can occur
//! in them: a filter called `[BL2NAM02FT061…outlook.com]` is not Yahoo's `[BL21]`.

use super::lexicon::{Lexicon, Text};
use crate::dns::is_within;

/// Domains of blocklists and reputation services. A reply that names one is about the sender.
const BLOCKLISTS: &[&str] = &[
    "abuseat.org",
    "abusix.zone",
    "barracudacentral.org",
    "cloudmark.com",
    "csi.mimecast.org",
    "hostkarma.com",
    "invaluement.com",
    "ipcheck.proofpoint.com",
    "junkemailfilter.com",
    "mail-abuse.com",
    "mailspike.net",
    "mailspike.org",
    "manitu.net",
    "nerd.dk",
    "psbl.org",
    "senderscore.com",
    "senderscore.org",
    "sorbs.net",
    "spamcop.net",
    "spamhaus.com",
    "spamhaus.org",
    "spamrl.com",
    "surbl.org",
    "surriel.com",
    "uceprotect.net",
    "uribl.com",
];

/// The last labels of host names of two labels. With more labels, any will do.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "arpa", "biz", "cloud", "com", "edu", "email", "example", "gov", "info", "internal", "invalid", "lan", "local",
    "localhost", "mil", "name", "net", "online", "org", "test",
    // Not hosts but files, which filters name in the same way.
    "doc", "docx", "exe", "htm", "html", "iso", "pdf", "rar", "scr", "vbs", "xls", "xlsx", "zip",
];

/// How Exchange begins its diagnostics, which look like host names: `RESOLVER.ADR.RecipNotFound`.
const DIAGNOSTICS: &[&str] =
    &["agent", "mapiexception", "queue", "resolver", "routing", "smtpsend", "storedrv", "transport"];

/// How relays name the command that was refused, where it is not the one with the recipient.
#[rustfmt::skip]
static ANOTHER_COMMAND: Lexicon = Lexicon::new(&[
    "in reply to mail from ", "after mail from ", "in reply to ehlo ", "after ehlo ", "in reply to helo ", "after helo ",
    "in reply to lhlo ", "after lhlo ", "in reply to end of data ", "after end of data ", "in reply to data ",
    "after data ", "in reply to starttls ", "after starttls ", "in reply to initial connection ",
    "after initial connection ", "in reply to pipelined mail from ", "after pipelined mail from ",
    "in reply to pipelined end of data ", "after pipelined end of data ", "but sender was rejected ",
]);

/// The words of a reply: in lower case and without accents. Each address is `@`.
pub(super) struct Words {
    whole: Sentence,
    sentences: Vec<Sentence>,
    /// Whether a blocklist is named.
    pub(super) names_blocklist: bool,
}

/// A sentence with and without its punctuation.
struct Sentence {
    exact: Text,
    loose: Text,
}

impl Sentence {
    fn new(text: &str) -> Self {
        let exact = Text::new(format!(" {text} "));
        Self { loose: exact.loose(), exact }
    }

    fn has(&self, phrases: &Lexicon) -> bool {
        phrases.is_in(&self.exact) || phrases.is_in(&self.loose)
    }
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut plain = Plain::default();
        for token in text.replace("...", " ... ").split_whitespace() {
            plain.add(token);
            plain.text.push(' ');
        }
        let text = plain.text.replace(", relay=", "").replace("e-mail", "email");
        // How Cisco introduces what the other server said, whatever it was.
        let text = text.replace("unknown address error", "").replace("in reply to rcpt to command", "");
        // QQ ends everything that it says with an id and our IP address: `[MWSAxZ2hZ8 IP: 192.0.2.7]`.
        let text = text.replace("[ ip: ]", "");
        let sentences = apart(&text).lines().map(Sentence::new).filter(|sentence| !sentence.loose.is_blank()).collect();
        Self { whole: Sentence::new(&text), sentences, names_blocklist: plain.names_blocklist }
    }

    /// The sentences, without punctuation.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &Text> {
        self.sentences.iter().map(|sentence| &sentence.loose)
    }

    /// Whether one of the phrases occurs.
    pub(super) fn contain(&self, phrases: &Lexicon) -> bool {
        self.whole.has(phrases)
    }

    /// Whether one of the phrases occurs, apart from sentences that have one of the others.
    pub(super) fn contain_without(&self, phrases: &Lexicon, others: &[&Lexicon]) -> bool {
        let is_free = |sentence: &Sentence| !others.iter().any(|others| others.is_in(&sentence.loose));
        if self.sentences.iter().all(is_free) {
            return self.contain(phrases);
        }
        self.sentences.iter().any(|sentence| is_free(sentence) && sentence.has(phrases))
    }

    /// Whether a relay says that the server refused something else than the recipient: another command, or the content
    /// after it accepted all recipients.
    pub(super) fn refuse_another_command(&self) -> bool {
        self.contain(&ANOTHER_COMMAND)
    }

    /// Whether there are any, besides codes.
    pub(super) fn is_empty(&self) -> bool {
        !self.whole.exact.as_str().contains(|c: char| c.is_alphabetic()) && !self.names_blocklist
    }

    /// The number at the end of a code of Orange or La Poste: 426 in `LPN007_426`.
    pub(super) fn french_code(&self) -> Option<u32> {
        let is_code = |word: &&str| {
            let digits =
                word.strip_prefix("ofr").or_else(|| word.strip_prefix("ouk")).or_else(|| word.strip_prefix("lpn"));
            digits.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_'))
        };
        let mut words = self.whole.exact.as_str().split(|c: char| !c.is_alphanumeric() && c != '_');
        words.find(is_code)?.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

/// A text as it becomes plain.
#[derive(Default)]
struct Plain {
    text: String,
    names_blocklist: bool,
}

impl Plain {
    fn add(&mut self, token: &str) {
        let url = [token.find("http://"), token.find("https://"), token.find("www.")].into_iter().flatten().min();
        if let Some((before, url)) = url.and_then(|at| token.split_at_checked(at)) {
            self.add_pieces(before);
            self.add_url(url);
        } else {
            self.add_pieces(token);
        }
    }

    fn add_pieces(&mut self, token: &str) {
        for piece in
            token.split_inclusive(['<', '>', '(', ')', '[', ']', ':', ';', ',', '"', '\'', '/', '=', '。', '，'])
        {
            let bare = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            if bare.contains('@') {
                self.text.push('@');
            } else if is_host(bare.trim_start_matches(|c: char| !c.is_alphanumeric())) {
                self.names_blocklist |= is_blocklist(bare);
            } else if !is_id(bare) {
                self.push(bare);
            }
            self.push(&piece[bare.len()..]);
        }
    }

    /// Nothing of a URL counts as words, but Google says in a parameter what it means in every language.
    fn add_url(&mut self, url: &str) {
        let (_, rest) = url.split_once("://").unwrap_or(("", url));
        let end = rest.find(['/', '?', ':', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let host = host.trim_end_matches(|c: char| !c.is_alphanumeric());
        let reputation = path.starts_with("/dnsbl-lookup") || path.starts_with("/reputation");
        self.names_blocklist |= is_blocklist(host) || reputation;
        if host == "support.google.com" {
            let code = path.split_once("?p=").map_or("", |(_, code)| code);
            self.push(code.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default());
            if path.contains("topic=25838") {
                self.text.push_str("google groups permission to post messages");
            }
        }
    }

    fn push(&mut self, text: &str) {
        for c in text.chars().flat_map(char::to_lowercase) {
            match without_accent(c) {
                "" => self.text.push(c),
                plain => self.text.push_str(plain),
            }
        }
    }
}

/// One sentence to a line.
fn apart(text: &str) -> String {
    let ends = [(". ", ".\n"), ("; ", ";\n"), ("! ", "!\n"), (" - ", "\n"), ("|", "\n"), ("。", "\n")];
    ends.into_iter().fold(text.to_owned(), |text, (end, new_line)| text.replace(end, new_line))
}

fn is_blocklist(host: &str) -> bool {
    let host = host.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    BLOCKLISTS.iter().any(|list| is_within(&host, list))
}

/// A host name or an IP address; not two sentences without a space between them, as in `blocked.For`.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let well_formed =
        |label: &&str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let [first, .., last] = labels.as_slice() else { return false };
    if !labels.iter().all(well_formed) || DIAGNOSTICS.contains(&first.to_ascii_lowercase().as_str()) {
        return false;
    }
    if labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return true;
    }
    let capital =
        last.starts_with(|c: char| c.is_ascii_uppercase()) && last.ends_with(|c: char| c.is_ascii_lowercase());
    let is_name = last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic()) && !capital;
    is_name && (labels.len() > 2 || last.len() == 2 || ENDINGS.contains(&last.to_ascii_lowercase().as_str()))
}

/// Letters mixed with digits, too long for a code of a provider such as `TSS04`.
fn is_id(text: &str) -> bool {
    let lower = text.trim_start_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let digits = lower.bytes().filter(u8::is_ascii_digit).count();
    let is_code = ["ofr", "ouk", "lpn", "elnk", "aup#", "rfc"].iter().any(|code| lower.starts_with(code));
    text.len() >= 8 && digits >= 2 && lower.is_ascii() && lower.bytes().any(|b| b.is_ascii_alphabetic()) && !is_code
}

/// How servers spell a character that they don't consider safe; empty for all others.
fn without_accent(c: char) -> &'static str {
    match c {
        'ä' | 'æ' => "ae",
        'ö' | 'ő' => "oe",
        'ü' | 'ű' => "ue",
        'ß' => "ss",
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' | 'ă' | 'ā' => "a",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' | 'ē' | 'ė' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ı' | 'ī' | 'į' => "i",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ů' | 'ū' | 'ų' => "u",
        'ç' | 'ć' | 'č' => "c",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ł' | 'ľ' | 'ļ' | 'ĺ' => "l",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ź' | 'ż' | 'ž' => "z",
        'ý' => "y",
        'ķ' => "k",
        'ř' | 'ŕ' => "r",
        'ť' | 'ţ' | 'ț' => "t",
        'ď' | 'đ' => "d",
        'ğ' | 'ģ' => "g",
        'ё' => "е",
        // What lower-casing İ leaves behind.
        '\u{307}' => " ",
        '\u{2019}' | '`' => "'",
        _ => "",
    }
}

//! The words of a reply as phrases are compared with them.
//!
//! Only words count. Addresses, URLs, host names, IP addresses and ids are taken out first, because any text can occur
//! in them: a filter called `[BL2NAM02FT061…outlook.com]` is not Yahoo's `[BL21]`.

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

/// The words of a reply.
pub(super) struct Words {
    /// In lower case, without accents, with a space at both ends. Each address is `@`.
    exact: String,
    /// The same with spaces instead of punctuation, for `User_unknown` and `Invalid-Recipient`.
    loose: String,
    /// Whether a blocklist is named.
    pub(super) names_blocklist: bool,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self { exact: " ".to_owned(), loose: String::new(), names_blocklist: false };
        for token in text.replace("...", " ... ").split_whitespace() {
            words.add(token);
            words.exact.push(' ');
        }
        // How Cisco introduces what the other server said, whatever it was.
        words.exact = words
            .exact
            .replace("unknown address error", "")
            .replace("in reply to rcpt to command", "")
            .replace(", relay=", "");
        words.loose = loose(&words.exact);
        words
    }

    /// The sentences that contain none of these phrases.
    pub(super) fn without(&self, phrases: &[&str]) -> Self {
        let apart = apart(&self.exact);
        let kept = apart.lines().filter(|clause| !any(&loose(clause), phrases)).collect::<Vec<_>>().join("\n ");
        let exact = format!(" {kept} ");
        Self { loose: loose(&exact), exact, names_blocklist: self.names_blocklist }
    }

    /// The sentences, without punctuation.
    pub(super) fn clauses(&self) -> impl Iterator<Item = String> {
        apart(&self.exact).lines().map(loose).filter(|clause| clause.len() > 2).collect::<Vec<_>>().into_iter()
    }

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
                self.exact.push('@');
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
                self.exact.push_str("google groups permission to post messages");
            }
        }
    }

    fn push(&mut self, text: &str) {
        for c in text.chars().flat_map(char::to_lowercase) {
            match without_accent(c) {
                "" => self.exact.push(c),
                plain => self.exact.push_str(plain),
            }
        }
    }

    /// Whether one of the phrases occurs, at the beginning of a word.
    pub(super) fn contain(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| position(&self.exact, phrase).is_some() || position(&self.loose, phrase).is_some())
    }

    /// Whether a relay says that the server refused something else than the recipient: another command, or the content
    /// after it accepted all recipients.
    pub(super) fn refuse_another_command(&self) -> bool {
        let asked = |command: &str| {
            self.loose.contains(&format!(" in reply to {command} "))
                || self.loose.contains(&format!(" after {command} "))
        };
        let others = [
            "mail from",
            "ehlo",
            "helo",
            "lhlo",
            "end of data",
            "data",
            "starttls",
            "initial connection",
            "pipelined mail from",
            "pipelined end of data",
        ];
        others.into_iter().any(asked) || self.loose.contains(" but sender was rejected ")
    }

    /// Whether there are any, besides codes.
    pub(super) fn is_empty(&self) -> bool {
        !self.exact.contains(|c: char| c.is_alphabetic()) && !self.names_blocklist
    }

    /// The number at the end of a code of Orange or La Poste: 426 in `LPN007_426`.
    pub(super) fn french_code(&self) -> Option<u32> {
        let is_code = |word: &&str| {
            let digits =
                word.strip_prefix("ofr").or_else(|| word.strip_prefix("ouk")).or_else(|| word.strip_prefix("lpn"));
            digits.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_'))
        };
        let mut words = self.exact.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.find(is_code)?.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

/// One sentence to a line.
fn apart(text: &str) -> String {
    let ends = [(". ", ".\n"), ("; ", ";\n"), ("! ", "!\n"), (" - ", "\n"), ("|", "\n"), ("。", "\n")];
    ends.into_iter().fold(text.to_owned(), |text, (end, new_line)| text.replace(end, new_line))
}

/// With spaces instead of punctuation.
fn loose(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_alphanumeric() || c == '@' || c == '\'' { c } else { ' ' }).collect();
    format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether one of the phrases occurs, at the beginning of a word.
pub(super) fn any(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| position(text, phrase).is_some())
}

/// Where a phrase first occurs at the beginning of a word.
fn position(text: &str, phrase: &str) -> Option<usize> {
    positions(text, phrase).next()
}

/// Where a phrase occurs at the beginning of a word. Scripts without spaces have no such place.
pub(super) fn positions(text: &str, phrase: &str) -> impl Iterator<Item = usize> {
    let anywhere = !phrase.starts_with(|c: char| c.is_alphanumeric() && (c as u32) < 0x0600);
    let begins = move |at: &usize| anywhere || !text[..*at].ends_with(char::is_alphanumeric);
    text.match_indices(phrase).map(|(at, _)| at).filter(begins)
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
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' | 'ă' => "a",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ı' => "i",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ů' => "u",
        'ç' | 'ć' | 'č' => "c",
        'ñ' | 'ń' | 'ň' => "n",
        'ł' => "l",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ź' | 'ż' | 'ž' => "z",
        'ý' => "y",
        'ř' => "r",
        'ť' | 'ţ' | 'ț' => "t",
        'ď' => "d",
        'ğ' => "g",
        'ё' => "е",
        // What lower-casing İ leaves behind.
        '\u{307}' => " ",
        '\u{2019}' | '`' => "'",
        _ => "",
    }
}

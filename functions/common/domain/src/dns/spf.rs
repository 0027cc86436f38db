//! SPF of the MAIL FROM domain (RFC 7208), as far as it decides about mail through SES.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, Ipv6Addr},
};

use super::{Answer, DnsCheck, DnsCheckKind, DnsRecord, RecordKind, is_within, plain_name};

/// The domain whose record names SES's hosts.
const SES: &str = "amazonses.com";

/// What SES asks for in a MAIL FROM domain.
const WANTED: &str = "v=spf1 include:amazonses.com ~all";

/// More terms that ask the DNS are a permanent error (RFC 7208 section 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// Terms that ask about names without records: more are a permanent error (RFC 7208 section 4.6.4).
const MOST_VOID_LOOKUPS: usize = 2;

/// How many rounds of included records are fetched: as deep as ten look-ups can go. A round takes as long as its
/// slowest question, and there is none where nothing is left to ask.
pub const SPF_ROUNDS: usize = MOST_LOOKUPS;

/// SES's own addresses, from the record of amazonses.com. Records may list them instead of including it.
const SES_RANGES: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(23, 249, 208, 0), 20),
    (Ipv4Addr::new(23, 251, 224, 0), 19),
    (Ipv4Addr::new(54, 240, 0, 0), 18),
    (Ipv4Addr::new(54, 240, 64, 0), 18),
    (Ipv4Addr::new(69, 169, 224, 0), 20),
    (Ipv4Addr::new(76, 223, 128, 0), 18),
    (Ipv4Addr::new(199, 127, 232, 0), 22),
    (Ipv4Addr::new(199, 255, 192, 0), 22),
    (Ipv4Addr::new(206, 55, 144, 0), 20),
    (Ipv4Addr::new(216, 221, 160, 0), 19),
];

/// The texts of the domain and of those that its record includes.
pub type SpfTexts = BTreeMap<String, Answer<String>>;

/// The domains whose texts are still missing; none when there is enough to evaluate. Names whose other records matter
/// are asked about too: where no text exists because the name doesn't, no other record does.
pub fn spf_names_to_ask(texts: &SpfTexts) -> BTreeSet<String> {
    if texts.len() > 2 * MOST_LOOKUPS {
        return BTreeSet::new();
    }
    texts.values().flat_map(included).filter(|name| !texts.contains_key(name)).take(MOST_LOOKUPS).collect()
}

/// Whether mail through SES passes SPF for the MAIL FROM domain.
pub(super) fn evaluate(domain: Option<&str>, texts: &SpfTexts) -> DnsCheck {
    const CHECK: DnsCheckKind = DnsCheckKind::Spf;
    let Some(domain) = domain else {
        return DnsCheck::ok(CHECK, "Mail passes SPF as amazonses.com, which does not count for DMARC; DKIM does.");
    };
    let wrong = |summary: String, fix: &str, value: String| {
        let record = DnsRecord { kind: RecordKind::Txt, name: domain.to_owned(), value };
        DnsCheck::wrong(CHECK, summary, fix).with_record(record)
    };
    let answer = texts.get(domain).unwrap_or(&Answer::Unknown);
    if *answer == Answer::Unknown {
        return DnsCheck::unknown(CHECK, format!("The DNS did not answer about the SPF record of {domain}."));
    }
    let records = records(answer);
    let [record] = records.as_slice() else {
        return if records.is_empty() {
            wrong(format!("{domain} has no SPF record."), "Set this TXT record.", WANTED.to_owned())
        } else {
            wrong(
                format!("{domain} has {} SPF records, which makes all of them void.", records.len()),
                "Put this one TXT record in their place.",
                merged(&records),
            )
        };
    };
    let tally = Tally::of(domain, texts);
    if let Some(reason) = tally.broken {
        let summary = format!("The SPF record of {domain} is void: {reason}.");
        return wrong(summary, "Put this TXT record in its place.", WANTED.to_owned());
    }
    if tally.lookups > MOST_LOOKUPS {
        let summary =
            format!("The SPF record of {domain} needs more than {MOST_LOOKUPS} look-ups, which makes it void.");
        return wrong(
            summary,
            "Put this TXT record in its place; nothing but SES sends from there.",
            WANTED.to_owned(),
        );
    }
    if tally.void_lookups > MOST_VOID_LOOKUPS {
        let summary = format!(
            "The SPF record of {domain} asks about more than {MOST_VOID_LOOKUPS} names that don't exist, so it is void."
        );
        return wrong(summary, "Put this TXT record in its place.", WANTED.to_owned());
    }
    if tally.names_ses {
        return DnsCheck::ok(CHECK, format!("The SPF record of {domain} includes {SES}."));
    }
    if tally.allows_all {
        return DnsCheck::ok(CHECK, format!("The SPF record of {domain} allows every host, SES's among them."));
    }
    if tally.lists_ses_addresses {
        return DnsCheck::unknown(
            CHECK,
            format!("The SPF record of {domain} lists addresses of SES. We can't tell whether it lists all of them."),
        );
    }
    if tally.is_incomplete {
        return DnsCheck::unknown(
            CHECK,
            format!("The DNS did not answer about all that the SPF record of {domain} includes."),
        );
    }
    wrong(
        format!("The SPF record of {domain} does not include {SES}."),
        "Put this TXT record in its place.",
        merged(&[record]),
    )
}

/// What a record and all that it includes come to.
#[derive(Debug, Default)]
struct Tally {
    lookups: usize,
    /// Of those, the ones about names that don't exist.
    void_lookups: usize,
    allows_all: bool,
    lists_ses_addresses: bool,
    names_ses: bool,
    is_incomplete: bool,
    broken: Option<String>,
}

impl Tally {
    fn of(domain: &str, texts: &SpfTexts) -> Self {
        let mut tally = Self::default();
        tally.add(domain, texts, true);
        tally
    }

    /// Adds the record of a domain. `passes` is whether a match in it is a pass for us.
    fn add(&mut self, domain: &str, texts: &SpfTexts, passes: bool) {
        let answer = texts.get(domain).unwrap_or(&Answer::Unknown);
        if *answer == Answer::Unknown {
            self.is_incomplete = true;
            return;
        }
        let records = records(answer);
        let [record] = records.as_slice() else {
            let found = if records.is_empty() { "no SPF record" } else { "more than one SPF record" };
            self.broken.get_or_insert(format!("it includes {domain}, which has {found}"));
            return;
        };
        for term in terms(record) {
            // Also ends a circle of records that include each other.
            if self.lookups > MOST_LOOKUPS || self.broken.is_some() {
                return;
            }
            match term {
                Term::Include { name, is_pass } => {
                    self.lookups += 1;
                    self.names_ses |= passes && is_pass && name == SES;
                    self.add(&name, texts, passes && is_pass);
                }
                Term::Redirect(name) => {
                    self.lookups += 1;
                    self.names_ses |= passes && name == SES;
                    self.add(&name, texts, passes);
                }
                Term::Lookup(name) => {
                    self.lookups += 1;
                    // No text, no other record either: the name doesn't exist.
                    let is_void = name.is_some_and(|name| texts.get(&name) == Some(&Answer::NoSuchDomain));
                    self.void_lookups += usize::from(is_void);
                }
                Term::Macro => {
                    self.lookups += 1;
                    self.is_incomplete = true;
                }
                Term::PassAll => self.allows_all |= passes,
                Term::Ses => self.lists_ses_addresses |= passes,
                Term::Plain => {}
                Term::Bad(text) => self.broken = Some(format!("{text:?} is not a valid term")),
            }
        }
    }
}

/// A term of a record, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
enum Term {
    Include {
        name: String,
        is_pass: bool,
    },
    Redirect(String),
    /// Another one that asks the DNS, with the name where it has one of its own.
    Lookup(Option<String>),
    /// An `include` or `redirect` that depends on the mail, so that it can't be followed.
    Macro,
    /// `all`, as a pass.
    PassAll,
    /// Addresses of SES, as a pass.
    Ses,
    /// One that asks nobody.
    Plain,
    Bad(String),
}

impl Term {
    /// Reads a term by the grammar of RFC 7208 sections 5 to 7.
    fn read(text: &str) -> Self {
        Self::valid(text).unwrap_or_else(|| Self::Bad(text.chars().take(40).collect()))
    }

    fn valid(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let bare = lower.strip_prefix(['+', '-', '~', '?']).unwrap_or(&lower);
        let is_pass = lower.len() == bare.len() || lower.starts_with('+');
        // A modifier has a name and "=" before any ":" or "/".
        let name_end =
            bare.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(bare.len());
        let (name, rest) = bare.split_at(name_end);
        if let Some(value) = rest.strip_prefix('=') {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && bare.len() == lower.len();
            return match name {
                _ if !is_name || !is_macro_string(value) => None,
                "redirect" | "exp" if !is_domain(value) => None,
                "redirect" if value.contains('%') => Some(Self::Macro),
                "redirect" => Some(Self::Redirect(plain_name(value))),
                // Other modifiers are ignored (RFC 7208 section 6).
                _ => Some(Self::Plain),
            };
        }
        match (name, rest.strip_prefix(':')) {
            ("all", None) if rest.is_empty() => Some(if is_pass { Self::PassAll } else { Self::Plain }),
            ("include", Some(value)) if is_domain(value) && value.contains('%') => Some(Self::Macro),
            ("include", Some(value)) if is_domain(value) => Some(Self::Include { name: plain_name(value), is_pass }),
            ("exists", Some(value)) if is_domain(value) => Some(Self::Lookup(asked(value))),
            ("ptr", None) if rest.is_empty() => Some(Self::Lookup(None)),
            ("ptr", Some(value)) if is_domain(value) => Some(Self::Lookup(None)),
            ("a" | "mx", value) => {
                let (value, prefixes) = value
                    .unwrap_or(rest)
                    .split_once('/')
                    .map_or((value.unwrap_or(rest), None), |(value, prefixes)| (value, Some(prefixes)));
                let is_valid = if rest.starts_with(':') { is_domain(value) } else { value.is_empty() };
                (is_valid && prefixes.is_none_or(are_prefixes)).then(|| Self::Lookup(asked(value)))
            }
            ("ip4", Some(value)) => {
                let (address, prefix) = with_prefix(value, 32)?;
                let address: Ipv4Addr = address.parse().ok()?;
                Some(if is_pass && is_of_ses(address, prefix) { Self::Ses } else { Self::Plain })
            }
            ("ip6", Some(value)) => {
                let (address, _) = with_prefix(value, 128)?;
                address.parse::<Ipv6Addr>().ok().map(|_| Self::Plain)
            }
            _ => None,
        }
    }
}

/// The name that a term asks about, unless it depends on the mail.
fn asked(name: &str) -> Option<String> {
    Some(plain_name(name)).filter(|name| !name.is_empty() && !name.contains('%'))
}

fn with_prefix(value: &str, most: u8) -> Option<(&str, u8)> {
    match value.split_once('/') {
        Some((address, prefix)) => Some((address, number(prefix).filter(|prefix| *prefix <= most)?)),
        None => Some((value, most)),
    }
}

/// The prefix lengths of `a` and `mx`: `24`, `24//64` or `/64`.
fn are_prefixes(text: &str) -> bool {
    let (v4, v6) = match text.split_once("//") {
        Some((v4, v6)) => (Some(v4), Some(v6)),
        None => match text.strip_prefix('/') {
            Some(v6) => (None, Some(v6)),
            None => (Some(text), None),
        },
    };
    let fits = |text: Option<&str>, most| text.is_none_or(|text| number(text).is_some_and(|number| number <= most));
    fits(v4, 32) && fits(v6, 128)
}

fn number(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| digits)
}

fn is_of_ses(address: Ipv4Addr, prefix: u8) -> bool {
    SES_RANGES.iter().any(|(range, length)| {
        let bits = u32::from(prefix.min(*length));
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        u32::from(address) & mask == u32::from(*range) & mask && prefix >= 8
    })
}

/// Visible ASCII, in which `%` begins a macro (RFC 7208 section 7.1).
fn is_macro_string(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        if !before.bytes().all(|b| b.is_ascii_graphic()) {
            return false;
        }
        let literal = after.strip_prefix(['%', '_', '-']);
        let expansion = || {
            let (inner, after) = after.strip_prefix('{')?.split_once('}')?;
            let rest = inner.strip_prefix(|c: char| "slodiphcrtv".contains(c))?;
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let rest = rest.strip_prefix('r').unwrap_or(rest);
            rest.chars().all(|c| ".-+,/_=".contains(c)).then_some(after)
        };
        let Some(after) = literal.or_else(expansion) else { return false };
        rest = after;
    }
    rest.bytes().all(|b| b.is_ascii_graphic())
}

/// A domain: it ends with a macro, or with a dot and a label that isn't all digits (RFC 7208 section 7.1).
fn is_domain(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.bytes().all(|b| b.is_ascii_digit())
    };
    let ends_well =
        name.ends_with('}') || name.rsplit_once('.').is_some_and(|(before, last)| !before.is_empty() && is_label(last));
    is_macro_string(text) && ends_well && !name.contains("..")
}

/// The terms of a record that count: those before `all`, `redirect` only where there is no `all` (RFC 7208 section
/// 5.1), and bad ones anywhere, since one makes the whole record void (section 4.6).
fn terms(record: &str) -> Vec<Term> {
    // Separated by spaces alone: a tab or a no-break space belongs to a term, and makes it invalid.
    let texts: Vec<&str> = record.split(' ').skip(1).filter(|text| !text.is_empty()).collect();
    let all = texts.iter().position(|text| is_all(text));
    let counts = |at: usize, term: &Term| match term {
        Term::Bad(_) => true,
        Term::Redirect(_) => all.is_none(),
        _ => all.is_none_or(|all| at <= all),
    };
    let read = texts.iter().map(|text| Term::read(text)).enumerate();
    let mut terms: Vec<Term> = read.filter(|(at, term)| counts(*at, term)).map(|(_, term)| term).collect();
    // Each of these may be there once (RFC 7208 section 6).
    for modifier in ["redirect=", "exp="] {
        let twice = texts.iter().filter(|text| text.to_ascii_lowercase().starts_with(modifier)).nth(1);
        terms.extend(twice.map(|text| Term::Bad(text.chars().take(40).collect())));
    }
    terms
}

fn is_all(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
}

/// The SPF records among the texts (RFC 7208 section 4.5).
fn records(answer: &Answer<String>) -> Vec<&str> {
    let is_spf = |text: &&str| text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"));
    answer.records().iter().map(String::as_str).filter(is_spf).collect()
}

fn included(answer: &Answer<String>) -> Vec<String> {
    records(answer)
        .into_iter()
        .flat_map(terms)
        .filter_map(|term| match term {
            Term::Include { name, .. } | Term::Redirect(name) | Term::Lookup(Some(name)) => Some(name),
            _ => None,
        })
        .collect()
}

/// One record out of several or one, with SES first, so that nothing before it can decide.
fn merged(records: &[&str]) -> String {
    let mut terms = vec!["v=spf1".to_owned(), format!("include:{SES}")];
    let mut last = "~all";
    let texts = records.iter().flat_map(|record| record.split(' ').skip(1));
    for text in texts.filter(|text| !text.is_empty() && !matches!(Term::read(text), Term::Bad(_))) {
        let lower = text.to_ascii_lowercase();
        let names_ses = lower.strip_prefix(['+', '-', '~', '?']).unwrap_or(&lower) == format!("include:{SES}");
        match lower.strip_prefix("redirect=") {
            _ if is_all(text) => {
                if text.starts_with('-') {
                    last = "-all";
                }
            }
            Some(name) if !is_within(&plain_name(name), SES) => terms.push(format!("include:{name}")),
            Some(_) => {}
            None if names_ses => {}
            None => terms.push(text.to_owned()),
        }
    }
    let mut seen = BTreeSet::new();
    terms.retain(|term| seen.insert(term.clone()));
    format!("{} {last}", terms.join(" "))
}

#[cfg(test)]
mod tests;

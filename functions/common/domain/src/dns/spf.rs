//! SPF of the MAIL FROM domain (RFC 7208), as far as it decides about mail through SES.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, DnsCheck, DnsCheckKind, DnsRecord, RecordKind, is_within, plain_name};

/// The domain whose record names SES's hosts.
const SES: &str = "amazonses.com";

/// What SES asks for in a MAIL FROM domain.
const WANTED: &str = "v=spf1 include:amazonses.com ~all";

/// More terms that ask the DNS are a permanent error (RFC 7208 section 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// How many rounds of included records are fetched. A round takes as long as its slowest question.
pub const SPF_ROUNDS: usize = 3;

/// The texts of the domain and of those that its record includes.
pub type SpfTexts = BTreeMap<String, Answer<String>>;

/// The included domains whose texts are still missing; none when there is enough to evaluate.
pub fn spf_names_to_ask(texts: &SpfTexts) -> BTreeSet<String> {
    if texts.len() > MOST_LOOKUPS {
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
    if tally.names_ses {
        return DnsCheck::ok(CHECK, format!("The SPF record of {domain} includes {SES}."));
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
                Term::Lookup => self.lookups += 1,
                Term::Plain => {}
                Term::Bad(text) => self.broken = Some(format!("nobody knows the term {text:?}")),
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
    /// Another one that asks the DNS.
    Lookup,
    /// One that asks nobody.
    Plain,
    Bad(String),
}

impl Term {
    fn read(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let bare = lower.trim_start_matches(['+', '-', '~', '?']);
        if let Some(name) = bare.strip_prefix("redirect=") {
            return named(name, Self::Redirect);
        }
        if let Some(name) = bare.strip_prefix("include:") {
            let is_pass = lower.starts_with(['+', 'i']);
            return named(name, |name| Self::Include { name, is_pass });
        }
        match bare.split([':', '/']).next().unwrap_or_default() {
            "a" | "mx" | "ptr" | "exists" => Self::Lookup,
            "all" | "ip4" | "ip6" => Self::Plain,
            // Other modifiers are ignored (RFC 7208 section 6).
            _ if lower.starts_with(|c: char| c.is_ascii_alphabetic()) && bare.contains('=') => Self::Plain,
            _ => Self::Bad(text.chars().take(40).collect()),
        }
    }
}

/// A term with a domain. One with a macro depends on the email and can't be followed, but it asks all the same.
fn named(name: &str, term: impl FnOnce(String) -> Term) -> Term {
    if name.contains('%') { Term::Lookup } else { term(plain_name(name)) }
}

/// The terms of a record that count: those before `all`, `redirect` only where there is no `all` (RFC 7208 section
/// 5.1), and bad ones anywhere, since one makes the whole record void (section 4.6).
fn terms(record: &str) -> Vec<Term> {
    let texts: Vec<&str> = record.split_ascii_whitespace().skip(1).collect();
    let all = texts.iter().position(|text| is_all(text));
    let counts = |at: usize, term: &Term| match term {
        Term::Bad(_) => true,
        Term::Redirect(_) => all.is_none(),
        _ => all.is_none_or(|all| at < all),
    };
    let read = texts.iter().map(|text| Term::read(text)).enumerate();
    read.filter(|(at, term)| counts(*at, term)).map(|(_, term)| term).collect()
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
            Term::Include { name, .. } | Term::Redirect(name) => Some(name),
            _ => None,
        })
        .collect()
}

/// One record out of several or one, with SES first, so that nothing before it can decide.
fn merged(records: &[&str]) -> String {
    let mut terms = vec!["v=spf1".to_owned(), format!("include:{SES}")];
    let mut last = "~all";
    for text in records.iter().flat_map(|record| record.split_ascii_whitespace().skip(1)) {
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

//! Endings of domains that a slip of the finger makes out of the usual ones.

use std::{collections::HashSet, sync::LazyLock};

use strsim::osa_distance;

/// Every top-level domain, from the Public Suffix List. A domain below a newer one that accepts email
/// is left alone.
static TOP_LEVEL: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("endings.txt").split_ascii_whitespace().collect());

/// Names that RFC 6761 and ICANN reserve for examples, tests and private networks.
const RESERVED: &[&str] = &["example", "internal", "invalid", "local", "localhost", "onion", "test"];

/// The endings that most mistyped ones are meant for. Of two that are as near, one of the first three is meant.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "com", "net", "org", "edu", "gov", "info", "biz", "de", "fr", "it", "es", "nl", "be", "at", "ch", "se", "no", "dk", "fi",
    "pl", "cz", "hu", "ro", "ru", "ua", "pt", "gr", "ie", "uk", "eu", "br", "us", "ca", "au", "nz", "jp", "kr", "cn", "in",
    "co.uk", "org.uk", "ac.uk", "com.br", "com.ar", "com.au", "com.mx", "com.tr", "com.pl", "co.jp", "co.kr", "co.in",
    "co.nz", "co.za",
];
const GENERIC: usize = 3;

/// Longest label before the last one that is part of an ending, such as `co.uk`, `com.br` and `gov.au`.
const LONGEST_SECOND_LEVEL: usize = 3;

/// Rows of keys, for letters that are typed in place of their neighbour.
const KEYS: &[&str] = &["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// Endings that are no top-level domain, with what is meant. Where this names one that comes to exist, a domain there
/// that takes mail is still left alone.
#[rustfmt::skip]
const IMPOSSIBLE: &[(&str, &[&str])] = &[
    ("com", &[
        "con", "cmo", "comn", "ocm", "cim", "vom", "xom", "cpm", "comm", "coom", "ccom", "copm", "clm", "c0m", "conm",
        "cokm", "coim", "cmom", "comc", "coma", "come", "como", "comi", "coml", "comr", "comx", "cmm", "cop", "ckm", "vcom", "xcom",
        "dcom", "ocom", "kom", 
    ]),
    ("net", &["nte", "ent", "ney", "nett", "met", "nrt", "nety", "nwt", "nnet", "neet", "ner"]),
    ("org", &["og", "ogr", "rog", "orgg", "orh", "prg", "orgh", "0rg", "oeg"]),
    ("edu", &["ed", "eud", "edy", "eduu", "edi", "rdu"]),
    ("gov", &["gvo", "goc", "govv"]),
    ("co.uk", &["couk", "co.ul", "co.ik", "co.uj", "c.ouk", "co.ku"]),
    ("de", &["dde", "dee"]),
    ("fr", &["frr", "ffr"]),
];

/// Endings that exist, but are far more often a slip where the domain takes no mail.
const UNLIKELY: &[(&str, &[&str])] = &[("com", &["co", "cm", "om", "com.com"]), ("net", &["ne", "et"])];

/// Providers whose name is used with one ending only. Nobody has a mailbox at gmail.net.
const ONE_ENDING: &[(&str, &str)] =
    &[("gmail", "gmail.com"), ("googlemail", "googlemail.com"), ("icloud", "icloud.com")];

/// Providers with one usual ending. They may have others, in some countries or in the past.
const USUAL_ENDING: &[(&str, &str)] = &[
    ("hotmail", "hotmail.com"),
    ("outlook", "outlook.com"),
    ("yahoo", "yahoo.com"),
    ("live", "live.com"),
    ("msn", "msn.com"),
    ("aol", "aol.com"),
    ("ymail", "ymail.com"),
    ("protonmail", "protonmail.com"),
    ("comcast", "comcast.net"),
    ("verizon", "verizon.net"),
    ("sbcglobal", "sbcglobal.net"),
    ("bellsouth", "bellsouth.net"),
    ("earthlink", "earthlink.net"),
    ("rediffmail", "rediffmail.com"),
    ("btinternet", "btinternet.com"),
    ("wanadoo", "wanadoo.fr"),
    ("laposte", "laposte.net"),
    ("libero", "libero.it"),
    ("t-online", "t-online.de"),
    ("freenet", "freenet.de"),
    ("web", "web.de"),
    ("yandex", "yandex.ru"),
];

/// Whether there is such a top-level domain, or one is reserved.
pub(super) fn exists(domain: &str) -> bool {
    let ending = domain.rsplit('.').next().unwrap_or_default();
    RESERVED.contains(&ending) || TOP_LEVEL.contains(ending)
}

/// The domain with an ending that exists, where its own can't.
pub(super) fn correct_impossible(domain: &str) -> Option<String> {
    correct(domain, IMPOSSIBLE)
}

/// The domain with a far more usual ending. Below `com.co`, domains of Colombia begin.
pub(super) fn correct_unlikely(domain: &str) -> Option<String> {
    let corrected = correct(domain, UNLIKELY)?;
    (corrected.split('.').count() == 2).then_some(corrected)
}

/// The domain with the only common ending that is nearly its own, if its own doesn't exist.
pub(super) fn correct_unknown(domain: &str) -> Option<String> {
    let labels: Vec<&str> = domain.split('.').collect();
    let size = match labels.as_slice() {
        [_, .., "co" | "com" | "org" | "net" | "ac", _] if labels.len() > 2 => 2,
        _ => 1,
    };
    let (name, typed) = labels.split_at_checked(labels.len().checked_sub(size)?)?;
    let typed = typed.join(".");
    let one_slip: Vec<&str> = COMMON.iter().filter(|common| osa_distance(&typed, common) == 1).copied().collect();
    let near = if one_slip.is_empty() {
        COMMON.iter().filter(|common| has_two_more(&typed, common)).copied().collect()
    } else {
        one_slip
    };
    let of_neighbours: Vec<&str> = near.iter().filter(|common| is_neighbour_key(&typed, common)).copied().collect();
    let ending = match (near.as_slice(), of_neighbours.as_slice()) {
        ([only], _) | (_, [only]) => *only,
        ([first, ..], _) if typed.len() > 1 && COMMON.iter().take(GENERIC).any(|generic| generic == first) => *first,
        _ => return None,
    };
    Some(format!("{}.{ending}", name.join(".")))
}

/// Whether it is a whole ending with two more letters, such as `comme`.
fn has_two_more(typed: &str, common: &str) -> bool {
    common.len() > 2 && typed.len() == common.len() + 2 && typed.starts_with(common)
}

/// Whether the two differ in one letter, and the keys are next to each other.
fn is_neighbour_key(typed: &str, common: &str) -> bool {
    let mut other = typed.chars().zip(common.chars()).filter(|(typed, common)| typed != common);
    let (Some((typed_key, common_key)), None) = (other.next(), other.next()) else { return false };
    let is_beside = |row: &&str| match (row.find(typed_key), row.find(common_key)) {
        (Some(typed), Some(common)) => typed.abs_diff(common) == 1,
        _ => false,
    };
    typed.len() == common.len() && KEYS.iter().any(is_beside)
}

/// The only domain of the provider that has this name.
pub(super) fn only_ending(domain: &str) -> Option<&'static str> {
    of_name(domain, ONE_ENDING)
}

/// The usual domain of the provider that has this name. `None` for an ending of a country: the provider may have it, or
/// have had it.
pub(super) fn usual_ending(domain: &str) -> Option<&'static str> {
    let ending = domain.rsplit('.').next().unwrap_or_default();
    let is_slip = UNLIKELY.iter().any(|(_, wrong)| wrong.contains(&ending)) && domain.split('.').count() == 2;
    of_name(domain, USUAL_ENDING).filter(|_| ending.len() > 2 || is_slip)
}

/// Whether an ending that exists is far more often a slip.
pub(super) fn is_unlikely(domain: &str) -> bool {
    correct_unlikely(domain).is_some()
}

/// A name before anything but an ending is a subdomain of somebody else: `gmail.example.org`.
fn of_name(domain: &str, providers: &[(&str, &'static str)]) -> Option<&'static str> {
    let (name, ending) = domain.split_once('.')?;
    let second_level = ending.rsplit_once('.').map_or("", |(second_level, _)| second_level);
    let is_ending = second_level.len() <= LONGEST_SECOND_LEVEL;
    providers.iter().find(|(known, _)| is_ending && *known == name).map(|(_, usual)| *usual)
}

fn correct(domain: &str, endings: &[(&str, &[&str])]) -> Option<String> {
    endings.iter().find_map(|(right, wrong)| {
        wrong.iter().find_map(|ending| {
            let name = domain.strip_suffix(ending)?.strip_suffix('.')?;
            (!name.is_empty()).then(|| format!("{name}.{right}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ending_is_mended() {
        for (domain, expected) in [
            ("example.con", Some("example.com")),
            ("con.example", None),
            ("falcon", None),
            ("example.falcon", None),
            ("con", None),
            ("example.nte", Some("example.net")),
            ("example.ent", Some("example.net")),
            ("example.og", Some("example.org")),
            ("example.ed", Some("example.edu")),
            ("example.couk", Some("example.co.uk")),
            ("example.com", None),
            ("example.co", None),
        ] {
            assert_eq!(correct_impossible(domain).as_deref(), expected, "{domain}");
        }
        assert_eq!(correct_unlikely("example.co").as_deref(), Some("example.com"));
    }

    #[test]
    fn no_ending_leads_to_another_that_is_mended() {
        for (right, _) in IMPOSSIBLE.iter().chain(UNLIKELY) {
            let domain = format!("example.{right}");
            assert_eq!((correct_impossible(&domain), correct_unlikely(&domain)), (None, None));
        }
    }
}

//! Endings of domains that a slip of the finger makes out of the usual ones.

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

/// Domains whose name is used with one ending or a few: with any other it is a slip.
const ONE_ENDING: &[(&str, &str)] = &[
    ("gmail", "gmail.com"),
    ("googlemail", "googlemail.com"),
    ("icloud", "icloud.com"),
    ("hotmail", "hotmail.com"),
    ("protonmail", "protonmail.com"),
    ("comcast", "comcast.net"),
    ("sbcglobal", "sbcglobal.net"),
    ("wanadoo", "wanadoo.fr"),
    ("libero", "libero.it"),
];

/// The domain with an ending that exists, where its own can't.
pub(super) fn mend_impossible(domain: &str) -> Option<String> {
    mend(domain, IMPOSSIBLE)
}

/// The domain with a far more usual ending.
pub(super) fn mend_unlikely(domain: &str) -> Option<String> {
    mend(domain, UNLIKELY)
}

/// The provider that has this name with another ending.
pub(super) fn usual_ending(domain: &str) -> Option<&'static str> {
    let (name, _) = domain.split_once('.')?;
    ONE_ENDING.iter().find(|(known, _)| *known == name).map(|(_, usual)| *usual)
}

fn mend(domain: &str, endings: &[(&str, &[&str])]) -> Option<String> {
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
            assert_eq!(mend_impossible(domain).as_deref(), expected, "{domain}");
        }
        assert_eq!(mend_unlikely("example.co").as_deref(), Some("example.com"));
    }

    #[test]
    fn no_ending_leads_to_another_that_is_mended() {
        for (right, _) in IMPOSSIBLE.iter().chain(UNLIKELY) {
            let domain = format!("example.{right}");
            assert_eq!((mend_impossible(&domain), mend_unlikely(&domain)), (None, None));
        }
    }
}

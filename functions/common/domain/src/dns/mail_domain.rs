//! Whether a domain takes mail.

use std::net::IpAddr;

use super::{Answer, Mx, is_within};
use crate::text_form::text_form;

/// Whether a domain takes mail, as far as the DNS can tell. No mail server is ever asked: probing costs reputation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MxVerdict {
    /// It names mail exchangers.
    Accepts,
    /// It names none, but has an address, which then counts as one (RFC 5321 section 5.1).
    WeakAccepts,
    /// It says that it never takes mail (RFC 7505).
    NullMx,
    /// It exists with neither a mail exchanger nor an address.
    NoMail,
    /// It does not exist.
    NoSuchDomain,
    /// Its mail leads nowhere sensible: to a loopback address, to a host that does not exist, or to a seller of
    /// domains.
    Suspicious,
    /// The DNS gave no answer. Proves nothing.
    Unknown,
}

text_form!(MxVerdict {
    Accepts = "accepts",
    WeakAccepts = "weak_accepts",
    NullMx = "null_mx",
    NoMail = "no_mail",
    NoSuchDomain = "no_such_domain",
    Suspicious = "suspicious",
    Unknown = "unknown",
});

impl MxVerdict {
    /// Whether it is certain that email can't arrive there now.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::NullMx | Self::NoMail | Self::NoSuchDomain)
    }
}

/// Companies that take the email of domains that are for sale or parked. Short on purpose: each name is one that can't
/// be anybody's mail provider.
const PARKING_HOSTS: &[&str] =
    &["above.com", "bodis.com", "h-email.net", "parkingcrew.net", "parklogic.com", "sedoparking.com"];

/// How many exchangers are looked at. Domains have one to five; more would only cost time.
const EXCHANGERS_LOOKED_AT: usize = 4;

/// The hosts whose addresses [`mx_verdict`] needs: the first exchangers, or the domain itself where it names none.
pub fn hosts_to_ask<'a>(domain: &'a str, exchangers: &'a Answer<Mx>) -> Vec<&'a str> {
    match exchangers {
        Answer::Found(found) if is_null(found) => Vec::new(),
        Answer::Found(found) => first(found).into_iter().map(|mx| mx.host.as_str()).collect(),
        Answer::NoRecords => vec![domain],
        Answer::NoSuchDomain | Answer::Unknown => Vec::new(),
    }
}

/// Whether a domain takes mail. `addresses` are the answers about [`hosts_to_ask`], in their order.
pub fn mx_verdict(exchangers: &Answer<Mx>, addresses: &[Answer<IpAddr>]) -> MxVerdict {
    match exchangers {
        Answer::Found(found) if is_null(found) => MxVerdict::NullMx,
        Answer::Found(found) => of_exchangers(&first(found), addresses),
        Answer::NoRecords => of_addresses(addresses.first().unwrap_or(&Answer::Unknown)),
        Answer::NoSuchDomain => MxVerdict::NoSuchDomain,
        Answer::Unknown => MxVerdict::Unknown,
    }
}

/// The exchangers that are looked at, in the order in which they are tried.
fn first(exchangers: &[Mx]) -> Vec<&Mx> {
    let mut sorted: Vec<&Mx> = exchangers.iter().collect();
    sorted.sort_by_key(|mx| mx.preference);
    sorted.truncate(EXCHANGERS_LOOKED_AT);
    sorted
}

/// The verdict where there are exchangers; `addresses` are those of the first of them.
fn of_exchangers(exchangers: &[&Mx], addresses: &[Answer<IpAddr>]) -> MxVerdict {
    let leads_nowhere = |(mx, answer): (&&Mx, &Answer<IpAddr>)| {
        is_local_host(&mx.host)
            || PARKING_HOSTS.iter().any(|parking| is_within(&mx.host, parking))
            || answer.is_absent()
            || is_all_loopback(answer)
    };
    let nowhere = exchangers.iter().zip(addresses).filter(|&pair| leads_nowhere(pair)).count();
    if nowhere > 0 && nowhere == addresses.len() { MxVerdict::Suspicious } else { MxVerdict::Accepts }
}

/// The verdict where there is no exchanger.
fn of_addresses(answer: &Answer<IpAddr>) -> MxVerdict {
    match answer {
        Answer::Found(_) if is_all_loopback(answer) => MxVerdict::Suspicious,
        Answer::Found(_) => MxVerdict::WeakAccepts,
        // The question for exchangers was answered with "the name exists"; its addresses can't say otherwise.
        Answer::NoRecords | Answer::NoSuchDomain => MxVerdict::NoMail,
        Answer::Unknown => MxVerdict::Unknown,
    }
}

/// A single exchanger with an empty name. Beside others it means nothing (RFC 7505 section 3), and is then an exchanger
/// without an address.
fn is_null(exchangers: &[Mx]) -> bool {
    matches!(exchangers, [only] if only.host.is_empty())
}

fn is_local_host(host: &str) -> bool {
    host.is_empty() || is_within(host, "localhost") || is_within(host, "localdomain") || host.parse::<IpAddr>().is_ok()
}

fn is_all_loopback(answer: &Answer<IpAddr>) -> bool {
    let addresses = answer.records();
    !addresses.is_empty() && addresses.iter().all(|address| address.is_loopback() || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Zone;

    #[test]
    fn a_domain_takes_mail_or_does_not() {
        let zone = Zone::from_json(
            r#"{
                "good.test": {"mx": ["10 mx.good.test"]}, "mx.good.test": {"addresses": ["192.0.2.1"]},
                "unseen.test": {"mx": ["10 mx.elsewhere.test"]},
                "null.test": {"mx": ["0 ."]},
                "half-null.test": {"mx": ["0 .", "10 mx.good.test"]},
                "web.test": {"addresses": ["192.0.2.1"]},
                "web6.test": {"addresses": ["2001:db8::1"]},
                "empty.test": {"txt": ["v=spf1 -all"]},
                "gone.test": "no_such_domain",
                "slow.test": "silent",
                "loop.test": {"mx": ["10 localhost"]},
                "loop-by-address.test": {"mx": ["10 mx.loop.test"]}, "mx.loop.test": {"addresses": ["127.0.0.1"]},
                "loop-web.test": {"addresses": ["127.0.0.1", "::1"]},
                "dangling.test": {"mx": ["10 gone.test"]},
                "half-dangling.test": {"mx": ["10 gone.test", "20 mx.good.test"]},
                "literal.test": {"mx": ["10 192.0.2.1"]},
                "parked.test": {"mx": ["10 mx.h-email.net"]},
                "slow-host.test": {"mx": ["10 slow.test"]}
            }"#,
        )
        .unwrap();
        for (domain, expected) in [
            ("good.test", MxVerdict::Accepts),
            ("unseen.test", MxVerdict::Accepts),
            ("slow-host.test", MxVerdict::Accepts),
            ("half-dangling.test", MxVerdict::Accepts),
            ("half-null.test", MxVerdict::Accepts),
            ("web.test", MxVerdict::WeakAccepts),
            ("web6.test", MxVerdict::WeakAccepts),
            ("null.test", MxVerdict::NullMx),
            ("empty.test", MxVerdict::NoMail),
            ("gone.test", MxVerdict::NoSuchDomain),
            ("loop.test", MxVerdict::Suspicious),
            ("loop-by-address.test", MxVerdict::Suspicious),
            ("loop-web.test", MxVerdict::Suspicious),
            ("dangling.test", MxVerdict::Suspicious),
            ("literal.test", MxVerdict::Suspicious),
            ("parked.test", MxVerdict::Suspicious),
            ("slow.test", MxVerdict::Unknown),
            ("not-in-the-zone.test", MxVerdict::Unknown),
        ] {
            let exchangers = zone.mx(domain);
            let hosts = hosts_to_ask(domain, &exchangers);
            let addresses: Vec<_> = hosts.into_iter().map(|host| zone.addresses(host)).collect();
            assert_eq!(mx_verdict(&exchangers, &addresses), expected, "{domain}");
        }
    }

    #[test]
    fn only_what_is_certain_is_dead() {
        let dead: Vec<_> = MxVerdict::ALL.iter().filter(|verdict| verdict.is_dead()).map(|v| v.as_str()).collect();
        assert_eq!(dead, ["null_mx", "no_mail", "no_such_domain"]);
    }
}

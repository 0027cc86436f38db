//! Whether a domain takes mail.

use std::net::IpAddr;

use futures_util::future::join_all;

use super::{Answer, Mx, Resolve, is_within};
use crate::account::text_form;

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
    /// Whether it is certain that mail can't arrive there now.
    pub fn is_dead(self) -> bool {
        matches!(self, Self::NullMx | Self::NoMail | Self::NoSuchDomain)
    }
}

/// Companies that take the mail of domains that are for sale or parked. Short on purpose: each name is one that can't
/// be anybody's mail provider.
const PARKING_HOSTS: &[&str] =
    &["above.com", "bodis.com", "h-email.net", "parkingcrew.net", "parklogic.com", "sedoparking.com"];

/// How many exchangers are looked at. Domains have one to five; more would only cost time.
const EXCHANGERS_LOOKED_AT: usize = 4;

/// Asks whether a domain takes mail.
pub async fn mx_verdict(resolver: &dyn Resolve, domain: &str) -> MxVerdict {
    match resolver.mx(domain).await {
        Answer::Found(mut exchangers) => {
            exchangers.sort_by_key(|mx| mx.preference);
            if is_null(&exchangers) {
                return MxVerdict::NullMx;
            }
            let first = exchangers.iter().take(EXCHANGERS_LOOKED_AT);
            let addresses = join_all(first.map(|mx| resolver.addresses(&mx.host))).await;
            of_exchangers(&exchangers, &addresses)
        }
        Answer::NoRecords => of_addresses(&resolver.addresses(domain).await),
        Answer::NoSuchDomain => MxVerdict::NoSuchDomain,
        Answer::Unknown => MxVerdict::Unknown,
    }
}

/// The verdict where there are exchangers; `addresses` are those of the first of them.
fn of_exchangers(exchangers: &[Mx], addresses: &[Answer<IpAddr>]) -> MxVerdict {
    let leads_nowhere = |(mx, answer): (&Mx, &Answer<IpAddr>)| {
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
    use crate::dns::ScriptedResolver;

    #[tokio::test]
    async fn a_domain_takes_mail_or_does_not() {
        let zone = ScriptedResolver::from_json(
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
            assert_eq!(mx_verdict(&zone, domain).await, expected, "{domain}");
        }
    }

    #[test]
    fn only_what_is_certain_is_dead() {
        let dead: Vec<_> = MxVerdict::ALL.iter().filter(|verdict| verdict.is_dead()).map(|v| v.as_str()).collect();
        assert_eq!(dead, ["null_mx", "no_mail", "no_such_domain"]);
    }
}

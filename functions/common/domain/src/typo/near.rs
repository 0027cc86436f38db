//! Which of the addresses on file is meant by one that is not.

use strsim::osa_distance;

use super::name_of;
use crate::account::{AddressKey, EmailAddress, search::mailbox};

/// How many addresses are worth showing.
const MOST_SHOWN: usize = 3;

/// How near an address is, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    /// Another spelling of what is probably the same mailbox.
    SameMailbox,
    /// So many slips in the whole address.
    Slips(usize),
    /// The same name in the same domain, but for a tag behind a `+`, or with its parts in another order.
    SameName,
    /// The same name in a domain much like it.
    OtherDomain,
}

/// Those of the candidates that may be meant by an address, the nearest first, at most three: "did you mean".
///
/// An address is near if it is another spelling of the same mailbox (`jo.doe@gmail.com` and `jodoe@googlemail.com`), if it
/// is one or two slips away, if its local part is the same but for a tag, dots or the order of
/// its parts (`first.last`, `last.first`), or if the local part is the same and the domains are alike.
pub fn near_addresses(wanted: &EmailAddress, candidates: &[EmailAddress]) -> Vec<EmailAddress> {
    let mut near: Vec<(Nearness, &EmailAddress)> = candidates
        .iter()
        .filter(|candidate| candidate.key() != wanted.key())
        .filter_map(|candidate| Some((nearness(wanted, candidate)?, candidate)))
        .collect();
    near.sort_by(|(near, a), (also_near, b)| near.cmp(also_near).then_with(|| a.key().cmp(b.key())));
    near.dedup_by(|(_, a), (_, b)| a.key() == b.key());
    near.into_iter().take(MOST_SHOWN).map(|(_, address)| address.clone()).collect()
}

fn nearness(wanted: &EmailAddress, candidate: &EmailAddress) -> Option<Nearness> {
    if mailbox(wanted) == mailbox(candidate) {
        return Some(Nearness::SameMailbox);
    }
    let (wanted, candidate) = (wanted.key(), candidate.key());
    let (wanted_local, candidate_local) = (local(wanted), local(candidate));
    let has_same_domain = wanted.domain() == candidate.domain();
    if let Some(slips) = slips(wanted, candidate) {
        return Some(Nearness::Slips(slips));
    }
    if has_same_domain && name_parts(wanted_local) == name_parts(candidate_local) {
        return Some(Nearness::SameName);
    }
    (wanted_local == candidate_local && are_alike(wanted.domain(), candidate.domain())).then_some(Nearness::OtherDomain)
}

/// One or two slips in the whole address; in a short local part fewer, since `al` and `bo` are two people.
fn slips(wanted: &AddressKey, candidate: &AddressKey) -> Option<usize> {
    const MOST: usize = 2;
    if wanted.as_str().len().abs_diff(candidate.as_str().len()) > MOST * char::MAX.len_utf8() {
        return None;
    }
    let distance = osa_distance(wanted.as_str(), candidate.as_str());
    let in_local = osa_distance(local(wanted), local(candidate));
    let shorter = local(wanted).chars().count().min(local(candidate).chars().count());
    (distance <= MOST && (in_local == 0 || shorter >= in_local + 2)).then_some(distance)
}

fn local(key: &AddressKey) -> &str {
    key.as_str().rsplit_once('@').map_or("", |(local, _)| local)
}

/// The parts of a name without its tag, in an order that does not depend on how they are written.
fn name_parts(local: &str) -> Vec<&str> {
    let name = local.split_once('+').map_or(local, |(name, _)| name);
    let mut parts: Vec<&str> = name.split(['.', '_', '-']).filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts
}

/// Whether one domain can be a slip of the other: few letters apart, one below the other, or another ending.
fn are_alike(a: &str, b: &str) -> bool {
    let most = if a.chars().count().min(b.chars().count()) >= super::LONG_DOMAIN { 2 } else { 1 };
    let is_below = |name: &str, domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    osa_distance(a, b) <= most || is_below(a, b) || is_below(b, a) || name_of(a) == name_of(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn near(wanted: &str, candidates: &[&str]) -> Vec<String> {
        let candidates: Vec<_> = candidates.iter().map(|text| address(text)).collect();
        near_addresses(&address(wanted), &candidates).iter().map(|near| near.as_typed().to_owned()).collect()
    }

    #[test]
    fn an_address_is_near_or_not() {
        for (wanted, candidate, expected) in [
            ("alice@example.com", "alcie@example.com", true),
            ("alice@example.com", "Alise@Example.com", true),
            ("alice@example.com", "alice@exmaple.com", true),
            ("alice@example.com", "alice@example.con", true),
            ("alice@example.com", "alice@example.org", true),
            ("alice@example.com", "alice@mail.example.com", true),
            ("alice@example.com", "alice+news@example.com", true),
            ("alice.smith@example.com", "smith.alice@example.com", true),
            ("alice.smith@example.com", "smith_alice@example.com", true),
            ("alice.smith@example.com", "alicesmith@example.com", true),
            ("alice@example.com", "alice@example.com", false),
            ("alice@example.com", "ALICE@example.com", false),
            ("alice@example.com", "bob@example.com", false),
            ("al@example.com", "bo@example.com", false),
            ("a@example.com", "b@example.com", false),
            ("bob@example.com", "rob@example.com", true),
            ("bob@example.com", "rod@example.com", false),
            ("alice@example.com", "alice@gmail.com", false),
            ("alice.smith@example.com", "smith.alice@example.org", false),
        ] {
            assert_eq!(!near(wanted, &[candidate]).is_empty(), expected, "{wanted} and {candidate}");
        }
    }

    #[test]
    fn the_nearest_come_first_and_are_at_most_three() {
        let candidates = [
            "alice@example.org",
            "alice+a@example.com",
            "alixe@example.com",
            "alicia@example.com",
            "alixe@example.com",
            "bob@example.com",
        ];
        assert_eq!(
            near("alice@example.com", &candidates),
            ["alice+a@example.com", "alixe@example.com", "alicia@example.com"]
        );
        assert_eq!(near("alice@example.com", &[]), [""; 0]);
    }

    #[test]
    fn another_spelling_of_the_same_mailbox_comes_first() {
        let cases = include_str!("../../../../../tests/cases/same-mailbox.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(cases).unwrap();
        for case in &cases {
            let (asked, on_record) = (case["asked"].as_str().unwrap(), case["on_record"].as_str().unwrap());
            if address(asked).key() == address(on_record).key() {
                continue;
            }
            let others =
                ["ann.other@example.com", "tim.x@gmail.com", on_record, "ohare@example.com", "max@example.net"];
            assert_eq!(near(asked, &others).first().map(String::as_str), Some(on_record), "{asked}");
            assert_eq!(mailbox(&address(asked)), mailbox(&address(on_record)), "the index finds it: {asked}");
        }
    }

    proptest! {
        #[test]
        fn nearness_is_mutual_and_never_of_the_address_itself(a in "[a-zé.+]{1,8}@[a-c]{1,6}\\.(com|co)", b in "[a-zé.+]{1,8}@[a-c]{1,6}\\.(com|co)") {
            if let (Ok(a), Ok(b)) = (EmailAddress::parse(&a), EmailAddress::parse(&b)) {
                let there = near_addresses(&a, std::slice::from_ref(&b));
                let back = near_addresses(&b, std::slice::from_ref(&a));
                prop_assert_eq!(there.len(), back.len());
                prop_assert!(near_addresses(&a, std::slice::from_ref(&a)).is_empty());
            }
        }
    }
}

//! Bursts: many addresses of one domain that bounce at once with the same words are the host's trouble, or ours, and
//! not the fault of so many people. They suppress nobody.

use jiff::{SignedDuration, Timestamp};

use crate::account::AddressKey;

/// So many different addresses of a domain make a burst.
pub const BURST_SIZE: usize = 5;

/// Within this time.
pub const BURST_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// How long after a burst the domain's bounces suppress nobody.
pub const BURST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// Older bounces no longer matter to the newest.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(3);

/// More are not kept: the item stays small.
const KEPT: usize = 200;

/// A hard bounce of an address of a domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainBounce {
    /// When it bounced.
    pub at: Timestamp,
    /// Which address.
    pub address: AddressKey,
    /// The key of the event that told.
    pub event_id: String,
    /// What the host said, without what differs from address to address.
    pub words: String,
}

impl DomainBounce {
    /// What a host said, made comparable: without addresses, quoted names and numbers, in lower case and short.
    pub fn words(said: &str) -> String {
        let words = said.split_whitespace().filter(|word| !word.contains('@'));
        let plain = |word: &str| word.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
        let words: Vec<_> = words.map(plain).filter(|word| !word.is_empty()).collect();
        words.join(" ").chars().take(80).collect()
    }
}

/// The recent hard bounces of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainBounces {
    /// The bounces, the oldest first.
    pub bounces: Vec<DomainBounce>,
    /// Counts the writes, so that none is lost.
    pub version: i64,
}

impl DomainBounces {
    /// The same with one more.
    #[must_use]
    pub fn with(&self, bounce: DomainBounce) -> Self {
        let mut bounces = self.bounces.clone();
        if !bounces.iter().any(|known| known.event_id == bounce.event_id) {
            bounces.push(bounce);
            bounces.sort();
        }
        let newest = bounces.last().map_or(Timestamp::MIN, |bounce| bounce.at);
        bounces.retain(|bounce| newest.duration_since(bounce.at) < KEPT_FOR);
        let too_many = bounces.len().saturating_sub(KEPT);
        bounces.drain(..too_many);
        Self { bounces, version: self.version + 1 }
    }

    /// The same without those of an address.
    #[must_use]
    pub fn without(&self, address: &AddressKey) -> Self {
        let bounces = self.bounces.iter().filter(|bounce| bounce.address != *address).cloned().collect();
        Self { bounces, version: self.version + 1 }
    }

    /// The bounces that suppress nobody: those of a burst, and those of the time after it. It follows from the set of
    /// bounces, never from the order in which they were heard of.
    pub fn withheld(&self) -> Vec<&DomainBounce> {
        let bursts: Vec<_> =
            self.bounces.iter().filter_map(|first| Some((first.at, self.burst_from(first)?))).collect();
        let within =
            |at: Timestamp| bursts.iter().any(|(begin, full)| *begin <= at && at.duration_since(*full) <= BURST_PAUSE);
        self.bounces.iter().filter(|bounce| within(bounce.at)).collect()
    }

    /// When the burst that begins with `first` had the addresses that make it one.
    fn burst_from(&self, first: &DomainBounce) -> Option<Timestamp> {
        let mut addresses: Vec<&AddressKey> = Vec::new();
        let same = self.bounces.iter().filter(|bounce| bounce.at >= first.at && bounce.words == first.words);
        for bounce in same.take_while(|bounce| bounce.at.duration_since(first.at) <= BURST_WINDOW) {
            if !addresses.contains(&&bounce.address) {
                addresses.push(&bounce.address);
            }
            if addresses.len() >= BURST_SIZE {
                return Some(bounce.at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;

    fn bounce(number: usize, minute: i64, words: &str) -> DomainBounce {
        DomainBounce {
            at: Timestamp::from_second(1_800_000_000 + minute * 60).unwrap(),
            address: EmailAddress::parse(&format!("user{number}@example.com")).unwrap().key().clone(),
            event_id: format!("{number}-{minute}"),
            words: DomainBounce::words(words),
        }
    }

    fn withheld(bounces: impl IntoIterator<Item = DomainBounce>) -> usize {
        bounces.into_iter().fold(DomainBounces::default(), |all, one| all.with(one)).withheld().len()
    }

    const GONE: &str = "smtp; 550 5.1.1 <user@example.com> unknown";

    #[test]
    fn five_addresses_of_a_domain_within_ten_minutes_with_the_same_words_are_a_burst() {
        for (what, bounces, expected) in [
            ("four", (0..4).map(|i| bounce(i, 0, GONE)).collect::<Vec<_>>(), 0),
            ("five", (0..5).map(|i| bounce(i, i as i64 * 2, GONE)).collect(), 5),
            ("five, too far apart", (0..5).map(|i| bounce(i, i as i64 * 3, GONE)).collect(), 0),
            ("five times one address", (0..5).map(|i| bounce(1, i as i64, GONE)).collect(), 0),
            (
                "five, in other words each",
                (0..5).map(|i| bounce(i, 0, ["no", "not", "non", "nein", "nix"][i])).collect(),
                0,
            ),
            (
                "five, and one within the hour",
                (0..6).map(|i| bounce(i, if i == 5 { 50 } else { 0 }, GONE)).collect(),
                6,
            ),
            ("five, and one after the hour", (0..6).map(|i| bounce(i, if i == 5 { 70 } else { 0 }, GONE)).collect(), 5),
        ] {
            assert_eq!(withheld(bounces.clone()), expected, "{what}");
            assert_eq!(withheld(bounces.into_iter().rev()), expected, "{what}, heard of backwards");
        }
    }

    #[test]
    fn words_are_what_does_not_differ_from_address_to_address() {
        let said = DomainBounce::words("smtp; 550-5.1.1 <alice@example.com> User unknown [10.0.0.7] queue 8F3A");
        assert_eq!(said, DomainBounce::words("smtp; 550-5.1.1 <bob@example.com> User unknown [10.0.0.8] queue 9F4A"));
    }
}

//! Networks: how often what comes from one fails, and when it has to wait.
//!
//! A counter belongs to the network that a connection comes from, never to a header that clients write. Failures alone
//! are counted, so an office of thousands behind one address is not turned away for signing in; and they are counted in
//! a table, since a Lambda's memory knows of its own requests only. Nothing is locked: other networks see nothing of
//! it, and neither does whoever holds a link that is good.

use std::{fmt, net::IpAddr};

use jiff::{SignedDuration, Timestamp};

use crate::clock::{from_millis, millis};

/// What a failure may be, and how much it weighs.
///
/// Nobody mistypes a token of 43 characters, while of the people of a large office some mistype their password every
/// Monday. So it takes twenty wrong passwords to weigh as much as a token that was made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A token that was never issued.
    MadeUpToken,
    /// A wrong password.
    WrongPassword,
}

impl Failure {
    /// How much it counts.
    pub const fn weight(self) -> i64 {
        match self {
            Self::MadeUpToken => 20,
            Self::WrongPassword => 1,
        }
    }
}

/// Failures are counted in windows of ten minutes. Whoever has to wait, waits until the next begins.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// Where a connection comes from: an IPv4 address, or the 64 bits of an IPv6 address that name its network. A home or a
/// server gets at least those, so whoever has one IPv6 address has all of its network (RFC 6177).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Network(String);

impl Network {
    /// The network of an address. Who has none, as in a call that came by no connection, shares a counter.
    pub fn of(ip: Option<IpAddr>) -> Self {
        Self(match ip.map(|ip| ip.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(ip)) => ip.to_string(),
            Some(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        })
    }

    /// The key of its counter in the window of `now`.
    pub fn key(&self, now: Timestamp) -> String {
        format!("{}#{}", self.0, millis(begin_of_window(now)) / 1000)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn begin_of_window(now: Timestamp) -> Timestamp {
    let length = i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
    from_millis(millis(now).div_euclid(length) * length)
}

/// The failures of a network in a window. Limits are numbers of made-up tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    weight: i64,
    window_ends: Timestamp,
}

impl Failures {
    /// How long their counter is kept: it is of no use after its window.
    pub fn kept_until(now: Timestamp) -> Timestamp {
        begin_of_window(now).saturating_add(WINDOW * 2).unwrap_or(Timestamp::MAX)
    }

    /// Failures of this weight in the window of `now`.
    pub fn new(weight: i64, now: Timestamp) -> Self {
        Self { weight, window_ends: begin_of_window(now).saturating_add(WINDOW).unwrap_or(Timestamp::MAX) }
    }

    /// Until when the network has to wait, if it failed more often than `limit` allows.
    pub fn beyond(self, limit: i64) -> Option<Timestamp> {
        (self.weight > limit * Failure::MadeUpToken.weight()).then_some(self.window_ends)
    }

    /// Until when the network has to wait, if one failure more would be too many.
    pub fn reached(self, limit: i64) -> Option<Timestamp> {
        (self.weight >= limit * Failure::MadeUpToken.weight()).then_some(self.window_ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> String {
        Network::of(Some(ip.parse().unwrap())).to_string()
    }

    #[test]
    fn an_ipv4_address_is_a_network_and_so_are_64_bits_of_an_ipv6_address() {
        for (ip, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "0:0:0:0::/64"),
        ] {
            assert_eq!(network(ip), expected, "{ip}");
        }
        assert_eq!(Network::of(None).to_string(), "unknown");
    }

    #[test]
    fn failures_are_counted_in_windows_and_whoever_waits_waits_for_the_next() {
        let begin: Timestamp = "2026-03-01T09:20:00Z".parse().unwrap();
        let network = Network::of(None);
        let late = begin + SignedDuration::from_millis(WINDOW.as_millis() as i64 - 1);
        assert_eq!(network.key(begin), network.key(late));
        assert_ne!(network.key(begin), network.key(begin + WINDOW));
        let failures = Failures::new(100 * Failure::MadeUpToken.weight(), late);
        assert_eq!((failures.beyond(100), failures.beyond(99)), (None, Some(begin + WINDOW)));
        assert_eq!((failures.reached(101), failures.reached(100)), (None, Some(begin + WINDOW)));
    }

    #[test]
    fn twenty_wrong_passwords_weigh_as_much_as_a_token_that_was_made_up() {
        assert_eq!(Failure::WrongPassword.weight() * 20, Failure::MadeUpToken.weight());
    }
}

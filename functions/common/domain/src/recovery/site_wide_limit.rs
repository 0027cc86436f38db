//! How many links that people ask for themselves may be mailed in a minute, to all addresses together: whoever walks
//! through a list of addresses must neither spend the sender's quota nor its reputation.

use jiff::Timestamp;

use crate::clock::millis;

/// So many links of its own in a minute a process keeps to itself; only from the next on it counts with the others. So
/// quiet hours cost no write, and a flood is counted whole. A stream has few processes at once.
const QUIET: i64 = 5;

const MINUTE_MS: i64 = 60_000;

/// What this process mailed in the minute that it last mailed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnLinks {
    /// The minute, counted from the Unix epoch.
    pub minute: i64,
    /// The links.
    pub links: i64,
}

/// The number of the minute of `now`, counted from the Unix epoch.
pub fn minute_of(now: Timestamp) -> i64 {
    millis(now).div_euclid(MINUTE_MS)
}

impl OwnLinks {
    /// One link more at `minute`; with what is now to be counted with the others.
    #[must_use]
    pub fn next(self, minute: i64) -> (Self, i64) {
        let links = if self.minute == minute { self.links + 1 } else { 1 };
        let to_count = match links {
            ..=QUIET => 0,
            _ if links == QUIET + 1 => links,
            _ => 1,
        };
        (Self { minute, links }, to_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_minute_is_not_counted_and_a_flood_is_counted_whole() {
        let mut own = OwnLinks::default();
        let mut counted = Vec::new();
        for minute in [7, 7, 7, 7, 7, 7, 7, 8, 8] {
            let (next, to_count) = own.next(minute);
            own = next;
            counted.push(to_count);
        }
        assert_eq!(counted, [0, 0, 0, 0, 0, 6, 1, 0, 0]);
    }
}

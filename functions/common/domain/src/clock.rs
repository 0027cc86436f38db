//! What time it is, handed in.

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time. Everything that decides takes a [`Timestamp`]; only the doors of the system own a clock.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A clock that many tasks share.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A time as every answer writes it: RFC 3339 in UTC with milliseconds, so that texts sort as times do.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Seconds of a minute, an hour and a day, with their names.
const UNITS: [(i64, &str); 4] = [(24 * 60 * 60, "day"), (60 * 60, "hour"), (60, "minute"), (1, "second")];

/// How long until `at`, in words for people: "24 minutes", "3 hours". Rounded up, so that it is over when this has passed.
pub fn time_left(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs().max(1);
    // Of two units, the smaller one is used until its number gets long: 90 minutes rather than 2 hours.
    let (size, unit) = UNITS.into_iter().find(|(size, _)| seconds > 2 * size).unwrap_or((60, "minute"));
    let (size, unit) = if size == 1 { (60, "minute") } else { (size, unit) };
    count((seconds + size - 1) / size, unit)
}

/// How long `at` has been past, in words for people: "3 minutes ago". Rounded down.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs().max(0);
    let (size, unit) = UNITS.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    format!("{} ago", count(seconds / size, unit))
}

fn count(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// Milliseconds since the Unix epoch, rounded down: how items keep a time, so that conditions can compare it.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time an item keeps as milliseconds; clamped to what [`Timestamp`] can hold.
pub fn from_millis(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `at` with what is finer than a millisecond cut off: a time that survives being stored.
pub fn whole_millis(at: Timestamp) -> Timestamp {
    from_millis(millis(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_in_words() {
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        for (seconds, left, past) in [
            (0, "1 minute", "0 seconds ago"),
            (1, "1 minute", "1 second ago"),
            (61, "2 minutes", "1 minute ago"),
            (24 * 60, "24 minutes", "24 minutes ago"),
            (90 * 60, "90 minutes", "1 hour ago"),
            (150 * 60, "3 hours", "2 hours ago"),
            (47 * 3600, "47 hours", "1 day ago"),
            (6 * 86_400 + 1, "7 days", "6 days ago"),
        ] {
            assert_eq!((&*time_left(at(seconds), at(0)), &*ago(at(0), at(seconds))), (left, past));
        }
        assert_eq!((&*time_left(at(0), at(9)), &*ago(at(9), at(0))), ("1 minute", "0 seconds ago"));
    }
}

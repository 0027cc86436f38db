//! How the logs are divided: each month of the email log and of the audit log is one partition of its table, or
//! several.
//!
//! A partition takes 1,000 write units a second (DynamoDB Developer Guide, "Best practices for designing and using
//! partition keys effectively"). The entries of a month are written in the order of time, so DynamoDB can't split them
//! by itself. A deployment that writes more divides its months by the lowest bits of the entries' ids, which are
//! random, and reads the parts side by side.

use std::{ops::RangeInclusive, str::FromStr, sync::Arc};

use ulid::Ulid;

use crate::{clock::from_millis, database};

/// So many parts a month has at most: a page asks each of them.
const MOST: u8 = 32;

/// Into how many parts the months are divided, and from which day on. An entry stays where it was written, so a change
/// names a day that has not begun: `2026-12-05:16,2027-02-01:4`. Before the first day a month is one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPartitions(Arc<[Change]>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// A day in UTC, such as `2026-12-05`. Days stand in the order of their names.
    from: String,
    parts: u8,
}

/// What is wrong with a list of changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogPartitionsError {
    /// One has no such form.
    #[error("{0:?} is no day and number of parts, such as 2026-12-05:16")]
    NoChange(String),
    /// One has too many parts, or none.
    #[error("a month has 1 to {MOST} parts, not {0}")]
    Parts(u8),
    /// They don't follow each other.
    #[error("{0:?} does not come after the one before it")]
    Order(String),
}

impl FromStr for LogPartitions {
    type Err = LogPartitionsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut changes: Vec<Change> = Vec::new();
        for change in text.split(',').filter(|change| !change.is_empty()) {
            let Change { from, parts } =
                parse(change).ok_or_else(|| LogPartitionsError::NoChange(change.to_owned()))?;
            if !(1..=MOST).contains(&parts) {
                return Err(LogPartitionsError::Parts(parts));
            }
            if changes.last().is_some_and(|last| last.from >= from) {
                return Err(LogPartitionsError::Order(change.to_owned()));
            }
            changes.push(Change { from, parts });
        }
        Ok(Self(changes.into()))
    }
}

fn parse(change: &str) -> Option<Change> {
    let (day, parts) = change.split_once(':')?;
    let is_number = |text: &str, digits: usize, range: RangeInclusive<u16>| {
        text.len() == digits && text.parse().is_ok_and(|number| range.contains(&number))
    };
    let mut numbers = day.splitn(3, '-');
    let is_day = is_number(numbers.next()?, 4, 1970..=9998)
        && is_number(numbers.next()?, 2, 1..=12)
        && is_number(numbers.next()?, 2, 1..=31);
    is_day.then_some(Change { from: day.to_owned(), parts: parts.parse().ok()? })
}

impl LogPartitions {
    /// The partition of the entry with this id.
    pub fn of(&self, id: Ulid) -> String {
        let at = from_millis(i64::try_from(id.timestamp_ms()).unwrap_or(i64::MAX));
        let now = at.to_string();
        let parts = self.0.iter().rev().find(|change| change.from <= now).map_or(1, |change| change.parts);
        name(&database::month(at), u8::try_from(id.0 % u128::from(parts)).unwrap_or(0))
    }

    /// The partitions in which entries of a month may be.
    pub fn of_month(&self, month: &str) -> Vec<String> {
        // What began before the month holds for it until its first change.
        let before = self.0.iter().rev().find(|change| change.from.as_str() < month);
        let within = self.0.iter().filter(|change| change.from.starts_with(month));
        let parts = before.into_iter().chain(within).map(|change| change.parts).max().unwrap_or(1);
        (0..parts).map(|part| name(month, part)).collect()
    }
}

/// Of entries that stand newest first in each part the newest of all parts, so many at most.
pub(crate) fn merge<T>(parts: Vec<Vec<T>>, id: impl Fn(&T) -> Ulid, limit: usize) -> Vec<T> {
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let mut merged = Vec::new();
    while merged.len() < limit {
        let newest = parts.iter_mut().max_by_key(|part| part.as_slice().first().map(&id));
        let Some(entry) = newest.and_then(Iterator::next) else { break };
        merged.push(entry);
    }
    merged
}

/// The first part is called as the whole month, so that a month that was never divided needs no change.
fn name(month: &str, part: u8) -> String {
    if part == 0 { month.to_owned() } else { format!("{month}#{part:02}") }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn id(at: &str, random: u128) -> Ulid {
        let at: Timestamp = at.parse().unwrap();
        Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap(), random)
    }

    #[test]
    fn an_entry_lies_in_a_part_of_its_month_from_the_day_on() {
        let partitions: LogPartitions = "2026-12-05:16,2027-02-01:4".parse().unwrap();
        for (at, random, expected) in [
            ("2026-11-30T23:59:59.999Z", 7, "2026-11"),
            ("2026-12-04T23:59:59.999Z", 7, "2026-12"),
            ("2026-12-05T00:00:00Z", 7, "2026-12#07"),
            ("2026-12-05T00:00:00Z", 16, "2026-12"),
            ("2027-01-31T23:59:59.999Z", 31, "2027-01#15"),
            ("2027-02-01T00:00:00Z", 31, "2027-02#03"),
        ] {
            assert_eq!(partitions.of(id(at, random)), expected, "{at} {random}");
        }
        assert_eq!(LogPartitions::default().of(id("2026-12-05T00:00:00Z", 7)), "2026-12");
    }

    #[test]
    fn a_month_is_read_in_all_the_parts_that_it_ever_had() {
        let partitions: LogPartitions = "2026-12-05:16,2026-12-20:4,2027-02-01:2".parse().unwrap();
        let parts = |month| partitions.of_month(month).len();
        assert_eq!([parts("2026-11"), parts("2026-12"), parts("2027-01"), parts("2027-02")], [1, 16, 4, 4]);
        assert_eq!(parts("2027-03"), 2);
        assert_eq!(partitions.of_month("2026-11"), ["2026-11"]);
        assert_eq!(LogPartitions::default().of_month("2026-12"), ["2026-12"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, expected) in [
            ("16", "\"16\" is no day and number of parts, such as 2026-12-05:16"),
            ("2026-13-05:16", "\"2026-13-05:16\" is no day and number of parts, such as 2026-12-05:16"),
            ("2026-1-05:16", "\"2026-1-05:16\" is no day and number of parts, such as 2026-12-05:16"),
            ("2026-12:16", "\"2026-12:16\" is no day and number of parts, such as 2026-12-05:16"),
            ("2026-12-05:0", "a month has 1 to 32 parts, not 0"),
            ("2026-12-05:33", "a month has 1 to 32 parts, not 33"),
            ("2026-12-05:4,2026-12-05:8", "\"2026-12-05:8\" does not come after the one before it"),
        ] {
            assert_eq!(text.parse::<LogPartitions>().unwrap_err().to_string(), expected, "{text}");
        }
        assert_eq!("".parse(), Ok(LogPartitions::default()));
    }

    #[test]
    fn what_is_read_of_several_parts_is_merged_newest_first() {
        let parts = || vec![vec![9, 4, 1], vec![], vec![8, 7, 2]];
        let merged = |limit| merge(parts(), |number: &u128| Ulid(*number), limit);
        assert_eq!(merged(10), [9, 8, 7, 4, 2, 1]);
        assert_eq!(merged(3), [9, 8, 7]);
        assert_eq!(merged(0), []);
    }

    proptest! {
        #[test]
        fn an_entry_is_always_in_one_of_the_parts_of_its_month(
            days in proptest::collection::btree_set(0..100_i64, 0..4),
            parts in proptest::collection::vec(1..=MOST, 4),
            hour in 0..2400_i64,
            random: u128,
        ) {
            let first: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
            let after = |hours| first + jiff::SignedDuration::from_hours(hours);
            let change = |(day, parts): (i64, &u8)| format!("{}:{parts}", after(24 * day).strftime("%Y-%m-%d"));
            let changes: Vec<_> = days.into_iter().zip(&parts).map(change).collect();
            let partitions: LogPartitions = changes.join(",").parse().unwrap();
            let at = after(hour);
            let id = Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap(), random);
            prop_assert!(partitions.of_month(&database::month(at)).contains(&partitions.of(id)));
        }
    }
}

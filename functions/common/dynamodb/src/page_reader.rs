//! Merging the ranges of a page: what to read next, and which entries are the newest of all ranges. A pure decision.

use std::collections::VecDeque;

use ulid::Ulid;

/// How many entries a page looks at. If fewer match, the page is short and its cursor continues behind them.
const MAX_LOOKED_AT: usize = 1000;

/// How many entries one query reads at most.
const MAX_CHUNK: usize = 100;

/// A page while it is being read from several ranges, each sorted newest first.
#[derive(Debug)]
pub(super) struct PageReader<T> {
    ranges: Vec<Range<T>>,
    low: Ulid,
    limit: usize,
    looked_at: usize,
    last: Option<Ulid>,
}

#[derive(Debug)]
struct Range<T> {
    /// Read and not taken yet, newest first.
    read: VecDeque<(Ulid, T)>,
    /// The newest id that may not have been read yet; `None` if the range was read to its end.
    rest: Option<Ulid>,
    chunk: usize,
}

/// A query to make: the entries of a range from `high` down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) range: usize,
    pub(super) high: Ulid,
    pub(super) limit: usize,
}

/// Whether a page is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    ReadOn,
    /// The next page continues behind this id, if there is one.
    Done(Option<Ulid>),
}

impl<T> PageReader<T> {
    /// A page of at most `limit` entries with ids from `low` to `high`.
    pub(super) fn new(ranges: usize, (low, high): (Ulid, Ulid), limit: usize) -> Self {
        // Ids spread evenly over the ranges, so each has its share of the page. A few more save a second query.
        let chunk = if ranges == 1 { limit } else { limit / ranges.max(1) + 4 };
        let rest = (low <= high).then_some(high);
        let ranges = (0..ranges).map(|_| Range { read: VecDeque::new(), rest, chunk }).collect();
        Self { ranges, low, limit, looked_at: 0, last: None }
    }

    /// The queries without which the next entry isn't known. Ranges that are nearly used up are read
    /// in the same round.
    pub(super) fn reads(&self) -> Vec<Read> {
        if !self.ranges.iter().any(Range::is_dry) {
            return Vec::new();
        }
        let ranges = self.ranges.iter().enumerate().filter(|(_, range)| range.read.len() <= range.chunk / 8);
        ranges.filter_map(|(range, of)| Some(Read { range, high: of.rest?, limit: of.chunk })).collect()
    }

    /// Takes the answer to a query: entries, newest first, and whether the range has more.
    pub(super) fn add(&mut self, read: Read, found: Vec<(Ulid, T)>, more: bool) {
        let low = self.low;
        let Some(range) = self.ranges.get_mut(read.range) else { return };
        let behind = found.last().and_then(|(id, _)| id.0.checked_sub(1)).map(Ulid);
        range.rest = behind.filter(|behind| more && *behind >= low);
        range.chunk = (range.chunk * 2).min(MAX_CHUNK);
        range.read.extend(found);
    }

    /// The newest entries of all ranges that were not taken yet, newest first: as many as fit a page, or fewer if a
    /// range has to be read on first.
    pub(super) fn newest(&mut self) -> Vec<(Ulid, T)> {
        let mut newest = Vec::new();
        while newest.len() < self.limit && !self.ranges.iter().any(Range::is_dry) {
            let range = self.ranges.iter_mut().max_by_key(|range| range.read.front().map(|(id, _)| *id));
            let Some(entry) = range.and_then(|range| range.read.pop_front()) else { break };
            newest.push(entry);
        }
        newest
    }

    /// Notes that the entry `id` was looked at, with which the page has `rows`.
    pub(super) fn looked_at(&mut self, id: Ulid, rows: usize) -> Progress {
        self.looked_at += 1;
        self.last = Some(id);
        if rows >= self.limit { Progress::Done(self.last) } else { Progress::ReadOn }
    }

    /// Whether to read on after all [newest](Self::newest) entries were looked at.
    pub(super) fn progress(&self) -> Progress {
        if self.ranges.iter().all(|range| range.read.is_empty() && range.rest.is_none()) {
            Progress::Done(None)
        } else if self.looked_at >= MAX_LOOKED_AT {
            Progress::Done(self.last)
        } else {
            Progress::ReadOn
        }
    }
}

impl<T> Range<T> {
    fn is_dry(&self) -> bool {
        self.read.is_empty() && self.rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Reads a page of `ranges`, each sorted newest first, as the store does. Answers the ids that match, the next
    /// page's position, and the number of queries.
    fn page(
        ranges: &[Vec<u128>],
        bounds: (Ulid, Ulid),
        limit: usize,
        matches: &dyn Fn(u128) -> bool,
    ) -> (Vec<u128>, Option<Ulid>, usize) {
        let mut reader = PageReader::new(ranges.len(), bounds, limit);
        let (mut rows, mut queries) = (Vec::new(), 0);
        loop {
            for read in reader.reads() {
                queries += 1;
                let within = ranges[read.range].iter().filter(|id| (bounds.0.0..=read.high.0).contains(id));
                let found: Vec<_> = within.clone().take(read.limit).map(|id| (Ulid(*id), *id)).collect();
                // DynamoDB doesn't know that nothing follows an answer that reached its limit.
                let more = found.len() == read.limit;
                reader.add(read, found, more);
            }
            for (id, number) in reader.newest() {
                rows.extend(Some(number).filter(|number| matches(*number)));
                if let Progress::Done(next) = reader.looked_at(id, rows.len()) {
                    return (rows, next, queries);
                }
            }
            if let Progress::Done(next) = reader.progress() {
                return (rows, next, queries);
            }
        }
    }

    fn split(ids: &BTreeSet<u128>, ranges: usize) -> Vec<Vec<u128>> {
        let mut split = vec![Vec::new(); ranges];
        for id in ids.iter().rev() {
            // Not even, so that ranges run dry at different times.
            split[(id * id / 7) as usize % ranges].push(*id);
        }
        split
    }

    proptest! {
        #[test]
        fn every_entry_that_matches_appears_once_and_newest_first(
            ids in proptest::collection::btree_set(0..20_000_u128, 0..1500),
            ranges in 1..9_usize,
            limit in 1..101_usize,
            one_in in 1..400_u128,
            low in 0..3000_u128,
            high in 10_000..25_000_u128,
        ) {
            let split = split(&ids, ranges);
            let matches = |id: u128| id.is_multiple_of(one_in);
            let (mut found, mut rest) = (Vec::new(), Some(Ulid(high)));
            while let Some(high) = rest {
                let (rows, next, _) = page(&split, (Ulid(low), high), limit, &matches);
                prop_assert!(rows.len() <= limit);
                prop_assert!(next.is_none_or(|next| next <= high), "no progress");
                found.extend(rows);
                rest = next.and_then(|next| next.0.checked_sub(1)).map(Ulid);
            }
            let expected: Vec<_> = ids.iter().rev().copied().filter(|id| (low..=high).contains(id) && matches(*id)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    const ALL: (Ulid, Ulid) = (Ulid(0), Ulid(u128::MAX));

    #[test]
    fn a_page_makes_few_queries() {
        let even = |entries: u128| {
            (0..8).map(|range| (0..entries).rev().map(|id| id * 8 + range).collect()).collect::<Vec<_>>()
        };
        let queries =
            |entries, limit, one_in: u128| page(&even(entries), ALL, limit, &|id| id.is_multiple_of(one_in)).2;
        assert_eq!(queries(0, 25, 1), 8, "an empty log");
        assert_eq!(queries(1000, 25, 1), 8, "an ordinary page");
        assert_eq!(queries(1000, 100, 1), 8, "the largest page");
        assert!(queries(100_000, 25, 1_000_000) <= 40, "nothing matches");
        let nothing = page(&even(1000), (Ulid(10), Ulid(9)), 25, &|_| true);
        assert_eq!(nothing, (Vec::new(), None, 0), "an empty range of time");
    }

    #[test]
    fn a_page_that_matches_nothing_stops_and_continues_behind_what_it_looked_at() {
        let one: Vec<Vec<u128>> = vec![(0..5000).rev().collect()];
        let (rows, next, _) = page(&one, ALL, 25, &|_| false);
        assert_eq!((rows.len(), next), (0, Some(Ulid(4000))));
    }
}

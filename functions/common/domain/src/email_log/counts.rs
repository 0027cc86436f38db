//! Daily counts of emails by status, kept while events happen. A list of the newest entries can't answer how many emails
//! arrived: anyone can fill it with requests for made-up addresses.

use std::collections::{BTreeMap, btree_map};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{DeliveryStatus, Reason};

/// What an email counts as: its status, or that nobody has the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedAs {
    /// The status.
    Status(DeliveryStatus),
    /// Skipped because no user has the address. Anyone can cause these, so they are kept apart.
    NoSuchUser,
}

impl CountedAs {
    /// What an email with this status and reason counts as.
    pub fn of(status: DeliveryStatus, reason: Option<Reason>) -> Self {
        match (status, reason) {
            (DeliveryStatus::Skipped, Some(Reason::NoSuchUser)) => Self::NoSuchUser,
            _ => Self::Status(status),
        }
    }

    /// The name of the counter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::NoSuchUser => Reason::NoSuchUser.as_str(),
        }
    }

    /// All counters.
    pub fn all() -> impl Iterator<Item = Self> {
        DeliveryStatus::ALL.iter().copied().map(Self::Status).chain([Self::NoSuchUser])
    }
}

/// Which emails a group of counters is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountKey {
    /// The day of the request, in UTC. An email stays in its day whenever its status changes.
    pub day: Date,
    /// The domain that the email was sent from.
    pub sender_domain: String,
    /// The recipient's domain. Empty for addresses that nobody has, so that made-up domains don't add groups.
    pub recipient_domain: String,
}

/// Counters, or changes of counters: for each group, a number for each status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailCounts(BTreeMap<CountKey, BTreeMap<&'static str, i64>>);

/// An email whose status changes.
#[derive(Debug, Clone, Copy)]
pub struct CountedEmail<'a> {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The domain that it is sent from.
    pub sender_domain: &'a str,
    /// The recipient's domain.
    pub recipient_domain: &'a str,
}

impl EmailCounts {
    /// Counts a change of status, from nothing for a new email.
    pub fn change(&mut self, email: CountedEmail<'_>, from: Option<DeliveryStatus>, to: CountedAs) {
        let recipient_domain = if to == CountedAs::NoSuchUser { "" } else { email.recipient_domain };
        let key = CountKey {
            day: day_of(email.requested_at),
            sender_domain: email.sender_domain.to_owned(),
            recipient_domain: recipient_domain.to_owned(),
        };
        if let Some(from) = from {
            self.add(key.clone(), CountedAs::Status(from), -1);
        }
        self.add(key, to, 1);
    }

    /// Adds to one counter.
    pub fn add(&mut self, key: CountKey, counter: CountedAs, number: i64) {
        *self.0.entry(key).or_default().entry(counter.as_str()).or_default() += number;
    }

    /// The groups, with their counters that aren't zero.
    pub fn groups(&self) -> impl Iterator<Item = (&CountKey, Vec<(&'static str, i64)>)> {
        let groups = self.0.iter().map(|(key, counters)| {
            let counters = counters.iter().filter(|(_, number)| **number != 0);
            (key, counters.map(|(name, number)| (*name, *number)).collect::<Vec<_>>())
        });
        groups.filter(|(_, counters)| !counters.is_empty())
    }

    /// The sum of each day, without the domains.
    pub fn by_day(&self) -> BTreeMap<Date, StatusCounts> {
        self.summed(|key| Some(key.day))
    }

    /// The sum of each pair of sender's and recipient's domain. Addresses that nobody has are left out.
    pub fn by_domain(&self) -> BTreeMap<(&str, &str), StatusCounts> {
        self.summed(|key| {
            let has_domain = !key.recipient_domain.is_empty();
            has_domain.then_some((key.sender_domain.as_str(), key.recipient_domain.as_str()))
        })
    }

    fn summed<'a, K: Ord>(&'a self, group: impl Fn(&'a CountKey) -> Option<K>) -> BTreeMap<K, StatusCounts> {
        let mut sums: BTreeMap<K, StatusCounts> = BTreeMap::new();
        for (key, counters) in self.groups() {
            let Some(key) = group(key) else { continue };
            let sum = sums.entry(key).or_default();
            counters.into_iter().for_each(|(name, number)| sum.add(name, number));
        }
        sums
    }
}

/// The counters of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusCounts(BTreeMap<&'static str, i64>);

impl StatusCounts {
    fn add(&mut self, name: &'static str, number: i64) {
        match self.0.entry(name) {
            btree_map::Entry::Vacant(entry) => drop(entry.insert(number)),
            btree_map::Entry::Occupied(mut entry) => *entry.get_mut() += number,
        }
    }

    /// A counter. A crash between a change and its count can leave one below zero, which means zero.
    pub fn get(&self, counter: CountedAs) -> i64 {
        self.0.get(counter.as_str()).copied().unwrap_or_default().max(0)
    }

    /// Adds the counters of another group.
    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(name, number)| self.add(name, *number));
    }

    /// The counters of all statuses that aren't zero.
    pub fn statuses(&self) -> impl Iterator<Item = (DeliveryStatus, i64)> {
        let count = |status: &DeliveryStatus| (*status, self.get(CountedAs::Status(*status)));
        DeliveryStatus::ALL.iter().map(count).filter(|(_, number)| *number > 0)
    }

    /// The number of emails that didn't arrive.
    pub fn undelivered(&self) -> i64 {
        self.statuses().filter(|(status, _)| status.is_undelivered()).map(|(_, number)| number).sum()
    }

    /// The number of emails, without those to addresses that nobody has.
    pub fn total(&self) -> i64 {
        self.statuses().map(|(_, number)| number).sum()
    }
}

/// The day that an email counts in.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::{Bounced, Delivered, Queued, Sent, Skipped};

    fn email(recipient_domain: &str) -> CountedEmail<'_> {
        let requested_at = "2026-11-25T23:59:59.999Z".parse().unwrap();
        CountedEmail { requested_at, sender_domain: "mail.example.com", recipient_domain }
    }

    fn status(status: DeliveryStatus) -> CountedAs {
        CountedAs::Status(status)
    }

    #[test]
    fn an_email_counts_once_whatever_happens_to_it() {
        let mut counts = EmailCounts::default();
        for (from, to) in [(None, Queued), (Some(Queued), Sent), (Some(Sent), Delivered), (Some(Delivered), Bounced)] {
            counts.change(email("example.org"), from, status(to));
        }
        let groups: Vec<_> = counts.groups().map(|(key, counters)| (key.day.to_string(), counters)).collect();
        assert_eq!(groups, [("2026-11-25".to_owned(), vec![("bounced", 1)])]);
    }

    #[test]
    fn made_up_addresses_add_one_group_and_change_no_status() {
        let mut counts = EmailCounts::default();
        counts.change(email("example.org"), None, status(Delivered));
        for domain in ["a.example", "b.example", "c.example"] {
            counts.change(email(domain), None, CountedAs::of(Skipped, Some(Reason::NoSuchUser)));
        }
        assert_eq!(counts.groups().count(), 2);
        let days = counts.by_day();
        let day = days.values().next().unwrap();
        assert_eq!(day.statuses().collect::<Vec<_>>(), [(Delivered, 1)]);
        assert_eq!((day.get(CountedAs::NoSuchUser), day.total()), (3, 1));
        assert_eq!(counts.by_domain().into_keys().collect::<Vec<_>>(), [("mail.example.com", "example.org")]);
    }

    #[test]
    fn a_decision_not_to_send_to_a_user_is_a_skipped_email() {
        assert_eq!(CountedAs::of(Skipped, Some(Reason::AddressSuppressed)), status(Skipped));
        assert_eq!(CountedAs::of(Skipped, Some(Reason::NoSuchUser)), CountedAs::NoSuchUser);
    }

    #[test]
    fn a_batch_that_changes_nothing_has_no_groups() {
        let mut counts = EmailCounts::default();
        counts.change(email("example.org"), None, status(Sent));
        counts.change(email("example.org"), Some(Sent), status(Delivered));
        let key = counts.groups().next().unwrap().0.clone();
        counts.add(key, status(Delivered), -1);
        assert_eq!(counts.groups().count(), 0);
    }

    #[test]
    fn a_counter_below_zero_is_zero_and_doesnt_lower_the_total() {
        let mut counts = EmailCounts::default();
        counts.change(email("example.org"), Some(Queued), status(Sent));
        let days = counts.by_day();
        let day = days.values().next().unwrap();
        assert_eq!((day.get(status(Queued)), day.get(status(Sent)), day.total()), (0, 1, 1));
    }

    #[test]
    fn undelivered_counts_failures_and_not_decisions() {
        let mut counts = EmailCounts::default();
        for to in DeliveryStatus::ALL {
            counts.change(email("example.org"), None, status(*to));
        }
        let domains = counts.by_domain();
        let sum = domains.values().next().unwrap();
        assert_eq!((sum.total(), sum.undelivered()), (13, 6));
    }
}

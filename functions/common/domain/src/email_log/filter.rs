//! Which entries of the email log are wanted, and where they are found.

use jiff::Timestamp;

use super::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, Origin, Reason, Trigger};
use crate::account::{AddressKey, EmailAddress, SenderPattern};

/// How many partitions the log of one origin has. An id determines its partition, so this number never changes.
pub const PARTITIONS: u8 = 8;

/// The hash key of the table.
pub const PARTITION: &str = "partition";

/// The hash key of the index `by_status`.
pub const LISTED_STATUS: &str = "listed_status";

/// The hash key of the index `by_kind`.
pub const LISTED_KIND: &str = "listed_kind";

/// The partition of the table that has the entry `id`. Each origin has its own, so that no amount of watched email makes
/// reading our own log slower.
pub fn partition(origin: Origin, id: EmailId) -> String {
    within(origin.as_str(), id)
}

/// The partition of `by_status` that lists an entry. Emails that go the usual way change their status several times, so
/// listing them would cost more writes than the emails themselves.
pub fn listed_status(origin: Origin, status: DeliveryStatus, id: EmailId) -> Option<String> {
    (!status.is_usual()).then(|| within(&in_origin(origin, status.as_str()), id))
}

/// The partition of `by_kind` that lists an entry. Password resets are not listed: most entries are.
pub fn listed_kind(kind: EmailKind, id: EmailId) -> Option<String> {
    (!kind.is_usual()).then(|| within(kind.as_str(), id))
}

/// The partition of `by_recipient` that lists an entry.
pub fn listed_recipient(origin: Origin, recipient: &AddressKey) -> String {
    in_origin(origin, recipient.as_str())
}

/// Our own emails come without the name of the origin. No address and no status contains a space.
fn in_origin(origin: Origin, name: &str) -> String {
    match origin {
        Origin::Mailkey => name.to_owned(),
        Origin::Watched => format!("{origin} {name}"),
    }
}

/// Ids of the same millisecond differ in their random lowest bits, which spread entries evenly.
fn within(name: &str, id: EmailId) -> String {
    format!("{name}#{}", id.0.0 % u128::from(PARTITIONS))
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailLogFilter {
    /// Sent by this origin.
    pub origin: Option<Origin>,
    /// From this domain, its subdomains, or this address. Only watched emails have a sender that can differ.
    pub sender: Option<SenderPattern>,
    /// To this domain.
    pub domain: Option<String>,
    /// With this reason.
    pub reason: Option<Reason>,
    /// To this address.
    pub recipient: Option<AddressKey>,
    /// With this status.
    pub status: Option<DeliveryStatus>,
    /// Of this kind.
    pub kind: Option<EmailKind>,
    /// Triggered by this.
    pub trigger: Option<Trigger>,
    /// Requested at or after.
    pub from: Option<Timestamp>,
    /// Requested before.
    pub to: Option<Timestamp>,
}

/// One partition of the table or of an index. Its entries are sorted by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexRange {
    /// `None`: the table itself.
    pub index: Option<&'static str>,
    /// The attribute that names the partition.
    pub attribute: &'static str,
    /// The partition.
    pub value: String,
}

impl EmailLogFilter {
    /// Whether an entry that was found in one of the [ranges](Self::ranges) is wanted. Recipient and time are part of
    /// the query.
    pub fn matches(&self, entry: &EmailLogEntry) -> bool {
        self.status.is_none_or(|status| status == entry.status)
            && self.kind.is_none_or(|kind| kind == entry.kind)
            && self.trigger.is_none_or(|trigger| trigger == entry.trigger)
            && self.reason.is_none_or(|reason| Some(reason) == entry.reason)
            && self.origin.is_none_or(|origin| origin == entry.origin())
            && self.sender.as_ref().is_none_or(|sender| is_from(entry, sender))
            && self.domain.as_ref().is_none_or(|domain| is_to_domain(entry, domain))
    }

    /// The ranges that have every wanted entry: an index where one lists them, otherwise the table.
    pub fn ranges(&self) -> Vec<IndexRange> {
        let origins = Origin::ALL.iter().copied().filter(|origin| self.may_be_of(*origin));
        origins.flat_map(|origin| self.ranges_of(origin)).collect()
    }

    /// Whether emails of this origin can match.
    fn may_be_of(&self, origin: Origin) -> bool {
        let is_watched = origin == Origin::Watched;
        self.origin.is_none_or(|wanted| wanted == origin)
            && self.kind.is_none_or(|kind| kind.origin() == origin)
            && self.trigger.is_none_or(|trigger| (trigger == Trigger::Portal) == is_watched)
            && (self.sender.is_none() || is_watched)
    }

    fn ranges_of(&self, origin: Origin) -> Vec<IndexRange> {
        if let Some(recipient) = &self.recipient {
            let value = listed_recipient(origin, recipient);
            return vec![IndexRange { index: Some("by_recipient"), attribute: "address_key", value }];
        }
        let (index, attribute, name) = match (self.status, self.kind) {
            (Some(status), _) if !status.is_usual() => {
                (Some("by_status"), LISTED_STATUS, in_origin(origin, status.as_str()))
            }
            (_, Some(kind)) if !kind.is_usual() => (Some("by_kind"), LISTED_KIND, kind.as_str().to_owned()),
            _ => (None, PARTITION, origin.as_str().to_owned()),
        };
        let range = |number| IndexRange { index, attribute, value: format!("{name}#{number}") };
        (0..PARTITIONS).map(range).collect()
    }
}

fn is_from(entry: &EmailLogEntry, sender: &SenderPattern) -> bool {
    let watched = entry.watched.iter();
    let addresses = watched.flat_map(|email| [&email.from, &email.envelope_from]).flatten();
    addresses.filter_map(|address| EmailAddress::parse(address).ok()).any(|address| sender.matches(address.key()))
}

fn is_to_domain(entry: &EmailLogEntry, domain: &str) -> bool {
    EmailAddress::parse(&entry.recipient).is_ok_and(|recipient| recipient.key().domain() == domain)
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::EmailAddress;

    fn read(filter: &EmailLogFilter) -> String {
        let ranges = filter.ranges();
        let first = ranges.first().map_or("nothing", |range| range.index.unwrap_or("the table"));
        format!("{} of {first}", ranges.len())
    }

    #[test]
    fn a_filter_reads_the_index_that_lists_the_fewest_entries() {
        use DeliveryStatus::{Bounced, Delivered};
        let recipient = Some(EmailAddress::parse("alice@example.com").unwrap().key().clone());
        let none = EmailLogFilter::default;
        let (status, kind, trigger) = (Some(Bounced), Some(EmailKind::PasswordReset), Some(Trigger::Admin));
        for (filter, expected) in [
            (none(), "16 of the table"),
            (EmailLogFilter { origin: Some(Origin::Mailkey), ..none() }, "8 of the table"),
            (EmailLogFilter { origin: Some(Origin::Watched), ..none() }, "8 of the table"),
            (EmailLogFilter { sender: SenderPattern::parse("portal.example").ok(), ..none() }, "8 of the table"),
            (EmailLogFilter { kind: Some(EmailKind::Other), ..none() }, "8 of the table"),
            (EmailLogFilter { trigger: Some(Trigger::Portal), ..none() }, "8 of the table"),
            (EmailLogFilter { trigger: Some(Trigger::Portal), kind, ..none() }, "0 of nothing"),
            (EmailLogFilter { recipient: recipient.clone(), ..none() }, "2 of by_recipient"),
            (EmailLogFilter { recipient, status, origin: Some(Origin::Mailkey), ..none() }, "1 of by_recipient"),
            (EmailLogFilter { status, ..none() }, "16 of by_status"),
            (EmailLogFilter { status, kind, trigger, ..none() }, "8 of by_status"),
            (EmailLogFilter { status: Some(Delivered), ..none() }, "16 of the table"),
            (EmailLogFilter { status: Some(Delivered), kind: Some(EmailKind::Canary), ..none() }, "8 of by_kind"),
            (EmailLogFilter { kind, ..none() }, "8 of the table"),
            (EmailLogFilter { kind: Some(EmailKind::Activation), ..none() }, "8 of by_kind"),
            (EmailLogFilter { trigger, ..none() }, "8 of the table"),
        ] {
            assert_eq!(read(&filter), expected, "{filter:?}");
        }
    }

    #[test]
    fn an_entry_is_in_one_of_the_ranges_of_each_filter_that_it_matches() {
        for status in DeliveryStatus::ALL.iter().copied() {
            for kind in EmailKind::ALL.iter().copied() {
                for id in (0..16).map(|number| EmailId(Ulid(number))) {
                    let origin = kind.origin();
                    let places =
                        [Some(partition(origin, id)), listed_status(origin, status, id), listed_kind(kind, id)];
                    for filter in [
                        EmailLogFilter::default(),
                        EmailLogFilter { origin: Some(origin), ..EmailLogFilter::default() },
                        EmailLogFilter { status: Some(status), ..EmailLogFilter::default() },
                        EmailLogFilter { kind: Some(kind), ..EmailLogFilter::default() },
                        EmailLogFilter { status: Some(status), kind: Some(kind), ..EmailLogFilter::default() },
                    ] {
                        let found =
                            filter.ranges().iter().filter(|range| places.contains(&Some(range.value.clone()))).count();
                        assert_eq!(found, 1, "{status} {kind} {id} {filter:?}");
                    }
                }
            }
        }
    }
}

//! The table `Suppressions`.
//!
//! Two kinds of items: an address, with all that is known of it; and `domain#<domain>`, with that domain's recent
//! bounces.

use jiff::{SignedDuration, Timestamp};

use crate::client::{
    Committed, Database, Item, Query, Reader, StoreError, Write, item, list, n, optional, s, time, ttl,
};
use mailkey::suppression::{Cause, DomainBounce, DomainBounces, Removal, SoftFailure, SuppressionRecord};
use mailkey::{
    account::{AddressKey, EmailAddress},
    clock::{from_millis, millis},
    paging::Page,
};

const TABLE: &str = "Suppressions";

/// The partition of all addresses with a cause, newest first. One partition takes a thousand writes a second, and these
/// are rare.
const LISTED: &str = "yes";

/// The longest text of a receiving host that is kept, in characters.
const MAX_DETAIL: usize = 1000;

/// How long removed and expired causes are kept: late events must find them, and staff ask about them later.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reads and writes suppressions.
#[derive(Debug, Clone)]
pub struct SuppressionStore {
    database: Database,
}

impl SuppressionStore {
    /// The suppressions of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// What is known of an address.
    pub async fn get(&self, address: &AddressKey) -> Result<Option<SuppressionRecord>, StoreError> {
        self.item(address.as_str()).await?.as_ref().map(read).transpose()
    }

    /// The recent bounces of a domain.
    pub async fn domain_bounces(&self, domain: &str) -> Result<DomainBounces, StoreError> {
        let item = self.item(&domain_key(domain)).await?;
        item.as_ref().map(read_domain).transpose().map(Option::unwrap_or_default)
    }

    async fn item(&self, key: &str) -> Result<Option<Item>, StoreError> {
        Ok(self.database.get(TABLE, [("address_key", s(key))]).await?)
    }

    /// Reads what is known of an address, changes it, and writes it. If someone else changed it meanwhile, starts again.
    pub async fn change(
        &self,
        address: &AddressKey,
        change: impl Fn(&mut SuppressionRecord) + Send + Sync,
    ) -> Result<SuppressionRecord, StoreError> {
        for _ in 0..10 {
            let seen = self.get(address).await?.unwrap_or_else(|| SuppressionRecord::new(address.clone()));
            let mut changed = seen.clone();
            change(&mut changed);
            if changed == seen || self.database.write(self.write(&changed)).await? == Committed::Done {
                return Ok(changed);
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// The write of a record, unless someone else changed it since it was read.
    pub fn write(&self, record: &SuppressionRecord) -> Write {
        put(write(record), record.version)
    }

    /// The same for the bounces of a domain.
    pub fn write_bounces(&self, domain: &str, bounces: &DomainBounces, now: Timestamp) -> Write {
        put(write_domain(domain, bounces, now), bounces.version - 1)
    }

    /// A page of the addresses that are suppressed, the latest first, behind the position `after`.
    pub async fn page(
        &self,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<SuppressionRecord>, StoreError> {
        let mut position = after.map(ToOwned::to_owned);
        let mut rows = Vec::new();
        loop {
            let found = self.listed(position.as_deref(), limit).await?;
            let exhausted = found.len() < limit;
            for item in found {
                let record = read(&item)?;
                position = Some(position_of(&record));
                if !record.active(now).is_empty() {
                    rows.push(record);
                    if rows.len() == limit {
                        return Ok(Page { rows, next: position });
                    }
                }
            }
            if exhausted {
                return Ok(Page { rows, next: None });
            }
        }
    }

    async fn listed(&self, after: Option<&str>, limit: usize) -> Result<Vec<Item>, StoreError> {
        let mut query = Query::new(TABLE, "listed", LISTED).index("by_age").newest_first().limit(limit);
        if let Some((since, address)) = after.and_then(|position| position.split_once(' ')) {
            query = query.behind([("since", n(since)), ("address_key", s(address))]);
        }
        Ok(self.database.query(query).await?.items)
    }
}

/// The attributes that this version and schema 1 write, apart from the key.
const KNOWN: [&str; 17] = [
    "version",
    "causes",
    "soft_failures",
    "removals",
    "schema",
    "delivered_at",
    "listed",
    "since",
    "ttl",
    "bounces",
    "reason",
    "scope",
    "detail",
    "expires_at",
    "added_by",
    "email_id",
    "event_id",
];

/// Items of the first schema, and those that don't exist, have no version.
fn put(item: Item, seen: i64) -> Write {
    Write::replace(TABLE, &["address_key"], &KNOWN, item)
        .only_if("attribute_not_exists(version) OR version = :seen")
        .value(":seen", n(seen))
}

fn latest(record: &SuppressionRecord) -> Option<Timestamp> {
    record.causes.iter().map(|cause| cause.since).max()
}

fn position_of(record: &SuppressionRecord) -> String {
    format!("{} {}", latest(record).map_or(0, millis), record.address.as_str())
}

fn domain_key(domain: &str) -> String {
    format!("domain#{domain}")
}

fn write(record: &SuppressionRecord) -> Item {
    let mut item = item([
        ("address_key", s(record.address.as_str())),
        ("version", n(record.version + 1)),
        ("causes", list(record.causes.iter().map(write_cause))),
        ("soft_failures", list(record.soft_failures.iter().map(write_failure))),
        ("removals", list(record.removals.iter().map(write_removal))),
        ("schema", n(2)),
    ]);
    if let Some(at) = record.delivered_at {
        item.insert("delivered_at".to_owned(), time(at));
    }
    if let Some(since) = latest(record) {
        item.insert("listed".to_owned(), s(LISTED));
        item.insert("since".to_owned(), time(since));
    }
    if record.causes.iter().all(|cause| cause.expires_at.is_some()) {
        let ends = record.causes.iter().filter_map(|cause| cause.expires_at);
        let removals = record.removals.iter().map(|removal| removal.at);
        let failures = record.soft_failures.iter().map(|failure| failure.at);
        let last = ends.chain(removals).chain(failures).chain(record.delivered_at).max().unwrap_or(Timestamp::MAX);
        item.insert("ttl".to_owned(), ttl(last.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX)));
    }
    item
}

fn write_cause(cause: &Cause) -> Item {
    let mut item = item([("reason", s(cause.reason.as_str())), ("since", time(cause.since))]);
    item.extend(optional([
        ("expires_at", cause.expires_at.map(time)),
        ("detail", cause.detail.as_ref().map(|text| s(text.chars().take(MAX_DETAIL).collect::<String>()))),
        ("email_id", cause.email_id.map(|id| s(id.to_string()))),
        ("event_id", cause.event_id.as_ref().map(s)),
        ("added_by", cause.added_by.map(|id| s(id.to_string()))),
    ]));
    item
}

fn write_failure(failure: &SoftFailure) -> Item {
    item([("at", time(failure.at)), ("event_id", s(&failure.event_id))])
}

fn write_removal(removal: &Removal) -> Item {
    let mut item = item([("at", time(removal.at))]);
    let reason = removal.reason.map(|reason| s(reason.as_str()));
    item.extend(optional([("by", removal.by.map(|by| s(by.to_string()))), ("reason", reason)]));
    item
}

fn read(item: &Item) -> Result<SuppressionRecord, StoreError> {
    let reader = Reader::new(TABLE, item);
    let read_cause = |reader: Reader<'_>| {
        Ok(Cause {
            reason: reader.parsed("reason")?,
            since: reader.time("since")?,
            expires_at: reader.optional_time("expires_at"),
            detail: reader.optional_text("detail").map(ToOwned::to_owned),
            email_id: reader.optional_text("email_id").and_then(|id| id.parse().ok()),
            event_id: reader.optional_text("event_id").map(ToOwned::to_owned),
            added_by: reader.optional_text("added_by").and_then(|id| id.parse().ok()),
        })
    };
    let read_failure =
        |reader: Reader<'_>| Ok(SoftFailure { at: reader.time("at")?, event_id: reader.text("event_id")?.to_owned() });
    let read_removal = |reader: Reader<'_>| {
        Ok(Removal {
            at: reader.time("at")?,
            by: reader.optional_text("by").and_then(|id| id.parse().ok()),
            reason: reader.optional_text("reason").and_then(|reason| reason.parse().ok()),
        })
    };
    Ok(SuppressionRecord {
        address: address(&reader, "address_key")?,
        causes: match reader.optional_text("reason") {
            // Schema 1 had one cause, in the item itself.
            Some(_) => vec![read_cause(reader)?],
            None => reader.maps("causes").into_iter().map(read_cause).collect::<Result<_, StoreError>>()?,
        },
        soft_failures: reader.maps("soft_failures").into_iter().map(read_failure).collect::<Result<_, StoreError>>()?,
        delivered_at: reader.optional_time("delivered_at"),
        removals: reader.maps("removals").into_iter().map(read_removal).collect::<Result<_, StoreError>>()?,
        version: reader.optional_number("version").unwrap_or(0),
    })
}

fn address(reader: &Reader<'_>, attribute: &'static str) -> Result<AddressKey, StoreError> {
    let address = EmailAddress::parse(reader.text(attribute)?).map_err(|_| reader.corrupt(attribute))?;
    Ok(address.key().clone())
}

fn write_domain(domain: &str, bounces: &DomainBounces, now: Timestamp) -> Item {
    let write_bounce = |bounce: &DomainBounce| {
        item([
            ("at", n(millis(bounce.at))),
            ("address", s(bounce.address.as_str())),
            ("event_id", s(&bounce.event_id)),
            ("words", s(&bounce.words)),
        ])
    };
    item([
        ("address_key", s(domain_key(domain))),
        ("version", n(bounces.version)),
        ("bounces", list(bounces.bounces.iter().map(write_bounce))),
        ("ttl", ttl(now.saturating_add(SignedDuration::from_hours(48)).unwrap_or(Timestamp::MAX))),
        ("schema", n(2)),
    ])
}

fn read_domain(item: &Item) -> Result<DomainBounces, StoreError> {
    let reader = Reader::new(TABLE, item);
    let read_bounce = |reader: Reader<'_>| {
        Ok(DomainBounce {
            at: reader.number("at").map(from_millis)?,
            address: address(&reader, "address")?,
            event_id: reader.text("event_id")?.to_owned(),
            words: reader.text("words")?.to_owned(),
        })
    };
    Ok(DomainBounces {
        bounces: reader.maps("bounces").into_iter().map(read_bounce).collect::<Result<_, StoreError>>()?,
        version: reader.number("version")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::suppression::SuppressionReason;

    #[test]
    fn a_record_reads_back_and_so_does_what_the_former_version_wrote() {
        let since = from_millis(1_800_000_000_000);
        let address = EmailAddress::parse("sam@example.com").unwrap();
        let mut record = SuppressionRecord::new(address.key().clone());
        let detail = Some("550 5.1.1".to_owned());
        record.suppress(Cause { detail, ..Cause::new(SuppressionReason::HardBounce, since) });
        let read_back = read(&write(&record)).unwrap();
        assert_eq!(read_back, SuppressionRecord { version: 1, ..record.clone() });
        let former = item([
            ("address_key", s("sam@example.com")),
            ("reason", s("hard_bounce")),
            ("scope", s("all")),
            ("since", time(since)),
            ("detail", s("550 5.1.1")),
            ("schema", n(1)),
        ]);
        assert_eq!(read(&former).unwrap(), record);
    }
}

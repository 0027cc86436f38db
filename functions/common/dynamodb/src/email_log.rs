//! The table `EmailLog`.
//!
//! An entry and its timeline are one item, so each event costs one write. The id determines the partition. Two indexes
//! are sparse: `by_status` lists emails that didn't go the usual way, and `by_kind` all but password resets. So a reset
//! that arrives moves no index.

use jiff::{SignedDuration, Timestamp};

use crate::client::{
    AttributeValue, Committed, Database, Item, Reader, Returned, StoreError, Write, item, list, n, optional, s, time,
    ttl,
};
use mailkey::account::AddressKey;
use mailkey::email_log::{
    Applied, DeliveryStatus, ERASED, EmailId, EmailLogEntry, Origin, Reason, StatusChange, TimelineEvent, WatchedEmail,
    filter::{LISTED_KIND, LISTED_STATUS, PARTITION, listed_kind, listed_recipient, listed_status, partition},
};
use mailkey::erasure::Pseudonym;

pub(super) const TABLE: &str = "EmailLog";

/// The longest text of SES or of a recipient's server that a timeline keeps, in characters.
const MAX_DETAIL: usize = 1000;

/// The condition of every change that isn't a status of SES's: the entry exists, and its recipient wasn't erased.
const NOT_ERASED: &str = "attribute_exists(id) AND attribute_not_exists(erased_at)";

/// How often to read an entry again that gets events while it is erased.
const TRIES: u32 = 10;

/// Reads and writes the email log.
#[derive(Debug, Clone)]
pub struct EmailLogStore {
    database: Database,
}

/// The result of beginning an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// It is new.
    Begun,
    /// An earlier attempt has begun it already.
    There(Box<EmailLogEntry>),
}

impl EmailLogStore {
    /// The log of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Does all of `writes` or nothing.
    pub async fn commit(&self, writes: Vec<Write>) -> Result<Committed, StoreError> {
        Ok(self.database.commit(writes).await?)
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Reads the entry of an email that Mailkey sent, with its timeline.
    pub async fn get(&self, id: EmailId) -> Result<Option<EmailLogEntry>, StoreError> {
        self.get_of(Origin::Mailkey, id).await
    }

    /// Reads an entry of one origin, with its timeline.
    pub async fn get_of(&self, origin: Origin, id: EmailId) -> Result<Option<EmailLogEntry>, StoreError> {
        self.database.get(TABLE, key(origin, id)).await?.map(|item| read(&item)).transpose()
    }

    /// Reads an entry, of Mailkey's email or of a watched sender's.
    pub async fn find(&self, id: EmailId) -> Result<Option<EmailLogEntry>, StoreError> {
        for origin in Origin::ALL {
            if let Some(entry) = self.get_of(*origin, id).await? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// Those of these emails that the mailer has nothing left to do for.
    pub async fn settled(&self, ids: &[EmailId]) -> Result<Vec<EmailId>, StoreError> {
        let keys = ids.iter().map(|id| item(key(Origin::Mailkey, *id))).collect();
        let items = self.database.batch_get(TABLE, keys, &["id", "rank"]).await?;
        let is_settled = |item: &&Item| {
            let rank = Reader::new(TABLE, item).optional_number("rank");
            rank.is_some_and(|rank| rank >= DeliveryStatus::Skipped.rank())
        };
        items.iter().filter(is_settled).map(id).collect()
    }

    /// Writes a new entry, to be kept for `retention`. If there is one with its id, that is the answer and costs no
    /// read.
    pub async fn begin(
        &self,
        entry: &EmailLogEntry,
        recipient: &AddressKey,
        retention: SignedDuration,
    ) -> Result<Begin, StoreError> {
        let new = Write::put_new(TABLE, write(entry, recipient, retention), "id");
        Ok(match self.database.write_returning(new).await? {
            Returned::Written(_) => Begin::Begun,
            Returned::ConditionFailed(there) => Begin::There(Box::new(read(&there.unwrap_or_default())?)),
        })
    }

    /// Claims another attempt to send, unless the entry was settled or claimed since it was read.
    pub async fn begin_again(&self, seen: &EmailLogEntry, now: Timestamp) -> Result<Committed, StoreError> {
        let claim = Write::update(TABLE, key(seen.origin(), seen.id))
            .set("attempts", n(seen.attempts + 1))
            .set("updated_at", time(now))
            .only_if("#attempts = :seen AND #rank < :settled")
            .name("#rank", "rank")
            .value(":seen", n(seen.attempts))
            .value(":settled", n(DeliveryStatus::Skipped.rank()));
        Ok(self.database.write(claim).await?)
    }

    /// Adds a change to the timeline. It becomes the status as well if its rank is higher; returns whether it did.
    pub async fn record(&self, id: EmailId, change: &StatusChange, now: Timestamp) -> Result<bool, StoreError> {
        let entry = (Origin::Mailkey, id);
        let mut timeline = append(entry, &change.event(now), now);
        if let Some(message_id) = &change.message_id {
            timeline = timeline.set("message_id", s(message_id));
        }
        let mut update = set_status(timeline.clone(), entry, change.status, change.reason);
        if change.status == DeliveryStatus::Skipped {
            // It never had a link.
            update = update.remove("link_expires_at");
        }
        match self.database.write(update.only_if(format!("{NOT_ERASED} AND #rank < :rank"))).await? {
            Committed::Done => Ok(true),
            // The status has a higher rank already, or the recipient was erased meanwhile.
            Committed::ConditionFailed(_) => self.write_if(timeline, NOT_ERASED).await.map(|()| false),
        }
    }

    /// The write of what an entry applied, unless it heard something else since it was read: its timeline only ever grows,
    /// so its length tells. `message_id` is kept if the entry has none yet.
    pub fn hear_in_transaction(
        &self,
        seen: &EmailLogEntry,
        applied: &Applied,
        message_id: Option<&str>,
        now: Timestamp,
    ) -> Write {
        let entry = (seen.origin(), seen.id);
        // What a server said may contain the address, so an erased entry doesn't get it.
        let detail = applied.event.detail.clone().filter(|_| seen.erased_at.is_none());
        let event = TimelineEvent { detail, ..applied.event.clone() };
        let mut update = set_status(append(entry, &event, now), entry, applied.status, applied.reason);
        if let Some(message_id) = message_id.filter(|_| seen.message_id.is_none()) {
            update = update.set("message_id", s(message_id));
        }
        as_seen(update, seen)
    }

    /// The write of a new entry of watched email with its first event, to be kept for `retention`.
    pub fn begin_in_transaction(
        &self,
        entry: &EmailLogEntry,
        recipient: &AddressKey,
        retention: SignedDuration,
    ) -> Write {
        Write::put_new(TABLE, write(entry, recipient, retention), "id")
    }

    /// The write of what an event adds to an entry of watched email: to its timeline, or to what is known of the email,
    /// or to both. Like [`hear_in_transaction`](Self::hear_in_transaction), it fails if the entry has changed.
    pub fn hear_watched_in_transaction(
        &self,
        seen: &EmailLogEntry,
        applied: Option<&Applied>,
        learned: Option<&WatchedEmail>,
        now: Timestamp,
    ) -> Write {
        let update = match applied {
            Some(applied) => self.hear_in_transaction(seen, applied, None, now),
            None => as_seen(Write::update(TABLE, key(seen.origin(), seen.id)).set("updated_at", time(now)), seen),
        };
        let attributes = learned.filter(|_| seen.erased_at.is_none()).into_iter().flat_map(watched_attributes);
        attributes.fold(update, |update, (name, value)| update.set(&name, value))
    }

    /// Notes that the link was opened, and whether by a person. Only the first time is written.
    pub async fn mark_opened(&self, id: EmailId, by_a_person: bool, now: Timestamp) -> Result<(), StoreError> {
        let (event, first) =
            if by_a_person { ("person_acted", "person_acted_at") } else { ("page_loaded", "page_loaded_at") };
        let mut update = append((Origin::Mailkey, id), &TimelineEvent::new(now, event), now).set(first, time(now));
        if by_a_person {
            update = update.set_expression("page_loaded_at = if_not_exists(page_loaded_at, :updated_at)");
        }
        self.write_if(update, &format!("{NOT_ERASED} AND attribute_not_exists({first})")).await
    }

    /// Notes that the email's link was redeemed, which proves that it arrived.
    pub async fn mark_redeemed(&self, id: EmailId, now: Timestamp) -> Result<(), StoreError> {
        let update =
            append((Origin::Mailkey, id), &TimelineEvent::new(now, "redeemed"), now).set("redeemed_at", time(now));
        self.write_if(update, NOT_ERASED).await
    }

    /// Makes an entry anonymous: `pseudonym` takes the address's place, and what servers said is removed, like what
    /// the sender of a watched email said. Kind, times, statuses, the watched sender and its configuration set stay, for the
    /// statistics. Returns whether it changed anything.
    pub async fn erase(&self, id: EmailId, pseudonym: &Pseudonym, now: Timestamp) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let Some(seen) = self.find(id).await?.filter(|entry| entry.erased_at.is_none()) else { return Ok(false) };
            let update = Write::update(TABLE, key(seen.origin(), id))
                .set("recipient", s(ERASED))
                .set("address_key", s(format!("{ERASED}#{pseudonym}")))
                .set("timeline", list(seen.anonymous_timeline().iter().map(write_event)))
                .set("erased_at", time(now))
                .remove("user_id")
                .remove("message_id")
                .remove("request_id")
                // An envelope sender may contain the recipient, and a From address or a tag may name the person.
                .remove("from")
                .remove("envelope_from")
                .remove("subject")
                .remove("tags")
                .only_if("size(timeline) = :length")
                .value(":length", n(seen.timeline.len()));
            if self.database.write(update).await? == Committed::Done {
                return Ok(true);
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Writes an update if `condition` is true. Otherwise the change is known already, or the entry has expired.
    async fn write_if(&self, update: Write, condition: &str) -> Result<(), StoreError> {
        self.database.write(update.only_if(condition)).await?;
        Ok(())
    }
}

/// The key of an entry.
pub(super) fn key(origin: Origin, id: EmailId) -> [(&'static str, AttributeValue); 2] {
    [(PARTITION, s(partition(origin, id))), ("id", s(id.to_string()))]
}

/// The id in an item or in a key.
pub(super) fn id(item: &Item) -> Result<EmailId, StoreError> {
    Reader::new(TABLE, item).parsed("id")
}

/// An update that adds to the timeline.
fn append((origin, id): (Origin, EmailId), event: &TimelineEvent, now: Timestamp) -> Write {
    Write::update(TABLE, key(origin, id))
        .set_expression("timeline = list_append(timeline, :events)")
        .value(":events", list([write_event(event)]))
        .set("updated_at", time(now))
}

fn set_status(update: Write, (origin, id): (Origin, EmailId), status: DeliveryStatus, reason: Option<Reason>) -> Write {
    let update = update.set("status", s(status.as_str())).set("rank", n(status.rank()));
    let update = match listed_status(origin, status, id) {
        Some(listed) => update.set(LISTED_STATUS, s(listed)),
        None => update.remove(LISTED_STATUS),
    };
    match reason {
        Some(reason) => update.set("reason", s(reason.as_str())),
        None => update.remove("reason"),
    }
}

/// Fails if the entry heard something since it was read: its timeline only grows.
fn as_seen(update: Write, seen: &EmailLogEntry) -> Write {
    // An erasure keeps the length of the timeline.
    let exists = if seen.erased_at.is_some() { "attribute_exists(id)" } else { NOT_ERASED };
    update.only_if(format!("{exists} AND size(timeline) = :length")).value(":length", n(seen.timeline.len()))
}

fn watched_attributes(email: &WatchedEmail) -> Item {
    let tags = email.tags.iter().map(|(name, value)| (name.clone(), s(value)));
    let tags = (!email.tags.is_empty()).then(|| AttributeValue::M(tags.collect()));
    let mut attributes = item([("sender", s(&email.sender))]);
    attributes.extend(optional([
        ("from", email.from.as_ref().map(s)),
        ("envelope_from", email.envelope_from.as_ref().map(s)),
        ("subject", email.subject.as_ref().map(s)),
        ("configuration_set", email.configuration_set.as_ref().map(s)),
        ("tags", tags),
    ]));
    attributes
}

fn read_watched(item: &Item) -> Option<WatchedEmail> {
    let reader = Reader::new(TABLE, item);
    let text = |name: &str| reader.optional_text(name).map(ToOwned::to_owned);
    let tags = item.get("tags").and_then(|tags| tags.as_m().ok()).into_iter().flatten();
    let mut tags: Vec<_> = tags.filter_map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone()))).collect();
    tags.sort();
    Some(WatchedEmail {
        sender: text("sender")?,
        from: text("from"),
        envelope_from: text("envelope_from"),
        subject: text("subject"),
        configuration_set: text("configuration_set"),
        tags,
    })
}

fn write(entry: &EmailLogEntry, recipient: &AddressKey, retention: SignedDuration) -> Item {
    let mut written = item([
        ("recipient", s(&entry.recipient)),
        ("address_key", s(listed_recipient(entry.origin(), recipient))),
        ("kind", s(entry.kind.as_str())),
        ("trigger", s(entry.trigger.as_str())),
        ("status", s(entry.status.as_str())),
        ("rank", n(entry.status.rank())),
        ("requested_at", time(entry.requested_at)),
        ("updated_at", time(entry.updated_at)),
        ("attempts", n(entry.attempts)),
        ("timeline", list(entry.timeline.iter().map(write_event))),
        ("ttl", ttl(entry.requested_at.saturating_add(retention).unwrap_or(Timestamp::MAX))),
        ("schema", n(3)),
    ]);
    written.extend(item(key(entry.origin(), entry.id)));
    written.extend(entry.watched.iter().flat_map(watched_attributes));
    written.extend(optional([
        (LISTED_STATUS, listed_status(entry.origin(), entry.status, entry.id).map(s)),
        (LISTED_KIND, listed_kind(entry.kind, entry.id).map(s)),
        ("reason", entry.reason.map(|reason| s(reason.as_str()))),
        ("user_id", entry.user_id.map(|id| s(id.to_string()))),
        ("message_id", entry.message_id.as_ref().map(s)),
        ("request_id", entry.request_id.as_ref().map(s)),
        ("redeemed_at", entry.redeemed_at.map(time)),
        ("link_expires_at", entry.link_expires_at.map(time)),
        ("page_loaded_at", entry.page_loaded_at.map(time)),
        ("person_acted_at", entry.person_acted_at.map(time)),
        ("erased_at", entry.erased_at.map(time)),
    ]));
    written
}

fn write_event(event: &TimelineEvent) -> Item {
    let mut written = item([("at", time(event.at)), ("event", s(&event.event))]);
    written.extend(optional([
        ("detail", event.detail.as_ref().map(|text| s(text.chars().take(MAX_DETAIL).collect::<String>()))),
        ("reason", event.reason.map(|reason| s(reason.as_str()))),
        ("cause", event.cause.map(|cause| s(cause.as_str()))),
        ("until", event.until.map(time)),
        ("key", event.key.as_ref().map(s)),
    ]));
    written
}

pub(super) fn read(item: &Item) -> Result<EmailLogEntry, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(EmailLogEntry {
        id: reader.parsed("id")?,
        recipient: reader.text("recipient")?.to_owned(),
        kind: reader.parsed("kind")?,
        trigger: reader.parsed("trigger")?,
        status: reader.parsed("status")?,
        reason: reader.optional_text("reason").and_then(|reason| reason.parse().ok()),
        user_id: reader.optional_text("user_id").and_then(|id| id.parse().ok()),
        message_id: reader.optional_text("message_id").map(ToOwned::to_owned),
        request_id: reader.optional_text("request_id").and_then(mailkey::RequestId::parse),
        requested_at: reader.time("requested_at")?,
        updated_at: reader.time("updated_at")?,
        redeemed_at: reader.optional_time("redeemed_at"),
        link_expires_at: reader.optional_time("link_expires_at"),
        page_loaded_at: reader.optional_time("page_loaded_at"),
        person_acted_at: reader.optional_time("person_acted_at"),
        erased_at: reader.optional_time("erased_at"),
        attempts: reader.number("attempts")?,
        watched: read_watched(item),
        timeline: reader.maps("timeline").into_iter().map(read_event).collect::<Result<_, _>>()?,
    })
}

fn read_event(reader: Reader<'_>) -> Result<TimelineEvent, StoreError> {
    Ok(TimelineEvent {
        at: reader.time("at")?,
        event: reader.text("event")?.to_owned(),
        detail: reader.optional_text("detail").map(ToOwned::to_owned),
        reason: reader.optional_text("reason").and_then(|reason| reason.parse().ok()),
        cause: reader.optional_text("cause").and_then(|cause| cause.parse().ok()),
        until: reader.optional_time("until"),
        key: reader.optional_text("key").map(ToOwned::to_owned),
    })
}

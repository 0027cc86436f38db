//! The table `SesEvents`.

use jiff::{SignedDuration, Timestamp};

use crate::client::{Database, Item, StoreError, Write, item, n, optional, s, time, ttl};
use mailkey::feedback::RawEvent;

const TABLE: &str = "SesEvents";

/// As long as entries of the email log by default.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Keeps events.
#[derive(Debug, Clone)]
pub struct RawEventStore {
    database: Database,
}

impl RawEventStore {
    /// The kept events of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Keeps an event; one that is kept already stays as it is.
    pub async fn keep(&self, event: &RawEvent) -> Result<(), StoreError> {
        self.database.write(Write::put_new(TABLE, write(event), "event_key")).await?;
        Ok(())
    }

    /// Whether an event is kept already.
    pub async fn has(&self, key: &str) -> Result<bool, StoreError> {
        let key = item([("event_key", s(key))]);
        Ok(self.database.get_attributes(TABLE, key, &["event_key"]).await?.is_some())
    }

    /// The write that keeps an event.
    pub fn write(&self, event: &RawEvent) -> Write {
        Write::put(TABLE, write(event))
    }
}

fn write(event: &RawEvent) -> Item {
    let mut item = item([
        ("event_key", s(&event.key)),
        ("why", s(event.why.as_str())),
        ("at", time(event.at)),
        ("raw", s(&event.raw)),
        ("ttl", ttl(event.at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX))),
        ("schema", n(1)),
    ]);
    item.extend(optional([("address_key", event.address.as_ref().map(|address| s(address.as_str())))]));
    item
}

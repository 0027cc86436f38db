//! The counters of all links, and of all lock notices, per minute, in the table `RecipientLimits`.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::client::{Database, Reader, StoreError, Write, n, s, ttl};
use mailkey::recovery::{OwnLinks, minute_of};

const TABLE: &str = "RecipientLimits";

/// Counts the links, or the lock notices, of each minute.
#[derive(Debug)]
pub struct SiteWideLimit {
    database: Database,
    /// What the keys of its counters begin with.
    prefix: &'static str,
    own: Mutex<OwnLinks>,
}

impl SiteWideLimit {
    /// The limit of this deployment for one kind of email.
    pub(crate) fn new(database: Database, prefix: &'static str) -> Self {
        Self { database, prefix, own: Mutex::default() }
    }

    /// Counts one link, and says whether it may be sent, at `limit` links in a minute.
    pub async fn admits(&self, limit: i64, now: Timestamp) -> Result<bool, StoreError> {
        let (own, to_count) = {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let (next, to_count) = own.next(minute_of(now));
            *own = next;
            (next, to_count)
        };
        let links = if to_count == 0 { own.links } else { self.count(own.minute, to_count, now).await? };
        Ok(links <= limit)
    }

    async fn count(&self, minute: i64, links: i64, now: Timestamp) -> Result<i64, StoreError> {
        let kept_until = now.saturating_add(SignedDuration::from_mins(10)).unwrap_or(Timestamp::MAX);
        // No address looks like this key.
        let update = Write::update(TABLE, [("address_key", s(format!("{}#{minute}", self.prefix)))])
            .add("links", n(links))
            .set("ttl", ttl(kept_until))
            .set("schema", n(1));
        Reader::new(TABLE, &self.database.update(update).await?).number("links")
    }
}

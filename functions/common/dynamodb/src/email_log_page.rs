//! Pages of the email log.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use crate::client::{AttributeValue, Found, Item, Query, StoreError, ulid_bounds};
use crate::{
    email_log::EmailLogStore,
    page_reader::{PageReader, Progress},
};
use mailkey::email_log::{
    EmailId, EmailLogEntry, EmailLogFilter, Origin,
    filter::{IndexRange, PARTITION},
};
use mailkey::{account::AddressKey, paging::Page};

/// How far SES's clock may be behind ours.
const CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_hours(1);

/// How many emails to one recipient are compared with a message id.
const COMPARED: usize = 50;

impl EmailLogStore {
    /// A page of the entries that match `filter`, newest first, behind the entry `after`.
    pub async fn page(
        &self,
        filter: &EmailLogFilter,
        after: Option<EmailId>,
        limit: usize,
    ) -> Result<Page<EmailLogEntry>, StoreError> {
        let (ranges, bounds) = (filter.ranges(), ulid_bounds(filter.from, filter.to, after.map(|id| id.0)));
        let mut reader = PageReader::new(ranges.len(), bounds, limit);
        let mut rows = Vec::new();
        let page = |rows, next: Option<Ulid>| Page { rows, next: next.map(|id| id.to_string()) };
        loop {
            let reads = reader.reads();
            let queries =
                reads.iter().map(|read| self.read_range(&ranges[read.range], (bounds.0, read.high), read.limit));
            for (read, (found, more)) in reads.iter().zip(try_join_all(queries).await?) {
                reader.add(*read, found, more);
            }
            let is_index = ranges.iter().any(|range| range.index.is_some());
            for (id, entry) in self.entries(reader.newest(), is_index).await? {
                // Indexes lag behind, so the entry itself decides.
                rows.extend(entry.filter(|entry| filter.matches(entry)));
                if let Progress::Done(next) = reader.looked_at(id, rows.len()) {
                    return Ok(page(rows, next));
                }
            }
            if let Progress::Done(next) = reader.progress() {
                return Ok(page(rows, next));
            }
        }
    }

    /// All items that a filter's ranges list, as they are stored.
    pub(crate) async fn items(&self, filter: &EmailLogFilter) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for range in filter.ranges() {
            let query = Query::new(crate::email_log::TABLE, range.attribute, &range.value);
            let query = range.index.map_or(query.clone(), |index| query.index(index));
            let listed = self.database().query_all(query).await?;
            let keys: Vec<_> = listed.iter().map(key_of).collect();
            // DynamoDB reads at most 100 items at once.
            for keys in keys.chunks(100) {
                items.extend(self.database().batch_get(crate::email_log::TABLE, keys.to_vec(), &[]).await?);
            }
        }
        Ok(items)
    }

    /// The newest items of a range, and whether there are more. Those of an index are keys only.
    async fn read_range(
        &self,
        range: &IndexRange,
        (low, high): (Ulid, Ulid),
        limit: usize,
    ) -> Result<(Vec<(Ulid, Item)>, bool), StoreError> {
        let query = Query::new(crate::email_log::TABLE, range.attribute, &range.value);
        let query = query.between("id", low, high).newest_first().limit(limit);
        let query = match range.index {
            Some(index) => query.index(index),
            None => query,
        };
        let Found { items, more } = self.database().query(query).await?;
        let items = items.into_iter().map(|item| Ok((crate::email_log::id(&item)?.0, item)));
        Ok((items.collect::<Result<_, StoreError>>()?, more.is_some()))
    }

    /// The entries of items in their order. An entry of an index may be gone.
    async fn entries(
        &self,
        items: Vec<(Ulid, Item)>,
        is_index: bool,
    ) -> Result<Vec<(Ulid, Option<EmailLogEntry>)>, StoreError> {
        if !is_index {
            return items.into_iter().map(|(id, item)| Ok((id, Some(crate::email_log::read(&item)?)))).collect();
        }
        // The items of an index contain the table's key, so the origin isn't needed to find an entry.
        let keys = items.iter().map(|(_, found)| key_of(found)).collect();
        let found = self.database().batch_get(crate::email_log::TABLE, keys, &[]).await?;
        let entries = found.iter().map(|item| crate::email_log::read(item).map(|entry| (entry.id.0, entry)));
        let mut entries = entries.collect::<Result<HashMap<_, _>, _>>()?;
        Ok(items.into_iter().map(|(id, _)| (id, entries.remove(&id))).collect())
    }

    /// The entry of the email that SES calls `message_id` and accepted at `sent_at`. It is looked for among the emails
    /// to its recipient: nearly every event names the entry in its tag, so an index would cost more than it saves.
    pub async fn find_by_message(
        &self,
        message_id: &str,
        recipient: &AddressKey,
        sent_at: Timestamp,
    ) -> Result<Option<EmailLogEntry>, StoreError> {
        let (origin, recipient) = (Some(Origin::Mailkey), Some(recipient.clone()));
        let filter = EmailLogFilter { origin, recipient, ..EmailLogFilter::default() };
        // Most events are about one of the newest emails. An older one was requested before SES accepted it.
        for to in [None, sent_at.saturating_add(CLOCK_DIFFERENCE).ok()] {
            let page = self.page(&EmailLogFilter { to, ..filter.clone() }, None, COMPARED).await?;
            let found = page.rows.into_iter().find(|entry| entry.message_id.as_deref() == Some(message_id));
            if found.is_some() || page.next.is_none() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

/// The table's key in an item, which may be an index's.
fn key_of(found: &Item) -> Item {
    let is_key = |(name, _): &(&String, &AttributeValue)| [PARTITION, "id"].contains(&name.as_str());
    found.iter().filter(is_key).map(|(name, value)| (name.clone(), value.clone())).collect()
}

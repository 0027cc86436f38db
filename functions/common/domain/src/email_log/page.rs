//! Pages of the email log, under any filter, for what the page costs.
//!
//! The table itself is sorted by time within each month. A filter that most entries fit reads it as it is, and leaves
//! out what does not fit. One that few entries fit reads *lanes*: ranges of an index of keys in which every entry fits;
//! the newest of all lanes are merged. How many lanes there are depends on the filter, never on the table.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use ulid::Ulid;

use super::{DeliveryStatus, EmailKind, EmailLogEntry, EmailLogStore, LogId, Trigger, store};
use crate::{
    account::AddressKey,
    database::{StoreError, months_back, newest_first, ulid_bounds},
    log_partitions,
    paging::Page,
};

/// So many times a lane is read on when the entries found don't fit the rest of the filter.
const MAX_ROUNDS: usize = 40;

/// So many entries of the table are looked through for one page at most. What fits and lies further back comes with the
/// next page.
const MAX_LOOKED_AT: usize = 1000;

/// So far SES's clock may be behind ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(1);

/// So many emails to one recipient are compared when one is looked for by SES's name for it.
const COMPARED: usize = 50;

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmailLogFilter {
    /// To this address.
    pub recipient: Option<AddressKey>,
    /// With this status.
    pub status: Option<DeliveryStatus>,
    /// Of this kind.
    pub kind: Option<EmailKind>,
    /// Brought about so.
    pub trigger: Option<Trigger>,
    /// Asked for at or after.
    pub from: Option<Timestamp>,
    /// Asked for before.
    pub to: Option<Timestamp>,
}

impl EmailLogFilter {
    fn fits(&self, entry: &EmailLogEntry) -> bool {
        self.status.is_none_or(|status| status == entry.status)
            && self.kind.is_none_or(|kind| kind == entry.kind)
            && self.trigger.is_none_or(|trigger| trigger == entry.trigger)
    }

    /// Whether all entries of a month fit.
    fn takes_all(&self) -> bool {
        (self.status, self.kind, self.trigger) == (None, None, None)
    }

    /// The kinds that fit, each with the triggers that fit.
    fn sorts(&self) -> impl Iterator<Item = (EmailKind, Trigger)> {
        let kinds = EmailKind::ALL.iter().filter(|kind| self.kind.is_none_or(|wanted| wanted == **kind));
        kinds.flat_map(|kind| {
            let triggers = kind.triggers().iter();
            let triggers = triggers.filter(|trigger| self.trigger.is_none_or(|wanted| wanted == **trigger));
            triggers.map(|trigger| (*kind, *trigger))
        })
    }
}

/// A range of an index in which entries stand newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lane {
    index: &'static str,
    hash: (&'static str, String),
    range: &'static str,
    low: String,
    high: String,
}

/// Where a filter's entries are found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// In the table itself, month by month.
    Months(Vec<String>),
    /// In lanes, side by side.
    Lanes(Vec<Lane>),
}

fn source(filter: &EmailLogFilter, (low, high): (Ulid, Ulid), now: Timestamp) -> Source {
    let by_time = |index, hash| Lane { index, hash, range: "id", low: low.to_string(), high: high.to_string() };
    if low > high {
        return Source::Lanes(Vec::new());
    }
    if let Some(recipient) = &filter.recipient {
        return Source::Lanes(vec![by_time("by_recipient", ("recipient_key", recipient.as_str().to_owned()))]);
    }
    if let Some(status) = filter.status.filter(|status| !status.is_usual()) {
        let lane = |(kind, trigger)| Lane {
            index: "by_status",
            hash: (store::LISTED_STATUS, status.as_str().to_owned()),
            range: "place",
            low: store::place(kind, trigger, LogId(low)),
            high: store::place(kind, trigger, LogId(high)),
        };
        return Source::Lanes(filter.sorts().map(lane).collect());
    }
    if filter.sorts().any(|(kind, trigger)| store::is_usual(kind, trigger)) {
        return Source::Months(months_back(low, high, now));
    }
    let lane = |(kind, trigger)| by_time("by_kind", ("listed_kind", store::sort(kind, trigger)));
    Source::Lanes(filter.sorts().map(lane).collect())
}

impl EmailLogStore {
    /// A page of entries that fit `filter`, newest first, behind the entry `after`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn page(
        &self,
        filter: &EmailLogFilter,
        after: Option<LogId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<EmailLogEntry>, StoreError> {
        let bounds = ulid_bounds(filter.from, filter.to, after.map(|id| id.0));
        match source(filter, bounds, now) {
            Source::Months(months) => self.page_of_months(filter, months, bounds, limit).await,
            Source::Lanes(_) => self.page_of_lanes(filter, after, limit, now).await,
        }
    }

    /// Reads the table itself, and leaves out what does not fit.
    async fn page_of_months(
        &self,
        filter: &EmailLogFilter,
        months: Vec<String>,
        (low, high): (Ulid, Ulid),
        limit: usize,
    ) -> Result<Page<EmailLogEntry>, StoreError> {
        let at_once = if filter.takes_all() { limit } else { limit * 2 };
        let (mut rows, mut looked_at, mut high) = (Vec::new(), 0, high);
        for month in months {
            loop {
                let wanted = if filter.takes_all() { limit - rows.len() } else { at_once };
                let (found, more) = self.read_month(&month, (low, high), wanted).await?;
                looked_at += found.len();
                for entry in found {
                    high = Ulid(entry.id.0.0.saturating_sub(1));
                    let id = entry.id;
                    if filter.fits(&entry) {
                        rows.push(entry);
                        if rows.len() == limit {
                            return Ok(Page { rows, next: Some(id.to_string()) });
                        }
                    }
                }
                if looked_at >= MAX_LOOKED_AT {
                    return Ok(Page { rows, next: Some(Ulid(high.0 + 1).to_string()) });
                }
                if !more || low > high {
                    break;
                }
            }
        }
        Ok(Page { rows, next: None })
    }

    /// The newest entries of a month, and whether there are more: the newest of each of its parts are among them.
    async fn read_month(
        &self,
        month: &str,
        bounds: (Ulid, Ulid),
        limit: usize,
    ) -> Result<(Vec<EmailLogEntry>, bool), StoreError> {
        let parts = self.database().log_partitions().of_month(month);
        let read = try_join_all(parts.iter().map(|part| self.read_part(part, bounds, limit))).await?;
        let (entries, more): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        let more = more.contains(&true) || entries.iter().map(Vec::len).sum::<usize>() > limit;
        Ok((log_partitions::merge(entries, |entry| entry.id.0, limit), more))
    }

    async fn read_part(
        &self,
        part: &str,
        (low, high): (Ulid, Ulid),
        limit: usize,
    ) -> Result<(Vec<EmailLogEntry>, bool), StoreError> {
        let hash = ("month", part);
        let query = newest_first(self.database(), store::TABLE, None, hash, ("id", &low, &high), limit);
        let answer = query.send().await.map_err(|e| StoreError::unavailable("Query", store::TABLE, e))?;
        let entries = answer.items().iter().map(store::read).collect::<Result<_, _>>()?;
        Ok((entries, answer.last_evaluated_key.is_some()))
    }

    /// Reads keys in lanes, and then the entries.
    async fn page_of_lanes(
        &self,
        filter: &EmailLogFilter,
        after: Option<LogId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<EmailLogEntry>, StoreError> {
        let mut after = after.map(|id| id.0);
        let mut rows = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let Source::Lanes(lanes) = source(filter, ulid_bounds(filter.from, filter.to, after), now) else { break };
            let ids = self.newest(&lanes, limit).await?;
            let exhausted = ids.len() < limit;
            let mut entries = self.get_all(&ids).await?;
            for id in ids {
                after = Some(id.0);
                // An index lags behind: the entry itself decides.
                if let Some(entry) = entries.remove(&id).filter(|entry| filter.fits(entry)) {
                    rows.push(entry);
                    if rows.len() == limit {
                        return Ok(Page { next: Some(id.to_string()), rows });
                    }
                }
            }
            if exhausted {
                return Ok(Page { rows, next: None });
            }
        }
        Ok(Page { rows, next: after.map(|id| id.to_string()) })
    }

    /// The newest ids of the lanes.
    async fn newest(&self, lanes: &[Lane], limit: usize) -> Result<Vec<LogId>, StoreError> {
        let reading = lanes.iter().map(|lane| self.read_lane(lane, limit));
        let merged: BTreeSet<_> = try_join_all(reading).await?.into_iter().flatten().map(|id| id.0).collect();
        Ok(merged.into_iter().rev().take(limit).map(LogId).collect())
    }

    async fn read_lane(&self, lane: &Lane, limit: usize) -> Result<Vec<LogId>, StoreError> {
        let hash = (lane.hash.0, lane.hash.1.as_str());
        let range: (&str, &dyn std::fmt::Display, &dyn std::fmt::Display) = (lane.range, &lane.low, &lane.high);
        let query = newest_first(self.database(), store::TABLE, Some(lane.index), hash, range, limit);
        let answer = query.send().await.map_err(|e| StoreError::unavailable("Query", store::TABLE, e))?;
        Ok(answer.items().iter().filter_map(|item| item.get("id")?.as_s().ok()?.parse().ok()).collect())
    }

    async fn get_all(&self, ids: &[LogId]) -> Result<HashMap<LogId, EmailLogEntry>, StoreError> {
        let failed = |e| StoreError::unavailable("BatchGetItem", store::TABLE, e);
        let mut entries = HashMap::new();
        if ids.is_empty() {
            return Ok(entries);
        }
        let table = self.database().table(store::TABLE);
        let keys = ids.iter().map(|id| self.key(*id)).collect();
        let mut wanted = Some(
            KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .build()
                .map_err(|e| StoreError::unavailable("BatchGetItem", store::TABLE, e))?,
        );
        // What did not fit into one answer comes with the next.
        while let Some(keys) = wanted {
            let answer =
                self.database().client().batch_get_item().request_items(&table, keys).send().await.map_err(failed)?;
            for item in answer.responses.unwrap_or_default().remove(&table).unwrap_or_default() {
                let entry = store::read(&item)?;
                entries.insert(entry.id, entry);
            }
            wanted = answer.unprocessed_keys.unwrap_or_default().remove(&table);
        }
        Ok(entries)
    }

    /// The entry of the email that SES calls `message_id` and took at `sent_at`, to be found among those to its
    /// recipient. An index for what nearly every event says by itself, in its tag, would cost one write more for each
    /// mail.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn find_by_message(
        &self,
        message_id: &str,
        recipient: &AddressKey,
        sent_at: Timestamp,
    ) -> Result<Option<EmailLogEntry>, StoreError> {
        // Most are about one of the newest; an older one was asked for before SES took it.
        for before in [None, sent_at.saturating_add(CLOCKS_DIFFER).ok()] {
            let (low, high) = ulid_bounds(None, before, None);
            let hash = ("recipient_key", recipient.as_str().to_owned());
            let lane = Lane { index: "by_recipient", hash, range: "id", low: low.to_string(), high: high.to_string() };
            let ids = self.read_lane(&lane, COMPARED).await?;
            let mut entries = self.get_all(&ids).await?.into_values();
            let found = entries.find(|entry| entry.message_id.as_deref() == Some(message_id));
            if found.is_some() || ids.len() < COMPARED {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;

    fn read(filter: &EmailLogFilter) -> String {
        let bounds = ulid_bounds(filter.from, filter.to, None);
        match source(filter, bounds, "2026-11-22T00:00:00Z".parse().unwrap()) {
            Source::Months(months) => format!("{} months", months.len()),
            Source::Lanes(lanes) => match lanes.first() {
                Some(lane) => format!("{} {}", lanes.len(), lane.index),
                None => "nothing".to_owned(),
            },
        }
    }

    #[test]
    fn a_filter_reads_where_what_it_wants_is_close_together() {
        use DeliveryStatus::{Bounced, Delivered};
        let address = EmailAddress::parse("alice@example.com").unwrap().key().clone();
        let none = EmailLogFilter::default;
        let november: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let october: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
        let (status, kind, trigger) = (Some(Bounced), Some(EmailKind::PasswordReset), Some(Trigger::Admin));
        for (filter, expected) in [
            (none(), "14 months"),
            (EmailLogFilter { from: Some(november), ..none() }, "1 months"),
            (EmailLogFilter { from: Some(november), to: Some(october), ..none() }, "nothing"),
            (EmailLogFilter { recipient: Some(address.clone()), ..none() }, "1 by_recipient"),
            (EmailLogFilter { recipient: Some(address), status, ..none() }, "1 by_recipient"),
            (EmailLogFilter { status, ..none() }, "9 by_status"),
            (EmailLogFilter { status, kind, ..none() }, "2 by_status"),
            (EmailLogFilter { status, kind, trigger, ..none() }, "1 by_status"),
            (EmailLogFilter { status: Some(Delivered), ..none() }, "14 months"),
            (EmailLogFilter { status: Some(Delivered), kind: Some(EmailKind::Canary), ..none() }, "1 by_kind"),
            (EmailLogFilter { kind, ..none() }, "14 months"),
            (EmailLogFilter { kind: Some(EmailKind::Activation), ..none() }, "2 by_kind"),
            (EmailLogFilter { trigger, ..none() }, "2 by_kind"),
            (EmailLogFilter { trigger: Some(Trigger::SelfService), ..none() }, "14 months"),
            (EmailLogFilter { kind: Some(EmailKind::PasswordChanged), trigger, ..none() }, "nothing"),
        ] {
            assert_eq!(read(&filter), expected, "{filter:?}");
        }
    }
}

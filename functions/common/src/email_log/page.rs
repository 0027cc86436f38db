//! Pages of the email log, under any filter, for what the page costs.
//!
//! Three indexes hold keys alone: by recipient, by month, and by status with `kind#trigger#id` as the range, so that one
//! write moves an entry when its status changes. A filter becomes a few *lanes*, ranges of an index in which every entry
//! fits; the newest of all lanes are merged. How many lanes there are depends on the filter, never on the table.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use ulid::Ulid;

use super::{DeliveryStatus, EmailKind, EmailLogEntry, EmailLogStore, LogId, Trigger, store};
use crate::{
    account::AddressKey,
    database::{Item, StoreError, months_back, newest_first, s, ulid_bounds},
    paging::Page,
};

/// So many times a recipient's entries are read on when those found don't fit the rest of the filter.
const MAX_ROUNDS: usize = 40;

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

/// The lanes to be merged for a filter; in turn, where the first can fill the page by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lanes {
    /// One behind the other: months, or one recipient.
    InTurn(Vec<Lane>),
    /// Side by side.
    Merged(Vec<Lane>),
}

fn lanes(filter: &EmailLogFilter, after: Option<Ulid>, now: Timestamp) -> Lanes {
    let (low, high) = ulid_bounds(filter.from, filter.to, after);
    if low > high {
        return Lanes::InTurn(Vec::new());
    }
    if let Some(recipient) = &filter.recipient {
        let hash = ("recipient_key", recipient.as_str().to_owned());
        return Lanes::InTurn(vec![Lane {
            index: "by_recipient",
            hash,
            range: "id",
            low: low.to_string(),
            high: high.to_string(),
        }]);
    }
    if (filter.status, filter.kind, filter.trigger) == (None, None, None) {
        let lane = |month| Lane {
            index: "by_month",
            hash: ("month", month),
            range: "id",
            low: low.to_string(),
            high: high.to_string(),
        };
        return Lanes::InTurn(months_back(low, high, now).into_iter().map(lane).collect());
    }
    let statuses = filter.status.as_ref().map_or(DeliveryStatus::ALL, std::slice::from_ref);
    let kinds = filter.kind.as_ref().map_or(EmailKind::ALL, std::slice::from_ref);
    let mut merged = Vec::new();
    for status in statuses {
        for kind in kinds {
            for trigger in
                kind.triggers().iter().filter(|trigger| filter.trigger.is_none_or(|wanted| wanted == **trigger))
            {
                merged.push(Lane {
                    index: "by_status",
                    hash: ("status", status.as_str().to_owned()),
                    range: "place",
                    low: store::place(*kind, *trigger, LogId(low)),
                    high: store::place(*kind, *trigger, LogId(high)),
                });
            }
        }
    }
    Lanes::Merged(merged)
}

impl EmailLogStore {
    /// A page of entries that fit `filter`, newest first, behind the entry `after`; without timelines.
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
        let mut after = after.map(|id| id.0);
        let mut rows = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let ids = self.newest(&lanes(filter, after, now), limit).await?;
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
    async fn newest(&self, lanes: &Lanes, limit: usize) -> Result<Vec<LogId>, StoreError> {
        match lanes {
            Lanes::InTurn(lanes) => {
                let mut ids = Vec::new();
                for lane in lanes {
                    ids.extend(self.read_lane(lane, limit - ids.len()).await?);
                    if ids.len() == limit {
                        break;
                    }
                }
                Ok(ids)
            }
            Lanes::Merged(lanes) => {
                let reading = lanes.iter().map(|lane| self.read_lane(lane, limit));
                let merged: BTreeSet<_> = try_join_all(reading).await?.into_iter().flatten().map(|id| id.0).collect();
                Ok(merged.into_iter().rev().take(limit).map(LogId).collect())
            }
        }
    }

    async fn read_lane(&self, lane: &Lane, limit: usize) -> Result<Vec<LogId>, StoreError> {
        let hash = (lane.hash.0, lane.hash.1.as_str());
        let query = newest_first(
            self.database(),
            store::TABLE,
            Some(lane.index),
            hash,
            (lane.range, &lane.low, &lane.high),
            limit,
        );
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
        let keys = ids.iter().map(|id| Item::from([("id".to_owned(), s(id.to_string()))])).collect();
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;

    fn number(filter: EmailLogFilter) -> usize {
        match lanes(&filter, None, "2026-11-22T00:00:00Z".parse().unwrap()) {
            Lanes::InTurn(lanes) | Lanes::Merged(lanes) => lanes.len(),
        }
    }

    #[test]
    fn a_filter_becomes_few_lanes() {
        let address = EmailAddress::parse("alice@example.com").unwrap();
        let none = EmailLogFilter::default;
        for (what, filter, expected) in [
            ("a recipient", EmailLogFilter { recipient: Some(address.key().clone()), ..none() }, 1),
            (
                "a recipient and a status",
                EmailLogFilter {
                    recipient: Some(address.key().clone()),
                    status: Some(DeliveryStatus::Bounced),
                    ..none()
                },
                1,
            ),
            ("a status", EmailLogFilter { status: Some(DeliveryStatus::Bounced), ..none() }, 9),
            (
                "a status and a kind",
                EmailLogFilter {
                    status: Some(DeliveryStatus::Bounced),
                    kind: Some(EmailKind::PasswordReset),
                    ..none()
                },
                2,
            ),
            (
                "all three",
                EmailLogFilter {
                    status: Some(DeliveryStatus::Bounced),
                    kind: Some(EmailKind::PasswordReset),
                    trigger: Some(Trigger::Admin),
                    ..none()
                },
                1,
            ),
            ("a kind", EmailLogFilter { kind: Some(EmailKind::PasswordReset), ..none() }, 26),
            ("a trigger", EmailLogFilter { trigger: Some(Trigger::SelfService), ..none() }, 26),
            (
                "what can't be",
                EmailLogFilter { kind: Some(EmailKind::PasswordChanged), trigger: Some(Trigger::Admin), ..none() },
                0,
            ),
            ("this month", EmailLogFilter { from: Some("2026-11-01T00:00:00Z".parse().unwrap()), ..none() }, 1),
            (
                "an empty range",
                EmailLogFilter {
                    from: Some("2026-11-01T00:00:00Z".parse().unwrap()),
                    to: Some("2026-10-01T00:00:00Z".parse().unwrap()),
                    ..none()
                },
                0,
            ),
        ] {
            assert_eq!(number(filter), expected, "{what}");
        }
    }
}

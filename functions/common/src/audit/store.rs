//! The table `AuditLog`: a partition for each month, and two indexes, by actor and by target. No function has the right
//! to change or delete an entry.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use ulid::Ulid;

use super::{Action, Actor, AuditEntry, Outcome};
use crate::{
    account::{Role, UserId},
    database::{Database, Item, Reader, StoreError, month, months_back, n, newest_first, s, time, ulid_bounds},
    paging::Page,
};

const TABLE: &str = "AuditLog";

/// Writes and reads the audit log.
#[derive(Debug, Clone)]
pub struct AuditStore {
    database: Database,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub actor: Option<UserId>,
    /// To whom or what.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl AuditStore {
    /// The audit log of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    #[cfg(feature = "http")]
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Adds an entry by itself: for what was refused.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn add(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let put = self.database.client().put_item().table_name(self.database.table(TABLE));
        put.set_item(Some(write(entry))).send().await.map_err(|e| StoreError::unavailable("PutItem", TABLE, e))?;
        Ok(())
    }

    /// Adding `entry` as a part of a transaction: what it tells of happens exactly if it is written.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the entry can't be written down.
    pub fn in_transaction(&self, entry: &AuditEntry) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.database.table(TABLE)).set_item(Some(write(entry)));
        let put = put.condition_expression("attribute_not_exists(id)").build();
        let put = put.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes the parts of a transaction, of which an entry is one.
    #[cfg(feature = "http")]
    pub(super) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let request = self.database.client().transact_write_items().set_transact_items(Some(items));
        request.send().await.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(())
    }

    /// A page of entries, newest first, behind the entry `after`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn page(
        &self,
        filter: &AuditFilter,
        after: Option<Ulid>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let (low, high) = ulid_bounds(filter.from, filter.to, after);
        if low > high {
            return Ok(Page { rows: Vec::new(), next: None });
        }
        let lanes = match (&filter.actor, &filter.target) {
            (Some(actor), _) => vec![(Some("by_actor"), "actor", actor.to_string())],
            (None, Some(target)) => vec![(Some("by_target"), "target", target.clone())],
            (None, None) => months_back(low, high, now).into_iter().map(|month| (None, "month", month)).collect(),
        };
        let mut rows = Vec::new();
        for (index, hash, value) in lanes {
            let mut start = None;
            // A filter on actor and target at once reads the actor's entries and leaves out the others'.
            while rows.len() < limit {
                let query = newest_first(&self.database, TABLE, index, (hash, &value), ("id", &low, &high), limit);
                let answer = query
                    .set_exclusive_start_key(start.take())
                    .send()
                    .await
                    .map_err(|e| StoreError::unavailable("Query", TABLE, e))?;
                for item in answer.items() {
                    let entry = read(item)?;
                    if rows.len() < limit && filter.target.as_ref().is_none_or(|target| *target == entry.target) {
                        rows.push(entry);
                    }
                }
                start = answer.last_evaluated_key;
                if start.is_none() {
                    break;
                }
            }
            if rows.len() == limit {
                break;
            }
        }
        let next = (rows.len() == limit).then(|| rows.last().map(|entry| entry.id.to_string())).flatten();
        Ok(Page { rows, next })
    }
}

fn write(entry: &AuditEntry) -> Item {
    let mut item = Item::from([
        ("month".to_owned(), s(month(entry.at))),
        ("id".to_owned(), s(entry.id.to_string())),
        ("at".to_owned(), time(entry.at)),
        ("actor".to_owned(), s(entry.actor.user_id.to_string())),
        ("actor_role".to_owned(), s(entry.actor.role.as_str())),
        ("action".to_owned(), s(entry.action.as_str())),
        ("target".to_owned(), s(&entry.target)),
        ("outcome".to_owned(), s(entry.outcome.as_str())),
        ("schema".to_owned(), n(1)),
    ]);
    let optional: [(&str, Option<AttributeValue>); 3] = [
        ("api_key", entry.actor.api_key.as_ref().map(s)),
        ("ip", entry.actor.ip.map(|ip| s(ip.to_string()))),
        ("detail", entry.detail.as_ref().map(s)),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item
}

fn read(item: &Item) -> Result<AuditEntry, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(AuditEntry {
        id: reader.parsed("id")?,
        at: reader.time("at")?,
        actor: Actor {
            user_id: reader.parsed("actor")?,
            role: reader.parsed::<Role>("actor_role")?,
            api_key: reader.optional_text("api_key").map(ToOwned::to_owned),
            ip: reader.optional_text("ip").and_then(|ip| ip.parse().ok()),
        },
        action: reader.parsed::<Action>("action")?,
        target: reader.text("target")?.to_owned(),
        outcome: reader.parsed::<Outcome>("outcome")?,
        detail: reader.optional_text("detail").map(ToOwned::to_owned),
    })
}

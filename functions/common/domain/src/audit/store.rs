//! The table `AuditLog`: a partition for each month, or several, and two indexes, by actor and by target. What somebody
//! did to themselves stands in the second only. No function has the right to change or delete an entry.
//!
//! An entry can be the request for an email as well: its stream feeds the mailer, and one item does for both.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use ulid::Ulid;

use super::{Action, Actor, AuditEntry, Outcome, Target};
use crate::{
    account::{Role, UserId},
    database::{Database, Item, Reader, StoreError, months_back, n, newest_first, s, time, ulid_bounds},
    email_log::LogId,
    log_partitions,
    paging::Page,
    request_id::RequestId,
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

    /// The tables that it writes to.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// An entry, as it lies in its month, or in a part of it.
    fn item(&self, entry: &AuditEntry) -> Item {
        let partition = self.database.log_partitions().of(entry.id);
        let mut item = write(entry);
        item.insert("month".to_owned(), s(partition));
        item
    }

    /// Adds an entry by itself: for what was refused.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn add(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let put = self.database.client().put_item().table_name(self.database.table(TABLE));
        put.set_item(Some(self.item(entry))).send().await.map_err(|e| StoreError::unavailable("PutItem", TABLE, e))?;
        Ok(())
    }

    /// Adding `entry` as a part of a transaction: what it tells of happens exactly if it is written.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the entry can't be written down.
    pub fn in_transaction(&self, entry: &AuditEntry) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.database.table(TABLE)).set_item(Some(self.item(entry)));
        let put = put.condition_expression("attribute_not_exists(id)").build();
        let put = put.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes the parts of a transaction, of which an entry is one.
    pub async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<(), StoreError> {
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
        let bounds = ulid_bounds(filter.from, filter.to, after);
        if bounds.0 > bounds.1 {
            return Ok(Page { rows: Vec::new(), next: None });
        }
        let is_target = |entry: &AuditEntry| filter.target.as_ref().is_none_or(|target| *target == entry.target);
        let mut rows = Vec::new();
        match (&filter.actor, &filter.target) {
            (Some(actor), _) => {
                // What somebody did to themselves stands by its target.
                let oneself = Target::User(*actor).to_string();
                let to_oneself = |entry: &AuditEntry| entry.actor.user_id == *actor && is_target(entry);
                let actor = actor.to_string();
                let (to_others, to_oneself) = tokio::try_join!(
                    self.lane((Some("by_actor"), "actor", &actor), bounds, limit, is_target),
                    self.lane((Some("by_target"), "target", &oneself), bounds, limit, to_oneself),
                )?;
                rows.extend(to_others.into_iter().chain(to_oneself));
                rows.sort_by_key(|entry| std::cmp::Reverse(entry.id));
                rows.dedup_by_key(|entry| entry.id);
                rows.truncate(limit);
            }
            (None, Some(target)) => {
                rows = self.lane((Some("by_target"), "target", target), bounds, limit, |_| true).await?;
            }
            (None, None) => {
                for month in months_back(bounds.0, bounds.1, now) {
                    let left = limit - rows.len();
                    rows.extend(self.newest_of_month(&month, bounds, left).await?);
                    if rows.len() == limit {
                        break;
                    }
                }
            }
        }
        let next = (rows.len() == limit).then(|| rows.last().map(|entry| entry.id.to_string())).flatten();
        Ok(Page { rows, next })
    }

    /// The newest entries of a month: the newest of each of its parts are among them.
    async fn newest_of_month(
        &self,
        month: &str,
        bounds: (Ulid, Ulid),
        limit: usize,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let parts = self.database.log_partitions().of_month(month);
        let reading = parts.iter().map(|part| self.lane((None, "month", part), bounds, limit, |_| true));
        Ok(log_partitions::merge(try_join_all(reading).await?, |entry| entry.id, limit))
    }

    /// The newest entries of a partition, of the table or of an index, that fit.
    async fn lane(
        &self,
        (index, hash, value): (Option<&str>, &str, &str),
        (low, high): (Ulid, Ulid),
        limit: usize,
        fits: impl Fn(&AuditEntry) -> bool,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let query = newest_first(&self.database, TABLE, index, (hash, value), ("id", &low, &high), limit);
            let answer = query.set_exclusive_start_key(start).send().await;
            let answer = answer.map_err(|e| StoreError::unavailable("Query", TABLE, e))?;
            for item in answer.items() {
                rows.extend(Some(read(item)?).filter(&fits));
            }
            start = answer.last_evaluated_key;
            if start.is_none() || rows.len() >= limit {
                rows.truncate(limit);
                return Ok(rows);
            }
        }
    }
}

fn write(entry: &AuditEntry) -> Item {
    let mut item = Item::from([
        ("id".to_owned(), s(entry.id.to_string())),
        ("at".to_owned(), time(entry.at)),
        ("actor_role".to_owned(), s(entry.actor.role.as_str())),
        ("action".to_owned(), s(entry.action.as_str())),
        ("target".to_owned(), s(&entry.target)),
        ("outcome".to_owned(), s(entry.outcome.as_str())),
        ("schema".to_owned(), n(1)),
    ]);
    let optional: [(&str, Option<AttributeValue>); 6] = [
        ("actor", (!entry.is_of_oneself()).then(|| s(entry.actor.user_id.to_string()))),
        ("notice_id", entry.notice.map(|id| s(id.to_string()))),
        ("api_key", entry.actor.api_key.as_ref().map(s)),
        ("ip", entry.actor.ip.map(|ip| s(ip.to_string()))),
        ("detail", entry.detail.as_ref().map(s)),
        ("request_id", entry.actor.request_id.as_ref().map(s)),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item
}

fn read(item: &Item) -> Result<AuditEntry, StoreError> {
    let reader = Reader::new(TABLE, item);
    let actor = match reader.optional_text("actor") {
        Some(_) => reader.parsed("actor")?,
        None => user_of_target(reader)?,
    };
    Ok(AuditEntry {
        id: reader.parsed("id")?,
        at: reader.time("at")?,
        actor: Actor {
            user_id: actor,
            role: reader.parsed::<Role>("actor_role")?,
            api_key: reader.optional_text("api_key").map(ToOwned::to_owned),
            ip: reader.optional_text("ip").and_then(|ip| ip.parse().ok()),
            request_id: reader.optional_text("request_id").and_then(RequestId::parse),
        },
        action: reader.parsed::<Action>("action")?,
        target: reader.text("target")?.to_owned(),
        outcome: reader.parsed::<Outcome>("outcome")?,
        detail: reader.optional_text("detail").map(ToOwned::to_owned),
        notice: reader.optional_text("notice_id").and_then(|id| id.parse().ok()),
    })
}

/// Whom the target names, where it is a user.
fn user_of_target(reader: Reader<'_>) -> Result<UserId, StoreError> {
    let id = reader.text("target")?.strip_prefix("user:").and_then(|id| id.parse().ok());
    id.ok_or(reader.corrupt("target"))
}

/// An email that an entry asks for: a user is told that they redeemed a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The email log entry that it leads to.
    pub log_id: LogId,
    /// Who is told.
    pub user_id: UserId,
    /// When it was done.
    pub at: Timestamp,
}

/// Reads the notice that an entry asks for, from its item or from the new image of a stream's record.
///
/// # Errors
///
/// [`StoreError::Corrupt`] where it asks for none.
pub fn read_notice(item: &Item) -> Result<Notice, StoreError> {
    let reader = Reader::new(TABLE, item);
    if reader.parsed::<Action>("action")? != Action::RedeemToken {
        return Err(reader.corrupt("action"));
    }
    Ok(Notice { log_id: reader.parsed("notice_id")?, user_id: user_of_target(reader)?, at: reader.time("at")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(target: Target) -> AuditEntry {
        AuditEntry {
            id: Ulid(3),
            at: Timestamp::constant(1_800_000_000, 0),
            actor: Actor { user_id: UserId(Ulid(1)), role: Role::Member, api_key: None, ip: None, request_id: None },
            action: Action::RedeemToken,
            target: target.to_string(),
            outcome: Outcome::Done,
            detail: None,
            notice: Some(LogId(Ulid(7))),
        }
    }

    #[test]
    fn an_entry_reads_back_whoever_did_it_to_whom() {
        for target in [Target::User(UserId(Ulid(1))), Target::User(UserId(Ulid(2))), Target::Settings] {
            let entry = entry(target);
            assert_eq!(read(&write(&entry)).unwrap(), entry);
        }
    }

    #[test]
    fn a_redemption_asks_for_its_notice_and_nothing_else_does() {
        let redeemed = entry(Target::User(UserId(Ulid(1))));
        let notice = Notice { log_id: LogId(Ulid(7)), user_id: UserId(Ulid(1)), at: redeemed.at };
        assert_eq!(read_notice(&write(&redeemed)).unwrap(), notice);
        assert!(read_notice(&write(&AuditEntry { notice: None, ..redeemed.clone() })).is_err());
        assert!(read_notice(&write(&AuditEntry { action: Action::Unlock, ..redeemed })).is_err());
    }
}

//! The table `AuditLog`: one partition, and two indexes, by actor and by target. An action on oneself is in the second
//! only. No function has permission to change or delete an entry.

use ulid::Ulid;

use crate::client::{
    AttributeValue, Database, Item, Query, Reader, StoreError, Write, item, n, optional, s, time, ulid_bounds,
};
use mailkey::audit::{Action, Actor, AuditDetail, AuditEntry, AuditFilter, Outcome, Target};
use mailkey::{
    account::{Role, UserId},
    paging::Page,
    request_id::RequestId,
};

const TABLE: &str = "AuditLog";

/// The hash key: all entries are in one partition.
const PARTITION: (&str, &str) = ("log", "audit");

/// Writes and reads the audit log.
#[derive(Debug, Clone)]
pub struct AuditStore {
    database: Database,
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

    /// Adds an entry alone, for an action that was refused.
    pub async fn add(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.database.write(Write::put(TABLE, write(entry))).await?;
        Ok(())
    }

    /// The write that adds `entry`. In the transaction of the action, it is written exactly if that is done.
    pub fn in_transaction(&self, entry: &AuditEntry) -> Write {
        Write::put_new(TABLE, write(entry), "id")
    }

    /// A page of entries, newest first, behind the entry `after`.
    pub async fn page(
        &self,
        filter: &AuditFilter,
        after: Option<Ulid>,
        limit: usize,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let bounds = ulid_bounds(filter.from, filter.to, after);
        if bounds.0 > bounds.1 {
            return Ok(Page { rows: Vec::new(), next: None });
        }
        let is_wanted = |entry: &AuditEntry| filter.matches(entry);
        // No index lists the actions, so most entries that are read may not match.
        let limits = (limit, if filter.action.is_some() { limit.max(AT_ONCE) } else { limit });
        let read = match (&filter.actor, &filter.target) {
            (Some(actor), _) => {
                // An action on oneself is listed by its target only.
                let oneself = Target::User(*actor).to_string();
                let to_oneself = |entry: &AuditEntry| entry.actor.user_id == *actor && is_wanted(entry);
                let actor = actor.to_string();
                let (to_others, to_oneself) = tokio::try_join!(
                    self.range((Some("by_actor"), "actor", &actor), bounds, limits, is_wanted),
                    self.range((Some("by_target"), "target", &oneself), bounds, limits, to_oneself),
                )?;
                to_others.merged(to_oneself)
            }
            (None, Some(target)) => {
                self.range((Some("by_target"), "target", target), bounds, limits, is_wanted).await?
            }
            (None, None) => self.range((None, PARTITION.0, PARTITION.1), bounds, limits, is_wanted).await?,
        };
        Ok(read.into_page(limit))
    }

    /// The newest entries of a partition, of the table or of an index, that match.
    async fn range(
        &self,
        (index, hash, value): (Option<&'static str>, &'static str, &str),
        (low, high): (Ulid, Ulid),
        (limit, at_once): (usize, usize),
        matches: impl Fn(&AuditEntry) -> bool,
    ) -> Result<ReadRange, StoreError> {
        let query = Query::new(TABLE, hash, value);
        let query = query.between("id", low, high).newest_first().limit(at_once);
        let query = match index {
            Some(index) => query.index(index),
            None => query,
        };
        let (mut range, mut read, mut after) = (ReadRange::default(), 0, None);
        loop {
            let found = self.database.query(query.clone().after(after)).await?;
            read += found.items.len();
            let mut last = None;
            for item in &found.items {
                let entry = read_entry(item)?;
                last = Some(entry.id);
                range.rows.extend(Some(entry).filter(&matches));
            }
            after = found.more;
            if after.is_none() || range.rows.len() >= limit {
                return Ok(range);
            }
            if read >= MAX_READ {
                range.stopped_at = last;
                return Ok(range);
            }
        }
    }
}

/// How many entries a page reads at most. A filter that few entries match then has short pages with a cursor.
const MAX_READ: usize = 1000;

/// How many entries a query reads if few of them may match.
const AT_ONCE: usize = 100;

/// The entries that were found in a range.
#[derive(Debug, Default)]
struct ReadRange {
    rows: Vec<AuditEntry>,
    /// The last entry that was read, if older ones weren't.
    stopped_at: Option<Ulid>,
}

impl ReadRange {
    /// Two ranges as one, back to where one of them stopped.
    fn merged(self, other: Self) -> Self {
        let stopped_at = self.stopped_at.max(other.stopped_at);
        let mut rows: Vec<_> = self.rows.into_iter().chain(other.rows).collect();
        rows.retain(|entry| stopped_at.is_none_or(|stopped_at| entry.id >= stopped_at));
        rows.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        rows.dedup_by_key(|entry| entry.id);
        Self { rows, stopped_at }
    }

    fn into_page(mut self, limit: usize) -> Page<AuditEntry> {
        let is_full = self.rows.len() >= limit;
        self.rows.truncate(limit);
        let last = if is_full { self.rows.last().map(|entry| entry.id) } else { self.stopped_at };
        Page { rows: self.rows, next: last.map(|id| id.to_string()) }
    }
}

fn write(entry: &AuditEntry) -> Item {
    let mut written = item([
        ("id", s(entry.id.to_string())),
        ("at", time(entry.at)),
        ("actor_role", s(entry.actor.role.as_str())),
        ("action", s(entry.action.as_str())),
        ("target", s(&entry.target)),
        ("outcome", s(entry.outcome.as_str())),
        (PARTITION.0, s(PARTITION.1)),
        ("schema", n(2)),
    ]);
    written.extend(optional([
        ("actor", (!entry.is_of_oneself()).then(|| s(entry.actor.user_id.to_string()))),
        ("api_key", entry.actor.api_key.as_ref().map(s)),
        ("ip", entry.actor.ip.map(|ip| s(ip.to_string()))),
        ("detail", write_detail(&entry.detail)),
        ("request_id", entry.actor.request_id.as_ref().map(s)),
    ]));
    written
}

fn write_detail(detail: &AuditDetail) -> Option<AttributeValue> {
    let changed = (!detail.changed.is_empty()).then(|| AttributeValue::L(detail.changed.iter().map(s).collect()));
    let map: Item = optional([
        ("refusal", detail.refusal.as_ref().map(s)),
        ("purpose", detail.purpose.map(|purpose| s(purpose.as_str()))),
        ("changed", changed),
        ("note", detail.note.as_ref().map(s)),
        ("email_id", detail.email_id.map(|id| s(id.to_string()))),
    ])
    .collect();
    (!map.is_empty()).then_some(AttributeValue::M(map))
}

fn read_detail(reader: Reader<'_>) -> AuditDetail {
    AuditDetail {
        refusal: reader.optional_text("refusal").map(ToOwned::to_owned),
        purpose: reader.optional_text("purpose").and_then(|purpose| purpose.parse().ok()),
        changed: reader.texts("changed"),
        note: reader.optional_text("note").map(ToOwned::to_owned),
        email_id: reader.optional_text("email_id").and_then(|id| id.parse().ok()),
    }
}

/// Reads an entry from an item, or from the new image of a stream's record.
pub fn read_entry(item: &Item) -> Result<AuditEntry, StoreError> {
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
        detail: reader.map("detail").map(read_detail).unwrap_or_default(),
    })
}

/// Whom the target names, where it is a user.
fn user_of_target(reader: Reader<'_>) -> Result<UserId, StoreError> {
    let id = reader.text("target")?.strip_prefix("user:").and_then(|id| id.parse().ok());
    id.ok_or(reader.corrupt("target"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use mailkey::{email_log::EmailId, token::Purpose};

    fn entry(id: u128) -> AuditEntry {
        AuditEntry {
            id: Ulid(id),
            at: Timestamp::constant(1_800_000_000, 0),
            actor: Actor { user_id: UserId(Ulid(1)), role: Role::Admin, api_key: None, ip: None, request_id: None },
            action: Action::Unlock,
            target: Target::Settings.to_string(),
            outcome: Outcome::Done,
            detail: AuditDetail::default(),
        }
    }

    #[test]
    fn a_page_goes_on_behind_its_last_row_or_where_reading_stopped() {
        let range = |ids: &[u128], stopped_at: Option<u128>| ReadRange {
            rows: ids.iter().copied().map(entry).collect(),
            stopped_at: stopped_at.map(Ulid),
        };
        let shown = |range: ReadRange| {
            let page = range.into_page(3);
            let ids: Vec<_> = page.rows.iter().map(|entry| entry.id.0).collect();
            (ids, page.next.map(|next| next.parse::<Ulid>().unwrap().0))
        };
        assert_eq!(shown(range(&[9, 8], None)), (vec![9, 8], None));
        assert_eq!(shown(range(&[9, 8, 7], None)), (vec![9, 8, 7], Some(7)));
        assert_eq!(shown(range(&[9], Some(5))), (vec![9], Some(5)));
        assert_eq!(shown(range(&[], Some(5))), (vec![], Some(5)));
        assert_eq!(shown(range(&[9, 6], None).merged(range(&[8, 7], None))), (vec![9, 8, 7], Some(7)));
        // The second range wasn't read below 7, so the 6 of the first one must wait for the next page.
        assert_eq!(shown(range(&[9, 6], None).merged(range(&[8], Some(7)))), (vec![9, 8], Some(7)));
        assert_eq!(shown(range(&[9, 6], Some(4)).merged(range(&[9, 5], Some(3)))), (vec![9, 6, 5], Some(5)));
    }

    #[test]
    fn an_entry_reads_back_with_any_target_and_detail() {
        let details = [
            AuditDetail::default(),
            AuditDetail { refusal: Some("not-allowed".to_owned()), ..AuditDetail::default() },
            AuditDetail { purpose: Some(Purpose::Activation), ..AuditDetail::default() },
            AuditDetail {
                email_id: Some(EmailId(Ulid(7))),
                note: Some("by hand".to_owned()),
                ..AuditDetail::changed(["email", "role"])
            },
        ];
        for target in [Target::User(UserId(Ulid(1))), Target::User(UserId(Ulid(2))), Target::Settings] {
            for detail in details.clone() {
                let entry = AuditEntry {
                    id: Ulid(3),
                    at: Timestamp::constant(1_800_000_000, 0),
                    actor: Actor {
                        user_id: UserId(Ulid(1)),
                        role: Role::Member,
                        api_key: None,
                        ip: None,
                        request_id: None,
                    },
                    action: Action::RedeemToken,
                    target: target.to_string(),
                    outcome: Outcome::Done,
                    detail,
                };
                assert_eq!(read_entry(&write(&entry)).unwrap(), entry);
            }
        }
    }
}

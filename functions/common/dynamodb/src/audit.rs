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
        let is_target = |entry: &AuditEntry| filter.target.as_ref().is_none_or(|target| *target == entry.target);
        let mut rows = Vec::new();
        match (&filter.actor, &filter.target) {
            (Some(actor), _) => {
                // An action on oneself is listed by its target only.
                let oneself = Target::User(*actor).to_string();
                let to_oneself = |entry: &AuditEntry| entry.actor.user_id == *actor && is_target(entry);
                let actor = actor.to_string();
                let (to_others, to_oneself) = tokio::try_join!(
                    self.range((Some("by_actor"), "actor", &actor), bounds, limit, is_target),
                    self.range((Some("by_target"), "target", &oneself), bounds, limit, to_oneself),
                )?;
                rows.extend(to_others.into_iter().chain(to_oneself));
                rows.sort_by_key(|entry| std::cmp::Reverse(entry.id));
                rows.dedup_by_key(|entry| entry.id);
                rows.truncate(limit);
            }
            (None, Some(target)) => {
                rows = self.range((Some("by_target"), "target", target), bounds, limit, |_| true).await?;
            }
            (None, None) => rows = self.range((None, PARTITION.0, PARTITION.1), bounds, limit, |_| true).await?,
        }
        let next = (rows.len() == limit).then(|| rows.last().map(|entry| entry.id.to_string())).flatten();
        Ok(Page { rows, next })
    }

    /// The newest entries of a partition, of the table or of an index, that match.
    async fn range(
        &self,
        (index, hash, value): (Option<&'static str>, &'static str, &str),
        (low, high): (Ulid, Ulid),
        limit: usize,
        matches: impl Fn(&AuditEntry) -> bool,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let query = Query::new(TABLE, hash, value);
        let query = query.between("id", low, high).newest_first().limit(limit);
        let query = match index {
            Some(index) => query.index(index),
            None => query,
        };
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let found = self.database.query(query.clone().after(after)).await?;
            for item in &found.items {
                rows.extend(Some(read_entry(item)?).filter(&matches));
            }
            after = found.more;
            if after.is_none() || rows.len() >= limit {
                rows.truncate(limit);
                return Ok(rows);
            }
        }
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

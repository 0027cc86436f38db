//! API keys: for scripts and other systems, made by an administrator, shown once.

use jiff::Timestamp;
use serde_json::{Value, json};
use ulid::Ulid;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};

use crate::{
    account::{Role, UserId},
    database::{Database, Item, Reader, StoreError, n, s, time},
    secret::SecretDigest,
};

const TABLE: &str = "ApiKeys";

/// All keys stand in one partition of the index that lists them: there are few.
const LISTED: &str = "api-keys";

/// What a key's text begins with, so that people and scanners recognise it.
pub const PREFIX: &str = "mk_";

/// An API key, as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key.
    pub id: Ulid,
    /// The key of the item.
    pub digest: SecretDigest,
    /// What it is for, in an administrator's words.
    pub name: String,
    /// What it may do: never more than the administrator who made it.
    pub role: Role,
    /// The routes it may call, such as `GET /api/admin/users`; all that the role may where there are none.
    pub routes: Vec<String>,
    /// Who made it. It acts in this user's name, and only for as long as this user is active.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// From this moment on it is refused.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it is good for anything at `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether it is good for `route` at `now`.
    pub fn opens(&self, route: &str, now: Timestamp) -> bool {
        self.is_alive(now) && (self.routes.is_empty() || self.routes.iter().any(|listed| listed == route))
    }

    /// The key as the API shows it: without its secret, which nobody has but its holder.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id.to_string(),
            "name": self.name,
            "role": self.role.as_str(),
            "routes": self.routes,
            "created_by": self.created_by.to_string(),
            "created_at": self.created_at.to_string(),
            "expires_at": self.expires_at.to_string(),
        });
        for (name, at) in [("revoked_at", self.revoked_at), ("last_used_at", self.last_used_at)] {
            if let Some(at) = at {
                json[name] = at.to_string().into();
            }
        }
        json
    }
}

/// Reads and writes API keys.
#[derive(Debug, Clone)]
pub struct ApiKeyStore {
    database: Database,
}

impl ApiKeyStore {
    /// The keys of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The key with a digest, good or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or the item is damaged.
    pub async fn get(&self, digest: &SecretDigest) -> Result<Option<ApiKey>, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("digest", s(digest.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        answer.item().map(read).transpose()
    }

    /// Every key, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let request = self.database.client().query().table_name(self.database.table(TABLE)).index_name("by_age");
        let mut pages = request
            .key_condition_expression("listed = :listed")
            .expression_attribute_values(":listed", s(LISTED))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let mut keys = Vec::new();
        while let Some(item) = pages.next().await {
            keys.push(read(&item.map_err(|e| StoreError::unavailable("Query", TABLE, e))?)?);
        }
        Ok(keys)
    }

    /// Writing a new key as a part of a transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it can't be written down.
    pub fn create(&self, key: &ApiKey) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.database.table(TABLE)).set_item(Some(write(key)));
        let put = put.condition_expression("attribute_not_exists(digest)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(unbuildable)?).build())
    }

    /// Revoking a key as a part of a transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it can't be written down.
    pub fn revoke(&self, key: &ApiKey, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(self.database.table(TABLE))
            .key("digest", s(key.digest.as_str()))
            .update_expression("SET revoked_at = :now")
            .condition_expression("attribute_exists(digest)")
            .expression_attribute_values(":now", time(now))
            .build();
        Ok(TransactWriteItem::builder().update(update.map_err(unbuildable)?).build())
    }

    /// Notes that a key was used; to the hour, so that a busy key costs one write an hour.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn used(&self, key: &ApiKey, now: Timestamp) -> Result<(), StoreError> {
        let recent = key.last_used_at.is_some_and(|at| now.duration_since(at) < jiff::SignedDuration::from_hours(1));
        if recent {
            return Ok(());
        }
        let request = self.database.client().update_item().table_name(self.database.table(TABLE));
        request
            .key("digest", s(key.digest.as_str()))
            .update_expression("SET last_used_at = :now")
            .expression_attribute_values(":now", time(now))
            .send()
            .await
            .map_err(|e| StoreError::unavailable("UpdateItem", TABLE, e))?;
        Ok(())
    }
}

fn unbuildable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::unavailable("TransactWriteItems", TABLE, error)
}

fn write(key: &ApiKey) -> Item {
    Item::from([
        ("digest".to_owned(), s(key.digest.as_str())),
        ("listed".to_owned(), s(LISTED)),
        ("key_id".to_owned(), s(key.id.to_string())),
        ("name".to_owned(), s(&key.name)),
        ("role".to_owned(), s(key.role.as_str())),
        ("routes".to_owned(), s(key.routes.join("\n"))),
        ("created_by".to_owned(), s(key.created_by.to_string())),
        ("created_at".to_owned(), time(key.created_at)),
        ("expires_at".to_owned(), time(key.expires_at)),
        ("schema".to_owned(), n(1)),
    ])
}

fn read(item: &Item) -> Result<ApiKey, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(ApiKey {
        id: reader.parsed("key_id")?,
        digest: SecretDigest::from_stored(reader.text("digest")?),
        name: reader.text("name")?.to_owned(),
        role: reader.parsed("role")?,
        routes: reader.optional_text("routes").unwrap_or_default().lines().map(ToOwned::to_owned).collect(),
        created_by: reader.parsed("created_by")?,
        created_at: reader.time("created_at")?,
        expires_at: reader.time("expires_at")?,
        revoked_at: reader.optional_time("revoked_at"),
        last_used_at: reader.optional_time("last_used_at"),
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{OsEntropy, secret::Secret};

    #[test]
    fn a_key_opens_its_routes_until_it_expires_or_is_revoked() {
        let now = Timestamp::new(1_800_000_000, 0).unwrap();
        let key = ApiKey {
            id: Ulid(1),
            digest: Secret::generate(&OsEntropy).unwrap().digest(),
            name: "CRM".to_owned(),
            role: Role::Support,
            routes: vec!["GET /api/admin/users".to_owned()],
            created_by: UserId(Ulid(2)),
            created_at: now,
            expires_at: now + SignedDuration::from_hours(1),
            revoked_at: None,
            last_used_at: None,
        };
        assert_eq!(read(&write(&key)).unwrap(), key);
        assert!(key.opens("GET /api/admin/users", now));
        assert!(!key.opens("POST /api/admin/users", now), "another route");
        assert!(!key.opens("GET /api/admin/users", key.expires_at), "expired");
        let everywhere = ApiKey { routes: Vec::new(), ..key.clone() };
        assert!(everywhere.opens("POST /api/admin/users", now));
        let revoked = ApiKey { revoked_at: Some(now), ..key };
        assert!(!revoked.opens("GET /api/admin/users", now), "revoked");
    }
}

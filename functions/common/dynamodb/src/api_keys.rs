//! The table `ApiKeys`.

use jiff::Timestamp;

use crate::client::{Database, Item, Query, Reader, StoreError, Write, item, n, s, time};
use mailkey::account::UserId;
use mailkey::api_key::ApiKey;
use mailkey::secret::SecretDigest;

const TABLE: &str = "ApiKeys";

/// The partition of all keys in the index that lists them: there are few.
const LISTED: &str = "api-keys";

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

    /// The key with a digest, whether it is valid or not.
    pub async fn get(&self, digest: &SecretDigest) -> Result<Option<ApiKey>, StoreError> {
        self.database.get(TABLE, [("digest", s(digest.as_str()))]).await?.as_ref().map(read).transpose()
    }

    /// Every key, the newest first.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let query = Query::new(TABLE, "listed", LISTED).index("by_age").newest_first();
        self.database.query_all(query).await?.iter().map(read).collect()
    }

    /// The keys that a user created and that are valid. One that was created a moment ago may be missing.
    pub async fn alive_of(&self, creator: UserId, now: Timestamp) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys = self.list().await?;
        keys.retain(|key| key.created_by == creator && key.is_alive(now));
        Ok(keys)
    }

    /// The write that adds a new key.
    pub fn create(&self, key: &ApiKey) -> Write {
        Write::put_new(TABLE, write(key), "digest")
    }

    /// The write that revokes a key.
    pub fn revoke(&self, key: &ApiKey, now: Timestamp) -> Write {
        update(key).set("revoked_at", time(now)).only_if("attribute_exists(digest)")
    }

    /// Notes that a key was used.
    pub async fn used(&self, key: &ApiKey, now: Timestamp) -> Result<(), StoreError> {
        if key.is_use_worth_noting(now) {
            self.database.write(update(key).set("last_used_at", time(now))).await?;
        }
        Ok(())
    }
}

fn update(key: &ApiKey) -> Write {
    Write::update(TABLE, [("digest", s(key.digest.as_str()))])
}

fn write(key: &ApiKey) -> Item {
    item([
        ("digest", s(key.digest.as_str())),
        ("listed", s(LISTED)),
        ("key_id", s(key.id.to_string())),
        ("name", s(&key.name)),
        ("role", s(key.role.as_str())),
        ("routes", s(key.routes.join("\n"))),
        ("created_by", s(key.created_by.to_string())),
        ("created_at", time(key.created_at)),
        ("expires_at", time(key.expires_at)),
        ("schema", n(1)),
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
    use ulid::Ulid;

    use super::*;
    use mailkey::{OsEntropy, account::Role, secret::Secret};

    #[test]
    fn a_key_reads_back_from_its_item() {
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
    }
}

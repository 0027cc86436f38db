//! The table `Sessions`.

use crate::client::{Database, Reader, StoreError, Write, item, n, s, time, ttl};
use mailkey::session::{Session, SessionDigest};

const TABLE: &str = "Sessions";

/// Reads and writes sessions.
#[derive(Debug, Clone)]
pub struct SessionStore {
    database: Database,
}

impl SessionStore {
    /// The sessions of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The write that stores a session that begins.
    pub fn write(&self, session: &Session) -> Write {
        let item = item([
            ("digest", s(session.digest.as_str())),
            ("user_id", s(session.user_id.to_string())),
            ("generation", n(session.generation)),
            ("created_at", time(session.created_at)),
            ("expires_at", time(session.expires_at)),
            ("ttl", ttl(session.expires_at)),
            ("schema", n(1)),
        ]);
        Write::put(TABLE, item)
    }

    /// Stores a session that begins.
    pub async fn begin(&self, session: &Session) -> Result<(), StoreError> {
        self.database.write(self.write(session)).await?;
        Ok(())
    }

    /// The session of a token, whether it has expired or not. The read is strongly consistent: a session that was ended
    /// must be gone at the next request.
    pub async fn get(&self, digest: &SessionDigest) -> Result<Option<Session>, StoreError> {
        let Some(item) = self.database.get(TABLE, [("digest", s(digest.as_str()))]).await? else { return Ok(None) };
        let reader = Reader::new(TABLE, &item);
        Ok(Some(Session {
            digest: digest.clone(),
            user_id: reader.parsed("user_id")?,
            generation: reader.number("generation")?,
            created_at: reader.time("created_at")?,
            expires_at: reader.time("expires_at")?,
        }))
    }

    /// Ends a session.
    pub async fn end(&self, digest: &SessionDigest) -> Result<(), StoreError> {
        self.database.write(Write::delete(TABLE, [("digest", s(digest.as_str()))])).await?;
        Ok(())
    }
}

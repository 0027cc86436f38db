//! The table `Sessions`.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::client::{Database, Item, Query, Reader, Returned, StoreError, Write, item, n, optional, s, time, ttl};
use mailkey::{
    account::UserId,
    entropy::Ulid,
    second_factor::{FactorState, MAX_STEP_UP_FAILURES},
    session::{Client, Session, SessionDigest, SessionId},
};

const TABLE: &str = "Sessions";

/// After how many seconds without use a session of version 0.1.0 has ended, if its user is staff.
const IDLE_LIMIT_OF_FORMER: i64 = 30 * 60;

/// How many codes were tried since the last right one.
const CODES: &str = "codes";

/// The index that lists a user's sessions.
const BY_USER: &str = "by_user";

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
        Write::put(TABLE, write(session))
    }

    /// Stores a session that begins.
    pub async fn begin(&self, session: &Session) -> Result<(), StoreError> {
        self.database.write(self.write(session)).await?;
        Ok(())
    }

    /// The session of a token, whether it has expired or not. The read is strongly consistent: a session that was ended
    /// must be gone at the next request.
    pub async fn get(&self, digest: &SessionDigest) -> Result<Option<Session>, StoreError> {
        self.database.get(TABLE, key(digest)).await?.as_ref().map(read).transpose()
    }

    /// The sessions of a user that are stored, the newest first, whether they have ended or not. One that began a moment
    /// ago may be missing, except `current`, which is always there.
    pub async fn of_user(&self, user: UserId, current: &Session) -> Result<Vec<Session>, StoreError> {
        let query = Query::new(TABLE, "user_id", user.to_string()).index(BY_USER).newest_first();
        let mut sessions: Vec<_> = self.database.query_all(query).await?.iter().map(read).collect::<Result<_, _>>()?;
        sessions.push(current.clone());
        sessions.sort_by_key(|session| (std::cmp::Reverse(session.id.0), session.generation != current.generation));
        let mut seen = HashSet::new();
        sessions.retain(|session| seen.insert(session.id));
        Ok(sessions)
    }

    /// Notes that a session was used, unless it was ended meanwhile.
    pub async fn used(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        self.database.write(update(session).set("last_used_at", time(now))).await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn end(&self, digest: &SessionDigest) -> Result<(), StoreError> {
        self.database.write(self.ended(digest)).await?;
        Ok(())
    }

    /// The write that ends a session.
    pub fn ended(&self, digest: &SessionDigest) -> Write {
        Write::delete(TABLE, key(digest))
    }

    /// Counts a code before it is checked, so that parallel guesses can't exceed the limit. Returns how many were counted
    /// since the last right one; `None` if there were too many, or if the session was ended.
    pub async fn count_code(&self, session: &Session) -> Result<Option<i64>, StoreError> {
        let update = Write::update(TABLE, key(&session.digest))
            .add(CODES, n(1))
            .only_if("attribute_exists(digest) AND (attribute_not_exists(#codes) OR #codes < :max)")
            .name("#codes", CODES)
            .value(":max", n(MAX_STEP_UP_FAILURES));
        match self.database.write_returning(update).await? {
            Returned::Written(item) => Ok(Some(Reader::new(TABLE, &item).number(CODES)?)),
            Returned::ConditionFailed(_) => Ok(None),
        }
    }

    /// The write that notes that the session's user proved who they are.
    pub fn stepped_up(&self, session: &Session, now: Timestamp) -> Write {
        update(session).set("stepped_up_at", time(now)).remove(CODES)
    }

    /// The write that notes the same, and that the user has a second factor now. The session outlives the user's next
    /// session generation, as in [`outlive`](Self::outlive).
    pub fn enrolled(&self, session: &Session, now: Timestamp) -> Write {
        self.stepped_up(session, now)
            .set("factor", s(FactorState::SetUp.as_str()))
            .set("generation", n(session.generation + 1))
    }

    /// The write that lets a session outlive the user's next session generation, which ends all others. Nothing is done
    /// if it was ended meanwhile.
    pub fn outlive(&self, session: &Session) -> Write {
        update(session).set("generation", n(session.generation + 1))
    }
}

fn key(digest: &SessionDigest) -> [(&'static str, aws_sdk_dynamodb::types::AttributeValue); 1] {
    [("digest", s(digest.as_str()))]
}

/// A change of a session that exists. An update of one that was ended would bring a part of it back.
fn update(session: &Session) -> Write {
    Write::update(TABLE, key(&session.digest)).only_if("attribute_exists(digest)")
}

fn write(session: &Session) -> Item {
    let mut item = item([
        ("digest", s(session.digest.as_str())),
        ("session_id", s(session.id.to_string())),
        ("user_id", s(session.user_id.to_string())),
        ("generation", n(session.generation)),
        ("created_at", time(session.created_at)),
        ("expires_at", time(session.expires_at)),
        ("last_used_at", time(session.last_used_at)),
        ("idle_limit_s", n(session.idle_limit.as_secs())),
        ("stepped_up_at", time(session.stepped_up_at)),
        ("factor", s(session.factor.as_str())),
        ("ttl", ttl(session.expires_at)),
        ("schema", n(2)),
    ]);
    item.extend(optional([
        ("ip", session.client.ip.map(|ip| s(ip.to_string()))),
        ("user_agent", session.client.user_agent.as_ref().map(s)),
    ]));
    item
}

fn read(item: &Item) -> Result<Session, StoreError> {
    let reader = Reader::new(TABLE, item);
    let created_at = reader.time("created_at")?;
    // A session that version 0.1.0 began has neither an id nor the times. It counts as used and confirmed at its beginning.
    let is_former = reader.optional_text("session_id").is_none();
    let id_of_former = || SessionId(Ulid::from_parts(created_at.as_millisecond().unsigned_abs(), 0));
    Ok(Session {
        digest: SessionDigest::from_stored(reader.text("digest")?),
        id: if is_former { id_of_former() } else { reader.parsed("session_id")? },
        user_id: reader.parsed("user_id")?,
        generation: reader.number("generation")?,
        created_at,
        expires_at: reader.time("expires_at")?,
        last_used_at: reader.optional_time("last_used_at").unwrap_or(created_at),
        idle_limit: SignedDuration::from_secs(reader.optional_number("idle_limit_s").unwrap_or(IDLE_LIMIT_OF_FORMER)),
        stepped_up_at: reader.optional_time("stepped_up_at").unwrap_or(created_at),
        factor: if is_former { FactorState::NotSetUp } else { reader.parsed("factor")? },
        client: Client {
            ip: reader.optional_text("ip").and_then(|ip| ip.parse().ok()),
            user_agent: reader.optional_text("user_agent").map(ToOwned::to_owned),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::{OsEntropy, entropy::Ulid, secret::Secret, session::SessionId};

    #[test]
    fn a_session_reads_back_from_its_item() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let session = Session {
            digest: Secret::generate(&OsEntropy).unwrap().digest(),
            id: SessionId(Ulid(3)),
            user_id: UserId(Ulid(2)),
            generation: 4,
            created_at: now,
            expires_at: now + SignedDuration::from_hours(12),
            last_used_at: now + SignedDuration::from_mins(1),
            idle_limit: SignedDuration::from_mins(30),
            stepped_up_at: now,
            factor: FactorState::SetUp,
            client: Client::new("192.0.2.1".parse().ok(), Some("Firefox")),
        };
        let plain = Session { client: Client::default(), ..session.clone() };
        for session in [session, plain] {
            assert_eq!(read(&write(&session)).unwrap(), session);
        }
    }
}

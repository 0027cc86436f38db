//! API keys: for scripts and other systems, made by an administrator, shown once.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use ulid::Ulid;

use crate::{
    account::{Role, UserId},
    json::{Rfc3339, text},
    secret::SecretDigest,
};

/// What a key's text begins with, so that people and scanners recognise it.
pub const PREFIX: &str = "mk_";

/// An API key, without its secret, which we don't store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApiKey {
    /// Its id.
    #[serde(serialize_with = "text")]
    #[schemars(with = "UserId")]
    pub id: Ulid,
    /// The key of the item.
    #[serde(skip)]
    pub digest: SecretDigest,
    /// The name of the key, which says what it is for.
    pub name: String,
    /// The role: at most that of the administrator who created the key.
    #[schemars(extend("enum" = ["support", "admin"]))]
    pub role: Role,
    /// The routes that the key may call, such as `GET /api/admin/users`. If it is empty, all routes of the role.
    pub routes: Vec<String>,
    /// The id of the person who created it. The key acts in their name, and only while they are active.
    pub created_by: UserId,
    /// When it was created.
    #[serde(with = "Rfc3339")]
    pub created_at: Timestamp,
    /// When it expires.
    #[serde(with = "Rfc3339")]
    pub expires_at: Timestamp,
    /// When it was revoked.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
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

    /// Whether a use of the key at `now` has to be noted. One use an hour is enough.
    pub fn is_use_worth_noting(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|at| now.duration_since(at) >= SignedDuration::from_hours(1))
    }
}

#[cfg(test)]
mod tests {
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
        for (used_minutes_ago, noted) in [(None, true), (Some(59), false), (Some(60), true)] {
            let last_used_at = used_minutes_ago.map(|minutes| now - SignedDuration::from_mins(minutes));
            let used = ApiKey { last_used_at, ..key.clone() };
            assert_eq!(used.is_use_worth_noting(now), noted, "{used_minutes_ago:?}");
        }
        assert!(key.opens("GET /api/admin/users", now));
        assert!(!key.opens("POST /api/admin/users", now), "another route");
        assert!(!key.opens("GET /api/admin/users", key.expires_at), "expired");
        let everywhere = ApiKey { routes: Vec::new(), ..key.clone() };
        assert!(everywhere.opens("POST /api/admin/users", now));
        let revoked = ApiKey { revoked_at: Some(now), ..key };
        assert!(!revoked.opens("GET /api/admin/users", now), "revoked");
    }
}

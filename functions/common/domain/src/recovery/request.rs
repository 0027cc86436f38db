//! The request itself, and the key under which it is stored.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::Mac;
use jiff::{SignedDuration, Timestamp};

use crate::{
    account::{AddressKey, EmailAddress, User, UserId},
    config::KeyRing,
    email_log::{EmailId, EmailKind, Trigger},
    request_id::RequestId,
    text_form::text_form,
};

/// What a security notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecurityEvent {
    /// An administrator created an API key.
    ApiKeyCreated,
    /// An account was created, imported or changed so that it is an administrator's.
    AdministratorAdded,
    /// A second factor was set up for the recipient's account.
    SecondFactorAdded,
    /// An administrator removed the recipient's second factor.
    SecondFactorRemoved,
}

text_form!(SecurityEvent {
    ApiKeyCreated = "api_key_created",
    AdministratorAdded = "administrator_added",
    SecondFactorAdded = "second_factor_added",
    SecondFactorRemoved = "second_factor_removed",
});

/// A request for one email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailRequest {
    /// The key of the item.
    pub key: RequestKey,
    /// The email log entry that this request leads to, whatever is decided: given with the request, so that handling
    /// it again leads to the same entry.
    pub email_id: EmailId,
    /// What is asked for. A link for a pending user becomes an activation.
    pub kind: EmailKind,
    /// Who asked.
    pub trigger: Trigger,
    /// The address that was asked for.
    pub address: EmailAddress,
    /// The user that a notice is about, where the address is no longer theirs.
    pub user_id: Option<UserId>,
    /// What a security notice is about.
    pub event: Option<SecurityEvent>,
    /// What a notice names, such as API keys that were revoked. People chose these names, so they are untrusted.
    pub names: Vec<String>,
    /// When.
    pub requested_at: Timestamp,
    /// The API request that caused it, if one did.
    pub request_id: Option<RequestId>,
}

impl EmailRequest {
    /// The same request about `user`, whose address it may no longer be.
    #[must_use]
    pub fn about(mut self, user: UserId) -> Self {
        self.user_id = Some(user);
        self
    }

    /// The same request, in which the email names these things.
    #[must_use]
    pub fn naming(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names = names.into_iter().collect();
        self
    }

    /// A request for the notice of a security event to one person.
    pub fn security_notice(email_id: EmailId, event: SecurityEvent, to: &User, now: Timestamp) -> Self {
        let notice =
            Self::unique(email_id, EmailKind::SecurityNotice, Trigger::System, to.email.clone(), now).about(to.id);
        Self { event: Some(event), ..notice }
    }

    /// The same request, caused by the API request `id`.
    #[must_use]
    pub fn caused_by(mut self, id: Option<RequestId>) -> Self {
        self.request_id = id;
        self
    }

    /// A request that collapses with no other: a notice, or an administrator's.
    pub fn unique(email_id: EmailId, kind: EmailKind, trigger: Trigger, address: EmailAddress, now: Timestamp) -> Self {
        let key = RequestKey(email_id.to_string());
        Self {
            key,
            email_id,
            kind,
            trigger,
            address,
            user_id: None,
            event: None,
            names: Vec::new(),
            requested_at: now,
            request_id: None,
        }
    }
}

/// The key of a stored request.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestKey(String);

impl RequestKey {
    /// A key as it stands in the table.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As the table has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestKey({})", self.0)
    }
}

/// Makes the keys of self-service requests: an HMAC of the address and the time bucket. All requests for one address
/// within one bucket have one key, so an address can't be bombed; and a key tells nobody whose it is.
///
/// The key names the secret that it was made under. Under a new secret a request collapses with none that was made
/// under the former one: for the length of a bucket, which nothing rests on.
#[derive(Clone)]
pub struct RequestKeyring {
    secrets: KeyRing,
    bucket: SignedDuration,
}

impl RequestKeyring {
    /// Keys under the current one of `secrets`, for buckets of the length `bucket`; zero turns collapsing off.
    pub fn new(secrets: KeyRing, bucket: SignedDuration) -> Self {
        Self { secrets, bucket }
    }

    /// The key for a request of `address` at `now`.
    pub fn key(&self, address: &AddressKey, email_id: EmailId, now: Timestamp) -> RequestKey {
        let bucket_ms = self.bucket.as_millis();
        let bucket = if bucket_ms > 0 {
            (i128::from(now.as_millisecond()) / bucket_ms).to_string()
        } else {
            email_id.to_string()
        };
        let (id, secret) = self.secrets.current();
        let mut mac = secret.hmac();
        mac.update(b"email-request\0");
        mac.update(address.as_str().as_bytes());
        mac.update(b"\0");
        mac.update(bucket.as_bytes());
        RequestKey(format!("{id}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for RequestKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestKeyring").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

/// The result of accepting a request. The API answers both alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is stored.
    Stored,
    /// It collapsed into a request that was stored before.
    Collapsed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(id: &str, byte: u8) -> KeyRing {
        KeyRing::parse(&format!("{id}:{}", base64::prelude::BASE64_STANDARD.encode([byte; 32]))).unwrap()
    }

    fn key(bucket_seconds: i64, address: &str, at_second: i64, email_id: u128) -> RequestKey {
        let keyring = RequestKeyring::new(secrets("1", 7), SignedDuration::from_secs(bucket_seconds));
        let now = Timestamp::new(1_800_000_000 + at_second, 0).unwrap();
        keyring.key(EmailAddress::parse(address).unwrap().key(), EmailId(ulid::Ulid(email_id)), now)
    }

    #[test]
    fn requests_collapse_within_a_bucket_and_for_one_address_only() {
        let first = key(60, "alice@example.com", 0, 1);
        assert_eq!(first, key(60, "ALICE@example.com", 59, 2), "the same bucket, however it is spelled");
        assert_ne!(first, key(60, "alice@example.com", 60, 3), "the next bucket");
        assert_ne!(first, key(60, "bob@example.com", 0, 4), "another address");
    }

    #[test]
    fn without_buckets_no_two_requests_collapse() {
        assert_ne!(key(0, "alice@example.com", 0, 1), key(0, "alice@example.com", 0, 2));
    }

    #[test]
    fn a_key_does_not_tell_the_address() {
        assert!(!key(60, "alice@example.com", 0, 1).as_str().contains("alice"));
        let other = RequestKeyring::new(secrets("1", 8), SignedDuration::from_secs(60));
        let address = EmailAddress::parse("alice@example.com").unwrap();
        assert_ne!(
            other.key(address.key(), EmailId(ulid::Ulid(1)), Timestamp::new(1_800_000_000, 0).unwrap()),
            key(60, "alice@example.com", 0, 1)
        );
    }
}

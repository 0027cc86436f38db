//! Keys from Secrets Manager. They are read when a function starts, and again every five minutes, so that a rotation
//! reaches all running instances without a deployment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use mailkey::{Clock, SystemClock, config::KeyRing};
use serde::Deserialize;

use crate::env::{self, ConfigError};

/// infra/rotate-keys waits longer than this before it uses a new key.
const REFRESH_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// The secrets that this function has read.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    client: Client,
    read: Arc<Mutex<Read>>,
}

#[derive(Debug)]
struct Read {
    /// By ARN.
    rings: Vec<(String, KeyRing)>,
    at: Timestamp,
}

impl Secrets {
    pub(crate) fn new(sdk: &SdkConfig) -> Self {
        let read = Read { rings: Vec::new(), at: SystemClock.now() };
        Self { client: Client::new(sdk), read: Arc::new(Mutex::new(read)) }
    }

    pub(crate) async fn keys(&self, variable: &'static str) -> Result<KeyRing, ConfigError> {
        let value = env::required(variable)?;
        if !value.starts_with("arn:") {
            return KeyRing::parse(&value).map_err(|problem| ConfigError::new(variable, problem));
        }
        let ring = self.fetch(&value).await.map_err(|problem| ConfigError::new(variable, problem))?;
        self.lock().rings.push((value, ring.clone()));
        Ok(ring)
    }

    /// Reads the secrets again if it is time. If that fails, the known keys stay in use.
    pub(crate) async fn refresh(&self) {
        let due = self.lock().due(SystemClock.now());
        for (arn, ring) in due {
            match self.fetch(&arn).await {
                Ok(read) => ring.replace(&read),
                Err(error) => tracing::warn!(error, "a secret could not be read again"),
            }
        }
    }

    async fn fetch(&self, arn: &str) -> Result<KeyRing, String> {
        let secret = self.client.get_secret_value().secret_id(arn).send().await;
        let secret = secret.map_err(|error| format!("can't be read: {}", DisplayErrorContext(error)))?;
        key_ring(secret.secret_string().unwrap_or_default()).map_err(ToOwned::to_owned)
    }

    fn lock(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Read {
    /// The secrets to read again at `now`.
    fn due(&mut self, now: Timestamp) -> Vec<(String, KeyRing)> {
        if now.duration_since(self.at) < REFRESH_AFTER {
            return Vec::new();
        }
        self.at = now;
        self.rings.clone()
    }
}

/// The secret's form. CloudFormation creates it with one key; infra/rotate-keys adds the next or the previous one.
#[derive(Deserialize)]
struct StoredKeys {
    generation: String,
    key: String,
    /// The generation and the key of another key that is accepted but doesn't sign.
    other: Option<String>,
}

fn key_ring(secret: &str) -> Result<KeyRing, &'static str> {
    let StoredKeys { generation, key, other } =
        serde_json::from_str(secret).map_err(|_| "is not JSON with a generation and a key")?;
    let other = other.map(|other| format!(",{other}")).unwrap_or_default();
    KeyRing::parse(&format!("{generation}:{key}{other}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_key_that_signs_and_perhaps_another_that_is_accepted() {
        let (first, second) = ("A".repeat(64), "B".repeat(64));
        let created = key_ring(&format!(r#"{{"generation":"1","key":"{first}"}}"#)).unwrap();
        assert_eq!(created.current().0, "1");
        let rotated = key_ring(&format!(r#"{{"generation":"2","key":"{second}","other":"1:{first}"}}"#)).unwrap();
        assert!(rotated.current().1.is(&second) && rotated.get("1").unwrap().is(&first));
        for damaged in ["", "[]", r#"{"key":"short","generation":"1"}"#, r#"{"generation":"1"}"#] {
            assert!(key_ring(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn secrets_are_read_again_after_five_minutes_and_clones_of_a_ring_get_the_new_keys() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let ring = KeyRing::parse(&format!("1:{}", "A".repeat(64))).unwrap();
        let mut read = Read { rings: vec![("arn:a".to_owned(), ring.clone())], at: start };
        assert!(read.due(start + SignedDuration::from_secs(299)).is_empty());
        let due = read.due(start + SignedDuration::from_secs(300));
        assert!(read.due(start + SignedDuration::from_secs(301)).is_empty(), "once per interval");
        due[0].1.replace(&KeyRing::parse(&format!("2:{}", "B".repeat(64))).unwrap());
        assert_eq!(ring.current().0, "2");
    }
}

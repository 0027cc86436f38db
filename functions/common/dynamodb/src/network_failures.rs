//! The table `NetworkFailures`.

use jiff::Timestamp;

use crate::client::{Database, Item, Reader, StoreError, Write, n, s, ttl};
use mailkey::network::{Failure, Failures, Network};

const TABLE: &str = "NetworkFailures";

/// Reads and writes the counters.
#[derive(Debug, Clone)]
pub struct NetworkStore {
    database: Database,
}

impl NetworkStore {
    /// The counters of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The failures of `network` so far.
    pub async fn failures(&self, network: &Network, now: Timestamp) -> Result<Failures, StoreError> {
        let item = self.database.get(TABLE, [("network_key", s(network.key(now)))]).await?;
        read(&item.unwrap_or_default(), now)
    }

    /// Counts one more failure of `network` and returns all of them.
    pub async fn fail(&self, network: &Network, failure: Failure, now: Timestamp) -> Result<Failures, StoreError> {
        let update = Write::update(TABLE, [("network_key", s(network.key(now)))])
            .add("failures", n(failure.weight()))
            .set("ttl", ttl(Failures::kept_until(now)))
            .set("schema", n(1));
        read(&self.database.update(update).await?, now)
    }
}

fn read(item: &Item, now: Timestamp) -> Result<Failures, StoreError> {
    let weight = if item.is_empty() { 0 } else { Reader::new(TABLE, item).number("failures")? };
    Ok(Failures::new(weight, now))
}

//! Running erasures.

use std::{collections::BTreeSet, time::Duration};

use mailkey::{entropy::Ulid, erasure::Erasure};
use mailkey_dynamodb::{StoreError, client::Committed};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Erasures;

/// How long one run goes on before it leaves the rest to the next: well below the function's timeout of 29 s. A page of
/// a table takes a fraction of a second.
const RUNS_FOR: Duration = Duration::from_secs(10);

impl Erasures {
    /// Continues the erasures that a batch of stream records names, and returns the records to retry
    /// (`ReportBatchItemFailures`).
    pub async fn handle_event(&self, payload: &Value) -> Value {
        let records = payload["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let (mut seen, mut failures) = (BTreeSet::new(), Vec::new());
        for record in records {
            let id = record["dynamodb"]["Keys"]["id"]["S"].as_str().and_then(|id| id.parse().ok());
            let Some(id) = id.filter(|id| seen.insert(*id)) else { continue };
            if let Err(error) = self.run(id).await {
                tracing::warn!(erasure = %id, error = error.chain(), "an erasure failed; it continues at the next try");
                failures.push(json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
            }
        }
        json!({ "batchItemFailures": failures })
    }

    /// Continues an erasure until it is finished or the time is over. Each part that is done is stored, which makes the
    /// stream deliver another record.
    async fn run(&self, id: Ulid) -> Result<(), StoreError> {
        let started = Instant::now();
        let Some(mut erasure) = self.app.db.erasures().get(id).await? else { return Ok(()) };
        while erasure.remaining.is_some() && started.elapsed() < RUNS_FOR {
            match self.advance(&erasure).await? {
                Some(next) => erasure = next,
                // Another run continued it meanwhile. Parts can be repeated, so no harm is done.
                None => return Ok(()),
            }
        }
        if erasure.remaining.is_none() {
            tracing::info!(erasure = %id, items = erasure.erased, "an erasure is finished");
        }
        Ok(())
    }

    /// Does the next part and stores that it is done.
    async fn advance(&self, erasure: &Erasure) -> Result<Option<Erasure>, StoreError> {
        let Some(remaining) = &erasure.remaining else { return Ok(None) };
        let now = self.app.now();
        let pseudonym = self.pseudonyms.of(&remaining.person.address);
        let changed = self.app.db.personal_data().erase_some(remaining, &pseudonym, now).await?;
        let next = if changed.former.is_empty() {
            erasure.advanced(changed.items, changed.next, now)
        } else {
            erasure.with_former(changed.former)
        };
        let saved = self.app.db.erasures().save(&next).await?;
        Ok((saved == Committed::Done).then_some(next))
    }
}

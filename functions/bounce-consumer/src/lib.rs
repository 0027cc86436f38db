//! Consumes SES's events: updates the email log, the suppressions and the alarms.
//!
//! # Which events count
//!
//! The queue accepts only what our topic sends. Even so, an event changes something only if it is about an email of
//! this deployment. Its entry is found by the tag `email_id`, then by SES's message id, then by the header
//! `X-Mailkey-Email-Id`. If retention has deleted the entry and the event names our configuration set or our sender, the
//! event is stored as an orphan, with the same consequences for the address.
//!
//! Events of watched senders come through a second queue and have entries of their own; see the module `watched`.
//!
//! # Order and crashes
//!
//! For each recipient, alarms and removals from SES's suppression list come first. Then one transaction writes the
//! timeline, the status, the suppression and the raw event. After a crash, the queue delivers the record again, and the
//! record is either fully processed or not at all. The result depends only on the *set* of events, so late, duplicate
//! and reordered events lead to the same state.

mod consequences;
mod take;
mod watched;

use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use jiff::SignedDuration;
use mailkey::{
    Unavailable,
    config::EmailConfig,
    email_log::{
        DeliveryStatus, Origin,
        counts::{CountedAs, CountedEmail, EmailCounts},
    },
    ses_event::{NotUnderstood, Record, unwrap},
};
use mailkey_api::App;
use mailkey_dynamodb::StoreError;
use mailkey_ses::SesSuppressionList;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

pub use watched::{Route, WATCHED_QUEUE, WatchedEvents};

/// The dependencies of this function.
pub struct BounceConsumer {
    /// The tables, the clock and the random source.
    pub app: App,
    /// SES's own list.
    pub ses_list: SesSuppressionList,
    /// Identifies our own emails: the configuration sets and the sender.
    pub mail: EmailConfig,
    /// Whose email is logged, although Mailkey doesn't send it.
    pub watched: WatchedEvents,
}

/// What the records of one batch share.
#[derive(Default)]
struct Batch {
    /// The changes of our own counters.
    own: Mutex<EmailCounts>,
    /// The changes of the counters of watched email.
    watched: Mutex<EmailCounts>,
    retention: OnceCell<SignedDuration>,
}

impl Batch {
    /// How long the log is kept. Only watched email needs it; the settings are read once.
    async fn retention(&self, consumer: &BounceConsumer) -> Result<SignedDuration, Retry> {
        let read = || async { Ok(consumer.app.db.settings().get().await?.log_retention()) };
        self.retention.get_or_try_init(read).await.copied()
    }

    fn count_watched(&self, email: CountedEmail<'_>, from: Option<DeliveryStatus>, to: CountedAs) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).change(email, from, to);
    }
}

/// The result for one record.
#[derive(Debug)]
pub enum Verdict {
    /// Processed: everything that follows from it is stored, now or earlier.
    Taken,
    /// It concerns someone else's email, and changes nothing.
    NotOurs,
    /// It can't be parsed, now or later. It is set aside.
    NotUnderstood(NotUnderstood),
    /// It must be retried.
    Again(Retry),
}

/// Why a record must be retried.
#[derive(Debug, thiserror::Error)]
pub enum Retry {
    /// A table could not be read or written.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// SES did not respond.
    #[error("{}", .0.chain())]
    Ses(#[from] Unavailable),
    /// Our mail, but its entry does not know SES's name for it yet.
    #[error("the email log does not know the message yet")]
    NoEntryYet,
    /// Someone else changed the same items at every try.
    #[error("others changed the same items at every try")]
    Conflict,
}

/// The results for all records of a Lambda event.
#[derive(Debug)]
pub struct Outcome {
    /// Each record's id in its queue, if it came from one, with its result.
    pub verdicts: Vec<(Option<String>, Verdict)>,
}

/// A record must be retried but has no queue id, so it can't be named in the response.
#[derive(Debug, thiserror::Error)]
#[error("an event must be retried")]
pub struct ComeAgain;

impl Outcome {
    /// The response to Lambda: the records to retry (`ReportBatchItemFailures`). Fails where a record without a queue
    /// id must be retried, so that Lambda retries the whole batch.
    pub fn into_answer(self) -> Result<Value, ComeAgain> {
        let again = self.verdicts.into_iter().filter(|(_, verdict)| matches!(verdict, Verdict::Again(_)));
        let failures = again.map(|(receipt, _)| Some(json!({ "itemIdentifier": receipt? })));
        let failures: Option<Vec<_>> = failures.collect();
        Ok(json!({ "batchItemFailures": failures.ok_or(ComeAgain)? }))
    }
}

impl BounceConsumer {
    /// Takes an event of Lambda's, in whatever wrapping. One bad record holds up no other.
    pub async fn handle_event(&self, payload: &Value) -> Outcome {
        let records = unwrap(payload);
        let batch = Batch::default();
        let verdicts = join_all(records.into_iter().map(|record| self.judge(record, &batch))).await;
        for (origin, counts) in [(Origin::Mailkey, batch.own), (Origin::Watched, batch.watched)] {
            let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
            self.app.db.email_counts().add(origin, &counts, self.app.now()).await;
        }
        Outcome { verdicts }
    }

    async fn judge(&self, record: Record, batch: &Batch) -> (Option<String>, Verdict) {
        let verdict = self.take(&record, batch).await.unwrap_or_else(Verdict::Again);
        log(record.receipt.as_deref(), &verdict);
        (record.receipt, verdict)
    }
}

fn log(receipt: Option<&str>, verdict: &Verdict) {
    match verdict {
        Verdict::Taken => {}
        Verdict::NotOurs => {
            tracing::info!(receipt, metric = "ForeignSesEvents", "event about someone else's email")
        }
        Verdict::NotUnderstood(reason) => {
            tracing::warn!(receipt, %reason, metric = "SesEventsNotUnderstood", "event not understood");
        }
        Verdict::Again(reason) => {
            tracing::warn!(receipt, %reason, metric = "SesEventsAgain", "event must be retried");
        }
    }
}

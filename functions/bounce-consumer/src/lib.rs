//! The consumer of SES's events: their truth goes into the email log, their consequences into suppressions and alarms.
//!
//! # Whose events count
//!
//! The queue takes nothing but what our topic sends it. Yet an event changes something only if it is about mail of this
//! deployment: its entry is found by the tag `log_id`, else by SES's message id, else by the header `X-Mailkey-Log-Id`;
//! or the entry is gone by retention and the event names our configuration set or our sender: then it is kept as an
//! orphan, and its consequences for the address are the same.
//!
//! # Order, and crashes
//!
//! For each recipient: alarms, and what SES's own list must give up, come first; then one transaction writes the
//! timeline, the status, the suppression and the raw copy. Whatever is interrupted comes again from the queue and finds
//! itself done or not done, never half done. All of it is a function of the *set* of events: late, doubled and
//! reordered ones lead to the same end.

mod consequences;
mod take;

use futures_util::future::join_all;
use mailkey::{
    StoreError, Unavailable,
    config::MailConfig,
    ses_event::{NotUnderstood, Record, unwrap},
};
use mailkey_api::App;
use mailkey_ses::SesSuppressionList;
use serde_json::{Value, json};

/// What the function works with.
pub struct BounceConsumer {
    /// The tables, the clock and the random source.
    pub app: App,
    /// SES's own list.
    pub ses_list: SesSuppressionList,
    /// How our mail is recognised.
    pub mail: MailConfig,
}

/// What became of one record.
#[derive(Debug)]
pub enum Verdict {
    /// It is taken: everything that follows from it is written, now or before.
    Taken,
    /// It is about mail of somebody else, and changes nothing.
    NotOurs,
    /// It can never be understood. It is kept aside.
    NotUnderstood(NotUnderstood),
    /// It has to come again.
    Again(NotYet),
}

/// Why a record has to come again.
#[derive(Debug, thiserror::Error)]
pub enum NotYet {
    /// A store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// SES did not answer.
    #[error(transparent)]
    Ses(#[from] Unavailable),
    /// Our mail, but its entry does not know SES's name for it yet.
    #[error("the email log does not know the message yet")]
    NoEntryYet,
    /// Someone else changed the same items at every try.
    #[error("others changed the same items at every try")]
    Conflict,
}

/// What became of all records of an event of Lambda's.
#[derive(Debug)]
pub struct Outcome {
    /// Each record's id in its queue, where it came from one, and the verdict.
    pub verdicts: Vec<(Option<String>, Verdict)>,
}

/// Something has to come again and came by no queue whose records can be named one by one.
#[derive(Debug, thiserror::Error)]
#[error("an event has to come again")]
pub struct ComeAgain;

impl Outcome {
    /// The answer to Lambda: the records that must come again (`ReportBatchItemFailures`).
    ///
    /// # Errors
    ///
    /// [`ComeAgain`] where a record without a queue must come again: Lambda then repeats the whole.
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
        Outcome { verdicts: join_all(records.into_iter().map(|record| self.judge(record))).await }
    }

    async fn judge(&self, record: Record) -> (Option<String>, Verdict) {
        let verdict = self.take(&record).await.unwrap_or_else(Verdict::Again);
        log(record.receipt.as_deref(), &verdict);
        (record.receipt, verdict)
    }
}

fn log(receipt: Option<&str>, verdict: &Verdict) {
    match verdict {
        Verdict::Taken => {}
        Verdict::NotOurs => {
            tracing::info!(receipt, metric = "ForeignSesEvents", "an event about mail of somebody else")
        }
        Verdict::NotUnderstood(reason) => {
            tracing::warn!(receipt, %reason, metric = "SesEventsNotUnderstood", "an event can't be understood");
        }
        Verdict::Again(reason) => {
            tracing::warn!(receipt, %reason, metric = "SesEventsAgain", "an event must come again");
        }
    }
}

//! The pump: hands what waits to the consumer, as Lambda does with the messages of a queue.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use mailkey_bounce_consumer::{BounceConsumer, Outcome, Verdict};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc::UnboundedReceiver};

use super::{EventQueue, Form, Letter};

/// So many records are in one event of Lambda's at most, as in the template.
const BATCH: usize = 10;

/// So many events are handled at once.
const AT_ONCE: usize = 4;

/// SES's events come a while after its answer. Without it they would overtake what the mailer writes down of the
/// answer, which on AWS is rare.
const ON_THE_WAY: Duration = Duration::from_millis(50);

/// The function's time-out, as in the template.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What fails comes again after this, then after twice the time, and so on up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pump, not yet running.
pub struct EventPump {
    queue: EventQueue,
    waiting: UnboundedReceiver<Letter>,
}

impl EventPump {
    pub(super) fn new(queue: EventQueue, waiting: UnboundedReceiver<Letter>) -> Self {
        Self { queue, waiting }
    }

    /// Pumps for as long as the process lives, beginning with what a former one left.
    pub async fn run(mut self, consumer: Arc<BounceConsumer>) {
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        while let Ok(permit) = Arc::clone(&at_once).acquire_owned().await {
            let mut batch = Vec::new();
            self.waiting.recv_many(&mut batch, BATCH).await;
            let (consumer, queue) = (Arc::clone(&consumer), self.queue.clone());
            tokio::spawn(async move {
                tokio::time::sleep(ON_THE_WAY).await;
                let again = hand_over(&consumer, &batch).await;
                drop(permit);
                settle(queue, batch, &again).await;
            });
        }
    }
}

/// Hands letters to the consumer, and answers the names of those that have to come again.
async fn hand_over(consumer: &BounceConsumer, letters: &[Letter]) -> HashSet<String> {
    let (events, payloads): (Vec<_>, Vec<_>) = letters.iter().partition(|letter| letter.form == Form::Event);
    let mut again = HashSet::new();
    if !events.is_empty() {
        let event = json!({ "Records": events.iter().map(|letter| letter.record()).collect::<Vec<_>>() });
        again = match tokio::time::timeout(TIME_LIMIT, consumer.handle_event(&event)).await {
            Ok(outcome) => named(outcome),
            Err(_) => events.iter().map(|letter| letter.id.clone()).collect(),
        };
    }
    for letter in payloads {
        let handled = tokio::time::timeout(TIME_LIMIT, consumer.handle_event(&letter.payload())).await;
        if handled.map_or(true, |outcome| outcome.verdicts.iter().any(|(_, verdict)| is_again(verdict))) {
            again.insert(letter.id.clone());
        }
    }
    again
}

pub(super) fn is_again(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Again(_))
}

/// The records that the answer to Lambda names.
fn named(outcome: Outcome) -> HashSet<String> {
    let answer = outcome.into_answer().unwrap_or_default();
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures.filter_map(|failure| failure["itemIdentifier"].as_str().map(ToOwned::to_owned)).collect()
}

/// Deletes what was taken, and puts the rest back after a while.
async fn settle(queue: EventQueue, letters: Vec<Letter>, again: &HashSet<String>) {
    let (again, taken): (Vec<_>, Vec<_>) = letters.into_iter().partition(|letter| again.contains(&letter.id));
    for letter in again {
        let letters = queue.letters.clone();
        tokio::spawn(async move {
            tokio::time::sleep(FIRST_PAUSE.saturating_mul(1 << letter.failures.min(10)).min(LONGEST_PAUSE)).await;
            let _ = letters.send(letter.after_failure());
        });
    }
    queue.waiting.fetch_sub(taken.len(), Ordering::SeqCst);
    let forgotten = tokio::task::spawn_blocking(move || queue.forget(&taken)).await;
    if let Ok(Err(error)) = forgotten {
        tracing::warn!(%error, "events that are taken could not be deleted; they come again with the next start");
    }
}

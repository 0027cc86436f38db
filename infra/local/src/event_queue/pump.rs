//! Delivers queued events to the consumer, as Lambda does with SQS messages.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use mailkey_bounce_consumer::{BounceConsumer, Outcome, Verdict};
use serde_json::json;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, unbounded_channel},
};

use super::{EventQueue, Form, QueuedEvent};

/// The batch size in the template.
const BATCH: usize = 10;

/// The number of batches handled at once, for each pipeline.
const AT_ONCE: usize = 4;

/// `MaximumConcurrency` of the watched queue in the template.
const WATCHED_AT_ONCE: usize = 2;

/// SES sends events some time after its response. Without this delay they would usually arrive before the mailer stores
/// the response, which is rare on AWS.
const ON_THE_WAY: Duration = Duration::from_millis(50);

/// The function's timeout in the template.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The delay before the first retry. It doubles with each retry, up to `LONGEST_PAUSE`.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Delivers the queue's events once it runs.
pub struct EventPump {
    queue: EventQueue,
    waiting: UnboundedReceiver<QueuedEvent>,
}

impl EventPump {
    pub(super) fn new(queue: EventQueue, waiting: UnboundedReceiver<QueuedEvent>) -> Self {
        Self { queue, waiting }
    }

    /// Delivers events until the process ends, starting with those a previous process left.
    ///
    /// Events of watched senders take a pipeline of their own, as on AWS, so that ours don't wait behind a flood of them.
    pub async fn run(mut self, consumer: Arc<BounceConsumer>) {
        let [ours, watched] = [AT_ONCE, WATCHED_AT_ONCE].map(|at_once| {
            let (sender, waiting) = unbounded_channel();
            tokio::spawn(deliver(self.queue.clone(), waiting, Arc::clone(&consumer), at_once));
            sender
        });
        while let Some(queued) = self.waiting.recv().await {
            let pipeline = if consumer.are_all_watched(&queued.payload()) { &watched } else { &ours };
            let _ = pipeline.send(queued);
            // The queue may hold thousands of events, and each one is parsed here.
            tokio::task::yield_now().await;
        }
    }
}

/// Delivers the events of one pipeline.
async fn deliver(
    queue: EventQueue,
    mut waiting: UnboundedReceiver<QueuedEvent>,
    consumer: Arc<BounceConsumer>,
    at_once: usize,
) {
    let at_once = Arc::new(Semaphore::new(at_once));
    while let Ok(permit) = Arc::clone(&at_once).acquire_owned().await {
        let mut batch = Vec::new();
        if waiting.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let (consumer, queue) = (Arc::clone(&consumer), queue.clone());
        tokio::spawn(async move {
            tokio::time::sleep(ON_THE_WAY).await;
            let again = hand_over(&consumer, &batch).await;
            drop(permit);
            settle(queue, batch, &again).await;
        });
    }
}

/// Delivers entries to the consumer and returns the ids of those to retry.
async fn hand_over(consumer: &BounceConsumer, queued: &[QueuedEvent]) -> HashSet<String> {
    let (events, payloads): (Vec<_>, Vec<_>) = queued.iter().partition(|queued| queued.form == Form::Event);
    let mut again = HashSet::new();
    if !events.is_empty() {
        let event = json!({ "Records": events.iter().map(|queued| queued.record()).collect::<Vec<_>>() });
        again = match tokio::time::timeout(TIME_LIMIT, consumer.handle_event(&event)).await {
            Ok(outcome) => named(outcome),
            Err(_) => events.iter().map(|queued| queued.id.clone()).collect(),
        };
    }
    for queued in payloads {
        let handled = tokio::time::timeout(TIME_LIMIT, consumer.handle_event(&queued.payload())).await;
        if handled.map_or(true, |outcome| outcome.verdicts.iter().any(|(_, verdict)| is_again(verdict))) {
            again.insert(queued.id.clone());
        }
    }
    again
}

pub(super) fn is_again(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Again(_))
}

/// The failed record ids in the response to Lambda.
fn named(outcome: Outcome) -> HashSet<String> {
    let answer = outcome.into_answer().unwrap_or_default();
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures.filter_map(|failure| failure["itemIdentifier"].as_str().map(ToOwned::to_owned)).collect()
}

/// Deletes accepted entries and schedules a retry for the others.
async fn settle(queue: EventQueue, queued: Vec<QueuedEvent>, again: &HashSet<String>) {
    let (again, taken): (Vec<_>, Vec<_>) = queued.into_iter().partition(|queued| again.contains(&queued.id));
    for queued in again {
        let sender = queue.sender.clone();
        tokio::spawn(async move {
            tokio::time::sleep(FIRST_PAUSE.saturating_mul(1 << queued.failures.min(10)).min(LONGEST_PAUSE)).await;
            let _ = sender.send(queued.after_failure());
        });
    }
    queue.waiting.fetch_sub(taken.len(), Ordering::SeqCst);
    let forgotten = tokio::task::spawn_blocking(move || queue.forget(&taken)).await;
    if let Ok(Err(error)) = forgotten {
        tracing::warn!(%error, "can't delete accepted events; they are delivered again after the next start");
    }
}

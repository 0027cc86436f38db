//! Brings email requests to the mailer, as the stream of their table does on AWS.
//!
//! It receives each item when it is stored and passes the mailer the event that a stream would deliver. Items that fail
//! move to a queue, as on AWS, and are retried with growing delays. After a restart it reads the unfinished items from the table. The work for a
//! request therefore doesn't grow with the number of earlier requests.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use mailkey_dynamodb::{Database, client::Item};
use mailkey_mailer::{Delayed, Mailer};
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, mpsc},
    time::MissedTickBehavior,
};

use crate::calls::{self, CallBook};

/// The table whose stream feeds the mailer.
pub const FED_BY: &str = "EmailRequests";

/// The number of requests that may wait in memory; more wait in the table.
const QUEUE: usize = 10_000;

/// The number of events handled at once.
const AT_ONCE: usize = 8;

/// The most requests in one event, fewer than in the template: a kill sends those again that SES has accepted and the
/// mailer hasn't recorded yet.
const BATCH: usize = 3;

/// Requests are handed over at fixed intervals, about the delay of a stream. Work therefore doesn't start right after a
/// response, and the load at that moment doesn't reveal whether the account exists.
const STROKE: Duration = Duration::from_millis(250);

/// Callers wait for a response, but nobody waits for an email to be written. The pump therefore yields this often
/// before each email, and once when the queue is more than half full. Without requests, yielding takes no time.
const TURNS: usize = 4;

/// The delay before the first retry. It doubles with each retry, up to `LONGEST_PAUSE`.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often to read the tables for items that did not fit into the queue.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Accepts requests when they are stored.
#[derive(Debug, Clone)]
pub struct Inlet {
    queue: mpsc::Sender<Waiting>,
    overflowed: Arc<AtomicBool>,
    /// Requests that are queued or in progress, so that reading the table doesn't add them again.
    under_way: Arc<Mutex<HashSet<String>>>,
}

#[derive(Debug)]
struct Waiting {
    email_id: String,
    /// The item as JSON text, which needs a tenth of the memory of a parsed value.
    image: Box<str>,
    failures: u32,
    /// Its message in the queue of delayed requests, if it moved there.
    message: Option<Value>,
}

impl Waiting {
    fn new(email_id: &str, image: &Value) -> Self {
        Self { email_id: email_id.to_owned(), image: image.to_string().into(), failures: 0, message: None }
    }

    /// The message of the queue if the request moved there, or else a record of the stream.
    fn record(&self) -> Value {
        static SEQUENCE: AtomicU64 = AtomicU64::new(1);
        if let Some(message) = &self.message {
            return message.clone();
        }
        let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed).to_string();
        let image: Value = serde_json::from_str(&self.image).unwrap_or_default();
        json!({
            "eventID": sequence,
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "local",
            "dynamodb": { "NewImage": image, "SequenceNumber": sequence, "StreamViewType": "NEW_IMAGE" },
        })
    }
}

/// The id of the email that a stored item asks for.
fn email_id(image: &Value) -> Option<&str> {
    image["email_id"]["S"].as_str()
}

impl Inlet {
    /// Queues a stored item if it asks for an email.
    pub fn take(&self, image: &Value) {
        let Some(email_id) = email_id(image).filter(|email_id| self.begin(email_id)) else { return };
        if self.queue.try_send(Waiting::new(email_id, image)).is_err() {
            self.end(email_id);
            self.overflowed.store(true, Ordering::SeqCst);
        }
    }

    /// Returns true if the queue for the mailer is full.
    pub fn is_full(&self) -> bool {
        self.queue.capacity() == 0
    }

    /// The number of requests that the mailer isn't done with, apart from those that wait in the table.
    pub fn in_progress(&self) -> usize {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Gives pending requests priority before work on this many emails: the runtime polls new connections before it
    /// returns to a task that yields.
    async fn give_way(&self, emails: usize) {
        let turns = if self.queue.capacity() > self.queue.max_capacity() / 2 { TURNS } else { 1 };
        for _ in 0..turns * emails {
            tokio::task::yield_now().await;
        }
    }

    /// Marks a request as in progress; returns false if it already is.
    fn begin(&self, email_id: &str) -> bool {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(email_id.to_owned())
    }

    fn end(&self, email_id: &str) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(email_id);
    }
}

/// Passes queued requests to the mailer once it runs.
#[derive(Debug)]
pub struct Pump {
    queue: mpsc::Receiver<Waiting>,
    inlet: Inlet,
}

/// Creates an inlet and its pump.
pub fn pump() -> (Inlet, Pump) {
    let (sender, queue) = mpsc::channel(QUEUE);
    let inlet = Inlet { queue: sender, overflowed: Arc::default(), under_way: Arc::default() };
    (inlet.clone(), Pump { queue, inlet })
}

impl Pump {
    /// Pumps for as long as the process lives, beginning with what a former one left.
    pub async fn run(mut self, mailer: Arc<Mailer>, database: Database, book: CallBook) {
        let inlet = self.inlet.clone();
        inlet.overflowed.store(true, Ordering::SeqCst);
        tokio::spawn(async move {
            loop {
                if inlet.overflowed.swap(false, Ordering::SeqCst) {
                    let found = bring_unhandled(&database, &inlet).await;
                    if let Err(error) = found {
                        tracing::warn!(error, "can't read the pending requests from the tables; trying again");
                        inlet.overflowed.store(true, Ordering::SeqCst);
                    }
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        let mut stroke = tokio::time::interval(STROKE);
        stroke.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            stroke.tick().await;
            let mut left = self.queue.len();
            while left > 0 {
                let Ok(permit) = Arc::clone(&at_once).acquire_owned().await else { return };
                let mut batch = Vec::new();
                // Few requests are spread over as many events as may be handled at once; many fill the batches.
                let most = (left / AT_ONCE).clamp(1, BATCH);
                if self.queue.recv_many(&mut batch, most).await == 0 {
                    return;
                }
                left = left.saturating_sub(batch.len());
                self.inlet.give_way(batch.len()).await;
                let (mailer, inlet, book) = (Arc::clone(&mailer), self.inlet.clone(), book.clone());
                tokio::spawn(async move {
                    // The calls of one event can't be told apart by email.
                    let handed_over = match &*batch {
                        [waiting] => {
                            let (handed_over, calls) = calls::counting(hand_over(&mailer, &batch)).await;
                            book.keep_of_email(waiting.email_id.clone(), calls);
                            handed_over
                        }
                        _ => hand_over(&mailer, &batch).await,
                    };
                    drop(permit);
                    for (waiting, handed_over) in batch.into_iter().zip(handed_over) {
                        let again = |waiting| drop(tokio::spawn(come_again(inlet.queue.clone(), waiting)));
                        match handed_over {
                            HandedOver::Done => inlet.end(&waiting.email_id),
                            HandedOver::Failed => again(waiting),
                            HandedOver::Delayed(message) => again(Waiting { message: Some(message), ..waiting }),
                        }
                    }
                });
            }
        }
    }
}

async fn come_again(queue: mpsc::Sender<Waiting>, waiting: Waiting) {
    let pause = FIRST_PAUSE.saturating_mul(1 << waiting.failures.min(10)).min(LONGEST_PAUSE);
    tokio::time::sleep(pause).await;
    let failures = waiting.failures.saturating_add(1);
    let _ = queue.send(Waiting { failures, ..waiting }).await;
}

/// What the mailer did with a request.
enum HandedOver {
    Done,
    Failed,
    /// It moved to the queue of delayed requests, as this message. The pump waits less than the queue does on AWS.
    Delayed(Value),
}

/// Passes the mailer one event, and returns what it did with each request.
async fn hand_over(mailer: &Mailer, batch: &[Waiting]) -> Vec<HandedOver> {
    let records: Vec<_> = batch.iter().map(Waiting::record).collect();
    let names: Vec<_> = records.iter().map(|record| name(record).to_owned()).collect();
    let handled = mailer.handle_event(&json!({ "Records": records })).await;
    let one = |(name, waiting): (String, &Waiting)| match (
        handled.delayed.iter().find(|delayed| delayed.item == name),
        &waiting.message,
    ) {
        (Some(_), Some(message)) => HandedOver::Delayed(message.clone()),
        (Some(delayed), None) => HandedOver::Delayed(message(delayed, mailer.app.clock.now().as_millisecond())),
        (None, _) if handled.failed.contains(&name) => HandedOver::Failed,
        (None, _) => HandedOver::Done,
    };
    names.into_iter().zip(batch).map(one).collect()
}

/// What the event source calls a record or a message.
fn name(record: &Value) -> &str {
    record["messageId"].as_str().or(record["dynamodb"]["SequenceNumber"].as_str()).unwrap_or_default()
}

/// A message as SQS delivers it to Lambda.
fn message(delayed: &Delayed, sent_at: i64) -> Value {
    json!({
        "messageId": delayed.item,
        "receiptHandle": delayed.item,
        "body": delayed.body(),
        "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": sent_at.to_string() },
        "eventSource": "aws:sqs",
    })
}

/// Reads the table of requests and takes those whose email is not settled.
async fn bring_unhandled(database: &Database, inlet: &Inlet) -> Result<(), String> {
    let mut requests = database.client().scan().table_name(FED_BY).into_paginator().page_size(100).send();
    while let Some(page) = requests.next().await {
        bring(database, inlet, page.map_err(|e| e.to_string())?.items.unwrap_or_default()).await?;
    }
    Ok(())
}

async fn bring(database: &Database, inlet: &Inlet, found: Vec<Item>) -> Result<(), String> {
    // Reading a long log must not delay requests.
    inlet.give_way(1).await;
    let images: Vec<_> = found.iter().map(image).collect();
    let ids: Vec<_> = images.iter().filter_map(|image| email_id(image)?.parse().ok()).collect();
    let settled = database.email_log().settled(&ids).await.map_err(|e| e.chain())?;
    for image in images {
        let open = email_id(&image).filter(|id| !settled.iter().any(|settled| settled.to_string() == *id));
        let Some(email_id) = open.filter(|id| inlet.begin(id)) else { continue };
        if inlet.queue.send(Waiting::new(email_id, &image)).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// An item in DynamoDB's JSON form; those that ask for an email hold strings and numbers only.
fn image(item: &Item) -> Value {
    let attributes = item.iter().filter_map(|(name, value)| {
        let json = match value {
            AttributeValue::S(text) => json!({ "S": text }),
            AttributeValue::N(number) => json!({ "N": number }),
            _ => return None,
        };
        Some((name.clone(), json))
    });
    Value::Object(attributes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pending_requests_run_before_an_email_is_handled() {
        let (inlet, pump) = pump();
        let answered = Arc::new(AtomicU64::new(0));
        let asking = Arc::clone(&answered);
        tokio::spawn(async move {
            loop {
                asking.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        });
        let turns = async || {
            let before = answered.load(Ordering::SeqCst);
            inlet.give_way(1).await;
            answered.load(Ordering::SeqCst) - before
        };
        assert_eq!(turns().await, TURNS as u64);
        for number in 0..=QUEUE / 2 {
            inlet.take(&json!({ "email_id": { "S": number.to_string() } }));
        }
        assert_eq!(turns().await, 1, "the queue must not fill up while the pump yields");
        drop(pump);
    }
}

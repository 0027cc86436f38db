//! The pump: brings recovery requests to the mailer, and entries of the audit log that ask for a notice, as the streams
//! of their tables do on AWS.
//!
//! It is told of each as it is stored, and hands the mailer the very event that a stream would bring; what fails comes
//! again, later and later. What was not handled when the process ended is found again in the table. So the work for
//! a request does not grow with the number of requests before it.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use mailkey::{Database, database::Item, email_log::DeliveryStatus};
use mailkey_api::App;
use mailkey_mailer::Mailer;
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, mpsc},
    time::MissedTickBehavior,
};

use crate::calls::{self, CallBook};

/// The tables whose streams feed the mailer.
pub const FED_BY: [&str; 2] = ["RecoveryRequests", "AuditLog"];

/// So far back the audit log is looked through for notices that never went out: requests are kept as long.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many requests may wait in memory; what comes on top waits in the table.
const QUEUE: usize = 10_000;

/// So many requests are handled at once.
const AT_ONCE: usize = 8;

/// Requests are handed over at the strokes of a clock, a stroke apart: so what is done for one does not follow its
/// answer, and whoever looks how busy the service is right after an answer sees nothing of whom it was for. A stream
/// takes as long.
const STROKE: Duration = Duration::from_millis(250);

/// Whoever asks waits for the answer, and nobody watches a mail being written. So before each mail everybody who asks
/// has so many turns; once the queue is half full, one. Where nobody asks, that is no time.
const TURNS: usize = 4;

/// A request that fails comes again after this, then after twice the time, and so on up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often the table is looked through for what did not fit into the queue.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The inlet: takes requests as they are stored.
#[derive(Debug, Clone)]
pub struct Inlet {
    queue: mpsc::Sender<Waiting>,
    overflowed: Arc<AtomicBool>,
    /// The requests that wait or are being handled: one that is found in the table meanwhile is not taken twice.
    under_way: Arc<Mutex<HashSet<String>>>,
}

#[derive(Debug)]
struct Waiting {
    log_id: String,
    /// The item as JSON text, a tenth of what it takes as a value.
    image: Box<str>,
    failures: u32,
}

impl Waiting {
    fn new(log_id: &str, image: &Value) -> Self {
        Self { log_id: log_id.to_owned(), image: image.to_string().into(), failures: 0 }
    }
}

/// The email that a stored item asks for.
fn log_id(image: &Value) -> Option<&str> {
    image["log_id"]["S"].as_str().or(image["notice_id"]["S"].as_str())
}

impl Inlet {
    /// Takes the image of an item that was stored, if it asks for an email.
    pub fn take(&self, image: &Value) {
        let Some(log_id) = log_id(image).filter(|log_id| self.begin(log_id)) else { return };
        if self.queue.try_send(Waiting::new(log_id, image)).is_err() {
            self.end(log_id);
            self.overflowed.store(true, Ordering::SeqCst);
        }
    }

    /// Whether as many requests wait for the mailer as may.
    pub fn is_full(&self) -> bool {
        self.queue.capacity() == 0
    }

    /// Lets those go first who are waiting for an answer: the runtime looks for what has come in before it returns to a
    /// task that yields.
    async fn give_way(&self) {
        let turns = if self.queue.capacity() > self.queue.max_capacity() / 2 { TURNS } else { 1 };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// Marks a request as under way; false where it is already.
    fn begin(&self, log_id: &str) -> bool {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(log_id.to_owned())
    }

    fn end(&self, log_id: &str) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(log_id);
    }
}

/// The pump, not yet running.
#[derive(Debug)]
pub struct Pump {
    queue: mpsc::Receiver<Waiting>,
    inlet: Inlet,
}

/// An inlet and its pump.
pub fn pump() -> (Inlet, Pump) {
    let (sender, queue) = mpsc::channel(QUEUE);
    let inlet = Inlet { queue: sender, overflowed: Arc::default(), under_way: Arc::default() };
    (inlet.clone(), Pump { queue, inlet })
}

impl Pump {
    /// Pumps for as long as the process lives, beginning with what a former one left.
    pub async fn run(mut self, mailer: Arc<Mailer>, app: App, book: CallBook) {
        let inlet = self.inlet.clone();
        inlet.overflowed.store(true, Ordering::SeqCst);
        tokio::spawn(async move {
            loop {
                if inlet.overflowed.swap(false, Ordering::SeqCst) {
                    let found = bring_unhandled(&app, &inlet).await;
                    if let Err(error) = found {
                        tracing::warn!(error, "the requests that wait in the table could not be read; looking again");
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
            for _ in 0..self.queue.len() {
                let Some(waiting) = self.queue.recv().await else { return };
                let Ok(permit) = Arc::clone(&at_once).acquire_owned().await else { return };
                self.inlet.give_way().await;
                let (mailer, inlet, book) = (Arc::clone(&mailer), self.inlet.clone(), book.clone());
                tokio::spawn(async move {
                    let (handled, calls) = calls::counting(hand_over(&mailer, &waiting.image)).await;
                    book.keep_of_email(waiting.log_id.clone(), calls);
                    drop(permit);
                    if handled {
                        inlet.end(&waiting.log_id);
                    } else {
                        come_again(inlet.queue, waiting).await;
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

/// Hands the mailer one record of a stream; false where it has to come again.
async fn hand_over(mailer: &Mailer, image: &str) -> bool {
    static SEQUENCE: AtomicU64 = AtomicU64::new(1);
    let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed).to_string();
    let image: Value = serde_json::from_str(image).unwrap_or_default();
    let event = json!({
        "Records": [{
            "eventID": sequence,
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "local",
            "dynamodb": {
                "NewImage": image,
                "SequenceNumber": sequence,
                "StreamViewType": "NEW_IMAGE",
            },
        }],
    });
    let answer = mailer.handle_event(&event).await;
    answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty)
}

/// Reads the table of requests, and the end of the audit log, and takes those whose email is not settled.
async fn bring_unhandled(app: &App, inlet: &Inlet) -> Result<(), String> {
    let database = &app.db;
    let client = database.client();
    let mut requests = client.scan().table_name("RecoveryRequests").into_paginator().page_size(100).send();
    while let Some(page) = requests.next().await {
        bring(database, inlet, page.map_err(|e| e.to_string())?.items.unwrap_or_default()).await?;
    }
    let now = app.clock.now();
    let since = now.saturating_sub(LOOK_BACK).unwrap_or(now);
    let months = [since, now].map(|at| at.strftime("%Y-%m").to_string());
    let months = months.iter().take(if months[0] == months[1] { 1 } else { 2 });
    for month in months.flat_map(|month| database.log_partitions().of_month(month)) {
        let query = client.query().table_name("AuditLog").key_condition_expression("#month = :month");
        let query = query.filter_expression("attribute_exists(notice_id) AND #at >= :since");
        let query = query.expression_attribute_names("#month", "month").expression_attribute_names("#at", "at");
        let query = query.expression_attribute_values(":month", AttributeValue::S(month));
        let since = AttributeValue::N(since.as_millisecond().to_string());
        let mut entries = query.expression_attribute_values(":since", since).into_paginator().page_size(100).send();
        while let Some(page) = entries.next().await {
            bring(database, inlet, page.map_err(|e| e.to_string())?.items.unwrap_or_default()).await?;
        }
    }
    Ok(())
}

async fn bring(database: &Database, inlet: &Inlet, found: Vec<Item>) -> Result<(), String> {
    // A long log is read through while people ask already.
    inlet.give_way().await;
    let images: Vec<_> = found.iter().map(image).collect();
    let settled = settled(database, &images).await?;
    for image in images {
        let open = log_id(&image).filter(|id| !settled.iter().any(|settled| settled == id));
        let Some(log_id) = open.filter(|id| inlet.begin(id)) else { continue };
        if inlet.queue.send(Waiting::new(log_id, &image)).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Which of the requests have an email that needs nothing more.
async fn settled(database: &Database, images: &[Value]) -> Result<Vec<String>, String> {
    let log = database.email_log();
    let keys: Vec<_> = images.iter().filter_map(|image| Some(log.key(log_id(image)?.parse().ok()?))).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = aws_sdk_dynamodb::types::KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .projection_expression("id, #rank")
        .expression_attribute_names("#rank", "rank")
        .consistent_read(true)
        .build()
        .map_err(|e| e.to_string())?;
    let answer =
        database.client().batch_get_item().request_items("EmailLog", wanted).send().await.map_err(|e| e.to_string())?;
    let entries = answer.responses.unwrap_or_default().remove("EmailLog").unwrap_or_default();
    let settled = entries.into_iter().filter(|entry| {
        let rank = entry.get("rank").and_then(|rank| rank.as_n().ok()?.parse::<i64>().ok());
        rank.is_some_and(|rank| rank >= DeliveryStatus::Skipped.rank())
    });
    Ok(settled.filter_map(|entry| entry.get("id")?.as_s().ok().cloned()).collect())
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
    async fn before_a_mail_those_who_ask_have_their_turns() {
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
            inlet.give_way().await;
            answered.load(Ordering::SeqCst) - before
        };
        assert_eq!(turns().await, TURNS as u64);
        for number in 0..=QUEUE / 2 {
            inlet.take(&json!({ "log_id": { "S": number.to_string() } }));
        }
        assert_eq!(turns().await, 1, "the queue must not run full while mails give way");
        drop(pump);
    }
}

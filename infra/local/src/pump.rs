//! The pump: brings recovery requests to the mailer, as the stream of their table does on AWS.
//!
//! It is told of each request as it is stored, and hands the mailer the very event that a stream would bring; what fails
//! comes again, later and later. What was not handled when the process ended is found again in the table. So the work for
//! a request does not grow with the number of requests before it.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use mailkey::email_log::DeliveryStatus;
use mailkey_mailer::Mailer;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

/// So many requests may wait in memory; what comes on top waits in the table.
const QUEUE: usize = 10_000;

/// So many requests are handled at once.
const AT_ONCE: usize = 8;

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
    image: Value,
    failures: u32,
}

fn log_id(image: &Value) -> String {
    image["log_id"]["S"].as_str().unwrap_or_default().to_owned()
}

impl Inlet {
    /// Takes the image of a stored request.
    pub fn take(&self, image: &Value) {
        if !self.begin(image) {
            return;
        }
        let waiting = Waiting { image: image.clone(), failures: 0 };
        if self.queue.try_send(waiting).is_err() {
            self.end(image);
            self.overflowed.store(true, Ordering::SeqCst);
        }
    }

    /// Whether as many requests wait for the mailer as may.
    pub fn is_full(&self) -> bool {
        self.queue.capacity() == 0
    }

    /// Marks a request as under way; false where it is already.
    fn begin(&self, image: &Value) -> bool {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(log_id(image))
    }

    fn end(&self, image: &Value) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&log_id(image));
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
    pub async fn run(mut self, mailer: Arc<Mailer>, client: Client) {
        let inlet = self.inlet.clone();
        inlet.overflowed.store(true, Ordering::SeqCst);
        tokio::spawn(async move {
            loop {
                if inlet.overflowed.swap(false, Ordering::SeqCst) {
                    let found = bring_unhandled(&client, &inlet).await;
                    if let Err(error) = found {
                        tracing::warn!(error, "the requests that wait in the table could not be read; looking again");
                        inlet.overflowed.store(true, Ordering::SeqCst);
                    }
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        while let Some(waiting) = self.queue.recv().await {
            let Ok(permit) = Arc::clone(&at_once).acquire_owned().await else {
                return;
            };
            let (mailer, inlet) = (Arc::clone(&mailer), self.inlet.clone());
            tokio::spawn(async move {
                let handled = hand_over(&mailer, &waiting.image).await;
                drop(permit);
                if handled {
                    inlet.end(&waiting.image);
                } else {
                    come_again(inlet.queue, waiting).await;
                }
            });
        }
    }
}

async fn come_again(queue: mpsc::Sender<Waiting>, waiting: Waiting) {
    let pause = FIRST_PAUSE.saturating_mul(1 << waiting.failures.min(10)).min(LONGEST_PAUSE);
    tokio::time::sleep(pause).await;
    let failures = waiting.failures.saturating_add(1);
    let _ = queue.send(Waiting { image: waiting.image, failures }).await;
}

/// Hands the mailer one record of a stream; false where it has to come again.
async fn hand_over(mailer: &Arc<Mailer>, image: &Value) -> bool {
    static SEQUENCE: AtomicU64 = AtomicU64::new(1);
    let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed).to_string();
    let event = json!({
        "Records": [{
            "eventID": sequence,
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "local",
            "dynamodb": {
                "Keys": { "request_key": image["request_key"] },
                "NewImage": image,
                "SequenceNumber": sequence,
                "StreamViewType": "NEW_IMAGE",
            },
        }],
    });
    let answer = mailer.handle_event(&event).await;
    answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty)
}

/// Reads the table of requests and takes those whose email is not settled.
async fn bring_unhandled(client: &Client, inlet: &Inlet) -> Result<(), String> {
    let mut pages = client.scan().table_name("RecoveryRequests").into_paginator().page_size(100).send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| e.to_string())?;
        let requests = page.items.unwrap_or_default();
        let settled = settled(client, &requests).await?;
        for request in requests {
            let log_id = request.get("log_id").and_then(|id| id.as_s().ok());
            if log_id.is_some_and(|id| !settled.contains(id)) {
                let image = image(&request);
                if inlet.begin(&image) && inlet.queue.send(Waiting { image, failures: 0 }).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Which of the requests have an email that needs nothing more.
async fn settled(client: &Client, requests: &[HashMap<String, AttributeValue>]) -> Result<Vec<String>, String> {
    let ids: Vec<_> = requests.iter().filter_map(|request| request.get("log_id")?.as_s().ok().cloned()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys = ids.into_iter().map(|id| HashMap::from([("id".to_owned(), AttributeValue::S(id))]));
    let wanted = aws_sdk_dynamodb::types::KeysAndAttributes::builder()
        .set_keys(Some(keys.collect()))
        .projection_expression("id, #rank")
        .expression_attribute_names("#rank", "rank")
        .consistent_read(true)
        .build()
        .map_err(|e| e.to_string())?;
    let answer = client.batch_get_item().request_items("EmailLog", wanted).send().await.map_err(|e| e.to_string())?;
    let entries = answer.responses.unwrap_or_default().remove("EmailLog").unwrap_or_default();
    let settled = entries.into_iter().filter(|entry| {
        let rank = entry.get("rank").and_then(|rank| rank.as_n().ok()?.parse::<i64>().ok());
        rank.is_some_and(|rank| rank >= DeliveryStatus::Skipped.rank())
    });
    Ok(settled.filter_map(|entry| entry.get("id")?.as_s().ok().cloned()).collect())
}

/// A request's item in DynamoDB's JSON form; requests hold strings and numbers only.
fn image(request: &HashMap<String, AttributeValue>) -> Value {
    let attributes = request.iter().filter_map(|(name, value)| {
        let json = match value {
            AttributeValue::S(text) => json!({ "S": text }),
            AttributeValue::N(number) => json!({ "N": number }),
            _ => return None,
        };
        Some((name.clone(), json))
    });
    Value::Object(attributes.collect())
}

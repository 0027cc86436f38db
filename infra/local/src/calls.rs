//! Records the DynamoDB and SES calls of each request and each email, so that tests can count them.

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use serde::Serialize;

/// The calls of this many requests, and of this many mailer runs, are kept.
const REMEMBERED: usize = 500;

/// One call to DynamoDB or SES, with its cost in DynamoDB units.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// The API operation, such as `PutItem`.
    pub operation: String,
    /// The table (the first of several), or `SES`.
    pub table: String,
    /// Write units, including indexes.
    pub write_units: f64,
    /// Read units, including indexes.
    pub read_units: f64,
    /// Write units of each table, without indexes.
    pub written: BTreeMap<String, f64>,
}

tokio::task_local! {
    static CALLS: Arc<Mutex<Vec<Call>>>;
}

/// The calls of all tasks, for benchmarks. Work that spawns its own tasks can't be counted per task.
static EVERYTHING: OnceLock<Mutex<Vec<Call>>> = OnceLock::new();

/// Returns the calls of all tasks since the previous call. The first call starts the counting.
pub fn everything() -> Vec<Call> {
    let everything = EVERYTHING.get_or_init(Mutex::default);
    std::mem::take(&mut *everything.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Returns true if the calls of this task are being counted.
pub fn are_counted() -> bool {
    EVERYTHING.get().is_some() || CALLS.try_with(|_| ()).is_ok()
}

/// Records a call if the calls of this task are being counted.
pub fn note(call: Call) {
    if let Some(everything) = EVERYTHING.get() {
        everything.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
    }
    let _ = CALLS.try_with(|calls| calls.lock().unwrap_or_else(PoisonError::into_inner).push(call));
}

/// Runs `work` and returns its result and the calls it made.
pub async fn counting<T>(work: impl Future<Output = T>) -> (T, Vec<Call>) {
    let calls = Arc::default();
    let result = CALLS.scope(Arc::clone(&calls), work).await;
    let calls = std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner));
    (result, calls)
}

/// An id and the calls made under it.
type Remembered = (String, Vec<Call>);

/// The calls of recent requests by request id, and of recent mailer runs by email id.
#[derive(Debug, Clone, Default)]
pub struct CallBook {
    requests: Arc<Mutex<VecDeque<Remembered>>>,
    emails: Arc<Mutex<VecDeque<Remembered>>>,
}

impl CallBook {
    /// Stores the calls of a request.
    pub fn keep(&self, request_id: String, calls: Vec<Call>) {
        remember(&self.requests, request_id, calls);
    }

    /// Stores the calls the mailer made for an email in one attempt.
    pub fn keep_of_email(&self, email_id: String, calls: Vec<Call>) {
        remember(&self.emails, email_id, calls);
    }

    /// Returns the calls of a request if they are still kept.
    pub fn of(&self, request_id: &str) -> Option<Vec<Call>> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().rev().find(|(id, _)| id == request_id).map(|(_, calls)| calls.clone())
    }

    /// Returns the calls the mailer made for an email in all attempts that are still kept.
    pub fn of_email(&self, email_id: &str) -> Option<Vec<Call>> {
        let emails = self.emails.lock().unwrap_or_else(PoisonError::into_inner);
        let attempts: Vec<_> = emails.iter().filter(|(id, _)| id == email_id).map(|(_, calls)| calls.clone()).collect();
        (!attempts.is_empty()).then(|| attempts.concat())
    }
}

fn remember(book: &Mutex<VecDeque<Remembered>>, name: String, calls: Vec<Call>) {
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    if book.len() == REMEMBERED {
        book.pop_front();
    }
    book.push_back((name, calls));
}

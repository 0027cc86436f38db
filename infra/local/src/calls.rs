//! Which calls to DynamoDB a request made, or the mailer for an email, so that a test can count them.

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use serde::Serialize;

/// So many requests are remembered, and so many runs of the mailer.
const REMEMBERED: usize = 500;

/// One call to DynamoDB or SES, with what it would cost in units of DynamoDB.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Such as `PutItem`.
    pub operation: String,
    /// The table, or the first of several; `SES`.
    pub table: String,
    /// Write units, indexes among them.
    pub write_units: f64,
    /// Read units.
    pub read_units: f64,
    /// The write units of each table by itself, without its indexes.
    pub written: BTreeMap<String, f64>,
}

tokio::task_local! {
    static CALLS: Arc<Mutex<Vec<Call>>>;
}

/// The calls of all tasks, for a benchmark that asks for them: work that begins tasks of its own can't be counted
/// otherwise.
static EVERYTHING: OnceLock<Mutex<Vec<Call>>> = OnceLock::new();

/// Counts the calls of all tasks from now on, and answers those since it was last asked.
pub fn everything() -> Vec<Call> {
    let everything = EVERYTHING.get_or_init(Mutex::default);
    std::mem::take(&mut *everything.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Whether the calls of this task are counted.
pub fn are_counted() -> bool {
    EVERYTHING.get().is_some() || CALLS.try_with(|_| ()).is_ok()
}

/// Notes a call of this task, if its calls are counted.
pub fn note(call: Call) {
    if let Some(everything) = EVERYTHING.get() {
        everything.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
    }
    let _ = CALLS.try_with(|calls| calls.lock().unwrap_or_else(PoisonError::into_inner).push(call));
}

/// Runs `work` and answers its result with the calls it made.
pub async fn counting<T>(work: impl Future<Output = T>) -> (T, Vec<Call>) {
    let calls = Arc::default();
    let result = CALLS.scope(Arc::clone(&calls), work).await;
    let calls = std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner));
    (result, calls)
}

/// A name, and its calls.
type Remembered = (String, Vec<Call>);

/// The calls of the latest requests, by request id, and of the latest runs of the mailer, by the id of the log entry.
#[derive(Debug, Clone, Default)]
pub struct CallBook {
    requests: Arc<Mutex<VecDeque<Remembered>>>,
    emails: Arc<Mutex<VecDeque<Remembered>>>,
}

impl CallBook {
    /// Remembers the calls of a request.
    pub fn keep(&self, request_id: String, calls: Vec<Call>) {
        remember(&self.requests, request_id, calls);
    }

    /// Remembers the calls that the mailer made for an email, at one attempt.
    pub fn keep_of_email(&self, log_id: String, calls: Vec<Call>) {
        remember(&self.emails, log_id, calls);
    }

    /// The calls of a request, if it is remembered.
    pub fn of(&self, request_id: &str) -> Option<Vec<Call>> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().rev().find(|(id, _)| id == request_id).map(|(_, calls)| calls.clone())
    }

    /// The calls that the mailer made for an email, at all attempts that are remembered.
    pub fn of_email(&self, log_id: &str) -> Option<Vec<Call>> {
        let emails = self.emails.lock().unwrap_or_else(PoisonError::into_inner);
        let attempts: Vec<_> = emails.iter().filter(|(id, _)| id == log_id).map(|(_, calls)| calls.clone()).collect();
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

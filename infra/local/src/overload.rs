//! Rejects excess requests before doing any work for them, so that accepted requests stay fast and memory stays flat.
//! On AWS, API Gateway throttles and Lambda limits do this.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mailkey_api::problem::{Problem, ProblemType};
use tokio::sync::Semaphore;

use crate::pump::Inlet;

/// The number of requests handled at once. It is twice the number of connections a page's browsers keep open, and far
/// more than two processors can use.
const AT_ONCE: usize = 256;

/// `Retry-After` in seconds when too many requests are in progress.
const RETRY_AFTER: i64 = 1;

/// `Retry-After` in seconds when the mailer's queue is full.
const RETRY_AFTER_BACKLOG: i64 = 10;

/// Limits the requests in progress and the mailer's backlog.
#[derive(Debug, Clone)]
pub struct Overload {
    at_once: Arc<Semaphore>,
    inlet: Inlet,
}

impl Overload {
    /// Starts without requests in progress. `inlet` knows how many requests wait for the mailer.
    pub fn new(inlet: Inlet) -> Self {
        Self { at_once: Arc::new(Semaphore::new(AT_ONCE)), inlet }
    }

    /// Returns the problem if the mailer can't take this request.
    fn objection(&self, path: &str) -> Option<Problem> {
        // A request that can't be handled before its link would expire must be rejected, not stored.
        let needs_mailer = path == "/api/forgot-password" && self.inlet.is_full();
        needs_mailer.then(|| Problem::new(ProblemType::ServiceUnavailable).with_retry_after(RETRY_AFTER_BACKLOG))
    }
}

/// Passes a request on, or answers 503 with `Retry-After`.
pub async fn shed(State(overload): State<Overload>, request: Request, next: Next) -> Response {
    // Tests must be able to inspect an overloaded service.
    if request.uri().path().starts_with("/_local/") {
        return next.run(request).await;
    }
    if let Some(problem) = overload.objection(request.uri().path()) {
        return problem.into_response();
    }
    match Arc::clone(&overload.at_once).try_acquire_owned() {
        Ok(_permit) => next.run(request).await,
        Err(_) => Problem::new(ProblemType::ServiceUnavailable).with_retry_after(RETRY_AFTER).into_response(),
    }
}

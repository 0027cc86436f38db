//! What is too much is refused before any work is done for it, so that those who are served are served in time and
//! memory stays flat. On AWS the gateway's throttles and the limits of Lambda do this.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mailkey_api::problem::{Problem, ProblemType};
use tokio::sync::Semaphore;

use crate::pump::Inlet;

/// So many requests are worked on at once; what comes on top would only wait behind them. It is twice as many as a
/// page's browsers keep open, and far more than two processors work on.
const AT_ONCE: usize = 256;

/// After so many seconds another try is worth it.
const RETRY_AFTER: i64 = 1;

/// And after so many where the mailer has to catch up first.
const RETRY_AFTER_BACKLOG: i64 = 10;

/// What is under way, and what waits behind it.
#[derive(Debug, Clone)]
pub struct Overload {
    at_once: Arc<Semaphore>,
    inlet: Inlet,
}

impl Overload {
    /// Nothing is under way yet; `inlet` knows how many requests wait for the mailer.
    pub fn new(inlet: Inlet) -> Self {
        Self { at_once: Arc::new(Semaphore::new(AT_ONCE)), inlet }
    }

    /// Why a request is refused, if it is.
    fn objection(&self, path: &str) -> Option<Problem> {
        // Refusing to store is honest; storing what can't be handled before the link would be dead is not.
        let needs_mailer = path == "/api/forgot-password" && self.inlet.is_full();
        needs_mailer.then(|| Problem::new(ProblemType::ServiceUnavailable).with_retry_after(RETRY_AFTER_BACKLOG))
    }
}

/// Lets a request through, or refuses it.
pub async fn shed(State(overload): State<Overload>, request: Request, next: Next) -> Response {
    // A test that looks inside must see what is the matter.
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

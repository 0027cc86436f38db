//! Rejects excess requests before doing any work for them, so that accepted requests stay fast and memory stays flat.
//! On AWS, API Gateway throttles and Lambda limits do this.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::header::CONNECTION,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use http_body_util::BodyExt;
use mailkey_api::{
    http::MAX_BODY,
    problem::{Problem, ProblemType},
};
use tokio::sync::Semaphore;

use crate::pump::Inlet;

/// The number of requests handled at once. It is twice the number of connections a page's browsers keep open, and far
/// more than two processors can use.
const AT_ONCE: usize = 256;

/// A body must arrive within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

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
    // Requests count only once they are complete, so that clients that send slowly don't keep others out.
    let (parts, body) = request.into_parts();
    let request = match tokio::time::timeout(BODY_TIMEOUT, first_bytes(body)).await {
        Ok(body) => Request::from_parts(parts, body),
        Err(_) => return too_slow(),
    };
    match Arc::clone(&overload.at_once).try_acquire_owned() {
        Ok(_permit) => next.run(request).await,
        Err(_) => Problem::new(ProblemType::ServiceUnavailable).with_retry_after(RETRY_AFTER).into_response(),
    }
}

/// Waits for a body. If it's larger than any route accepts, the rest is left to the route, which rejects it.
async fn first_bytes(mut body: Body) -> Body {
    let mut taken = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            taken.extend_from_slice(&data);
        }
        if taken.len() > MAX_BODY {
            let rest = body.into_data_stream();
            let all = futures_util::stream::once(std::future::ready(Ok(Bytes::from(taken)))).chain(rest);
            return Body::from_stream(all);
        }
    }
    Body::from(taken)
}

fn too_slow() -> Response {
    let detail = "The body of the request didn’t arrive within ten seconds.";
    let problem = Problem::new(ProblemType::MalformedRequest).with_detail(detail);
    ([(CONNECTION, "close")], problem).into_response()
}

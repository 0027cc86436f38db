//! `POST /_local/ses-events` accepts an SES event in any wrapping, for tests, and processes it before it responds. With
//! `?queued`, the event only joins the queue. `GET` returns the number of queued events.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, RawQuery, State, rejection::BytesRejection},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use mailkey_api::{
    http::JsonBody,
    problem::{Problem, ProblemType},
};
use mailkey_bounce_consumer::{BounceConsumer, Outcome, Verdict};
use serde_json::json;

use super::{EventQueue, pump::is_again, queued_event::payload};

/// Lambda's limit for the payload of one invocation.
const MAX_BODY: usize = 6 * 1024 * 1024;

#[derive(Clone)]
struct Door {
    consumer: Arc<BounceConsumer>,
    queue: EventQueue,
}

/// The routes for SES events from outside.
pub fn routes(consumer: Arc<BounceConsumer>, queue: EventQueue) -> Router {
    Router::new()
        .route("/_local/ses-events", post(take).get(waiting))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Door { consumer, queue })
}

/// Passes the body to the consumer right away. If the consumer asks for a retry, the body is queued and the caller gets
/// success.
async fn take(
    State(door): State<Door>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let too_large = Problem::new(ProblemType::PayloadTooLarge).with_detail("The body is larger than 6 MiB.");
    let body = body.map_err(|_| too_large)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    if query.as_deref() == Some("queued") {
        return enqueue(door.queue, text).await;
    }
    let outcome = door.consumer.handle_event(&payload(&text)).await;
    if outcome.verdicts.iter().any(|(_, verdict)| is_again(verdict)) {
        return enqueue(door.queue, text).await;
    }
    Ok(reason_not_taken(&outcome).map_or_else(|| StatusCode::NO_CONTENT.into_response(), refused))
}

async fn enqueue(queue: EventQueue, text: String) -> Result<Response, Problem> {
    match tokio::task::spawn_blocking(move || queue.put(text)).await {
        Ok(Ok(())) => Ok(StatusCode::NO_CONTENT.into_response()),
        _ => Err(Problem::new(ProblemType::ServiceUnavailable)),
    }
}

async fn waiting(State(door): State<Door>) -> JsonBody {
    JsonBody(json!({ "waiting": door.queue.waiting() }))
}

/// Why the consumer took no part of the event; `None` if it took any part.
fn reason_not_taken(outcome: &Outcome) -> Option<String> {
    let verdicts = || outcome.verdicts.iter().map(|(_, verdict)| verdict);
    if verdicts().any(|verdict| matches!(verdict, Verdict::Taken)) {
        return None;
    }
    let not_understood = verdicts().find_map(|verdict| match verdict {
        Verdict::NotUnderstood(reason) => Some(format!("Not understood: {reason}.")),
        _ => None,
    });
    let other = if outcome.verdicts.is_empty() { "There are no records." } else { "The email isn't ours." };
    Some(not_understood.unwrap_or_else(|| other.to_owned()))
}

fn refused(detail: String) -> Response {
    const STATUS: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let problem =
        json!({ "type": "about:blank", "title": "Unprocessable Content", "status": STATUS.as_u16(), "detail": detail });
    (STATUS, [(CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}

//! `POST /_local/ses-events`: an event from outside, in any wrapping, for tests. `GET` says how many events wait.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
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

use super::{EventQueue, letter::payload, pump::is_again};

/// As much as Lambda hands to a function at once.
const MAX_BODY: usize = 6 * 1024 * 1024;

/// What the route works with.
#[derive(Clone)]
struct Door {
    consumer: Arc<BounceConsumer>,
    queue: EventQueue,
}

/// The routes.
pub fn routes(consumer: Arc<BounceConsumer>, queue: EventQueue) -> Router {
    Router::new()
        .route("/_local/ses-events", post(take).get(waiting))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Door { consumer, queue })
}

/// Hands what came in to the consumer at once. What has to come again is as good as taken: it is kept, and comes again.
async fn take(State(door): State<Door>, body: Result<Bytes, BytesRejection>) -> Result<Response, Problem> {
    let too_large = Problem::new(ProblemType::PayloadTooLarge).with_detail("The body is larger than 6 MiB.");
    let body = body.map_err(|_| too_large)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let outcome = door.consumer.handle_event(&payload(&text)).await;
    if outcome.verdicts.iter().any(|(_, verdict)| is_again(verdict)) {
        let kept = tokio::task::spawn_blocking(move || door.queue.put(text)).await;
        return match kept {
            Ok(Ok(())) => Ok(StatusCode::NO_CONTENT.into_response()),
            _ => Err(Problem::new(ProblemType::ServiceUnavailable)),
        };
    }
    Ok(reason_not_taken(&outcome).map_or_else(|| StatusCode::NO_CONTENT.into_response(), refused))
}

async fn waiting(State(door): State<Door>) -> JsonBody {
    JsonBody(json!({ "waiting": door.queue.waiting() }))
}

/// Why nothing of it was taken; `None` where something was.
fn reason_not_taken(outcome: &Outcome) -> Option<String> {
    let verdicts = || outcome.verdicts.iter().map(|(_, verdict)| verdict);
    if verdicts().any(|verdict| matches!(verdict, Verdict::Taken)) {
        return None;
    }
    let not_understood = verdicts().find_map(|verdict| match verdict {
        Verdict::NotUnderstood(reason) => Some(format!("Not understood: {reason}.")),
        _ => None,
    });
    let other =
        if outcome.verdicts.is_empty() { "There is no record in it." } else { "It is about mail that is not ours." };
    Some(not_understood.unwrap_or_else(|| other.to_owned()))
}

fn refused(detail: String) -> Response {
    const STATUS: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let problem =
        json!({ "type": "about:blank", "title": "Unprocessable Content", "status": STATUS.as_u16(), "detail": detail });
    (STATUS, [(CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}

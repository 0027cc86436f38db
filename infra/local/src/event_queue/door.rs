//! `POST /_local/ses-events`: an event from outside, in any wrapping, for tests.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use mailkey::problem::{Problem, ProblemType};
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

/// The route.
pub fn routes(consumer: Arc<BounceConsumer>, queue: EventQueue) -> Router {
    Router::new()
        .route("/_local/ses-events", post(take))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Door { consumer, queue })
}

/// Hands what came in to the consumer at once. What has to come again is as good as taken: it is kept, and comes again.
async fn take(State(door): State<Door>, body: Result<Bytes, BytesRejection>) -> Result<Response, Problem> {
    let body = body.map_err(|_| Problem::new(ProblemType::PayloadTooLarge))?;
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

//! Sends the test email ("canary") every hour by the process's clock, like the template's schedule, and on request.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use jiff::SignedDuration;
use mailkey::SharedClock;
use mailkey_api::{
    http::JsonBody,
    problem::{Problem, ProblemType},
};
use mailkey_mailer::Mailer;
use serde_json::json;

/// How often a canary is sent.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How often to check the clock; tests may set it forward.
const LOOK: Duration = Duration::from_secs(1);

/// Sends canaries until the process ends, the first after an hour.
pub async fn run(mailer: Arc<Mailer>, clock: SharedClock) {
    let mut last = clock.now();
    loop {
        tokio::time::sleep(LOOK).await;
        let waited = clock.now().duration_since(last);
        if waited.is_negative() {
            // The clock was set back.
            last = clock.now();
        } else if waited >= EVERY {
            last = clock.now();
            if let Err(error) = mailer.send_canary().await {
                tracing::warn!(%error, "can't send the canary");
            }
        }
    }
}

/// `POST /_local/canary` sends a canary now.
pub fn routes(mailer: Arc<Mailer>) -> Router {
    Router::new().route("/_local/canary", post(send)).with_state(mailer)
}

async fn send(State(mailer): State<Arc<Mailer>>) -> Result<(StatusCode, JsonBody), Problem> {
    let email_id = mailer.send_canary().await.map_err(|error| {
        tracing::warn!(%error, "can't send the canary");
        Problem::new(ProblemType::ServiceUnavailable)
    })?;
    Ok((StatusCode::ACCEPTED, JsonBody(json!({ "email_id": email_id.to_string() }))))
}

//! What an operator on AWS asks for by invoking the function `users` directly.

use std::sync::Arc;

use axum::{Router, extract::State, routing::post};
use mailkey_api::{
    http::{JsonBody, StrictJson},
    problem::{Problem, ProblemType},
};
use mailkey_users::{OperatorError, RemovalRefused, Users};
use serde_json::Value;

/// `POST /_local/users-function` takes the event that an operator would pass to `aws lambda invoke`.
pub fn routes(users: Arc<Users>) -> Router {
    Router::new().route("/_local/users-function", post(invoke)).with_state(users)
}

async fn invoke(State(users): State<Arc<Users>>, StrictJson(event): StrictJson<Value>) -> Result<JsonBody, Problem> {
    let failed = |error: OperatorError| match error {
        OperatorError::SecondFactor(RemovalRefused::Store(_)) => Problem::new(ProblemType::ServiceUnavailable),
        _ => Problem::new(ProblemType::MalformedRequest).with_detail(format!("The function refused: {error}.")),
    };
    users.operate(&event).await.map(JsonBody).map_err(failed)
}

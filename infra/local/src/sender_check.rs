//! Runs the check of the sender that the template's schedule runs every five minutes on AWS.

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use mailkey_api::problem::Problem;
use mailkey_diagnose::Diagnose;

/// `POST /_local/sender-check` runs the check now. Nothing runs it by itself locally, so a diagnosis asks the local SES.
pub fn routes(diagnose: Arc<Diagnose>) -> Router {
    Router::new().route("/_local/sender-check", post(check)).with_state(diagnose)
}

async fn check(State(diagnose): State<Arc<Diagnose>>) -> Result<StatusCode, Problem> {
    diagnose.watch().await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /api/link-landings`: the page that a link opens says so, and whether a person does something on it.
//!
//! It tells "delivered, and opened by a scanner" from "delivered, and opened by somebody". The page sends the token's
//! digest, which opens nothing; the answer is the same whatever it names, and nothing is spent.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use mailkey::secret::{Secret, SecretDigest};
use mailkey_api::{
    http::StrictJson,
    problem::{Problem, ProblemType},
};
use serde::Deserialize;

use crate::RedeemToken;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LandingRequest {
    token_digest: String,
    how: How,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum How {
    /// The page was fetched and its scripts ran: a browser, or a scanner that has one.
    Opened,
    /// Somebody pressed a key or touched the page.
    Person,
}

pub(crate) async fn landed(
    State(function): State<Arc<RedeemToken>>,
    StrictJson(body): StrictJson<LandingRequest>,
) -> Result<StatusCode, Problem> {
    // A digest has the form of a secret: 32 bytes in base64url.
    Secret::parse(&body.token_digest).map_err(|_| Problem::new(ProblemType::MalformedRequest))?;
    if let Some(token) = function.app.db.tokens().get(&SecretDigest::from_stored(body.token_digest)).await? {
        function
            .app
            .db
            .email_log()
            .mark_opened(token.log_id, body.how == How::Person, function.app.clock.now())
            .await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /api/link-landings`: the page behind a link reports that it loaded, and whether a person acted on it.
//!
//! This tells a link that only a scanner opened from one that a person opened. The page sends the token's digest, which
//! can't be redeemed. The response is the same for every digest, and the token stays valid.

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
    /// The page loaded and its scripts ran: in a browser, or in a scanner that runs one.
    Opened,
    /// A person pressed a key or touched the page.
    Person,
}

pub(crate) async fn landed(
    State(function): State<Arc<RedeemToken>>,
    StrictJson(body): StrictJson<LandingRequest>,
) -> Result<StatusCode, Problem> {
    // A digest has the same form as a secret: 32 bytes in base64url.
    Secret::parse(&body.token_digest).map_err(|_| Problem::new(ProblemType::MalformedRequest))?;
    if let Some(token) = function.app.db.tokens().get(&SecretDigest::from_stored(body.token_digest)).await? {
        function
            .app
            .db
            .email_log()
            .mark_opened(token.email_id, body.how == How::Person, function.app.clock.now())
            .await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /api/link-landings`: the page behind a link reports that it loaded, and whether a person acted on it.
//!
//! This tells a link that only a scanner opened from one that a person opened. The page sends the token's digest, which
//! can't be redeemed. The response is the same for every digest, and the token stays valid.
//!
//! The page also reports links that arrived without a usable token. If the user then pastes the complete link, the damage
//! counts for the recipient's domain. Otherwise anybody could have sent the report: it counts for no domain.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use mailkey::{
    secret::{Secret, SecretDigest},
    sender::AlarmKind,
    text_form::text_form,
};
use mailkey_api::{
    http::StrictJson,
    problem::{Problem, ProblemType},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RedeemToken;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LandingRequest {
    /// The SHA-256 of the token's 32 bytes (decoded from base64url), in base64url without padding.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"))]
    pub(crate) token_digest: Option<String>,
    /// `opened`: the page loaded. `person`: a person acted on it. `damaged`: a person opened a link that arrived
    /// without its token; `token_digest` only if the person pasted the link then.
    pub(crate) how: How,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// The page loaded and its scripts ran: in a browser, or in a scanner that runs one.
    Opened,
    /// A person pressed a key or touched the page.
    Person,
    /// A person opened a link that arrived without its token.
    Damaged,
}

text_form!(How { Opened = "opened", Person = "person", Damaged = "damaged" });

pub(crate) async fn landed(
    State(function): State<Arc<RedeemToken>>,
    StrictJson(body): StrictJson<LandingRequest>,
) -> Result<StatusCode, Problem> {
    let malformed = || Problem::new(ProblemType::MalformedRequest);
    let (db, now) = (&function.app.db, function.app.clock.now());
    let Some(digest) = body.token_digest else {
        if body.how != How::Damaged {
            return Err(malformed()
                .with_detail("The field /token_digest is missing. Only `how` = `damaged` goes without it.")
                .with_pointer("/token_digest"));
        }
        db.sender_state().raise(AlarmKind::LinksDamaged, None, now, None).await?;
        return Ok(StatusCode::NO_CONTENT);
    };
    // A digest has the same form as a secret: 32 bytes in base64url.
    Secret::parse(&digest).map_err(|_| {
        malformed()
            .with_detail("The field /token_digest must be a SHA-256 digest in base64url, which has 43 characters.")
            .with_pointer("/token_digest")
    })?;
    if let Some(token) = db.tokens().get(&SecretDigest::from_stored(digest)).await? {
        if body.how == How::Damaged {
            let domain = token.address.domain();
            db.sender_state().raise(AlarmKind::LinksDamaged, Some(domain), now, None).await?;
        } else {
            db.email_log().mark_opened(token.email_id, body.how == How::Person, now).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /api/redeem-token`: spends the token of a link and sets a password. `POST /api/link-landings`: hears that a link
//! was opened.

mod api;
mod landing;
mod redeem;

use std::sync::Arc;

use axum::{Extension, Router, extract::State, http::StatusCode, routing::post};
use mailkey::{
    SharedClock, SharedEntropy,
    account::{
        UserStore,
        password::{Hasher, Password},
    },
    audit::AuditStore,
    config::PortalConfig,
    email_log::EmailLogStore,
    http::{ClientIp, StrictJson},
    lockout::LockoutStore,
    problem::Problem,
    secret::Secret,
    settings::SettingsStore,
    token::{InvalidToken, TokenStore},
};
use serde::Deserialize;

pub use api::operations;

/// What the function works with.
pub struct RedeemToken {
    /// The tokens.
    pub tokens: TokenStore,
    /// The users.
    pub users: UserStore,
    /// The failures to forget.
    pub lockouts: LockoutStore,
    /// The log, in which a redemption proves that the mail arrived.
    pub log: EmailLogStore,
    /// Who did what, and the notice to the owner.
    pub audit: AuditStore,
    /// The least length of a password.
    pub settings: SettingsStore,
    /// Computes hashes.
    pub hasher: Arc<Hasher>,
    /// The portal, whose name is no password.
    pub portal: PortalConfig,
    /// The clock.
    pub clock: SharedClock,
    /// The randomness.
    pub entropy: SharedEntropy,
}

/// The routes of this function.
pub fn routes(function: Arc<RedeemToken>) -> Router {
    Router::new()
        .route("/api/redeem-token", post(redeem_token))
        .route("/api/link-landings", post(landing::landed))
        .with_state(function)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedeemTokenRequest {
    token: String,
    new_password: String,
}

async fn redeem_token(
    State(function): State<Arc<RedeemToken>>,
    ip: Option<Extension<ClientIp>>,
    StrictJson(body): StrictJson<RedeemTokenRequest>,
) -> Result<StatusCode, Problem> {
    let token = Secret::parse(&body.token).map_err(|_| InvalidToken)?;
    function.redeem(&token, Password::new(&body.new_password), ip.map(|ip| ip.0.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

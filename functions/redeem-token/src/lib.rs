//! `POST /api/redeem-token`: spends the token of a link and sets a password. `POST /api/link-landings`: hears that a link
//! was opened.

mod api;
mod landing;
mod redeem;

use std::{net::IpAddr, sync::Arc};

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
    network::{Network, NetworkStore},
    problem::{Problem, ProblemType},
    secret::Secret,
    settings::{Setting, SettingsStore},
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
    /// The failures of a network.
    pub networks: NetworkStore,
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
    let ip = ip.map(|ip| ip.0.0);
    let redeemed = match Secret::parse(&body.token) {
        Ok(token) => function.redeem(&token, Password::new(&body.new_password), ip).await,
        Err(_) => Err(InvalidToken.into()),
    };
    match redeemed {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(problem) if problem.kind == ProblemType::InvalidToken => Err(function.failed(problem, ip).await?),
        Err(problem) => Err(problem),
    }
}

impl RedeemToken {
    /// Counts an invalid token against the network it came from, and answers what to say: after too many of them that it
    /// has to wait. A good link is redeemed all the same, whoever else is in that network.
    async fn failed(&self, invalid: Problem, ip: Option<IpAddr>) -> Result<Problem, Problem> {
        let (network, now) = (Network::of(ip), self.clock.now());
        let (settings, failures) = tokio::try_join!(self.settings.get(), self.networks.fail(&network, now))?;
        Ok(match failures.beyond(settings.get(Setting::FailuresPerNetwork)) {
            Some(until) => {
                tracing::warn!(metric = "NetworkHeldUp", "too many invalid tokens from one network");
                Problem::new(ProblemType::TooManyRequests).with_retry_after(until.duration_since(now).as_secs() + 1)
            }
            None => invalid,
        })
    }
}

//! `POST /api/redeem-token`: redeems a link's token and sets a password. `POST /api/link-landings`: records that a link
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
    network::{Failure, Network, NetworkStore},
    problem::{Problem, ProblemType},
    secret::Secret,
    settings::{Setting, SettingsStore},
    token::{InvalidToken, TokenStore},
};
use serde::Deserialize;

pub use api::operations;

/// The dependencies of this function.
pub struct RedeemToken {
    /// The tokens of links.
    pub tokens: TokenStore,
    /// The user records.
    pub users: UserStore,
    /// The failed sign-ins, cleared by a redemption.
    pub lockouts: LockoutStore,
    /// The failures counted per network.
    pub networks: NetworkStore,
    /// The email log, where a redemption proves that the email arrived.
    pub log: EmailLogStore,
    /// The audit log, whose entry also triggers the notice to the owner.
    pub audit: AuditStore,
    /// The minimum password length.
    pub settings: SettingsStore,
    /// Computes and verifies password hashes.
    pub hasher: Arc<Hasher>,
    /// The portal, whose name isn't allowed as a password.
    pub portal: PortalConfig,
    /// Source of the current time.
    pub clock: SharedClock,
    /// Source of randomness for ids and secrets.
    pub entropy: SharedEntropy,
}

/// The HTTP routes that this function serves.
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
    match Secret::parse(&body.token) {
        Ok(token) => function.redeem(&token, Password::new(&body.new_password), ip).await?,
        Err(_) => return Err(function.made_up(ip).await?),
    }
    Ok(StatusCode::NO_CONTENT)
}

impl RedeemToken {
    /// Counts a made-up token against the caller's network, and returns the problem to respond with: after too many,
    /// the network has to wait. Spent and expired links aren't counted, because people click links in old emails. A
    /// valid link works even if the network has to wait.
    async fn made_up(&self, ip: Option<IpAddr>) -> Result<Problem, Problem> {
        let (network, now) = (Network::of(ip), self.clock.now());
        let failed = self.networks.fail(&network, Failure::MadeUpToken, now);
        let (settings, failures) = tokio::try_join!(self.settings.get(), failed)?;
        Ok(match failures.beyond(settings.get(Setting::FailuresPerNetwork)) {
            Some(until) => {
                tracing::warn!(metric = "NetworkHeldUp", "too many invalid tokens from one network");
                Problem::new(ProblemType::TooManyRequests).with_retry_at(until, now)
            }
            None => InvalidToken.into(),
        })
    }
}

//! `POST /api/redeem-token`: spends the token of a link and sets a password. `POST /api/link-landings`: hears that a
//! link was opened.

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
    recovery::RecoveryRequestStore,
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
    /// Who did what.
    pub audit: AuditStore,
    /// The notice to the owner.
    pub requests: RecoveryRequestStore,
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
    match Secret::parse(&body.token) {
        Ok(token) => function.redeem(&token, Password::new(&body.new_password), ip).await?,
        Err(_) => return Err(function.made_up(ip).await?),
    }
    Ok(StatusCode::NO_CONTENT)
}

impl RedeemToken {
    /// Counts a token that was never issued against the network it came from, and answers what to say: after too many
    /// of them that it has to wait. A link that was issued is never counted, be it spent or expired: people click on
    /// old mails; and a good one is redeemed, whoever else is in that network.
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

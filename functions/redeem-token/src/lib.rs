//! `POST /api/redeem-token`: redeems a link's token and sets a password. `POST /api/link-landings`: records that a link
//! was opened.

mod api;
mod landing;
mod redeem;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use mailkey::{
    account::password::Password,
    device::DeviceKeys,
    network::{Failure, Network},
    secret::Secret,
    settings::Setting,
    token::InvalidToken,
};
use mailkey_api::{
    App,
    http::{RequestInfo, StrictJson, device_headers},
    password::{Hasher, PasswordPolicy},
    problem::{Problem, ProblemType},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use api::operations;

/// The dependencies of this function.
pub struct RedeemToken {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Computes hashes.
    pub hasher: Arc<Hasher>,
    /// What a new password has to pass.
    pub policy: Arc<PasswordPolicy>,
    /// Issues device tokens.
    pub device_keys: DeviceKeys,
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<RedeemToken>) -> Router {
    Router::new()
        .route("/api/redeem-token", post(redeem_token))
        .route("/api/link-landings", post(landing::landed))
        .with_state(function)
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RedeemTokenRequest {
    /// The value after `#token=` in the link.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{43}$"))]
    token: String,
    /// Any characters. The security settings define the minimum length; the maximum is 128.
    new_password: String,
}

async fn redeem_token(
    State(function): State<Arc<RedeemToken>>,
    from: RequestInfo,
    StrictJson(body): StrictJson<RedeemTokenRequest>,
) -> Result<Response, Problem> {
    let device = match Secret::parse(&body.token) {
        Ok(token) => function.redeem(&token, Password::new(&body.new_password), &from).await?,
        Err(_) => return Err(function.made_up(from.ip).await?),
    };
    Ok((StatusCode::NO_CONTENT, device_headers(&device)?).into_response())
}

impl RedeemToken {
    /// Counts a made-up token against the caller's network, and returns the problem to respond with: after too many,
    /// the network has to wait. Spent and expired links aren't counted, because people click links in old emails. A
    /// valid link works even if the network has to wait.
    async fn made_up(&self, ip: Option<IpAddr>) -> Result<Problem, Problem> {
        let (network, now) = (Network::of(ip), self.app.clock.now());
        let (settings, networks) = (self.app.db.settings(), self.app.db.networks());
        let failed = networks.fail(&network, Failure::MadeUpToken, now);
        let (settings, failures) = tokio::try_join!(settings.get(), failed)?;
        Ok(match failures.beyond(settings.get(Setting::FailuresPerNetwork)) {
            Some(until) => {
                tracing::warn!(metric = "NetworkHeldUp", "too many invalid tokens from one network");
                Problem::new(ProblemType::TooManyRequests).with_retry_at(until, now)
            }
            None => InvalidToken.into(),
        })
    }
}

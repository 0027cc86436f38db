//! `POST /api/sign-in`, `POST /api/sign-out` and `GET /api/session`.

mod api;
mod sign_in;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mailkey::{
    EmailAddress, SharedClock, SharedEntropy,
    account::{
        UserStore,
        password::{Hasher, Password},
    },
    http::{Caller, ClientIp, Credential, Gate, Gated, JsonBody, StrictJson, clear_session_cookie, session_cookie},
    lockout::LockoutStore,
    network::{Network, NetworkStore},
    problem::{Problem, ProblemType},
    recovery::RecoveryRequestStore,
    session::{Session, SessionStore},
    settings::SettingsStore,
};
use serde::Deserialize;
use serde_json::json;

pub use api::operations;

/// The dependencies of this function.
pub struct SignIn {
    /// Authenticates callers and records what they do.
    pub gate: Gate,
    /// The user records.
    pub users: UserStore,
    /// The failed sign-ins per address.
    pub lockouts: LockoutStore,
    /// The failures counted per network.
    pub networks: NetworkStore,
    /// The sessions of signed-in users.
    pub sessions: SessionStore,
    /// Queues the notice to the owner of a locked account.
    pub requests: RecoveryRequestStore,
    /// The lockout limits.
    pub settings: SettingsStore,
    /// Computes and verifies password hashes.
    pub hasher: Arc<Hasher>,
    /// Source of the current time.
    pub clock: SharedClock,
    /// Source of randomness for ids and secrets.
    pub entropy: SharedEntropy,
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<SignIn>) -> Router {
    Router::new()
        .route("/api/sign-in", post(sign_in))
        .route("/api/sign-out", post(sign_out))
        .route("/api/session", get(session))
        .with_state(function)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInRequest {
    email: String,
    password: String,
}

async fn sign_in(
    State(function): State<Arc<SignIn>>,
    ip: Option<Extension<ClientIp>>,
    StrictJson(body): StrictJson<SignInRequest>,
) -> Result<Response, Problem> {
    let address = EmailAddress::parse(&body.email).map_err(|e| {
        Problem::new(ProblemType::MalformedRequest).with_detail(format!("This isn’t an email address: {e}."))
    })?;
    let network = Network::of(ip.map(|ip| ip.0.0));
    let signed_in = function.sign_in(&address, &network, Password::new(&body.password)).await?;
    let answer = json!({
        "session_token": signed_in.token.reveal(),
        "expires_at": signed_in.session.expires_at.to_string(),
        "user": signed_in.user.to_json(),
    });
    let cookie = session_cookie(&signed_in.token).ok_or(Problem::new(ProblemType::InternalError))?;
    Ok(([(SET_COOKIE, cookie)], JsonBody(answer)).into_response())
}

async fn sign_out(State(function): State<Arc<SignIn>>, caller: Caller) -> Result<Response, Problem> {
    let session = session_of(&caller)?;
    function.sessions.end(&session.digest).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, clear_session_cookie())]).into_response())
}

async fn session(caller: Caller) -> Result<JsonBody, Problem> {
    let session = session_of(&caller)?;
    Ok(JsonBody(json!({ "user": caller.user.to_json(), "expires_at": session.expires_at.to_string() })))
}

/// An API key isn't a session: a portal that checks a token must not mistake it for the administrator who created it.
fn session_of(caller: &Caller) -> Result<&Session, Problem> {
    match &caller.credential {
        Credential::Session(session) => Ok(session),
        Credential::ApiKey(_) => Err(Problem::new(ProblemType::SignInRequired)),
    }
}

impl Gated for SignIn {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

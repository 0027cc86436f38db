//! `POST /api/sign-in`, `POST /api/sign-out` and `POST /api/change-password`.

mod api;
mod change_password;
mod sign_in;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{SET_COOKIE, USER_AGENT},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use mailkey::{
    EmailAddress, account::password::Password, audit::Action, clock::rfc3339, device::DeviceKeys, network::Network,
    session::Client,
};
use mailkey_api::{
    App,
    http::{
        Caller, JsonBody, PresentedDevice, RequestInfo, StrictJson, ViewerIp, clear_session_cookie, device_headers,
        session_cookie,
    },
    password::{Hasher, PasswordPolicy},
    problem::{Problem, ProblemType},
};
use serde::Deserialize;
use serde_json::json;

pub use api::operations;
use sign_in::Presented;

/// The dependencies of this function.
pub struct SignIn {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Computes hashes.
    pub hasher: Arc<Hasher>,
    /// What a new password has to pass.
    pub policy: Arc<PasswordPolicy>,
    /// Issues and verifies device tokens.
    pub device_keys: DeviceKeys,
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<SignIn>) -> Router {
    Router::new()
        .route("/api/sign-in", post(sign_in))
        .route("/api/sign-out", post(sign_out))
        .route("/api/change-password", post(change_password::change_password))
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
    ViewerIp(ip): ViewerIp,
    RequestInfo { request_id, .. }: RequestInfo,
    PresentedDevice(device): PresentedDevice,
    headers: HeaderMap,
    StrictJson(body): StrictJson<SignInRequest>,
) -> Result<Response, Problem> {
    let address = EmailAddress::parse(&body.email).map_err(|e| {
        Problem::new(ProblemType::MalformedRequest)
            .with_detail(format!("This isn’t an email address: {e}."))
            .with_pointer("/email")
    })?;
    let (network, password) = (Network::of(ip), Password::new(&body.password));
    let from = RequestInfo { ip, request_id };
    let client = Client::new(ip, headers.get(USER_AGENT).and_then(|name| name.to_str().ok()));
    let presented = Presented { address, network, device, password, action: Action::SignIn, from };
    let signed_in = function.sign_in(presented, client).await?;
    let answer = json!({
        "session_token": signed_in.token.reveal(),
        "expires_at": rfc3339(signed_in.session.expires_at),
        "user": signed_in.user.to_json(),
    });
    let cookie = session_cookie(&signed_in.token).ok_or(Problem::new(ProblemType::InternalError))?;
    Ok(([(SET_COOKIE, cookie)], device_headers(&signed_in.device)?, JsonBody(answer)).into_response())
}

async fn sign_out(State(function): State<Arc<SignIn>>, caller: Caller) -> Result<Response, Problem> {
    function.app.db.sessions().end(&caller.session()?.digest).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, clear_session_cookie())]).into_response())
}

impl AsRef<App> for SignIn {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

//! Everything that verifies a password or a one-time code: `POST /api/sign-in`, `POST /api/change-password`,
//! `POST /api/step-up` and `POST /api/second-factor`; and `POST /api/sign-out`.

mod api;
mod change_password;
mod second_factor;
mod sign_in;
mod step_up;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{SET_COOKIE, USER_AGENT},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use jiff::Timestamp;
use mailkey::{
    EmailAddress,
    account::{User, password::Password},
    audit::Action,
    device::DeviceKeys,
    json::Rfc3339,
    network::Network,
    second_factor::OneTimeCode,
    session::Client,
};
use mailkey_api::{
    App, SecondFactorKey,
    http::{
        Caller, JsonBody, PresentedDevice, RequestInfo, StrictJson, ViewerIp, clear_session_cookie, device_headers,
        presented_session_cookie, session_cookie,
    },
    openapi::EmailText,
    password::{Hasher, PasswordPolicy},
    problem::{Problem, ProblemType},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Encrypts second factors.
    pub second_factor_key: SecondFactorKey,
    /// Issues and verifies device tokens.
    pub device_keys: DeviceKeys,
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<SignIn>) -> Router {
    Router::new()
        .route("/api/sign-in", post(sign_in))
        .route("/api/sign-out", post(sign_out))
        .route("/api/change-password", post(change_password::change_password))
        .route("/api/step-up", post(step_up::step_up))
        .route("/api/second-factor", post(second_factor::begin))
        .route("/api/second-factor/confirm", post(second_factor::confirm))
        .with_state(function)
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignInRequest {
    /// The email address.
    #[schemars(with = "EmailText")]
    email: String,
    /// The password.
    password: String,
    /// Six digits of the authenticator app, or a recovery code.
    #[schemars(example = CODE)]
    one_time_code: Option<String>,
}

/// The one-time code in examples.
const CODE: &str = "287082";

#[derive(Serialize, JsonSchema)]
struct SessionBegun<'a> {
    /// The token to send as `Authorization: Bearer`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{43}$"))]
    session_token: String,
    /// When it expires.
    #[serde(with = "Rfc3339")]
    expires_at: Timestamp,
    user: &'a User,
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
    let code = body.one_time_code.as_deref().map(OneTimeCode::parse);
    let signed_in = function.sign_in(presented, code, client).await?;
    // The new cookie replaces that of the earlier session, which would stay valid otherwise (OWASP ASVS 5.0, 7.2.4).
    if let Some(earlier) = presented_session_cookie(&headers) {
        function.app.db.sessions().end(&earlier.digest()).await?;
    }
    let answer = SessionBegun {
        session_token: signed_in.token.reveal(),
        expires_at: signed_in.session.expires_at,
        user: &signed_in.user,
    };
    let cookie = session_cookie(&signed_in.token).ok_or(Problem::new(ProblemType::InternalError))?;
    Ok(([(SET_COOKIE, cookie)], device_headers(&signed_in.device)?, JsonBody(answer)).into_response())
}

async fn sign_out(State(function): State<Arc<SignIn>>, caller: Caller) -> Result<Response, Problem> {
    function.app.db.sessions().end(&caller.session()?.digest).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, clear_session_cookie()), clear_storage()]).into_response())
}

/// Tells the browser to clear what the pages of this site kept (OWASP ASVS 5.0, 14.3.1). Not its cookies: the device
/// token stays, because it protects the owner from a lockout. Nothing of an account is in its cache.
fn clear_storage() -> (HeaderName, HeaderValue) {
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"storage\""))
}

impl AsRef<App> for SignIn {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

//! `POST /api/forgot-password`: accepts a recovery request.
//!
//! This endpoint does no lookups. It stores the request in one conditional write, whatever the address, and has no
//! other permissions. The mailer finds out later whether there is a user and what to send. So neither timing nor
//! content of the response can reveal whether an account exists.

mod api;
mod fallback;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::{any, get, post},
};
use mailkey::{
    EmailAddress, RequestId,
    email_log::{EmailId, EmailKind, Trigger},
    recovery::{Accepted, EmailRequest, RequestKeyring},
};
use mailkey_api::{
    App,
    http::{JsonBody, RequestInfo, StrictJson},
    openapi::EmailText,
    problem::{Problem, ProblemType},
};
use mailkey_dynamodb::StoreError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use api::operations;

/// The dependencies of this function.
pub struct ForgotPassword {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Makes the keys of requests.
    pub keyring: RequestKeyring,
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<ForgotPassword>) -> Router {
    Router::new()
        .route("/api/forgot-password", post(forgot_password))
        .with_state(function)
        .route("/api/health", get(health))
        .route("/api/openapi.json", get(openapi))
        .route("/api/{*path}", any(fallback::unknown_path))
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ForgotPasswordRequest {
    /// The email address.
    #[schemars(with = "EmailText")]
    email: String,
}

#[derive(Serialize, JsonSchema)]
struct ForgotPasswordAnswer {
    /// The text to show. It's the same for every address.
    message: &'static str,
}

/// The same response for every address.
const MESSAGE: &str = "If there is an account with this address, an email with a link is on its way. \
                       It can take a few minutes; check your junk folder too.";

async fn forgot_password(
    State(function): State<Arc<ForgotPassword>>,
    RequestInfo { request_id, .. }: RequestInfo,
    StrictJson(body): StrictJson<ForgotPasswordRequest>,
) -> Result<(StatusCode, JsonBody<ForgotPasswordAnswer>), Problem> {
    let address = EmailAddress::parse(&body.email).map_err(|e| {
        Problem::new(ProblemType::MalformedRequest)
            .with_detail(format!("This isn’t an email address: {e}."))
            .with_pointer("/email")
    })?;
    function.accept(address, request_id).await?;
    Ok((StatusCode::ACCEPTED, JsonBody(ForgotPasswordAnswer { message: MESSAGE })))
}

async fn health() -> JsonBody {
    JsonBody(json!({ "status": "ok" }))
}

/// The description of the API: made of every function's `operations`, by a test that keeps the file as they are.
const OPENAPI: &str = include_str!("../../common/api/openapi.json");

async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

impl ForgotPassword {
    async fn accept(&self, address: EmailAddress, request_id: Option<RequestId>) -> Result<Accepted, StoreError> {
        let now = self.app.now();
        let email_id = EmailId::new(now, &*self.app.entropy)?;
        let key = self.keyring.key(address.key(), email_id, now);
        let (kind, trigger) = (EmailKind::PasswordReset, Trigger::SelfService);
        let request = EmailRequest::unique(email_id, kind, trigger, address, now).caused_by(request_id);
        self.app.db.email_requests().accept(&EmailRequest { key, ..request }).await
    }
}

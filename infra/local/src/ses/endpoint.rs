//! The part of the SES v2 API (REST, JSON) that Mailkey and portals use.

use std::{collections::BTreeMap, time::Duration};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Response, StatusCode};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::json;

use super::draft::Draft;
use super::error::{SesError, answer};
use super::faults::Fault;
use super::{FaultMode, LocalSes, account, suppression};
use crate::calls::{self, Call};

/// SES accepts messages of 40 MB after encoding in base64; the rest of the request is small.
const MAX_REQUEST: usize = 41 * 1024 * 1024;

/// The delay of a slow response if the plan doesn't set one.
const DEFAULT_DELAY: Duration = Duration::from_secs(1);

/// The API, for an SDK client to call over [`super::connector`] or a socket.
///
/// Signatures aren't checked: anyone who can reach this router may send.
pub fn endpoint(ses: LocalSes) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(send_email))
        .route("/v2/email/account", get(account::get_account))
        .route("/v2/email/identities/{identity}", get(account::get_identity))
        .merge(suppression_list(&ses))
        .fallback(async || SesError::unknown_operation())
        .method_not_allowed_fallback(async || SesError::unknown_operation())
        .layer(middleware::from_fn(async |request: Request, next: Next| {
            let operation = operation(&request).to_owned();
            let table = "SES".to_owned();
            calls::note(Call { operation, table, write_units: 0.0, read_units: 0.0, written: BTreeMap::new() });
            next.run(request).await
        }))
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(ses)
}

/// The endpoint for portals and other senders on this machine.
pub fn portal_routes(ses: &LocalSes) -> Router {
    Router::new().nest("/_local/ses", endpoint(ses.for_portals()))
}

/// The SES operation of a request.
fn operation(request: &Request) -> &'static str {
    let of_an_address = request.uri().path().starts_with("/v2/email/suppression/addresses/");
    match (request.method().as_str(), request.uri().path()) {
        ("POST", "/v2/email/outbound-emails") => "SendEmail",
        ("GET", "/v2/email/account") => "GetAccount",
        ("GET", path) if path.starts_with("/v2/email/identities/") => "GetEmailIdentity",
        ("GET", _) if of_an_address => "GetSuppressedDestination",
        ("GET", _) => "ListSuppressedDestinations",
        ("DELETE", _) => "DeleteSuppressedDestination",
        _ => "another operation",
    }
}

/// The routes of the suppression list, which fail under [`FaultMode::ListsFail`].
fn suppression_list(ses: &LocalSes) -> Router<LocalSes> {
    let faults = ses.faults.clone();
    Router::new()
        .route("/v2/email/suppression/addresses", get(suppression::list).put(suppression::put))
        .route("/v2/email/suppression/addresses/{address}", get(suppression::get).delete(suppression::delete))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let fails = faults.plan().mode == FaultMode::ListsFail;
            async move { if fails { SesError::internal_failure().into_response() } else { next.run(request).await } }
        }))
}

/// `SendEmail`
async fn send_email(State(ses): State<LocalSes>, body: Bytes) -> Result<Response<Body>, SesError> {
    let mut draft = Draft::parse(&body)?;
    draft.configuration_set = draft.configuration_set.or_else(|| ses.default_configuration_set.map(ToOwned::to_owned));
    if let Some(name) = draft.configuration_set.as_deref().filter(|name| !ses.knows_configuration_set(name)) {
        return Err(SesError::not_found(format!("Configuration set <{name}> does not exist.")));
    }
    let fault = ses.faults.take();
    if let Some(refusal) = refusal(fault.plan.mode, &draft) {
        return Err(refusal);
    }
    if fault.plan.mode == FaultMode::Hang {
        fault.hang().await;
        return Err(SesError::internal_failure());
    }
    // This waits for the disk, and finishes even if the client stops waiting.
    let accepted = tokio::task::spawn_blocking(move || ses.accept(draft)).await;
    let mail = accepted.map_err(|_| SesError::internal_failure())?.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the local SES can't store an email");
        SesError::internal_failure()
    })?;
    tracing::debug!(message_id = mail.message_id, "the local SES accepted an email");
    spoil_the_answer(fault).await?;
    Ok(answer(StatusCode::OK, &json!({ "MessageId": mail.message_id })))
}

/// The faults that reject an email right away.
fn refusal(mode: FaultMode, draft: &Draft) -> Option<SesError> {
    match mode {
        FaultMode::Throttle => Some(SesError::too_many_requests("Maximum sending rate exceeded.")),
        FaultMode::Quota => Some(SesError::too_many_requests("Daily message quota exceeded.")),
        FaultMode::Fail => Some(SesError::internal_failure()),
        FaultMode::Reject => Some(not_verified(&draft.source)),
        FaultMode::Sandbox => draft.recipients.first().map(|recipient| not_verified(recipient)),
        FaultMode::Paused => Some(SesError::sending_paused()),
        FaultMode::None
        | FaultMode::ListsFail
        | FaultMode::Hang
        | FaultMode::Slow
        | FaultMode::AcceptThenHang
        | FaultMode::AcceptThenFail => None,
    }
}

fn not_verified(identity: &str) -> SesError {
    SesError::message_rejected(format!(
        "Email address is not verified. The following identities failed the check in region US-EAST-1: {identity}"
    ))
}

/// The faults that apply after the email was sent.
async fn spoil_the_answer(fault: Fault) -> Result<(), SesError> {
    match fault.plan.mode {
        FaultMode::Slow => {
            tokio::time::sleep(fault.plan.delay_ms.map_or(DEFAULT_DELAY, Duration::from_millis)).await;
            Ok(())
        }
        FaultMode::AcceptThenHang => {
            fault.hang().await;
            Err(SesError::internal_failure())
        }
        FaultMode::AcceptThenFail => Err(SesError::internal_failure()),
        FaultMode::None
        | FaultMode::ListsFail
        | FaultMode::Throttle
        | FaultMode::Quota
        | FaultMode::Fail
        | FaultMode::Hang
        | FaultMode::Reject
        | FaultMode::Sandbox
        | FaultMode::Paused => Ok(()),
    }
}

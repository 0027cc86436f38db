//! Routes that show the local SES to people and tests.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use serde_json::{Value, json};

use super::{FaultMode, FaultPlan, LocalSes, SuppressedAddress, SuppressionReason, pages, query};

/// Pages may load only their style sheet and the frame with an email's HTML.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";

/// An email's HTML may use inline styles and embedded images. It can't run scripts or load anything, and its links open
/// in a new page.
pub(crate) const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                           style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'";

/// The outbox as pages and JSON, the suppression list, and the faults, all under `/_local/`.
pub fn local_routes(ses: LocalSes) -> Router {
    Router::new()
        .route("/_local/outbox.json", get(outbox_json))
        .route("/_local/outbox", get(async || Redirect::permanent("/_local/outbox/")))
        .route("/_local/outbox/", get(outbox_page))
        .route("/_local/outbox/style.css", get(style))
        .route("/_local/outbox/{id}", get(mail_redirect))
        .route("/_local/outbox/{id}/", get(mail_page))
        .route("/_local/outbox/{id}/html", get(mail_html))
        .route("/_local/ses-faults", get(show_faults).put(set_faults))
        .route("/_local/ses-suppressed.json", get(suppressed).put(suppress))
        .with_state(ses)
}

async fn outbox_json(State(ses): State<LocalSes>, RawQuery(raw): RawQuery) -> Response<Body> {
    let pairs = query::pairs(raw.as_deref());
    let emails = match query::first(&pairs, "to") {
        Some(address) => ses.outbox.to(address),
        None => ses.outbox.newest_first(),
    };
    let emails: Vec<_> = emails.iter().map(|mail| mail.to_json()).collect();
    json_answer(StatusCode::OK, &Value::from(emails))
}

async fn outbox_page(State(ses): State<LocalSes>) -> Response<Body> {
    let emails = ses.outbox.newest_first();
    html(StatusCode::OK, PAGE_POLICY, pages::outbox(&emails, ses.faults.plan().mode))
}

async fn mail_redirect(State(ses): State<LocalSes>, Path(id): Path<String>) -> Response<Body> {
    match ses.outbox.find(&id) {
        Some(mail) => Redirect::permanent(&format!("/_local/outbox/{}/", mail.id)).into_response(),
        None => no_such_email(),
    }
}

async fn mail_page(State(ses): State<LocalSes>, Path(id): Path<String>) -> Response<Body> {
    match ses.outbox.find(&id) {
        Some(mail) => html(StatusCode::OK, PAGE_POLICY, pages::mail(&mail)),
        None => no_such_email(),
    }
}

async fn mail_html(State(ses): State<LocalSes>, Path(id): Path<String>) -> Response<Body> {
    match ses.outbox.find(&id).as_deref().and_then(pages::html_part) {
        Some(part) => html(StatusCode::OK, MAIL_POLICY, part),
        None => no_such_email(),
    }
}

async fn style() -> Response<Body> {
    answer(StatusCode::OK, "text/css; charset=utf-8", PAGE_POLICY, pages::STYLE.to_owned())
}

/// The account's suppression list at SES, which can contain an address in several spellings.
async fn suppressed(State(ses): State<LocalSes>) -> Response<Body> {
    json_answer(StatusCode::OK, &json!(ses.suppressions.entries()))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Suppress {
    email_address: String,
    reason: SuppressionReason,
}

async fn suppress(State(ses): State<LocalSes>, body: Bytes) -> Response<Body> {
    let Suppress { email_address, reason } = match serde_json::from_slice(&body) {
        Ok(suppress) => suppress,
        Err(error) => return json_answer(StatusCode::BAD_REQUEST, &json!({ "message": error.to_string() })),
    };
    let entry = SuppressedAddress { email_address, reason, last_update_time: ses.now() };
    match ses.suppressions.put(entry) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            tracing::error!(%error, "can't write the local suppression list");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn show_faults(State(ses): State<LocalSes>) -> Response<Body> {
    json_answer(StatusCode::OK, &json!(ses.faults.plan()))
}

async fn set_faults(State(ses): State<LocalSes>, body: Bytes) -> Response<Body> {
    match fault_plan(&body) {
        Ok(plan) => {
            ses.faults.set(plan);
            json_answer(StatusCode::OK, &json!(ses.faults.plan()))
        }
        Err(why) => json_answer(StatusCode::BAD_REQUEST, &json!({ "message": why })),
    }
}

/// Accepts only an object: a derived `Deserialize` would also accept an array of the fields.
fn fault_plan(body: &[u8]) -> Result<FaultPlan, String> {
    let plan: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if !plan.is_object() {
        return Err("send an object, such as {\"mode\":\"throttle\",\"next\":1}".to_owned());
    }
    let plan: FaultPlan = serde_json::from_value(plan).map_err(|error| error.to_string())?;
    match plan {
        FaultPlan { next: Some(0), .. } => Err("next must be 1 or more".to_owned()),
        FaultPlan { delay_ms: Some(_), mode, .. } if mode != FaultMode::Slow => {
            Err("delay_ms requires the mode slow".to_owned())
        }
        plan => Ok(plan),
    }
}

fn no_such_email() -> Response<Body> {
    html(StatusCode::NOT_FOUND, PAGE_POLICY, pages::no_such_email())
}

fn html(status: StatusCode, policy: &'static str, body: String) -> Response<Body> {
    answer(status, "text/html; charset=utf-8", policy, body)
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    answer(status, "application/json", PAGE_POLICY, body.to_string())
}

/// Every response has a strict policy and isn't cached, because emails contain links that give access to accounts.
pub(crate) fn answer(
    status: StatusCode,
    content_type: &'static str,
    policy: &'static str,
    body: String,
) -> Response<Body> {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

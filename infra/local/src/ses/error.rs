//! SES errors in the SDK's format: the type in a header, the text in a JSON body.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;

use super::id;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An error response of SES.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SesError {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl SesError {
    pub(super) fn bad_request(message: impl Into<String>) -> SesError {
        SesError::new(StatusCode::BAD_REQUEST, "BadRequestException", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> SesError {
        SesError::new(StatusCode::NOT_FOUND, "NotFoundException", message)
    }

    pub(super) fn message_rejected(message: impl Into<String>) -> SesError {
        SesError::new(StatusCode::BAD_REQUEST, "MessageRejected", message)
    }

    pub(super) fn sending_paused() -> SesError {
        let message = "Sending is paused for this account. For more information, please check the inbox of the email \
                       address associated with your AWS account.";
        SesError::new(StatusCode::BAD_REQUEST, "SendingPausedException", message)
    }

    pub(super) fn too_many_requests(message: impl Into<String>) -> SesError {
        SesError::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message)
    }

    pub(super) fn internal_failure() -> SesError {
        SesError::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "The service failed. Try again later.")
    }

    pub(super) fn not_json() -> SesError {
        SesError::new(StatusCode::BAD_REQUEST, "SerializationException", "The request is not valid JSON.")
    }

    pub(super) fn unknown_operation() -> SesError {
        SesError::new(StatusCode::NOT_FOUND, "UnknownOperationException", "The local SES lacks this operation.")
    }

    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> SesError {
        SesError { status, kind, message: message.into() }
    }
}

impl IntoResponse for SesError {
    fn into_response(self) -> Response<Body> {
        let mut response = answer(self.status, &json!({ "message": self.message }));
        response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(self.kind));
        response
    }
}

/// A JSON response with a request id, like every SES response.
pub(super) fn answer(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&id::uuid(id::random())) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

//! The edge: what every route has in common.

mod caller;
mod csv;
mod device;
mod edge;
mod located;
mod path_id;
mod strict_json;
mod strict_query;
mod viewer;

pub use caller::{
    AdminCaller, Caller, ClientIp, Credential, RequestInfo, SESSION_COOKIE, SupportCaller, clear_session_cookie,
    presented_session_cookie, session_cookie,
};
pub use csv::{csv_file, csv_row};
pub use device::{DEVICE_COOKIE, PresentedDevice, device_headers, device_parameters};
pub use edge::{EdgeConfig, PAGE_POLICY, with_edge};
pub use path_id::PathId;
pub use strict_json::{MAX_BODY, NoBody, StrictJson};
pub use strict_query::StrictQuery;
pub use viewer::{VIEWER_IP, ViewerIp};

use axum::{
    Router,
    http::header::{CONTENT_TYPE, HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;

use crate::problem::{Problem, ProblemType};

/// A JSON answer.
#[derive(Debug, Clone)]
pub struct JsonBody<T = Value>(pub T);

impl<T: Serialize> IntoResponse for JsonBody<T> {
    fn into_response(self) -> Response {
        let json: (HeaderName, HeaderValue) = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match serde_json::to_string(&self.0) {
            Ok(body) => ([json], body).into_response(),
            Err(_) => Problem::new(ProblemType::InternalError).into_response(),
        }
    }
}

/// The answer to a path that leads nowhere.
pub async fn not_found() -> Problem {
    Problem::new(ProblemType::NotFound)
}

/// The answer to a method that a path does not take.
pub async fn method_not_allowed() -> Problem {
    Problem::new(ProblemType::MethodNotAllowed)
}

/// The router of one function, complete: what it does not serve is a problem too.
pub fn service(routes: Router, edge: EdgeConfig) -> Router {
    with_edge(routes.fallback(not_found).method_not_allowed_fallback(method_not_allowed), edge)
}

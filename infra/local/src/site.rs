//! The support site, served from memory.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
};
use mailkey::{
    http::PAGE_POLICY,
    problem::{Problem, ProblemType},
};
use mailkey_docs_site::{Asset, Site};

/// The page for paths that lead nowhere.
const NOT_FOUND: &str = "/404.html";

/// Answers everything that no function serves: pages, assets, and what is not there.
pub async fn serve(State(site): State<Arc<Site>>, request: Request) -> Response {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match site.get(path).filter(|_| path != NOT_FOUND) {
        Some(_) if !reads => {
            let allow = (ALLOW, HeaderValue::from_static("GET, HEAD"));
            let mut refused = Problem::new(ProblemType::MethodNotAllowed).into_response();
            refused.headers_mut().insert(allow.0, allow.1);
            refused
        }
        Some(asset) => found(path, asset),
        None if reads && site.contains_key(&format!("{path}/")) => to_folder(path),
        None if reads && !path.starts_with("/api/") => missing(&site),
        None => Problem::new(ProblemType::NotFound).into_response(),
    }
}

fn found(path: &str, asset: &Asset) -> Response {
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    // An asset's name changes with its content.
    if path.starts_with("/assets/") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    }
    response
}

/// A page is a folder; people leave the slash away.
fn to_folder(path: &str) -> Response {
    match HeaderValue::from_str(&format!("{path}/")) {
        // A path that begins with two slashes would lead to another host.
        Ok(location) if !path.starts_with("//") => {
            (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response()
        }
        _ => Problem::new(ProblemType::NotFound).into_response(),
    }
}

fn missing(site: &Site) -> Response {
    match site.get(NOT_FOUND) {
        Some(page) => {
            let mut response = found(NOT_FOUND, page);
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
        None => Problem::new(ProblemType::NotFound).into_response(),
    }
}

//! A function behind the HTTP API, which is behind CloudFront.
//!
//! CloudFront adds a secret key and the viewer's address to each request. A request without the key bypassed CloudFront
//! and its rate rules, so the answer is 404.

use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http_body_util::{BodyExt, LengthLimitError};
use lambda_http::{Adapter, LambdaEvent, Service};
use serde_json::Value;
use tower::ServiceExt;

use mailkey::{
    OsEntropy, SystemClock,
    config::{KeyRing, PortalConfig},
};
use mailkey_api::{
    http::{ClientIp, EdgeConfig},
    problem::{Problem, ProblemType},
};

use crate::{Start, env::ConfigError};

/// The header with CloudFront's key.
const EDGE_KEY: &str = "x-mailkey-edge-key";

/// The header with the viewer's address. CloudFront overwrites any value that a client sends.
const VIEWER_IP: &str = "x-mailkey-viewer-ip";

/// The largest response body, in bytes. Lambda's limit of 6 MB applies to the JSON form, which is longer.
const MAX_ANSWER: usize = 4_000_000;

/// Serves a function's routes.
pub async fn serve(routes: Router, start: &Start, portal: &PortalConfig) -> Result<(), lambda_http::Error> {
    let router = Api::new(routes, start, portal).await?.router;
    lambda_http::run(ServiceExt::<Request<lambda_http::Body>>::map_response(router, Answer)).await
}

/// A function's routes, for a function that also takes other events.
pub struct Api {
    router: Router,
}

impl Api {
    /// Adds the edge to `routes`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a key in `MAILKEY_EDGE_KEY`: without the check, requests could bypass CloudFront and its
    /// rate rules.
    pub async fn new(routes: Router, start: &Start, portal: &PortalConfig) -> Result<Self, ConfigError> {
        let edge_keys = start.keys("MAILKEY_EDGE_KEY").await?;
        let secrets = start.secrets.clone();
        let guard = move |request: Request, next: Next| {
            let (secrets, edge_keys) = (secrets.clone(), edge_keys.clone());
            async move {
                secrets.refresh().await;
                guard(edge_keys, request, next).await
            }
        };
        let routes = routes.layer(axum::middleware::from_fn(in_one_piece));
        let router = mailkey_api::http::service(routes, edge(portal)).layer(axum::middleware::from_fn(guard));
        Ok(Self { router })
    }

    /// Serves the routes and passes events that aren't API requests to `otherwise`. Such an event can't come through the
    /// API, only from someone with permission to invoke the function.
    pub async fn serve_with<F, Answer>(self, otherwise: F) -> Result<(), lambda_http::Error>
    where
        F: Fn(Value) -> Answer,
        Answer: Future<Output = Result<Value, lambda_http::Error>> + Send + 'static,
    {
        let router = self.router;
        let handle = |event: LambdaEvent<Value>| {
            if event.payload.get("requestContext").is_none() {
                return otherwise(event.payload).boxed();
            }
            answer(router.clone(), event).boxed()
        };
        lambda_http::lambda_runtime::run(lambda_http::service_fn(handle)).await
    }
}

fn edge(portal: &PortalConfig) -> EdgeConfig {
    EdgeConfig {
        site_url: portal.site_url.clone(),
        origins: vec![portal.site_url.clone()],
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    }
}

async fn answer(router: Router, event: LambdaEvent<Value>) -> Result<Value, lambda_http::Error> {
    let request = serde_json::from_value(event.payload)?;
    let router = ServiceExt::<Request<lambda_http::Body>>::map_response(router, Answer);
    let answering = Adapter::from(router).call(LambdaEvent::new(request, event.context));
    Ok(serde_json::to_value(answering.await.unwrap_or_else(|never: Infallible| match never {}))?)
}

/// A response as API Gateway expects it: text as it is, anything else in base64. `lambda_http` would link the tables of
/// other text encodings; ours is always UTF-8.
struct Answer(Response);

impl lambda_http::IntoResponse for Answer {
    fn into_response(self) -> Pin<Box<dyn Future<Output = lambda_http::Response<lambda_http::Body>> + Send>> {
        let (parts, body) = self.0.into_parts();
        async {
            // The body is in memory, so reading it can't fail.
            let bytes = body.collect().await.map(|body| Vec::from(body.to_bytes())).unwrap_or_default();
            let body = match String::from_utf8(bytes) {
                Ok(text) if text.is_empty() => lambda_http::Body::Empty,
                Ok(text) => lambda_http::Body::Text(text),
                Err(other) => lambda_http::Body::Binary(other.into_bytes()),
            };
            lambda_http::Response::from_parts(parts, body)
        }
        .boxed()
    }
}

/// Reads the whole body, because Lambda returns a response in one piece. A body that fails or is too long becomes a
/// problem instead of half a response.
async fn in_one_piece(request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    match axum::body::to_bytes(body, MAX_ANSWER).await {
        Ok(bytes) => Response::from_parts(parts, Body::from(bytes)),
        Err(error) if std::error::Error::source(&error).is_some_and(|cause| cause.is::<LengthLimitError>()) => {
            let too_long =
                "This is more than one answer can hold. Ask for less of it, such as from one day to another.";
            Problem::new(ProblemType::MalformedRequest).with_detail(too_long).into_response()
        }
        Err(error) => {
            tracing::error!(%error, metric = "StoreFailed", "an answer broke off");
            Problem::new(ProblemType::ServiceUnavailable).with_retry_after(5).into_response()
        }
    }
}

async fn guard(edge_keys: KeyRing, mut request: Request, next: Next) -> Response {
    if !shows_the_key(request.headers(), &edge_keys) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(ip) = header(request.headers(), VIEWER_IP).and_then(|ip| ip.parse().ok()) {
        request.extensions_mut().insert(ClientIp(ip));
    }
    next.run(request).await
}

fn shows_the_key(headers: &HeaderMap, keys: &KeyRing) -> bool {
    header(headers, EDGE_KEY).is_some_and(|shown| keys.all().iter().any(|(_, key)| key.is(shown)))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, routing::get};
    use base64::{Engine, prelude::BASE64_STANDARD};
    use futures_util::stream;

    use super::*;

    async fn answered(pieces: Vec<Result<Bytes, &'static str>>) -> (StatusCode, usize) {
        let answer = get(|| async { Body::from_stream(stream::iter(pieces)) });
        let routes = Router::new().route("/", answer).layer(axum::middleware::from_fn(in_one_piece));
        let answer = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        let status = answer.status();
        (status, answer.into_body().collect().await.unwrap().to_bytes().len())
    }

    #[tokio::test]
    async fn an_answer_comes_whole_or_as_a_problem() {
        let piece = || Ok(Bytes::from_static(&[b'x'; 1_000_000]));
        assert_eq!(answered(vec![]).await, (StatusCode::OK, 0));
        assert_eq!(answered(vec![piece(), piece()]).await, (StatusCode::OK, 2_000_000));
        assert_eq!(answered(vec![piece(), Err("the table failed")]).await, (StatusCode::SERVICE_UNAVAILABLE, 0));
        assert_eq!(answered((0..5).map(|_| piece()).collect()).await, (StatusCode::BAD_REQUEST, 0));
    }

    #[tokio::test]
    async fn only_the_current_and_the_former_key_open() {
        let key = |byte: u8| BASE64_STANDARD.encode([byte; 48]);
        let keys = KeyRing::parse(&format!("2:{},former:{}", key(2), key(1))).unwrap();
        let behind_the_edge = axum::middleware::from_fn(move |request, next| guard(keys.clone(), request, next));
        let routes = Router::new().route("/", get(|| async {})).layer(behind_the_edge);
        for (shown, opens) in [
            (Some(key(2)), true),
            (Some(key(1)), true),
            (Some(key(3)), false),
            (Some(String::new()), false),
            (None, false),
        ] {
            let mut request = Request::new(Body::empty());
            if let Some(shown) = shown {
                request.headers_mut().insert(EDGE_KEY, shown.parse().unwrap());
            }
            let wanted = if opens { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(routes.clone().oneshot(request).await.unwrap().status(), wanted);
        }
    }
}

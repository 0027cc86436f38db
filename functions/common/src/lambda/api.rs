//! A function behind the HTTP API, which itself stands behind CloudFront.
//!
//! CloudFront shows a key that nobody else has, and says whom it was asked by. Without the key a request has come round
//! it, and round its rate rules: it is answered as if there were nothing.

use std::{convert::Infallible, future::Future, net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use lambda_http::{Adapter, LambdaEvent, RequestExt, Service, request::RequestContext};
use serde_json::Value;

use crate::{
    config::{ConfigError, KeyRing, PortalConfig, optional},
    http::ClientIp,
};

/// What CloudFront shows.
const EDGE_KEY: &str = "x-mailkey-edge-key";

/// Whom CloudFront was asked by; it overwrites what a client may have written there.
const VIEWER_IP: &str = "x-mailkey-viewer-ip";

/// Serves a function's routes.
///
/// # Errors
///
/// What the runtime says.
pub async fn serve(routes: Router, portal: &PortalConfig) -> Result<(), lambda_http::Error> {
    lambda_http::run(Api::new(routes, portal)?.router).await
}

/// A function's routes, for a function that takes other events beside.
pub struct Api {
    router: Router,
}

impl Api {
    /// `routes`, complete. The key of the edge is `MAILKEY_EDGE_KEY`; where it is not set, requests need none.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the key can't be used.
    pub fn new(routes: Router, portal: &PortalConfig) -> Result<Self, ConfigError> {
        let edge_keys = match optional("MAILKEY_EDGE_KEY") {
            Some(_) => Some(Arc::new(KeyRing::from_env("MAILKEY_EDGE_KEY")?)),
            None => None,
        };
        let guard = move |request: Request, next: Next| guard(edge_keys.clone(), request, next);
        let router = crate::http::service(routes, super::edge(portal)).layer(axum::middleware::from_fn(guard));
        Ok(Self { router })
    }

    /// Serves the routes, and hands every event that is no request of the API to `otherwise`. Such an event comes from
    /// whoever may invoke the function: nobody gets one through the API.
    ///
    /// # Errors
    ///
    /// What the runtime says.
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

async fn answer(router: Router, event: LambdaEvent<Value>) -> Result<Value, lambda_http::Error> {
    let request = serde_json::from_value(event.payload)?;
    let answering = Adapter::from(router).call(LambdaEvent::new(request, event.context));
    Ok(serde_json::to_value(answering.await.unwrap_or_else(|never: Infallible| match never {}))?)
}

async fn guard(edge_keys: Option<Arc<KeyRing>>, mut request: Request, next: Next) -> Response {
    let ip = match &edge_keys {
        Some(keys) if !shows_the_key(request.headers(), keys) => return StatusCode::NOT_FOUND.into_response(),
        Some(_) => header(request.headers(), VIEWER_IP).and_then(|ip| ip.parse().ok()),
        // The gateway says where a request comes from; what clients write into headers is not believed.
        None => source_ip(&request),
    };
    if let Some(ip) = ip {
        request.extensions_mut().insert(ClientIp(ip));
    }
    next.run(request).await
}

fn source_ip(request: &Request) -> Option<IpAddr> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}

fn shows_the_key(headers: &HeaderMap, keys: &KeyRing) -> bool {
    header(headers, EDGE_KEY).is_some_and(|shown| keys.all().any(|(_, key)| key.is(shown)))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::*;

    #[test]
    fn current_and_former_key_open_and_nothing_else() {
        let key = |byte: u8| BASE64_STANDARD.encode([byte; 48]);
        let keys = KeyRing::parse(&format!("2:{},former:{}", key(2), key(1))).unwrap();
        for (shown, opens) in [(Some(key(2)), true), (Some(key(1)), true), (Some(key(3)), false), (None, false)] {
            let mut headers = HeaderMap::new();
            if let Some(shown) = shown {
                headers.insert(EDGE_KEY, shown.parse().unwrap());
            }
            assert_eq!(shows_the_key(&headers, &keys), opens);
        }
    }
}

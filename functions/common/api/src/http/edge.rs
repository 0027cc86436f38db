//! What every answer carries, and what every request must pass: headers, origin, request id, a log line, and problems
//! written out.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{self, CACHE_CONTROL, CONTENT_SECURITY_POLICY, ORIGIN},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use mailkey::{RequestId, SharedClock, SharedEntropy};
use tracing::Instrument;

use crate::problem::{Problem, ProblemType};

/// What the edge needs to know.
#[derive(Clone)]
pub struct EdgeConfig {
    /// Where the support site is; problems point there.
    pub site_url: String,
    /// The origins from which pages may call: the site's own, and on one machine its other names.
    pub origins: Vec<String>,
    /// The clock.
    pub clock: SharedClock,
    /// The randomness, for request ids.
    pub entropy: SharedEntropy,
}

impl std::fmt::Debug for EdgeConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeConfig").field("site_url", &self.site_url).finish_non_exhaustive()
    }
}

/// The policy of an API's answers, which load nothing.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The policy of pages: own scripts, styles and images, and nothing inline.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                               form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Headers of every answer (OWASP ASVS 5.0, 3.4; OWASP REST security cheat sheet).
const HEADERS: [(&str, &str); 7] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("x-frame-options", "DENY"),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the edge around `routes`. To be called once, on the outside.
pub fn with_edge(routes: Router, config: EdgeConfig) -> Router {
    let config = Arc::new(config);
    routes
        .layer(axum::Extension(Arc::clone(&config)))
        .layer(middleware::from_fn(log))
        .layer(middleware::from_fn_with_state(config, guard))
}

async fn guard(State(config): State<Arc<EdgeConfig>>, mut request: Request, next: Next) -> Response {
    let Ok(request_id) = RequestId::new(config.clock.now(), &*config.entropy) else {
        let mut answer = Problem::new(ProblemType::ServiceUnavailable).render(&config.site_url, None);
        security_headers(answer.headers_mut());
        return answer;
    };
    request.extensions_mut().insert(request_id.clone());
    let answer = async {
        if is_foreign(&request, &config) {
            Problem::new(ProblemType::OriginRefused).into_response()
        } else {
            next.run(request).await
        }
    };
    // Every log line within the request carries its id.
    let answer = answer.instrument(tracing::info_span!("request", %request_id)).await;
    let mut answer = write_problem(answer, &config.site_url);
    security_headers(answer.headers_mut());
    if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
        answer.headers_mut().insert(REQUEST_ID, value);
    }
    answer
}

/// A request that would change something, sent by a page of another site.
fn is_foreign(request: &Request, config: &EdgeConfig) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let mut origins = request.headers().get_all(ORIGIN).iter();
    origins.any(|origin| !config.origins.iter().any(|own| origin == own.as_str()))
}

fn write_problem(answer: Response, site_url: &str) -> Response {
    let allow = answer.headers().get(header::ALLOW).cloned();
    match answer.extensions().get::<Problem>() {
        Some(problem) => problem.render(site_url, allow),
        // A refusal by the framework itself, without words.
        None if answer.status() == StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(ProblemType::MethodNotAllowed).render(site_url, allow)
        }
        None => answer,
    }
}

fn security_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        // The logo is the one response with another value: webmail shows it on its own pages.
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(API_POLICY));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// One line for each request: the route, never the path or the query, which people fill with secrets by mistake.
async fn log(request: Request<Body>, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let answer = next.run(request).await;
    let status = answer.status().as_u16();
    let problem = answer.extensions().get::<Problem>().map(|problem| problem.kind.as_str());
    let outcome = format!("{}xx", status / 100);
    tracing::info!(%method, route, status, problem, outcome, metric = "Requests", "answered");
    answer
}

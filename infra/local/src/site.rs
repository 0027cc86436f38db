//! Serves the support site from memory, in the reader's language.
//!
//! On AWS, CloudFront does the same with `docs-site/edge/choose-language.js`. Both are tested with
//! `docs-site/edge/cases.json`.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
            VARY,
        },
    },
    response::{IntoResponse, Response},
};
use mailkey::Locale;
use mailkey_api::{
    http::PAGE_POLICY,
    problem::{Problem, ProblemType},
};
use mailkey_docs_site::{Asset, Language, Site, address_in};

/// The page for unknown paths.
const NOT_FOUND: &str = "/404.html";

/// The path that password managers open to change a password (W3C, "A Well-Known URL for Changing Passwords"), and the
/// page it redirects to.
const CHANGE_PASSWORD: (&str, &str) = ("/.well-known/change-password", "/forgot-password/");

/// Answers requests that no function handles: pages, assets and unknown paths.
pub async fn serve(State(site): State<Arc<Site>>, request: Request) -> Response {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && path == CHANGE_PASSWORD.0 {
        return (StatusCode::FOUND, [(LOCATION, CHANGE_PASSWORD.1)]).into_response();
    }
    let chosen = Choice::of(&site, path, request.headers());
    match site.get(chosen.page.as_ref()).filter(|_| !path.ends_with(NOT_FOUND)) {
        Some(_) if !reads => {
            let allow = (ALLOW, HeaderValue::from_static("GET, HEAD"));
            let mut refused = Problem::new(ProblemType::MethodNotAllowed).into_response();
            refused.headers_mut().insert(allow.0, allow.1);
            refused
        }
        Some(asset) => found(&chosen, asset),
        None if reads && site.contains_key(&format!("{path}/")) => to_folder(path),
        None if reads && !path.starts_with("/api/") => missing(&site, path, request.headers()),
        None => Problem::new(ProblemType::NotFound).into_response(),
    }
}

/// The page to serve for a path.
struct Choice<'a> {
    page: Cow<'a, str>,
    /// True if the page depends on the reader's language.
    varies: bool,
}

impl<'a> Choice<'a> {
    /// A path with a language prefix always serves that page. Other paths serve the translation the reader prefers, if
    /// there is one. They don't redirect, so the path and a secret in its fragment stay.
    fn of(site: &Site, path: &'a str, headers: &HeaderMap) -> Self {
        let varies = site.contains_key(&address_in(Language::English, path));
        let page = match best_language(headers) {
            Some(locale) if varies && locale != Locale::En => Cow::Owned(format!("/{locale}{path}")),
            _ => Cow::Borrowed(path),
        };
        Self { page, varies }
    }
}

fn best_language(headers: &HeaderMap) -> Option<Locale> {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    Locale::from_accept_language(&values.collect::<Vec<_>>().join(","))
}

fn found(chosen: &Choice<'_>, asset: &Asset) -> Response {
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    if let Some(language) = asset.language {
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    }
    if chosen.varies {
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
    }
    // An asset's name changes with its content.
    if chosen.page.starts_with("/assets/") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    }
    response
}

/// Redirects a page's path without a trailing slash to the path with one.
fn to_folder(path: &str) -> Response {
    match HeaderValue::from_str(&format!("{path}/")) {
        // A path that begins with two slashes would redirect to another host.
        Ok(location) if !path.starts_with("//") => {
            (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response()
        }
        _ => Problem::new(ProblemType::NotFound).into_response(),
    }
}

fn missing(site: &Site, path: &str, headers: &HeaderMap) -> Response {
    let named = Language::ALL.into_iter().find(|language| path.starts_with(&address_in(*language, "/")));
    let chosen = match named {
        Some(language) => Choice { page: Cow::Owned(address_in(language, NOT_FOUND)), varies: false },
        None => Choice::of(site, NOT_FOUND, headers),
    };
    match site.get(chosen.page.as_ref()) {
        Some(page) => {
            let mut response = found(&chosen, page);
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
        None => Problem::new(ProblemType::NotFound).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use mailkey_docs_site::SiteVariables;
    use serde_json::Value;

    use super::*;

    static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| {
        let variables = SiteVariables {
            site_url: "https://portal.example".to_owned(),
            portal_name: "Harbour Portal".to_owned(),
            support_email: "help@portal.example".to_owned(),
            sending_domain: "mail.portal.example".to_owned(),
            sending_ips: Vec::new(),
            min_password_length: SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
        };
        Arc::new(mailkey_docs_site::build(&variables).unwrap())
    });

    async fn ask(path: &str, accept_language: Option<&str>) -> Response {
        let mut request = Request::builder().uri(path);
        if let Some(languages) = accept_language {
            request = request.header(ACCEPT_LANGUAGE, languages);
        }
        serve(State(Arc::clone(&SITE)), request.body(Body::empty()).unwrap()).await
    }

    fn header(response: &Response, name: axum::http::HeaderName) -> Option<&str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    async fn body(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn pages_are_served_in_the_readers_preferred_language() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("../../../docs-site/edge/cases.json")).unwrap();
        for case in cases {
            let response = ask(case["path"].as_str().unwrap(), case["accept_language"].as_str()).await;
            if let Some(location) = case["redirect"].as_str() {
                assert_eq!(
                    (response.status(), header(&response, LOCATION)),
                    (StatusCode::FOUND, Some(location)),
                    "{case}"
                );
                continue;
            }
            let expected = if case["missing"] == true { StatusCode::NOT_FOUND } else { StatusCode::OK };
            assert_eq!(response.status(), expected, "{case}");
            assert_eq!(header(&response, CONTENT_LANGUAGE), case["language"].as_str(), "{case}");
            let varies = case["varies"] == true;
            assert_eq!(header(&response, VARY), varies.then_some("accept-language"), "{case}");
            assert!(body(response).await == SITE[case["page"].as_str().unwrap()].bytes, "{case}");
        }
    }

    #[tokio::test]
    async fn a_missing_trailing_slash_is_added_in_every_language() {
        for path in ["/guide", "/de/guide"] {
            let response = ask(path, Some("fr")).await;
            assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
            assert_eq!(header(&response, LOCATION), Some(format!("{path}/").as_str()));
        }
        assert_eq!(ask("//guide", None).await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_site_and_mailkey_have_the_same_languages() {
        let languages = Language::ALL.map(Language::tag);
        assert_eq!(Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>(), languages);
    }
}

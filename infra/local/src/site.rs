//! Serves the support site from memory, in the reader's language.
//!
//! On AWS, CloudFront does the same with `docs-site/edge/choose-language.js`. Both are tested with
//! `docs-site/edge/cases.json`.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
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

/// The pages that links in emails open.
const LANDINGS: [&str; 2] = ["reset-password", "activate"];

/// The length of a token, in characters.
const TOKEN_LENGTH: usize = 43;

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
        None if reads && !path.starts_with("/api/") => match landing_of(request.uri()) {
            Some(landing) => (StatusCode::FOUND, [(LOCATION, landing)]).into_response(),
            None => missing(&site, path, request.headers()),
        },
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
    if mailkey::brand::Logo::is_path(&chosen.page) {
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
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

/// The page that a link is for whose path a mail gateway has damaged. Without a fragment in the redirect, browsers keep
/// the one they have (RFC 9110 section 10.2.2). Otherwise the page's script looks for the token in the fragment.
fn landing_of(uri: &Uri) -> Option<String> {
    let path = without_breaks(&decoded(uri.path()));
    let path = path.trim_start_matches('/');
    let is_language = |tag: &str| Language::ALL.iter().any(|language| language.tag().eq_ignore_ascii_case(tag));
    let (language, path) = match path.split_once('/').filter(|(tag, _)| is_language(tag)) {
        Some((tag, rest)) => (format!("/{}", tag.to_ascii_lowercase()), rest.trim_start_matches('/')),
        None => (String::new(), path),
    };
    let (page, rest) = LANDINGS.into_iter().find_map(|page| {
        let (name, rest) = path.split_at_checked(page.len())?;
        let is_page = name.eq_ignore_ascii_case(page) && !rest.starts_with(|c| is_word(c) && c != '_');
        is_page.then_some((page, rest))
    })?;
    let query = uri.query().map(|query| decoded(&format!("&{query}"))).unwrap_or_default();
    let all = format!("{rest}{query}");
    let has_token =
        all.to_ascii_lowercase().contains("token") || all.split(|c| !is_word(c)).any(|word| word.len() >= TOKEN_LENGTH);
    let rest = rest.to_ascii_lowercase().replacen("index.html", "", 1);
    if !has_token && rest.chars().any(|c| is_word(c) && c != '-') {
        return None;
    }
    let fragment = if has_token { format!("#{}", encoded(&all)) } else { String::new() };
    Some(format!("{language}/{page}/{fragment}"))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Without white space, and the `=` of a soft line break before it.
fn without_breaks(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split(char::is_whitespace).filter(|part| !part.is_empty()).enumerate() {
        if index > 0 && out.ends_with('=') {
            out.pop();
        }
        out.push_str(part);
    }
    out
}

/// Percent-encoding may have been applied more than once.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        match decoded_once(&text) {
            Some(next) => text = next,
            None => break,
        }
    }
    text
}

fn decoded_once(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [char::from(bytes.next()?), char::from(bytes.next()?)].map(|digit| digit.to_digit(16));
                u8::try_from(digits[0]? * 16 + digits[1]?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// As JavaScript's `encodeURIComponent`.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
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
            portal_url: None,
            portal_name: "Harbour Portal".to_owned(),
            support_email: "help@portal.example".to_owned(),
            sending_domain: "mail.portal.example".to_owned(),
            sending_ips: Vec::new(),
            min_password_length: SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
            brand_colour: None,
            logo: None,
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
            let query = case["query"].as_str().map(|query| format!("?{query}")).unwrap_or_default();
            let path = format!("{}{query}", case["path"].as_str().unwrap());
            let response = ask(&path, case["accept_language"].as_str()).await;
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

//! A complete response, and the assertions on it.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::contract::{self, Received, Sent};

/// The code, status and title of every problem that the API documents.
pub const PROBLEMS: [(&str, u16, &str); 25] = [
    ("malformed-request", 400, "Malformed Request"),
    ("payload-too-large", 413, "Payload Too Large"),
    ("unsupported-media-type", 415, "Unsupported Media Type"),
    ("invalid-token", 400, "Invalid Token"),
    ("weak-password", 422, "Weak Password"),
    ("invalid-credentials", 401, "Invalid Credentials"),
    ("account-locked", 423, "Account Locked"),
    ("account-inactive", 403, "Account Inactive"),
    ("sign-in-required", 401, "Sign-In Required"),
    ("second-factor-required", 401, "Second Factor Required"),
    ("reauthentication-required", 401, "Reauthentication Required"),
    ("origin-refused", 403, "Origin Refused"),
    ("admin-required", 403, "Admin Required"),
    ("not-allowed", 403, "Not Allowed"),
    ("email-taken", 409, "Email Taken"),
    ("user-inactive", 409, "User Inactive"),
    ("address-suppressed", 409, "Address Suppressed"),
    ("already-active", 409, "Already Active"),
    ("not-resendable", 409, "Not Resendable"),
    ("stale-version", 409, "Stale Version"),
    ("too-many-requests", 429, "Too Many Requests"),
    ("not-found", 404, "Not Found"),
    ("method-not-allowed", 405, "Method Not Allowed"),
    ("service-unavailable", 503, "Service Unavailable"),
    ("internal-error", 500, "Internal Error"),
];

/// A response whose body was read completely.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All response headers.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// Base URL of the site, which the `type` of every problem must start with.
    pub(crate) site_url: String,
}

impl Answer {
    /// Sends a request and checks the answer against the description of the API.
    pub(crate) async fn to(request: reqwest::RequestBuilder, site_url: &str) -> Answer {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let body = request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec);
        let sent = Sent { method: request.method().clone(), url: request.url().clone(), body };
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap().to_vec();
        contract::check(&sent, &Received { status, headers: &headers, body: &body });
        Answer { status, headers, body, site_url: site_url.to_owned() }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {} {}", self.status, self.text()))
    }

    /// The value of a header, which must not appear twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "{name} appears twice");
        Some(value.to_str().unwrap())
    }

    /// The device token that the response hands out.
    pub fn device(&self) -> Option<String> {
        self.header("mailkey-device").map(str::to_owned)
    }

    /// The request id, which identifies the calls that the request made.
    pub fn request_id(&self) -> &str {
        self.header("x-request-id").expect("every response has a request id")
    }

    /// Asserts the status.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The problem code, if the response is a problem.
    pub fn problem_code(&self) -> Option<String> {
        let problem = self.header("content-type") == Some("application/problem+json");
        problem.then(|| self.json()["code"].as_str().map(str::to_owned))?
    }

    /// Asserts that the response is this problem, complete and as documented.
    #[track_caller]
    pub fn expect_problem(self, code: &str) -> Answer {
        let (_, status, title) =
            PROBLEMS.iter().find(|(known, ..)| *known == code).expect("no such problem is documented");
        assert_eq!(self.problem_code().as_deref(), Some(code), "{} {}", self.status, self.text());
        assert_eq!(self.status, *status);
        let body = self.json();
        assert_eq!(body["type"], format!("{}/problems/{code}/", self.site_url));
        assert_eq!(body["title"], *title);
        assert_eq!(body["status"], *status);
        let detail = body["detail"].as_str().unwrap_or_default();
        assert!(detail.ends_with('.') && detail.len() > 10, "the detail must be a sentence: {body}");
        let known = ["type", "title", "status", "detail", "code", "reasons", "recovery_required"];
        let names = body.as_object().unwrap().keys();
        let unknown: Vec<_> = names.filter(|name| !known.contains(&name.as_str())).collect();
        assert!(unknown.is_empty(), "a problem has undocumented fields: {unknown:?}");
        self
    }

    /// The seconds in `Retry-After`.
    #[track_caller]
    pub fn retry_after(&self) -> i64 {
        let seconds = self.header("retry-after").expect("Retry-After is missing");
        seconds.parse().expect("Retry-After must be a number of seconds")
    }

    /// The codes of a problem's reasons.
    pub fn reasons(&self) -> Vec<String> {
        let body = self.json();
        let reasons = body["reasons"].as_array().cloned().unwrap_or_default();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    }
}

//! Problems: what an API says when it does not do what it was asked (RFC 9457). The one place where errors become
//! answers.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use mailkey::{Unavailable, text_form::text_form, token::InvalidToken};
use mailkey_dynamodb::StoreError;

/// Every type of problem. Its slug is a page of the support site, `<site>/problems/<slug>/`, and stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemType {
    /// The request is not what the route takes.
    MalformedRequest,
    /// The body is too large.
    PayloadTooLarge,
    /// The body is no JSON, or is encoded.
    UnsupportedMediaType,
    /// The token does not open anything, for whatever reason.
    InvalidToken,
    /// The password is refused, with reasons.
    WeakPassword,
    /// The address and the password do not fit together.
    InvalidCredentials,
    /// Too many wrong passwords.
    AccountLocked,
    /// The right password of a disabled user.
    AccountInactive,
    /// There is no session, or it has ended.
    SignInRequired,
    /// A one-time code is needed too, or a second factor has to be set up first.
    SecondFactorRequired,
    /// The session's user has to prove again who they are.
    ReauthenticationRequired,
    /// The request comes from a page on another site.
    OriginRefused,
    /// The caller's role does not reach that far.
    AdminRequired,
    /// Nobody acts on a higher role, and some things nobody does to themselves.
    NotAllowed,
    /// Another user has the address.
    EmailTaken,
    /// The user gets no mail.
    UserInactive,
    /// The address gets no mail.
    AddressSuppressed,
    /// There is nothing to activate.
    AlreadyActive,
    /// Somebody else was faster.
    StaleVersion,
    /// Not so often.
    TooManyRequests,
    /// This email can't be sent again.
    NotResendable,
    /// There is nothing at this path.
    NotFound,
    /// There is something, but not for this method.
    MethodNotAllowed,
    /// Something that is needed does not answer.
    ServiceUnavailable,
    /// A fault of ours.
    InternalError,
}

text_form!(ProblemType {
    MalformedRequest = "malformed-request",
    PayloadTooLarge = "payload-too-large",
    UnsupportedMediaType = "unsupported-media-type",
    InvalidToken = "invalid-token",
    WeakPassword = "weak-password",
    InvalidCredentials = "invalid-credentials",
    AccountLocked = "account-locked",
    AccountInactive = "account-inactive",
    SignInRequired = "sign-in-required",
    SecondFactorRequired = "second-factor-required",
    ReauthenticationRequired = "reauthentication-required",
    OriginRefused = "origin-refused",
    AdminRequired = "admin-required",
    NotAllowed = "not-allowed",
    EmailTaken = "email-taken",
    UserInactive = "user-inactive",
    AddressSuppressed = "address-suppressed",
    AlreadyActive = "already-active",
    StaleVersion = "stale-version",
    TooManyRequests = "too-many-requests",
    NotResendable = "not-resendable",
    NotFound = "not-found",
    MethodNotAllowed = "method-not-allowed",
    ServiceUnavailable = "service-unavailable",
    InternalError = "internal-error",
});

impl ProblemType {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest | Self::InvalidToken => StatusCode::BAD_REQUEST,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::WeakPassword => StatusCode::UNPROCESSABLE_ENTITY,
            Self::InvalidCredentials
            | Self::SignInRequired
            | Self::SecondFactorRequired
            | Self::ReauthenticationRequired => StatusCode::UNAUTHORIZED,
            Self::AccountLocked => StatusCode::LOCKED,
            Self::AccountInactive | Self::OriginRefused | Self::AdminRequired | Self::NotAllowed => {
                StatusCode::FORBIDDEN
            }
            Self::EmailTaken
            | Self::UserInactive
            | Self::AddressSuppressed
            | Self::AlreadyActive
            | Self::NotResendable
            | Self::StaleVersion => StatusCode::CONFLICT,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The title: the same for every problem of the type.
    pub fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "Malformed Request",
            Self::PayloadTooLarge => "Payload Too Large",
            Self::UnsupportedMediaType => "Unsupported Media Type",
            Self::InvalidToken => "Invalid Token",
            Self::WeakPassword => "Weak Password",
            Self::InvalidCredentials => "Invalid Credentials",
            Self::AccountLocked => "Account Locked",
            Self::AccountInactive => "Account Inactive",
            Self::SignInRequired => "Sign-In Required",
            Self::SecondFactorRequired => "Second Factor Required",
            Self::ReauthenticationRequired => "Reauthentication Required",
            Self::OriginRefused => "Origin Refused",
            Self::AdminRequired => "Admin Required",
            Self::NotAllowed => "Not Allowed",
            Self::EmailTaken => "Email Taken",
            Self::UserInactive => "User Inactive",
            Self::AddressSuppressed => "Address Suppressed",
            Self::AlreadyActive => "Already Active",
            Self::StaleVersion => "Stale Version",
            Self::TooManyRequests => "Too Many Requests",
            Self::NotResendable => "Not Resendable",
            Self::NotFound => "Not Found",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::ServiceUnavailable => "Service Unavailable",
            Self::InternalError => "Internal Error",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::MalformedRequest => "This route doesn’t accept this request.",
            Self::PayloadTooLarge => "The body is larger than 16 KiB.",
            Self::UnsupportedMediaType => "The body must be JSON, sent as application/json and not compressed.",
            Self::InvalidToken => {
                "The link is no longer valid, was used already, or is incomplete. Ask for a new link."
            }
            Self::WeakPassword => "The password is refused. The link still works: choose another password.",
            Self::InvalidCredentials => "The email address or the password is wrong.",
            Self::AccountLocked => {
                "There were too many wrong passwords. Wait, or reset the password: that unlocks the account."
            }
            Self::AccountInactive => "This account is inactive. Ask an administrator of the portal.",
            Self::SignInRequired => "There is no session, or it has ended. Sign in.",
            Self::SecondFactorRequired => "Enter the code that your authenticator app shows, or a recovery code.",
            Self::ReauthenticationRequired => {
                "Confirm that it’s you with a one-time code or your password, and try again."
            }
            Self::OriginRefused => "The request comes from a page on another site.",
            Self::AdminRequired => "This needs an administrator.",
            Self::NotAllowed => "You don’t have permission to do this to this account.",
            Self::EmailTaken => "Another user has this email address.",
            Self::UserInactive => "The user is inactive, and inactive users get no email. Activate the user first.",
            Self::AddressSuppressed => "Email to this address is suppressed. Remove the suppression first.",
            Self::AlreadyActive => "The user is active already. Reset the password instead.",
            Self::StaleVersion => {
                "Someone else changed this while you were editing. Review their changes and save again."
            }
            Self::TooManyRequests => "This was done too often. Wait, and try again.",
            Self::NotResendable => "This email can’t be sent again.",
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed => "This route doesn’t support this method.",
            Self::ServiceUnavailable => "A service we depend on isn’t responding. Try again in a moment.",
            Self::InternalError => "Something went wrong on our side. The error is logged.",
        }
    }
}

/// A problem, on its way to the client.
///
/// As a response it is only a promise: the edge ([`crate::http::with_edge`]), which knows the site's URL, writes the body.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Its type.
    pub kind: ProblemType,
    detail: Option<String>,
    reasons: Vec<Value>,
    retry_after_seconds: Option<i64>,
    recovery_required: bool,
}

impl Problem {
    /// A problem with the detail that goes for its type.
    pub fn new(kind: ProblemType) -> Self {
        Self { kind, detail: None, reasons: Vec::new(), retry_after_seconds: None, recovery_required: false }
    }

    /// What is wrong, in words.
    pub fn detail(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.kind.detail())
    }

    /// Says what is wrong with this very request. For people; never with what was sent.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names the field of the body that is wrong, as a JSON pointer (RFC 6901), unless the detail does already.
    #[must_use]
    pub fn with_pointer(self, pointer: &str) -> Self {
        if self.detail().contains(pointer) {
            return self;
        }
        let detail = format!("{} Field: {pointer}.", self.detail());
        self.with_detail(detail)
    }

    /// Adds a reason, with a code for programs, and the limit that was broken if there is one.
    #[must_use]
    pub fn with_reason(mut self, code: &str, detail: &str, limit: Option<usize>) -> Self {
        let mut reason = json!({ "code": code, "detail": detail });
        if let Some(limit) = limit {
            reason["limit"] = limit.into();
        }
        self.reasons.push(reason);
        self
    }

    /// Says after how many seconds another try is worth it.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: i64) -> Self {
        self.retry_after_seconds = Some(seconds.max(1));
        self
    }

    /// Says when it is over; who comes in the second after finds it so.
    #[must_use]
    pub fn with_retry_at(self, until: Timestamp, now: Timestamp) -> Self {
        self.with_retry_after(until.duration_since(now).as_secs() + 1)
    }

    /// Says that only a recovery helps, so waiting doesn't.
    #[must_use]
    pub fn with_recovery_required(mut self) -> Self {
        self.recovery_required = true;
        self
    }

    /// The body of the answer.
    pub(crate) fn to_json(&self, site_url: &str) -> Value {
        let mut body = json!({
            "type": format!("{site_url}/problems/{}/", self.kind),
            "title": self.kind.title(),
            "status": self.kind.status().as_u16(),
            "detail": self.detail(),
            "code": self.kind.as_str(),
        });
        if !self.reasons.is_empty() {
            body["reasons"] = self.reasons.clone().into();
        }
        if self.recovery_required {
            body["recovery_required"] = true.into();
        }
        body
    }

    /// The answer, complete.
    pub(crate) fn render(&self, site_url: &str, allow: Option<header::HeaderValue>) -> Response {
        let mut response = Response::new(Body::from(self.to_json(site_url).to_string()));
        *response.status_mut() = self.kind.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = allow {
            headers.insert(header::ALLOW, allow);
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.kind.status();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ProblemType> for Problem {
    fn from(kind: ProblemType) -> Self {
        Self::new(kind)
    }
}

impl From<InvalidToken> for Problem {
    fn from(InvalidToken: InvalidToken) -> Self {
        Self::new(ProblemType::InvalidToken)
    }
}

impl From<mailkey::access::NotAllowed> for Problem {
    fn from(not_allowed: mailkey::access::NotAllowed) -> Self {
        match not_allowed {
            mailkey::access::NotAllowed::RoleTooLow => Self::new(ProblemType::AdminRequired),
            other => Self::new(ProblemType::NotAllowed).with_detail(format!("Not allowed: {other}.")),
        }
    }
}

impl From<mailkey::paging::BadCursor> for Problem {
    fn from(bad_cursor: mailkey::paging::BadCursor) -> Self {
        Self::new(ProblemType::MalformedRequest).with_detail(format!("Bad cursor: {bad_cursor}."))
    }
}

impl From<mailkey::entropy::NoEntropy> for Problem {
    fn from(error: mailkey::entropy::NoEntropy) -> Self {
        StoreError::from(error).into()
    }
}

impl From<StoreError> for Problem {
    /// Logs the error once. The response doesn't depend on the request.
    fn from(error: StoreError) -> Self {
        tracing::error!(error = error.chain(), metric = "StoreFailed", "a store failed");
        match error {
            StoreError::Unavailable(_) | StoreError::NoEntropy(_) => {
                Self::new(ProblemType::ServiceUnavailable).with_retry_after(5)
            }
            StoreError::Corrupt { .. } => Self::new(ProblemType::InternalError),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        tracing::error!(error = error.chain(), metric = "SesFailed", "SES did not answer");
        Self::new(ProblemType::ServiceUnavailable).with_retry_after(5)
    }
}

impl From<crate::password::HashError> for Problem {
    fn from(error: crate::password::HashError) -> Self {
        tracing::error!(%error, metric = "HashFailed", "a password could not be hashed");
        Self::new(ProblemType::ServiceUnavailable).with_retry_after(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_the_same_shape() {
        let rendered: Vec<_> = ProblemType::ALL
            .iter()
            .map(|kind| format!("{} {} — {}: {}", kind.status().as_u16(), kind, kind.title(), kind.detail()))
            .collect();
        insta::assert_snapshot!(rendered.join("\n"));
    }

    #[test]
    fn a_problem_names_its_field_once() {
        let malformed = |detail: &str| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
        for (detail, expected) in [
            ("The role must be member.", "The role must be member. Field: /role."),
            ("The field /role is missing.", "The field /role is missing."),
        ] {
            assert_eq!(malformed(detail).with_pointer("/role").detail(), expected);
        }
    }

    #[tokio::test]
    async fn a_problem_is_rendered_with_the_url_of_its_page() {
        let problem = Problem::new(ProblemType::WeakPassword)
            .with_reason("too_short", "Too short.", Some(15))
            .with_retry_after(0);
        let response = problem.render("https://portal.example", None);
        assert_eq!(response.headers()["retry-after"], "1");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        insta::assert_snapshot!(String::from_utf8_lossy(&body));
    }
}

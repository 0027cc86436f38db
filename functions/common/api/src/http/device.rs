//! The device token of a request, and of an answer.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, header::SET_COOKIE, request::Parts},
    response::AppendHeaders,
};
use mailkey::device::{DEVICE_TOKEN_LIFETIME, DeviceToken};
use serde_json::json;

use super::caller::cookie;
use crate::{
    openapi::Parameter,
    problem::{Problem, ProblemType},
};

/// The cookie with the device token, for browsers.
pub const DEVICE_COOKIE: &str = "__Host-mailkey-device";

/// The header with the device token, for programs that keep it themselves.
const DEVICE_HEADER: HeaderName = HeaderName::from_static("mailkey-device");

/// The device token that a request presents, if it has the form of one: in the header, or otherwise in the cookie.
#[derive(Debug, Clone)]
pub struct PresentedDevice(pub Option<DeviceToken>);

impl<S: Send + Sync> FromRequestParts<S> for PresentedDevice {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(presented(&parts.headers).and_then(|text| DeviceToken::parse(text).ok())))
    }
}

fn presented(headers: &HeaderMap) -> Option<&str> {
    match headers.get(DEVICE_HEADER) {
        Some(value) => value.to_str().ok(),
        None => cookie(headers, DEVICE_COOKIE),
    }
}

/// The headers that hand a device its token.
pub fn device_headers(token: &DeviceToken) -> Result<AppendHeaders<[(HeaderName, HeaderValue); 2]>, Problem> {
    let (text, seconds) = (token.reveal(), DEVICE_TOKEN_LIFETIME.as_secs());
    let cookie = format!("{DEVICE_COOKIE}={text}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
    let value = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| Problem::new(ProblemType::InternalError))?;
        value.set_sensitive(true);
        Ok::<_, Problem>(value)
    };
    Ok(AppendHeaders([(SET_COOKIE, value(&cookie)?), (DEVICE_HEADER, value(&text)?)]))
}

/// The two places of a device token, for the API description.
pub fn device_parameters() -> [Parameter; 2] {
    let description = "The device token from the last sign-in or redemption. Sign-ins with it have a counter of their \
                       own, so strangers can't lock this device out. It doesn't authenticate.";
    let parameter = |place, name, description| Parameter {
        place,
        name,
        description,
        schema: json!({ "type": "string" }),
        is_required: false,
        may_be_empty: false,
    };
    [
        parameter("header", "Mailkey-Device", description),
        parameter("cookie", DEVICE_COOKIE, "The same token as a cookie. The header takes precedence."),
    ]
}

#[cfg(test)]
mod tests {
    use axum::response::{IntoResponse, Response};
    use mailkey::{Clock, EmailAddress, OsEntropy, SystemClock, config::KeyRing, device::DeviceKeys};

    use super::*;

    fn token() -> DeviceToken {
        let keys = DeviceKeys::new(KeyRing::parse(&"A".repeat(64)).unwrap());
        let address = EmailAddress::parse("alice@example.com").unwrap();
        keys.issue(address.key(), SystemClock.now(), &OsEntropy).unwrap()
    }

    #[test]
    fn a_header_wins_over_the_cookie_even_if_it_is_invalid() {
        let cookie = ("cookie", format!("a=b; {DEVICE_COOKIE}=from-cookie"));
        let header = ("mailkey-device", "from-header".to_owned());
        for (headers, expected) in [
            (vec![], None),
            (vec![cookie.clone()], Some("from-cookie")),
            (vec![header.clone()], Some("from-header")),
            (vec![cookie.clone(), header], Some("from-header")),
            (vec![cookie, ("mailkey-device", String::new())], Some("")),
        ] {
            let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            assert_eq!(presented(&map), expected, "{headers:?}");
        }
    }

    #[test]
    fn an_answer_hands_out_the_token_as_cookie_for_this_host_only_and_as_header() {
        let token = token();
        let answer: Response = device_headers(&token).unwrap().into_response();
        let text = |name: &str| answer.headers()[name].to_str().unwrap().replace(&token.reveal(), "TOKEN");
        assert_eq!(text("mailkey-device"), "TOKEN");
        insta::assert_snapshot!(text("set-cookie"), @"__Host-mailkey-device=TOKEN; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Strict");
        assert!(answer.headers().values().all(HeaderValue::is_sensitive));
    }
}

//! Bodies: JSON objects, each name once, nothing unknown, 16 KiB at most.
//!
//! Parsers differ in what they make of a name that stands twice, of an array in the place of an object, of bytes behind
//! the end; attackers live on the difference (OWASP ASVS 5.0, 1.5.3). Here all of it is refused, without an echo of
//! values.

use std::fmt;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::BodyExt;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::located;
use crate::problem::{Problem, ProblemType};

/// The largest body that a route takes, in bytes.
pub const MAX_BODY: usize = 16 * 1024;

/// So much of a body that is too large is still read, and dropped, before the answer: a client that is busy sending
/// would otherwise see its connection break and never the answer. In bytes.
const MAX_DROPPED: usize = 8 * 1024 * 1024;

/// Up to here every whole number is a number of its own as a double (RFC 7493, section 2.2).
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// A body, parsed strictly.
#[derive(Debug, Clone)]
pub struct StrictJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        if !is_plain_json(&parts.headers) {
            return Err(Problem::new(ProblemType::UnsupportedMediaType));
        }
        parse(&body, is_for_staff(&parts)).map(Self)
    }
}

/// Whether the caller is known: routes of staff identify them before they read the body. Only they are told the name of
/// a field that doesn't exist, because others may be trying what is repeated (SECURITY case 27).
fn is_for_staff(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/api/admin/")
}

/// For routes that take nothing: no body, or an empty object. Whoever sends fields believes that they do something.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        if body.is_empty() {
            return Ok(Self);
        }
        if !is_plain_json(&parts.headers) {
            return Err(Problem::new(ProblemType::UnsupportedMediaType));
        }
        parse::<Nothing>(&body, false).map(|_| Self)
    }
}

async fn read(mut body: Body) -> Result<Bytes, Problem> {
    let malformed = |_| Problem::new(ProblemType::MalformedRequest);
    let mut taken = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(malformed)?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= MAX_BODY {
            taken.extend_from_slice(&data);
        } else if length > MAX_DROPPED {
            break;
        }
    }
    if length > MAX_BODY { Err(Problem::new(ProblemType::PayloadTooLarge)) } else { Ok(taken.into()) }
}

fn is_plain_json(headers: &HeaderMap) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(text) = only.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().eq_ignore_ascii_case("application/json");
    let utf_8 =
        |part: &str| part.eq_ignore_ascii_case("charset=utf-8") || part.eq_ignore_ascii_case("charset=\"utf-8\"");
    essence && parts.all(utf_8)
}

/// Parses a body into a wire type, which is a struct with `deny_unknown_fields`.
fn parse<T: DeserializeOwned>(body: &[u8], names_unknown: bool) -> Result<T, Problem> {
    let malformed = |detail: &str| Problem::new(ProblemType::MalformedRequest).with_detail(detail);
    let Unique(value) =
        serde_json::from_slice(body).map_err(|_| malformed("The body isn't JSON, or has a field twice."))?;
    if !value.is_object() {
        return Err(malformed("The body must be a JSON object."));
    }
    located::read(&value).map_err(|misfit| malformed(&misfit.detail(names_unknown)))
}

/// Any JSON in which no object has a name twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without names that stand twice")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// JSON has one kind of number: `15.0` is fifteen, and so it is to JSON Schema.
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value.fract() == 0.0 && value.abs() <= MAX_EXACT {
            return Ok((value as i64).into());
        }
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Unique(value) = map.next_value()?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request as HttpRequest};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wire {
        email: String,
    }

    async fn outcome(content_type: Option<&str>, encoding: Option<&str>, body: &[u8]) -> String {
        let mut request = HttpRequest::post("/").body(Body::from(body.to_vec())).unwrap();
        for (name, value) in [(header::CONTENT_TYPE, content_type), (header::CONTENT_ENCODING, encoding)] {
            if let Some(value) = value {
                request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        match StrictJson::<Wire>::from_request(request, &()).await {
            Ok(StrictJson(wire)) => wire.email,
            Err(problem) => problem.kind.to_string(),
        }
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let read = |text: &str| serde_json::from_str::<Unique>(text).unwrap().0.as_i64();
        for (text, expected) in
            [("15", Some(15)), ("15.0", Some(15)), ("-1e1", Some(-10)), ("1.5", None), ("1e300", None)]
        {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn each_kind_of_body_has_its_answer() {
        let json = Some("application/json");
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        let padded = [br#"{"email":"a"}"#.to_vec(), vec![b' '; MAX_BODY]].concat();
        for (content_type, encoding, body, expected) in [
            (json, None, br#"{"email":"a"}"#.as_slice(), "a"),
            (Some("application/json; charset=utf-8"), None, br#"{"email":"a"}"#, "a"),
            (Some("APPLICATION/JSON;charset=UTF-8"), None, br#" {"email":"a"} "#, "a"),
            (json, None, br#"{"email":"a","email":"b"}"#, "malformed-request"),
            (json, None, br#"{"email":"a","\u0065mail":"b"}"#, "malformed-request"),
            (json, None, br#"["a"]"#, "malformed-request"),
            (json, None, br#"{"email":["a"]}"#, "malformed-request"),
            (json, None, br#"{"email":{"0":"a"}}"#, "malformed-request"),
            (json, None, br#"{"email":null}"#, "malformed-request"),
            (json, None, br#"{"email":"a","name":"b"}"#, "malformed-request"),
            (json, None, br#"{"email":"a"} {}"#, "malformed-request"),
            (json, None, b"\xef\xbb\xbf{\"email\":\"a\"}", "malformed-request"),
            (json, None, b"{\"email\":\"\xff\"}", "malformed-request"),
            (json, None, b"", "malformed-request"),
            (json, None, b"email=a", "malformed-request"),
            (json, None, &deep[..MAX_BODY], "malformed-request"),
            (json, None, &deep, "payload-too-large"),
            (json, None, &padded, "payload-too-large"),
            (None, None, br#"{"email":"a"}"#, "unsupported-media-type"),
            (Some("text/plain"), None, br#"{"email":"a"}"#, "unsupported-media-type"),
            (Some("application/x-www-form-urlencoded"), None, b"email=a", "unsupported-media-type"),
            (Some("application/json; charset=latin1"), None, br#"{"email":"a"}"#, "unsupported-media-type"),
            (Some("application/jsonp"), None, br#"{"email":"a"}"#, "unsupported-media-type"),
            (json, Some("gzip"), br#"{"email":"a"}"#, "unsupported-media-type"),
        ] {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            assert_eq!(outcome(content_type, encoding, body).await, expected, "{content_type:?} {shown}");
        }
    }
}

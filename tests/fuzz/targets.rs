//! The fuzz targets. Each function takes any bytes and checks invariants of the parser's result.

use std::sync::OnceLock;

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts},
    http::Request,
};
use futures_util::FutureExt;
use mailkey::{
    EmailAddress,
    account::imported_hash,
    config::KeyRing,
    paging::CursorKey,
    secret::Secret,
    ses_event::{self, raw_for_keeping, unwrap_text},
    smtp::SmtpReply,
};
use mailkey_api::http::{StrictJson, StrictQuery};
use serde::Deserialize;
use serde_json::Value;

/// A valid address stays valid, and means the same mailbox, in its displayed form and as a key.
pub(crate) fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(address) = EmailAddress::parse(&text) else { return };
    let shown = EmailAddress::parse(address.as_typed()).expect("the displayed form is an address");
    assert_eq!(shown.key(), address.key());
    let keyed = EmailAddress::parse(address.key().as_str()).expect("a key is an address");
    assert_eq!(keyed.key(), address.key(), "a key is already canonical");
    assert!(!address.as_typed().chars().any(char::is_control) && address.as_typed().matches('@').count() == 1);
}

/// A token has exactly one text form.
pub(crate) fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(secret) = Secret::parse(&text) {
        assert_eq!(secret.reveal(), text);
    }
}

/// Only signed cursors are accepted.
pub(crate) fn cursor(data: &[u8]) {
    static KEY: OnceLock<CursorKey> = OnceLock::new();
    let key = KEY.get_or_init(|| CursorKey::new(KeyRing::parse(&"A".repeat(64)).expect("48 bytes")));
    let text = String::from_utf8_lossy(data);
    assert!(key.open("users", &text).is_err());
    let sealed = key.seal("users", &text);
    if let Ok(position) = key.open("users", &sealed) {
        assert_eq!(position, text);
    }
    assert!(key.open("email-log", &sealed).is_err());
}

/// A request type like those of the routes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    email: String,
    #[serde(default)]
    number: Option<i64>,
    #[serde(default)]
    list: Vec<String>,
}

/// Whatever the strict reader accepts, a lenient reader accepts too, with the same result.
pub(crate) fn json_body(data: &[u8]) {
    let request = Request::post("/").header("content-type", "application/json").body(Body::from(data.to_vec()));
    let request = request.expect("a request");
    let read = StrictJson::<Wire>::from_request(request, &())
        .now_or_never()
        .expect("bytes in memory are available immediately");
    let Ok(StrictJson(wire)) = read else { return };
    let loose: Value = serde_json::from_slice(data).expect("it is JSON");
    assert_eq!(loose["email"], wire.email);
    assert_eq!(loose.get("list").and_then(Value::as_array).map_or(0, Vec::len), wire.list.len());
    // Compare as doubles: a lenient reader parses `-0` as a double, and numbers beyond a double are rejected.
    assert_eq!(loose["number"].as_f64(), wire.number.map(|number| number as f64));
    assert!(loose.as_object().is_some_and(|fields| fields.len() <= 3));
}

/// Every accepted limit is within its bounds, and no query panics.
pub(crate) fn query(data: &[u8]) {
    let Ok(uri) = format!("/?{}", String::from_utf8_lossy(data)).parse::<axum::http::Uri>() else { return };
    let Ok(request) = Request::get(uri).body(()) else { return };
    let (mut parts, ()) = request.into_parts();
    let read = StrictQuery::from_request_parts(&mut parts, &()).now_or_never().expect("no waiting");
    let Ok(mut query) = read else { return };
    if let Ok(limit) = query.limit() {
        assert!((1..=100).contains(&limit));
    }
    let (_, _, _) = (query.text("query"), query.time("from"), query.cursor());
    let _ = query.finish();
}

/// Every input gives a result, and the stored copy fits into an item.
pub(crate) fn ses_event(data: &[u8]) {
    for record in unwrap_text(&String::from_utf8_lossy(data)) {
        let kept = raw_for_keeping(&record.raw);
        assert!(kept.len() < 390 * 1024);
        if let ses_event::Content::Event(event) = &record.content {
            for affected in &event.recipients {
                let _ = ses_event::event_key(event, &affected.address);
            }
        }
    }
}

/// A parsed reply is one line without control characters, and has a cause.
pub(crate) fn smtp_reply(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (status, diagnostic) = text.split_once('\n').unwrap_or((&text, &text));
    for status in [None, Some(status)] {
        let reply = SmtpReply::parse(status, Some(diagnostic));
        assert!(reply.text.len() <= 4096 && !reply.text.chars().any(char::is_control));
        let _ = (reply.cause(), reply.cause().fault(), reply.is_temporary());
    }
}

/// Parsing a hash never panics.
pub(crate) fn imported_hash(data: &[u8]) {
    let _ = imported_hash::parse(&String::from_utf8_lossy(data));
}

//! The log as CSV (RFC 4180), streamed page by page to keep memory use constant.

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::Response,
};
use futures_util::stream;
use mailkey::{
    clock::rfc3339,
    email_log::{EmailId, EmailLogEntry, EmailLogFilter, WatchedEmail},
    paging::MAX_LIMIT,
};
use mailkey_dynamodb::{EmailLogStore, StoreError};

pub(crate) const HEADER: &str = "id,origin,recipient,from,subject,kind,trigger,status,reason,user_id,message_id,configuration_set,requested_at,\
     updated_at,redeemed_at\r\n";

enum Next {
    Header,
    Page(Option<EmailId>),
    End,
}

/// The entries that fit `filter`, as a CSV file.
pub(crate) fn csv(log: EmailLogStore, filter: EmailLogFilter) -> Response {
    let chunks = stream::try_unfold(Next::Header, move |next| {
        let (log, filter) = (log.clone(), filter.clone());
        async move {
            let after = match next {
                Next::Header => return Ok(Some((Bytes::from_static(HEADER.as_bytes()), Next::Page(None)))),
                Next::Page(after) => after,
                Next::End => return Ok(None),
            };
            let page = log.page(&filter, after, MAX_LIMIT).await?;
            let rows: String = page.rows.iter().map(row).collect();
            let next =
                page.next.and_then(|position| position.parse().ok()).map_or(Next::End, |id| Next::Page(Some(id)));
            Ok::<_, StoreError>(Some((Bytes::from(rows), next)))
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"email-log.csv\""));
    response
}

fn row(entry: &EmailLogEntry) -> String {
    let text = |part: &dyn Fn(&WatchedEmail) -> Option<&str>| {
        entry.watched.as_ref().and_then(part).unwrap_or_default().to_owned()
    };
    let fields = [
        entry.id.to_string(),
        entry.origin().to_string(),
        entry.recipient.clone(),
        text(&|email| email.shown_from()),
        text(&|email| email.subject.as_deref()),
        entry.kind.to_string(),
        entry.trigger.to_string(),
        entry.status.to_string(),
        entry.reason.map(|reason| reason.to_string()).unwrap_or_default(),
        entry.user_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.message_id.clone().unwrap_or_default(),
        text(&|email| email.configuration_set.as_deref()),
        rfc3339(entry.requested_at),
        rfc3339(entry.updated_at),
        entry.redeemed_at.map(rfc3339).unwrap_or_default(),
    ];
    fields.map(|text| field(&text)).join(",") + "\r\n"
}

/// Quotes a field where needed, and prevents spreadsheets from reading it as a formula (OWASP ASVS 5.0, 1.2.10).
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\r', '\n', '\'']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_never_a_formula_and_stays_one_field() {
        for (text, expected) in [
            ("alice@example.com", "alice@example.com"),
            ("=1+2@example.com", "\"'=1+2@example.com\""),
            ("+alice@example.com", "\"'+alice@example.com\""),
            ("-alice@example.com", "\"'-alice@example.com\""),
            ("@alice", "\"'@alice\""),
            ("o'brien@example.com", "\"o'brien@example.com\""),
            ("a,b", "\"a,b\""),
            ("<b>\r\n=1@example.com", "\"<b>\r\n=1@example.com\""),
            ("2026-99-99T99:99:99Z", "2026-99-99T99:99:99Z"),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}

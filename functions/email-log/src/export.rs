//! The log as CSV (RFC 4180), streamed page by page to keep memory use constant.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::stream;
use mailkey::{
    clock::rfc3339,
    email_log::{EmailId, EmailLogEntry, EmailLogFilter, WatchedEmail},
    paging::MAX_LIMIT,
};
use mailkey_api::http::{csv_file, csv_row};
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
    csv_file("email-log", Body::from_stream(chunks))
}

fn row(entry: &EmailLogEntry) -> String {
    let text = |part: &dyn Fn(&WatchedEmail) -> Option<&str>| {
        entry.watched.as_ref().and_then(part).unwrap_or_default().to_owned()
    };
    csv_row([
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
    ])
}

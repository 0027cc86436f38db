//! The log as CSV (RFC 4180), streamed page by page to keep memory use constant.

use axum::response::Response;
use mailkey::{
    clock::rfc3339,
    email_log::{EmailLogEntry, EmailLogFilter, WatchedEmail},
    paging::MAX_LIMIT,
};
use mailkey_api::http::{csv_file, csv_row};
use mailkey_dynamodb::EmailLogStore;

pub(crate) const HEADER: &str = "id,origin,recipient,from,subject,kind,trigger,status,reason,user_id,message_id,configuration_set,requested_at,\
     updated_at,redeemed_at\r\n";

/// The entries that fit `filter`, as a CSV file.
pub(crate) fn csv(log: EmailLogStore, filter: EmailLogFilter) -> Response {
    csv_file("email-log", HEADER, row, move |after| {
        let (log, filter) = (log.clone(), filter.clone());
        async move { log.page(&filter, after, MAX_LIMIT).await }
    })
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

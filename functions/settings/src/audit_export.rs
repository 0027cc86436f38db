//! `GET /api/admin/audit-log/export`: the log as CSV, streamed page by page to keep memory use constant.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::Response,
};
use futures_util::stream;
use mailkey::{
    audit::{Action, AuditDetail, AuditEntry, AuditFilter, Target},
    clock::rfc3339,
    entropy::Ulid,
    paging::MAX_LIMIT,
};
use mailkey_api::{
    http::{AdminCaller, StrictQuery, csv_file, csv_row},
    problem::Problem,
};
use mailkey_dynamodb::{AuditStore, StoreError};

use crate::Settings;

pub(crate) const HEADER: &str = "id,at,action,outcome,actor,role,api_key,ip,request_id,target,detail\r\n";

enum Next {
    Header,
    Page(Option<Ulid>),
    End,
}

/// The export is audited itself, before the first line is sent.
pub(crate) async fn export(
    State(function): State<Arc<Settings>>,
    AdminCaller(caller): AdminCaller,
    mut query: StrictQuery,
) -> Result<Response, Problem> {
    let filter = function.filter(&mut query)?;
    query.finish()?;
    let attempt = function.app.attempt(&caller, Action::ExportAuditLog, &Target::AuditLog)?;
    attempt.note_done(AuditDetail::default()).await?;
    Ok(csv(function.app.db.audit(), filter))
}

fn csv(log: AuditStore, filter: AuditFilter) -> Response {
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
    csv_file("audit-log", Body::from_stream(chunks))
}

fn row(entry: &AuditEntry) -> String {
    csv_row([
        entry.id.to_string(),
        rfc3339(entry.at),
        entry.action.to_string(),
        entry.outcome.to_string(),
        entry.actor.user_id.to_string(),
        entry.actor.role.to_string(),
        entry.actor.api_key.clone().unwrap_or_default(),
        entry.actor.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        entry.actor.request_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.target.clone(),
        entry.detail.to_string(),
    ])
}

//! `GET /api/admin/audit-log/export`: the log as CSV, streamed page by page to keep memory use constant.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use mailkey::{
    audit::{Action, AuditDetail, AuditEntry, AuditFilter, Target},
    clock::rfc3339,
    paging::MAX_LIMIT,
};
use mailkey_api::{
    http::{AdminCaller, StrictQuery, csv_file, csv_row},
    problem::Problem,
};
use mailkey_dynamodb::AuditStore;

use crate::Settings;

pub(crate) const HEADER: &str = "id,at,action,outcome,actor,role,api_key,ip,request_id,target,detail\r\n";

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
    csv_file("audit-log", HEADER, row, move |after| {
        let (log, filter) = (log.clone(), filter.clone());
        async move { log.page(&filter, after, MAX_LIMIT).await }
    })
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

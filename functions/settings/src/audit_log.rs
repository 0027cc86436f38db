//! `GET /api/admin/audit-log`.

use std::sync::Arc;

use axum::extract::State;
use mailkey::{
    EmailAddress,
    audit::{Action, AuditEntry, AuditFilter, Target},
    entropy::Ulid,
};
use mailkey_api::{
    http::{AdminCaller, JsonBody, StrictQuery},
    problem::{Problem, ProblemType},
};
use serde_json::json;

use crate::Settings;

/// Maximum length of a target in a query, in characters. Every real target is shorter.
pub(crate) const MAX_TARGET: usize = 300;

impl Settings {
    /// The audit log names addresses by pseudonyms, so a target with an address is translated.
    fn stored_target(&self, target: String) -> String {
        let address =
            target.split_once(':').and_then(|(kind, address)| Some((kind, EmailAddress::parse(address).ok()?)));
        match address {
            Some(("suppression", address)) => Target::Suppression(self.pseudonyms.of(address.key())).to_string(),
            Some(("address", address)) => Target::Address(self.pseudonyms.of(address.key())).to_string(),
            _ => target,
        }
    }

    /// The entries that a request asks for.
    pub(crate) fn filter(&self, query: &mut StrictQuery) -> Result<AuditFilter, Problem> {
        let filter = AuditFilter {
            actor: query.parsed("actor", "a user's id, which has 26 letters and digits")?,
            target: query.text("target").map(|target| self.stored_target(target)),
            action: query.one_of("action", Action::ALL)?,
            from: query.time("from")?,
            to: query.time("to")?,
        };
        if filter.target.as_ref().is_some_and(|target| target.chars().count() > MAX_TARGET) {
            return Err(Problem::new(ProblemType::MalformedRequest).with_detail("This target is too long."));
        }
        Ok(filter)
    }
}

pub(crate) async fn list(
    State(function): State<Arc<Settings>>,
    AdminCaller(caller): AdminCaller,
    mut query: StrictQuery,
) -> Result<JsonBody, Problem> {
    let filter = function.filter(&mut query)?;
    let (limit, cursor) = (query.limit()?, query.cursor()?);
    query.finish()?;
    let scope = format!("audit-log|{filter:?}|{}", caller.user.id);
    let after = cursor.map(|cursor| function.cursors.open(&scope, &cursor)).transpose()?;
    let after: Option<Ulid> = after.and_then(|position| position.parse().ok());
    let page = function.app.db.audit().page(&filter, after, limit).await?;
    let entries: Vec<_> = page.rows.iter().map(AuditEntry::shown).collect();
    let next = page.next.map(|position| function.cursors.seal(&scope, &position));
    Ok(JsonBody(json!({ "entries": entries, "next_cursor": next })))
}

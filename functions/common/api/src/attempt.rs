//! An attempt to do something that is audited: it is written down whether it is done or refused.

use mailkey::{
    StoreError,
    audit::{Action, Actor, AuditEntry, AuditStore, Outcome, Target},
    database::{Committed, TransactWriteItem},
    email_log::LogId,
    entropy::new_ulid,
};

use crate::{App, problem::Problem};

/// Somebody is about to do something.
#[derive(Debug)]
pub struct Attempt {
    audit: AuditStore,
    entry: AuditEntry,
}

impl Attempt {
    /// `actor` tries `action` on `target`.
    pub fn new(app: &App, actor: Actor, action: Action, target: &Target) -> Result<Self, StoreError> {
        let now = app.now();
        let entry = AuditEntry {
            id: new_ulid(now, &*app.entropy)?,
            at: now,
            actor,
            action,
            target: target.to_string(),
            outcome: Outcome::Done,
            detail: None,
            notice: None,
        };
        Ok(Self { audit: app.db.audit(), entry })
    }

    /// It is refused: writes that down and answers the problem; where it can't be written down, that is the problem.
    pub async fn refuse(self, problem: Problem) -> Problem {
        let detail = Some(problem.kind.to_string());
        match self.audit.add(&AuditEntry { outcome: Outcome::Refused, detail, ..self.entry }).await {
            Ok(()) => problem,
            Err(error) => error.into(),
        }
    }

    /// The part of a transaction that writes down that it is done: so it is done exactly if it is written down.
    pub fn done(&self, detail: Option<String>) -> Result<TransactWriteItem, StoreError> {
        self.audit.in_transaction(&AuditEntry { detail, ..self.entry.clone() })
    }

    /// The same, which also has the user told of it by the email `notice`.
    pub fn done_with_notice(&self, detail: Option<String>, notice: LogId) -> Result<TransactWriteItem, StoreError> {
        self.audit.in_transaction(&AuditEntry { detail, notice: Some(notice), ..self.entry.clone() })
    }

    /// Does `parts` and writes down that it is done, in one transaction: either all of it or nothing.
    pub async fn carry_out(&self, mut parts: Vec<TransactWriteItem>, detail: Option<String>) -> Result<(), StoreError> {
        parts.push(self.done(detail)?);
        self.audit.transact(parts).await
    }

    /// The same, where a condition may fail because somebody else was faster: then nothing is done, and `false` is the
    /// answer.
    pub async fn try_to_carry_out(
        &self,
        mut parts: Vec<TransactWriteItem>,
        detail: Option<String>,
    ) -> Result<bool, StoreError> {
        parts.push(self.done(detail)?);
        Ok(self.audit.database().commit(parts).await? == Committed::Done)
    }

    /// Writes down that it is done, for what changes nothing else.
    pub async fn note_done(&self, detail: Option<String>) -> Result<(), StoreError> {
        self.audit.add(&AuditEntry { detail, ..self.entry.clone() }).await
    }
}

//! An attempt to do something that is audited: it is written down whether it is done or refused.

use mailkey::{
    audit::{Action, Actor, AuditDetail, AuditEntry, Outcome, Target},
    entropy::new_ulid,
};
use mailkey_dynamodb::{
    AuditStore, StoreError,
    client::{Committed, Write},
};

use crate::{App, problem::Problem};

/// Somebody is about to do something.
#[derive(Debug)]
pub struct AuditedAction {
    audit: AuditStore,
    entry: AuditEntry,
}

impl AuditedAction {
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
            detail: AuditDetail::default(),
        };
        Ok(Self { audit: app.db.audit(), entry })
    }

    /// It is refused: writes that down and answers the problem; where it can't be written down, that is the problem.
    pub async fn refuse(self, problem: Problem) -> Problem {
        let detail = AuditDetail { refusal: Some(problem.kind.to_string()), ..AuditDetail::default() };
        match self.audit.add(&AuditEntry { outcome: Outcome::Refused, detail, ..self.entry }).await {
            Ok(()) => problem,
            Err(error) => error.into(),
        }
    }

    /// The write that adds the entry of an action that is done. It belongs into the action's transaction.
    pub fn done(&self, detail: AuditDetail) -> Write {
        self.audit.in_transaction(&AuditEntry { detail, ..self.entry.clone() })
    }

    /// Does `writes` and adds the entry that they are done: all of it or nothing. It is an error if a condition fails.
    pub async fn carry_out(&self, writes: Vec<Write>, detail: AuditDetail) -> Result<(), StoreError> {
        match self.try_to_carry_out(writes, detail).await? {
            Committed::Done => Ok(()),
            Committed::ConditionFailed(_) => Err(StoreError::contended("AuditLog")),
        }
    }

    /// The same for writes whose conditions may fail because someone else made a change: then nothing is done.
    pub async fn try_to_carry_out(&self, mut writes: Vec<Write>, detail: AuditDetail) -> Result<Committed, StoreError> {
        writes.push(self.done(detail));
        Ok(self.audit.database().commit(writes).await?)
    }

    /// Writes down that it is done, for what changes nothing else.
    pub async fn note_done(&self, detail: AuditDetail) -> Result<(), StoreError> {
        self.audit.add(&AuditEntry { detail, ..self.entry.clone() }).await
    }
}

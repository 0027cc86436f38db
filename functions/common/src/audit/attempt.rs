//! An attempt to do something that is audited: it is written down whether it is done or refused.

use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;

use super::{Action, Actor, AuditDetail, AuditEntry, AuditStore, Outcome, Target};
use crate::{StoreError, database::Committed, entropy::Entropy, entropy::new_ulid, problem::Problem};

/// Somebody is about to do something.
#[derive(Debug)]
pub struct Attempt<'a> {
    audit: &'a AuditStore,
    entry: AuditEntry,
}

impl<'a> Attempt<'a> {
    /// `actor` tries `action` on `target`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoEntropy`] where no id is to be had.
    pub fn new(
        audit: &'a AuditStore,
        actor: Actor,
        action: Action,
        target: &Target,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let entry = AuditEntry {
            id: new_ulid(now, entropy)?,
            at: now,
            actor,
            action,
            target: target.to_string(),
            outcome: Outcome::Done,
            detail: AuditDetail::default(),
        };
        Ok(Self { audit, entry })
    }

    /// It is refused: writes that down and answers the problem; where it can't be written down, that is the problem.
    pub async fn refuse(self, problem: Problem) -> Problem {
        let detail = AuditDetail { refusal: Some(problem.kind.to_string()), ..AuditDetail::default() };
        match self.audit.add(&AuditEntry { outcome: Outcome::Refused, detail, ..self.entry }).await {
            Ok(()) => problem,
            Err(error) => error.into(),
        }
    }

    /// The part of a transaction that writes down that it is done: so it is done exactly if it is written down.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the entry can't be built.
    pub fn done(&self, detail: AuditDetail) -> Result<TransactWriteItem, StoreError> {
        self.audit.in_transaction(&AuditEntry { detail, ..self.entry.clone() })
    }

    /// Does `parts` and writes down that it is done, in one transaction: either all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the tables fail.
    pub async fn carry_out(&self, mut parts: Vec<TransactWriteItem>, detail: AuditDetail) -> Result<(), StoreError> {
        parts.push(self.done(detail)?);
        self.audit.transact(parts).await
    }

    /// The same, where a condition may fail because somebody else was faster: then nothing is done, and `false` is the
    /// answer.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the tables fail.
    pub async fn try_to_carry_out(
        &self,
        mut parts: Vec<TransactWriteItem>,
        detail: AuditDetail,
    ) -> Result<bool, StoreError> {
        parts.push(self.done(detail)?);
        Ok(self.audit.database().commit(parts).await? == Committed::Done)
    }

    /// Writes down that it is done, for what changes nothing else.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn note_done(&self, detail: AuditDetail) -> Result<(), StoreError> {
        self.audit.add(&AuditEntry { detail, ..self.entry.clone() }).await
    }
}

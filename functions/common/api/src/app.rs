//! What every function works with.

use std::fmt;

use jiff::Timestamp;
use mailkey::{
    SharedClock, SharedEntropy,
    audit::{Action, Target},
    clock::whole_millis,
    config::Directory,
};
use mailkey_dynamodb::{Database, StoreError};

use crate::{AuditedAction, http::Caller};

/// The tables, the clock and the random source. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    /// The deployment's tables.
    pub db: Database,
    /// The clock.
    pub clock: SharedClock,
    /// The random source.
    pub entropy: SharedEntropy,
    /// Where members live.
    pub directory: Directory,
}

impl App {
    /// The present as the tables keep it: in whole milliseconds.
    pub fn now(&self) -> Timestamp {
        whole_millis(self.clock.now())
    }

    /// `caller` tries `action` on `target`: now, and to be audited whether it is done or refused.
    pub fn attempt(&self, caller: &Caller, action: Action, target: &Target) -> Result<AuditedAction, StoreError> {
        AuditedAction::new(self, caller.actor(), action, target)
    }
}

impl AsRef<Self> for App {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("db", &self.db).finish_non_exhaustive()
    }
}

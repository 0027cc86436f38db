//! `POST /api/admin/users/{id}/unlock`.

mod api;

use std::sync::Arc;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use mailkey::{
    Database, SharedClock, SharedEntropy,
    access::{Deed, may},
    account::{User, UserId, UserStore},
    audit::{Action, Target},
    clock::whole_millis,
    email_log::{EmailKind, LogId, Trigger},
    http::{Caller, Gate, Gated, NoBody, PathId, SupportCaller},
    lockout::LockoutStore,
    problem::{Problem, ProblemType},
    recovery::{RecoveryRequest, RecoveryRequestStore},
    settings::SettingsStore,
};

pub use api::operations;

/// The dependencies of this function.
pub struct Unlock {
    /// Authenticates callers and records what they do.
    pub gate: Gate,
    /// The user records.
    pub users: UserStore,
    /// Their failed sign-ins.
    pub lockouts: LockoutStore,
    /// The lockout limits.
    pub settings: SettingsStore,
    /// Queues the notice to the owner.
    pub requests: RecoveryRequestStore,
    /// Source of the current time.
    pub clock: SharedClock,
    /// Source of randomness for ids and secrets.
    pub entropy: SharedEntropy,
}

impl Unlock {
    /// Builds the function on this deployment's tables.
    pub fn new(database: &Database, gate: Gate, clock: SharedClock, entropy: SharedEntropy) -> Self {
        Self {
            gate,
            users: UserStore::new(database.clone()),
            lockouts: LockoutStore::new(database.clone()),
            settings: SettingsStore::new(database.clone()),
            requests: RecoveryRequestStore::new(database.clone()),
            clock,
            entropy,
        }
    }
}

impl Gated for Unlock {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Unlock>) -> Router {
    Router::new().route("/api/admin/users/{id}/unlock", post(unlock)).with_state(function)
}

async fn unlock(
    State(function): State<Arc<Unlock>>,
    SupportCaller(caller): SupportCaller,
    PathId(id): PathId<UserId>,
    NoBody: NoBody,
) -> Result<StatusCode, Problem> {
    let user = function.users.get(id).await?.ok_or(Problem::new(ProblemType::NotFound))?;
    function.unlock(&caller, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Unlock {
    /// Clears the failed sign-ins, writes the audit entry, and notifies the owner if there was a lock, all in one
    /// transaction.
    async fn unlock(&self, caller: &Caller, user: &User) -> Result<(), Problem> {
        let now = whole_millis(self.clock.now());
        let target = Target::User(user.id);
        let attempt = self.gate.attempt(caller, Action::Unlock, &target)?;
        if let Err(not_allowed) = may(&caller.user, caller.role, Deed::Unlock, user) {
            return Err(attempt.refuse(not_allowed.into()).await);
        }
        let policy = self.settings.get().await?.lockout();
        let attempts = self.lockouts.get(user.email.key()).await?;
        let was_locked = attempts.is_some_and(|attempts| attempts.locked_until(policy, now).is_some());
        let detail = if was_locked { "was locked" } else { "was not locked" };
        let mut items = vec![self.lockouts.clear(user.email.key())?];
        if was_locked {
            let log_id = LogId::new(now, &*self.entropy)?;
            let (kind, trigger) = (EmailKind::AccountUnlocked, Trigger::System);
            let notice = RecoveryRequest::unique(log_id, kind, trigger, user.email.clone(), now);
            items.push(self.requests.in_transaction(&notice)?);
        }
        Ok(attempt.carry_out(items, Some(detail.to_owned())).await?)
    }
}

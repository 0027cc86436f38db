//! Injects faults into the local SES, for tests.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How `SendEmail` behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// No fault.
    #[default]
    None,
    /// `TooManyRequestsException`, "Maximum sending rate exceeded."
    Throttle,
    /// `TooManyRequestsException`, "Daily message quota exceeded."
    Quota,
    /// HTTP 500 `InternalFailure`; the email isn't sent.
    Fail,
    /// No response until the plan changes; the email isn't sent.
    Hang,
    /// `MessageRejected`, "Email address is not verified.", for our domain.
    Reject,
    /// `MessageRejected` because the account is in the sandbox and the recipient isn't verified.
    Sandbox,
    /// Only the suppression list fails, with HTTP 500 `InternalFailure`.
    ListsFail,
    /// `SendingPausedException`.
    Paused,
    /// The email is sent at once; the response comes after the delay.
    Slow,
    /// The email is sent; no response until the plan changes.
    AcceptThenHang,
    /// The email is sent; the response is HTTP 500 `InternalFailure`.
    AcceptThenFail,
}

/// Which fault to inject, and for how many calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// The fault to inject.
    pub mode: FaultMode,
    /// The delay of [`FaultMode::Slow`] in milliseconds; the default is one second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// The number of `SendEmail` calls affected, including SDK retries; all calls by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

impl From<FaultMode> for FaultPlan {
    fn from(mode: FaultMode) -> FaultPlan {
        FaultPlan { mode, delay_ms: None, next: None }
    }
}

/// The active fault plan. Clones share it.
#[derive(Clone, Debug)]
pub struct Faults(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    plan: FaultPlan,
    /// Increases with each new plan, which ends calls that hang. A plan that runs out doesn't end them.
    generation: u64,
}

/// The fault for one call.
pub(super) struct Fault {
    pub(super) plan: FaultPlan,
    generation: u64,
    state: watch::Receiver<State>,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults(Arc::new(watch::Sender::new(State::default())))
    }
}

impl Faults {
    /// Replaces the plan. Calls that hang end with `InternalFailure`.
    pub fn set(&self, plan: impl Into<FaultPlan>) {
        let plan = plan.into();
        self.0.send_modify(|state| *state = State { plan, generation: state.generation + 1 });
    }

    /// The active plan.
    pub fn plan(&self) -> FaultPlan {
        self.0.borrow().plan
    }

    /// Returns the fault for a call and counts the call.
    pub(super) fn take(&self) -> Fault {
        let state = self.0.subscribe();
        let mut taken = State::default();
        self.0.send_if_modified(|state| {
            taken = *state;
            state.plan = after_one_call(state.plan);
            false
        });
        Fault { plan: taken.plan, generation: taken.generation, state }
    }
}

impl Fault {
    /// Waits until the plan is replaced.
    pub(super) async fn hang(mut self) {
        let generation = self.generation;
        if self.state.wait_for(|state| state.generation != generation).await.is_err() {
            tracing::debug!("the local SES stopped while a call was hanging");
        }
    }
}

fn after_one_call(plan: FaultPlan) -> FaultPlan {
    match plan.next {
        Some(0 | 1) => FaultPlan::default(),
        Some(more) => FaultPlan { next: Some(more - 1), ..plan },
        None => plan,
    }
}

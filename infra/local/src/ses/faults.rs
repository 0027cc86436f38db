//! What the local SES does wrong on demand.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How `SendEmail` goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// As it should.
    #[default]
    None,
    /// `TooManyRequestsException`, "Maximum sending rate exceeded."
    Throttle,
    /// `TooManyRequestsException`, "Daily message quota exceeded."
    Quota,
    /// HTTP 500 `InternalFailure`; the mail is not sent.
    Fail,
    /// No answer until the plan changes; the mail is not sent.
    Hang,
    /// `MessageRejected`, "Email address is not verified.": our domain is not.
    Reject,
    /// The same, since the account is in the sandbox and the recipient is not verified.
    Sandbox,
    /// All goes well but for the suppression list, which fails: HTTP 500 `InternalFailure`.
    ListsFail,
    /// `SendingPausedException`.
    Paused,
    /// The mail is sent at once, the answer comes after the delay.
    Slow,
    /// The mail is sent, the answer does not come until the plan changes.
    AcceptThenHang,
    /// The mail is sent, the answer is HTTP 500 `InternalFailure`.
    AcceptThenFail,
}

/// What goes wrong, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// What goes wrong.
    pub mode: FaultMode,
    /// How late [`FaultMode::Slow`] answers, in milliseconds; a second if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// To how many calls of `SendEmail` it applies, retries of the SDK counted; to all until it changes if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

impl From<FaultMode> for FaultPlan {
    fn from(mode: FaultMode) -> FaultPlan {
        FaultPlan { mode, delay_ms: None, next: None }
    }
}

/// The plan in force. Clones share it.
#[derive(Clone, Debug)]
pub struct Faults(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    plan: FaultPlan,
    /// Grows whenever a plan is made, and so lets go of those who hang. A plan that has run out does not let go.
    generation: u64,
}

/// The fault that one call meets.
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
    /// Puts a plan in force and lets go of every call that hangs: it is answered with `InternalFailure`.
    pub fn set(&self, plan: impl Into<FaultPlan>) {
        let plan = plan.into();
        self.0.send_modify(|state| *state = State { plan, generation: state.generation + 1 });
    }

    /// The plan in force.
    pub fn plan(&self) -> FaultPlan {
        self.0.borrow().plan
    }

    /// The fault of the next call, which is thereby used up.
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
    /// Waits until another plan is made.
    pub(super) async fn hang(mut self) {
        let generation = self.generation;
        if self.state.wait_for(|state| state.generation != generation).await.is_err() {
            tracing::debug!("the local SES ended while a call hung");
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

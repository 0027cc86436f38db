//! Injects faults into the embedded DynamoDB, for tests.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// The fault to inject.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// No fault.
    #[default]
    None,
    /// Fails as if the table's capacity were exhausted.
    Throttle,
    /// Fails with an internal error.
    Fail,
    /// Doesn't answer until the plan changes.
    Hang,
    /// Answers after a delay.
    Slow,
}

/// Which calls fail, and how.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// The fault for the calls that match.
    pub mode: FaultMode,
    /// The delay for `slow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Affects only calls to this table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Affects only this operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Affects only this many calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// The status and body of an injected failure.
pub type Fault = (StatusCode, String);

/// The active fault plan. Clones share it.
#[derive(Debug, Clone)]
pub struct Faults {
    plan: Arc<Mutex<FaultPlan>>,
    changed: Arc<watch::Sender<()>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { plan: Arc::default(), changed: Arc::new(watch::Sender::new(())) }
    }
}

impl Faults {
    /// Replaces the plan. Calls that hang end with an error.
    pub fn set(&self, plan: FaultPlan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
        self.changed.send_replace(());
    }

    /// The active plan with the number of calls that remain.
    pub fn plan(&self) -> FaultPlan {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the failure for a call, if any, and applies the plan's delay.
    pub(super) async fn strike(&self, operation: &str, table: &str) -> Option<Fault> {
        let plan = self.take(operation, table)?;
        let failed =
            (StatusCode::INTERNAL_SERVER_ERROR, r#"{"__type":"InternalServerError","message":"injected"}"#.to_owned());
        match plan.mode {
            FaultMode::None => None,
            FaultMode::Throttle => {
                let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"injected"}"#;
                Some((StatusCode::BAD_REQUEST, body.to_owned()))
            }
            FaultMode::Fail => Some(failed),
            FaultMode::Hang => {
                let mut changed = self.changed.subscribe();
                let _ = changed.changed().await;
                Some(failed)
            }
            FaultMode::Slow => {
                tokio::time::sleep(Duration::from_millis(plan.delay_ms.unwrap_or(1000))).await;
                None
            }
        }
    }

    fn take(&self, operation: &str, table: &str) -> Option<FaultPlan> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let meant = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        if plan.mode == FaultMode::None || !meant(&plan.operation, operation) || !meant(&plan.table, table) {
            return None;
        }
        if let Some(left) = &mut plan.next {
            if *left == 0 {
                return None;
            }
            *left -= 1;
        }
        Some(plan.clone())
    }
}

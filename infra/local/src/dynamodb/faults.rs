//! Injects faults into the embedded DynamoDB, for tests.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
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
    /// Fails as if another transaction were writing the same item.
    Conflict,
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

    /// Returns the failure for a call to `tables`, if any, and applies the plan's delay.
    pub(super) async fn strike(&self, operation: &str, tables: &[&str]) -> Option<Fault> {
        let plan = self.take(operation, tables)?;
        let failed =
            (StatusCode::INTERNAL_SERVER_ERROR, r#"{"__type":"InternalServerError","message":"injected"}"#.to_owned());
        match plan.mode {
            FaultMode::None => None,
            FaultMode::Throttle | FaultMode::Conflict if operation == TRANSACTION => Some(cancelled(&plan, tables)),
            FaultMode::Throttle => Some(refused("ProvisionedThroughputExceededException")),
            FaultMode::Conflict => Some(refused("TransactionConflictException")),
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

    fn take(&self, operation: &str, tables: &[&str]) -> Option<FaultPlan> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let is_struck = plan.mode != FaultMode::None
            && (plan.mode != FaultMode::Conflict || WRITES.contains(&operation))
            && plan.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && (plan.table.is_none() || tables.iter().any(|table| plan.hits(table)));
        if !is_struck {
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

const TRANSACTION: &str = "TransactWriteItems";

/// The operations that may meet a transaction. Reads other than those in transactions don't.
const WRITES: [&str; 4] = ["PutItem", "UpdateItem", "DeleteItem", TRANSACTION];

impl FaultPlan {
    fn hits(&self, table: &str) -> bool {
        self.table.as_deref().is_none_or(|wanted| wanted == table)
    }
}

fn refused(exception: &str) -> Fault {
    let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{exception}"), "message": "struck" });
    (StatusCode::BAD_REQUEST, body.to_string())
}

/// A transaction that is cancelled because of its parts in the tables that are struck.
fn cancelled(plan: &FaultPlan, tables: &[&str]) -> Fault {
    let code = if plan.mode == FaultMode::Conflict { "TransactionConflict" } else { "ThrottlingError" };
    let reasons = tables.iter().map(|table| json!({ "Code": if plan.hits(table) { code } else { "None" } }));
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "struck",
        "CancellationReasons": reasons.collect::<Vec<_>>(),
    });
    (StatusCode::BAD_REQUEST, body.to_string())
}

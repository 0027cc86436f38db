//! What administrators turn and look through: the security settings, the audit log, the API keys.

mod api;
mod api_keys;
mod audit_log;
mod security_settings;

use std::sync::Arc;

use axum::{
    Router,
    routing::{delete, get},
};
use mailkey::{
    Database, SharedClock, SharedEntropy,
    api_key::ApiKeyStore,
    audit::AuditStore,
    http::{Gate, Gated},
    paging::CursorKey,
    settings::SettingsStore,
};

pub use api::operations;

/// What the function works with.
pub struct Settings {
    /// Who calls.
    pub gate: Gate,
    /// The settings.
    pub settings: SettingsStore,
    /// The keys.
    pub api_keys: ApiKeyStore,
    /// Who did what.
    pub audit: AuditStore,
    /// Signs cursors.
    pub cursors: CursorKey,
    /// The clock.
    pub clock: SharedClock,
    /// The randomness.
    pub entropy: SharedEntropy,
}

impl Settings {
    /// The function on this deployment's tables.
    pub fn new(
        database: &Database,
        gate: Gate,
        cursors: CursorKey,
        clock: SharedClock,
        entropy: SharedEntropy,
    ) -> Self {
        Self {
            gate,
            settings: SettingsStore::new(database.clone()),
            api_keys: ApiKeyStore::new(database.clone()),
            audit: AuditStore::new(database.clone()),
            cursors,
            clock,
            entropy,
        }
    }
}

impl Gated for Settings {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// The routes of this function.
pub fn routes(function: Arc<Settings>) -> Router {
    Router::new()
        .route("/api/admin/security-settings", get(security_settings::show).put(security_settings::change))
        .route("/api/admin/audit-log", get(audit_log::list))
        .route("/api/admin/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/api/admin/api-keys/{id}", delete(api_keys::revoke))
        .with_state(function)
}

//! The security settings, the audit log and the API keys, for administrators.

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

/// The dependencies of this function.
pub struct Settings {
    /// Authenticates callers and records what they do.
    pub gate: Gate,
    /// The security settings.
    pub settings: SettingsStore,
    /// The API keys.
    pub api_keys: ApiKeyStore,
    /// The audit log.
    pub audit: AuditStore,
    /// Signs the cursors of paged lists.
    pub cursors: CursorKey,
    /// Source of the current time.
    pub clock: SharedClock,
    /// Source of randomness for ids and secrets.
    pub entropy: SharedEntropy,
}

impl Settings {
    /// Builds the function on this deployment's tables.
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

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Settings>) -> Router {
    Router::new()
        .route("/api/admin/security-settings", get(security_settings::show).put(security_settings::change))
        .route("/api/admin/audit-log", get(audit_log::list))
        .route("/api/admin/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/api/admin/api-keys/{id}", delete(api_keys::revoke))
        .with_state(function)
}

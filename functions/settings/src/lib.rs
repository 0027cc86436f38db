//! The security settings, the audit log and the API keys, for administrators.

mod api;
mod api_keys;
mod audit_export;
mod audit_log;
mod security_settings;

use std::sync::Arc;

use axum::{
    Router,
    routing::{delete, get},
};
use mailkey::{erasure::Pseudonyms, paging::CursorKey};
use mailkey_api::App;

pub use api::operations;

/// The dependencies of this function.
pub struct Settings {
    /// The tables, the clock and the random source.
    pub app: App,
    /// Signs cursors.
    pub cursors: CursorKey,
    /// Names addresses in the audit log.
    pub pseudonyms: Pseudonyms,
}

impl AsRef<App> for Settings {
    fn as_ref(&self) -> &App {
        &self.app
    }
}

/// The HTTP routes that this function serves.
pub fn routes(function: Arc<Settings>) -> Router {
    Router::new()
        .route("/api/admin/security-settings", get(security_settings::show).put(security_settings::change))
        .route("/api/admin/audit-log", get(audit_log::list))
        .route("/api/admin/audit-log/export", get(audit_export::export))
        .route("/api/admin/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/api/admin/api-keys/{id}", delete(api_keys::revoke))
        .with_state(function)
}

//! The tables of Mailkey: one file per table. Every SDK call goes through one client layer.

mod api_keys;
mod audit;
pub mod client;
mod email_log;
mod email_log_page;
mod email_requests;
mod failed_sign_ins;
mod network_failures;
mod page_reader;
mod raw_events;
mod recipient_limits;
mod sender_state;
mod sessions;
mod settings;
mod site_wide_limit;
mod stores;
mod suppressions;
mod tokens;
mod user_search;
mod users;

pub use api_keys::ApiKeyStore;
pub use audit::{AuditStore, read_entry};
pub use client::{Database, StoreError};
pub use email_log::{Begin, EmailLogStore};
pub use email_requests::{EmailRequestStore, read_image};
pub use failed_sign_ins::LockoutStore;
pub use network_failures::NetworkStore;
pub use raw_events::RawEventStore;
pub use recipient_limits::RecipientLimitStore;
pub use sender_state::SenderStateStore;
pub use sessions::SessionStore;
pub use settings::SettingsStore;
pub use site_wide_limit::SiteWideLimit;
pub use suppressions::SuppressionStore;
pub use tokens::TokenStore;
pub use users::UserStore;

//! What every function behind the HTTP API has in common: who calls, what is refused, what is audited.

mod admin_links;
mod app;
mod audited_action;
pub mod http;
pub mod openapi;
pub mod password;
pub mod problem;
pub mod routes;
mod second_factor_key;
mod security_notices;

pub use admin_links::EmailQueued;
pub use app::App;
pub use audited_action::AuditedAction;
pub use second_factor_key::{CannotOpen, SecondFactorKey};

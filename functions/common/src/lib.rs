//! The domain of Mailkey: self-service account recovery that can say why the email never arrived.
//!
//! Modules are words of the domain, not technical layers. Each holds types that cannot be wrong, pure decisions to
//! which `now` is handed in, and beside them the store that reads and writes them. Decisions never await; stores never
//! decide.

pub mod access;
pub mod account;
pub mod api_key;
pub mod audit;
pub mod clock;
pub mod config;
pub mod database;
#[cfg(feature = "ses")]
pub mod diagnosis;
pub mod dns;
pub mod email_log;
pub mod entropy;
#[cfg(feature = "ses")]
pub mod feedback;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod locale;
pub mod lockout;
pub mod metrics;
pub mod network;
#[cfg(feature = "http")]
pub mod openapi;
pub mod paging;
#[cfg(feature = "http")]
pub mod problem;
pub mod recovery;
pub mod request_id;
pub mod secret;
#[cfg(feature = "ses")]
pub mod sender;
pub mod ses_event;
pub mod session;
pub mod settings;
pub mod smtp;
pub mod suppression;
pub mod token;
pub mod typo;
pub mod unavailable;

pub use account::EmailAddress;
pub use clock::{Clock, SharedClock, SystemClock};
pub use database::{Database, StoreError};
pub use entropy::{Entropy, OsEntropy, SharedEntropy};
pub use locale::{Direction, Locale};

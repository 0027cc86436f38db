//! The domain of Mailkey: self-service account recovery that can say why the email never arrived.
//!
//! Modules are words of the domain, not technical layers. Each has types that can't be wrong, and pure decisions that
//! take `now` as an argument. `mailkey-dynamodb` stores them. Decisions never await; stores never decide.

pub mod access;
pub mod account;
pub mod api_key;
pub mod audit;
pub mod brand;
pub mod clock;
pub mod config;
pub mod device;
pub mod diagnosis;
pub mod dns;
pub mod email_log;
pub mod entropy;
pub mod erasure;
pub mod feedback;
pub mod json;
pub mod locale;
pub mod lockout;
pub mod metrics;
pub mod network;
pub mod paging;
pub mod recipient_it;
pub mod recovery;
pub mod request_id;
pub mod second_factor;
pub mod secret;
pub mod sender;
pub mod ses_event;
pub mod session;
pub mod settings;
pub mod smtp;
pub mod suppression;
pub mod text_form;
pub mod token;
pub mod typo;
pub mod unavailable;
pub mod watched;

pub use account::EmailAddress;
pub use clock::{Clock, SharedClock, SystemClock};
pub use entropy::{Entropy, OsEntropy, SharedEntropy};
pub use locale::{Direction, Locale};
pub use request_id::RequestId;
pub use unavailable::Unavailable;

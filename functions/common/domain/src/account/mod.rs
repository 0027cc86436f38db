//! Accounts: who a person is to the portal.

mod email_address;
pub mod imported_hash;
pub mod password;
pub mod search;
mod sender_pattern;
mod user;

pub use email_address::{AddressKey, EmailAddress, EmailAddressError};
pub use sender_pattern::{InvalidSenderPattern, SenderPattern};
pub use user::{FirstAdmin, NewUser, PasswordHash, Role, User, UserId, UserStatus, WithCredentials, Written};

/// A text that is none of a closed set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unknown value")]
pub struct UnknownValue;

pub use user::text_form;

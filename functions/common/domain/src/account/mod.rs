//! Accounts: who a person is to the portal.

mod email_address;
pub mod imported_hash;
mod in_text;
pub mod password;
pub mod search;
mod sender_pattern;
mod user;

pub use email_address::{AddressKey, EmailAddress, EmailAddressError};
pub use in_text::mask_addresses;
pub use sender_pattern::{InvalidSenderPattern, SenderPattern};
pub use user::{FirstAdmin, NewUser, PasswordHash, Role, User, UserId, UserStatus, WithCredentials, Written};

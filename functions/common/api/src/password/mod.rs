//! How a password is hashed and verified.

mod breached;
mod hash;
mod hasher;
mod imported;
mod policy;

pub use breached::{BREACHED_PASSWORDS_URL, BreachedPasswords, BreachedPasswordsError};
pub use hash::{HashError, Memory, Verdict, hash, verify};
pub use hasher::{Hasher, RefusalTime};
pub use policy::PasswordPolicy;

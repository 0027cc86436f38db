//! How a password is hashed and verified.

mod hash;
mod hasher;

pub use hash::{HashError, Memory, Verdict, hash, verify};
pub use hasher::Hasher;

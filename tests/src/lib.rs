//! The test harness: starts the real program, `mailkey-local`, as a child process and uses it over HTTP, as its users
//! do.
//!
//! The harness links no code of the service. Tests only see what is visible from outside: responses, emails in the
//! outbox, tables and output.
//!
//! The routes under `/_local/` are the only access to the inside. They exist only locally, and let a test set the
//! clock, inject faults and count the calls of a request.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an error in the harness must fail the test immediately")]

mod answer;
mod base32;
mod client;
mod contract;
mod folder;
mod inside;
mod outbox;
mod process;
mod raw;
mod waiting;

pub use answer::{Answer, PROBLEMS};
pub use base32::from_base32;
pub use folder::Folder;
pub use inside::{Call, Tables};
pub use outbox::Mail;
pub use process::{Mailkey, Setup, binary};
pub use raw::RawAnswer;
pub use waiting::eventually;

/// The password of every seeded user that has one.
pub const PASSWORD: &str = "violet canoe under nine bridges";

/// Another valid password.
pub const NEW_PASSWORD: &str = "seven lamps on a quiet pier";

/// Seeded: active.
pub const ALICE: &str = "alice@example.com";
/// Seeded: inactive.
pub const IVAN: &str = "ivan@example.com";
/// Seeded: pending, without a password.
pub const PETRA: &str = "petra@example.com";
/// Seeded: locked.
pub const LENA: &str = "lena@example.com";
/// Seeded: active, with a suppressed address.
pub const SAM: &str = "sam@example.com";
/// Seeded: active, with a mistyped domain.
pub const GWEN: &str = "gwen@gmial.com";
/// An address without a user.
pub const STRANGER: &str = "stranger@example.com";

/// One second in milliseconds, the unit of the local clock.
pub const SECOND: i64 = 1000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

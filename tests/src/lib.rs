//! The harness: starts the real program, `mailkey-local`, as a child process and drives it over HTTP, as its users do.
//!
//! Nothing of the service is linked here. What a test knows of it, it knows from outside: the answers, the mail in the
//! outbox, the tables, and what the process prints.
//!
//! The routes under `/_local/` are the one way to the inside. They exist on one machine only, and let a test move the
//! clock, make a dependency fail, and count the calls that a request made.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a harness that can't go on has to fail its test, there and then"
)]

mod answer;
mod client;
mod contract;
mod folder;
mod inside;
mod outbox;
mod process;
mod raw;
mod waiting;

pub use answer::{Answer, PROBLEMS};
pub use folder::Folder;
pub use inside::{Call, Tables};
pub use outbox::Mail;
pub use process::{Mailkey, Setup, binary};
pub use raw::RawAnswer;
pub use waiting::eventually;

/// The password of every seeded user that has one.
pub const PASSWORD: &str = "correct horse battery staple";

/// A password that is as good as [`PASSWORD`].
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
/// Nobody's address.
pub const STRANGER: &str = "stranger@example.com";

/// A second, a minute, an hour and a day, in milliseconds, as the local clock takes them.
pub const SECOND: i64 = 1000;
/// A minute.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour.
pub const HOUR: i64 = 60 * MINUTE;
/// A day.
pub const DAY: i64 = 24 * HOUR;

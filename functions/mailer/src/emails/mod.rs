//! The emails: what they say, and nothing about whether or how they are sent.
//!
//! Each kind is one struct here and one folder of templates, compiled into the binary. What a struct is given is
//! trusted only as far as it comes from configuration ([`Portal`]) or from our own clock and random numbers; a display
//! name is somebody's input, and passes through [`Salutation`].
//!
//! No email loads anything from anywhere, and no email names a host other than the portal's.
//!
//! # A new kind, in five steps
//!
//! 1. Write `templates/<kind>/subject.txt`, `body.txt` and `body.html`; the bodies extend the layout of the same ending.
//! 2. Write `<kind>.rs`: the struct, the three templates, `render`.
//! 3. Name it below: `mod` and `pub use`.
//! 4. Add a sample of it to `samples_of()` in `samples.rs`: what is promised of every email is then tested of this one.
//! 5. Run the tests with `INSTA_UPDATE=always`, read the new snapshots, and look at the mail: light, dark and small.

mod account_locked;
mod account_unlocked;
mod activation;
mod address_changed;
mod letter;
mod link;
mod password_changed;
mod password_reset;
mod salutation;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
mod text;
mod wording;

pub use account_locked::AccountLocked;
pub use account_unlocked::AccountUnlocked;
pub use activation::Activation;
pub use address_changed::AddressChanged;
pub use letter::{Portal, Rendered};
pub use password_changed::PasswordChanged;
pub use password_reset::PasswordReset;
pub use salutation::Salutation;

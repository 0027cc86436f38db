//! The emails: what they say, and nothing about whether or how they are sent.
//!
//! Each kind is one struct here and one folder of templates, compiled into the binary; its words are in the Fluent
//! files of each language, `locales/<language>/<kind>.ftl`, and become methods of `Words` when the crate is built. What
//! a struct is given is trusted only as far as it comes from configuration ([`Portal`]) or from our own clock and
//! random numbers; a display name is somebody's input, and passes through [`Salutation`].
//!
//! No email loads anything from anywhere, and no email names a host other than the portal's.
//!
//! # A new kind, in six steps
//!
//! 1. Write its words, `locales/<language>/<kind>.ftl`, in every language.
//! 2. Write `templates/<kind>/body.txt` and `body.html`; they extend the layout of the same ending.
//! 3. Write `<kind>.rs`: the struct, the two templates, `render`.
//! 4. Name it below: `mod` and `pub use`.
//! 5. Add a sample of it to `samples.rs`: what is promised of every email is then tested of this one, and it stands in
//!    the gallery.
//! 6. Run the tests with `INSTA_UPDATE=always`, read the new snapshots, and look at the gallery, `/_local/emails/`.

mod account_locked;
mod account_unlocked;
mod activation;
mod address_changed;
mod canary;
mod letter;
mod link;
mod password_changed;
mod password_reset;
mod phrase;
mod salutation;
pub mod samples;
#[cfg(test)]
mod tests;
mod text;
mod wording;
mod words;

pub use account_locked::AccountLocked;
pub use account_unlocked::AccountUnlocked;
pub use activation::Activation;
pub use address_changed::AddressChanged;
pub use canary::Canary;
pub use letter::{Portal, Rendered};
pub use password_changed::PasswordChanged;
pub use password_reset::PasswordReset;
pub use salutation::Salutation;

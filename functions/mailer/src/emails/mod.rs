//! The content of the emails. Deciding and sending happen elsewhere.
//!
//! Each kind is one struct here and one folder of templates, compiled into the binary. Its texts are in the Fluent
//! files of each language, `locales/<language>/<kind>.ftl`, and become methods of `Words` at build time. Only values
//! from configuration ([`Portal`]), our clock and our random numbers are trusted. A display name is user input, so it
//! passes through [`Salutation`].
//!
//! No email loads anything but the portal's logo, if it has one, and none contains a host other than the portal's.
//!
//! # Adding a kind
//!
//! 1. Write its texts, `locales/<language>/<kind>.ftl`, in every language.
//! 2. Write `templates/<kind>/body.txt` and `body.html`; they extend the layout with the same extension.
//! 3. Write `<kind>.rs`: the struct, the two templates, `render`.
//! 4. Add it below: `mod` and `pub use`.
//! 5. Add a sample to `samples.rs`. The tests that cover every email then include it, and the gallery shows it.
//! 6. Run the tests with `INSTA_UPDATE=always`, read the new snapshots, and check the gallery, `/_local/emails/`.

mod account_locked;
mod account_unlocked;
mod activation;
mod address_changed;
mod canary;
mod frame;
mod link;
mod password_changed;
mod password_reset;
mod phrase;
mod salutation;
pub mod samples;
mod security_notice;
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
pub use frame::{Portal, Rendered};
pub use password_changed::PasswordChanged;
pub use password_reset::PasswordReset;
pub use salutation::Salutation;
pub use security_notice::SecurityNotice;

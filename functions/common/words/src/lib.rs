//! Reads Fluent messages in several languages and checks them against English.
//!
//! The mailer's build script turns the messages of the emails into Rust methods. The support site puts its messages
//! into its layouts.

mod catalogue;
mod check;
mod pattern;
mod rust;

pub use catalogue::{Catalogue, Fault, Message, Messages, Source, read};
pub use pattern::{Choice, Piece};
pub use rust::methods;

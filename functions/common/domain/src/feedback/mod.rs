//! Feedback: what SES's events say about an email, about its recipient, and about us.

mod interpret;
mod kept;
#[cfg(test)]
mod tests;

pub use interpret::{Effect, News, interpret};
pub use kept::{KeptEvent, WhyKept};

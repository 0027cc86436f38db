//! Feedback: what SES's events say about an email, about its recipient, and about us.

mod interpret;
mod raw_event;
#[cfg(test)]
mod tests;

pub use interpret::{Effect, Interpretation, interpret};
pub use raw_event::{RawEvent, WhyKept};

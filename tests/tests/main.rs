//! The running service, seen from outside. Each test starts a process of its own, so that none can spoil another's.
//!
//! What each case is about stands in SECURITY.md's list, or in the standard that a comment names.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what is missing in a test has to fail it")]

mod admin;
mod availability;
mod crashes;
mod diagnosis;
mod enumeration;
mod events;
mod headers;
mod journeys;
mod lockout;
mod mail;
mod passwords;
mod paths;
mod privacy;
mod redemption;
mod requests;
mod rights;
mod roles;
mod starting;
mod suppressions;
mod template;
mod tokens;
mod watched;

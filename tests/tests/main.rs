//! Tests of the running service, from outside. Each test starts its own process, so that no test affects another.
//!
//! Attacks are in `tests/attacks`, with at least one test for each case of the threat model.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a missing value must fail the test")]

mod admin;
mod agreement;
#[path = "../attacks/mod.rs"]
mod attacks;
mod branding;
mod budgets;
mod diagnosis;
mod diagnosis_actions;
mod erasures;
mod events;
#[path = "../faults/mod.rs"]
mod faults;
#[path = "../fuzz/mod.rs"]
mod fuzz;
mod imports;
mod journeys;
mod key_scopes;
mod languages;
mod layers;
mod log_pages;
mod malformed;
mod portal_email;
mod rights;
mod roles;
mod starting;
mod statistics;
mod supply_chain;
mod suppressions;
mod template;
mod watched;
mod watched_senders;

//! The running service, seen from outside. Each test starts a process of its own, so that none can spoil another's.
//!
//! Attacks are in `tests/attacks`, one test or more for each case of the threat model.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what is missing in a test has to fail it")]

mod admin;
mod agreement;
#[path = "../attacks/mod.rs"]
mod attacks;
mod budgets;
mod diagnosis;
mod events;
#[path = "../faults/mod.rs"]
mod faults;
#[path = "../fuzz/mod.rs"]
mod fuzz;
mod journeys;
mod languages;
mod layers;
mod log_pages;
mod rights;
mod roles;
mod starting;
mod supply_chain;
mod suppressions;
mod template;
mod watched;

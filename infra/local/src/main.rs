//! Mailkey on one machine.
fn main() {}

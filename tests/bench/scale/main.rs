//! What happens from ten users to ten million, and at ten thousand requests a second: what a recovery costs, counted;
//! what a month costs, line by line; and what a burst meets first, by the published quotas.
//!
//! `cargo run --release -p mailkey-tests --bin bench-scale`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement ends where something is not as expected")]

mod burst;
mod month;
mod recovery;

#[tokio::main]
async fn main() {
    let steps = recovery::count().await;
    println!("One recovery, from the request to the notice, counted:\n");
    println!("{:<34} {:>11} {:>10} {:>12} {:>6}", "step", "write units", "read units", "to the log", "calls");
    let units = recovery::sum(&steps);
    for step in steps.iter().chain([&units]) {
        println!(
            "{:<34} {:>11.1} {:>10.1} {:>12.1} {:>6}",
            step.what, step.write_units, step.read_units, step.log_units, step.calls
        );
    }
    println!();
    month::print(&units);
    burst::print(units.log_units);
}

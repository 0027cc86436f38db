//! What happens from ten users to ten million, and at ten thousand requests a second: what a recovery costs, counted; what
//! a month costs, line by line; and what a burst meets first, by the published quotas.
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
    println!("{:<34} {:>11} {:>10} {:>6}", "step", "write units", "read units", "calls");
    for step in &steps {
        println!("{:<34} {:>11.1} {:>10.1} {:>6}", step.what, step.write_units, step.read_units, step.calls);
    }
    let units = recovery::sum(&steps);
    println!("{:<34} {:>11.1} {:>10.1} {:>6}\n", "all of it", units.write_units, units.read_units, units.calls);
    month::print(&units);
    burst::print();
}

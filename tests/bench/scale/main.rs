//! Prints scaling and cost from ten users to ten million, and for bursts up to ten thousand requests per second: the
//! counted cost of a recovery, the monthly cost by line, and the first bottleneck by published quotas.
//!
//! `cargo run --release -p mailkey-tests --bin bench-scale`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

mod burst;
mod month;
mod recovery;

#[tokio::main]
async fn main() {
    let steps = recovery::count().await;
    println!("One recovery, from the request to the notice:\n");
    println!("{:<34} {:>11} {:>10} {:>12} {:>6}", "step", "write units", "read units", "log units", "calls");
    let units = recovery::sum(&steps);
    for step in steps.iter().chain([&units]) {
        println!(
            "{:<34} {:>11.1} {:>10.1} {:>12.1} {:>6}",
            step.what, step.write_units, step.read_units, step.log_units, step.calls
        );
    }
    println!();
    month::print(&units);
    month::print_watched();
    burst::print(units.log_units);
}

//! Lets DynamoDB and SES throttle, answer late, fail and hang, one after the other, under load; and counts what was
//! answered, what was lost, and how long it took to recover.
//!
//! `cargo run -p mailkey-tests --bin fault-outages [SECONDS]`, for each of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement ends where something is not as expected"
)]

mod outages;

use std::time::Duration;

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).map_or(30, |number| number.parse().unwrap());
    println!("{}", outages::Row::HEAD);
    let mut faults = Vec::new();
    for outage in outages::OUTAGES {
        let row = outages::run(outage, Duration::from_secs(seconds)).await;
        println!("{row}");
        faults.extend(row.faults());
    }
    if !faults.is_empty() {
        println!("{}", faults.join("\n"));
        std::process::exit(1);
    }
}

//! Makes DynamoDB and SES throttle, slow down, fail and hang in turn, under load, and reports the responses, the losses
//! and the recovery time.
//!
//! `cargo run -p mailkey-tests --bin fault-outages [SECONDS]` sets the duration of each outage.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement stops at the first unexpected result"
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

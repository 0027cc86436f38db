//! Kills the service at random times under load, restarts it, and accounts for every request.
//!
//! `cargo run -p mailkey-tests --bin fault-kills [KILLS [SEED]]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement stops at the first unexpected result"
)]

mod kills;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse::<u64>().unwrap());
    let kills = arguments.next().unwrap_or(200);
    let report = kills::run(usize::try_from(kills).unwrap(), arguments.next().unwrap_or(1)).await;
    println!("{report}");
    if !report.faults().is_empty() {
        std::process::exit(1);
    }
}

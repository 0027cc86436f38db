//! Whether the service grows slower with what it has already taken: the rate of recovery requests at the start, and
//! after many.
//!
//! `cargo run -p mailkey-tests --bin bench-rate [REQUESTS]`; the figure that counts is the ratio, not the rates.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement ends where something is not as expected")]

use std::time::Instant;

use mailkey_tests::Setup;

/// So many requests are timed at the start, and at the end.
const SAMPLE: usize = 1000;

#[tokio::main]
async fn main() {
    let total: usize = std::env::args().nth(1).map_or(50_000, |number| number.parse().unwrap());
    let mailkey = Setup::new().start().await;
    let mut asked = 0;
    let mut ask = async |number: usize| {
        let begun = Instant::now();
        for _ in 0..number {
            let answer = mailkey.forgot_password(&format!("nobody-{asked}@example.com")).await;
            assert_eq!(answer.status, 202);
            asked += 1;
        }
        number as f64 / begun.elapsed().as_secs_f64()
    };
    ask(SAMPLE).await;
    let first = ask(SAMPLE).await;
    ask(total.saturating_sub(3 * SAMPLE)).await;
    let last = ask(SAMPLE).await;
    let tables = mailkey.settled().await;
    let handled = tables.of("EmailLog").len();
    println!("requests  {asked:>8}   each with its decision in the log: {handled}");
    println!("at first  {first:>8.0}/s");
    println!("at last   {last:>8.0}/s   {:.2} of the rate at first", last / first);
}

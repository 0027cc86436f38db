//! Whether the service grows slower with what it has already taken: the rate of recovery requests at the start, and
//! after many.
//!
//! `cargo run -p mailkey-tests --bin bench-rate [REQUESTS]`; the figure that counts is the ratio, not the rates.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement ends where something is not as expected")]

use std::time::{Duration, Instant};

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
    println!("at first  {first:>8.0}/s");
    println!("at last   {last:>8.0}/s after {asked} requests: {:.2} of the rate at first", last / first);
    // A look into a table of this size takes seconds: few of them, far apart.
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let decided = mailkey.tables().await.of("EmailLog").len();
        if decided == asked {
            println!("each has its decision in the log");
            return;
        }
        println!("{decided} are decided");
    }
    panic!("some requests were never decided");
}

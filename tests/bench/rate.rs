//! Measures whether the service slows down with the number of requests it has handled: the rate of email requests at
//! the start and after many requests.
//!
//! `cargo run -p mailkey-tests --bin bench-rate [REQUESTS]`. The ratio counts, not the rates.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

use std::time::{Duration, Instant};

use mailkey_tests::Setup;

/// The number of requests timed at the start and at the end.
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
    println!("start  {first:>8.0}/s");
    println!("end    {last:>8.0}/s after {asked} requests: {:.2} of the initial rate", last / first);
    // Reading a table of this size takes seconds, so poll rarely.
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let decided = mailkey.tables().await.of("EmailLog").len();
        if decided == asked {
            println!("all requests are in the log");
            return;
        }
        println!("{decided} requests are in the log");
    }
    panic!("some requests never reached the log");
}

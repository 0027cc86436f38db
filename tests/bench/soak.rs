//! Load test: the highest steady rate for a while, then two, four and eight times that rate until the service sheds
//! load, then a tenth of it.
//!
//! `cargo run --release -p mailkey-tests --bin bench-soak [SECONDS]`: SECONDS is the length of the steady phase
//! (default 600).
//!
//! Of ten requests, six ask for a link (half of them for users), two sign in, and two read a session. Requests are sent
//! on schedule, whether or not earlier ones were answered, as independent clients do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement stops at anything unexpected"
)]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use mailkey_tests::{Folder, Mailkey, PASSWORD, Setup, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const ADMIN_PASSWORD: &str = "an administrators password";

const USERS: usize = 1000;

/// The number of users that sign in. Their passwords are hashed at the start.
const MEMBERS: usize = 60;

/// The steady rate is the highest of these without rejected requests and with at most 1% late responses.
const RATES: [u64; 12] = [20, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960, 1280];
const LATE: Duration = Duration::from_millis(250);

/// More open requests than this mean that the service doesn't shed load, and would overload the test itself.
const UNDER_WAY: usize = 20_000;

#[tokio::main]
async fn main() {
    let seconds: u64 = std::env::args().nth(1).map_or(600, |number| number.parse().unwrap());
    let folder = Folder::new();
    let people = folder.path().join("people.json");
    let mut users: Vec<Value> = (0..USERS)
        .map(|number| json!({ "email": user(number), "display_name": "Somebody", "status": "pending" }))
        .collect();
    users.extend((0..MEMBERS).map(|number| {
        json!({ "email": member(number), "display_name": "Somebody", "status": "active", "password": PASSWORD })
    }));
    std::fs::write(&people, json!(users).to_string()).unwrap();
    let setup = Setup::new().data_dir(&folder.path().join("data")).env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let mailkey = Arc::new(setup.arg("--seed").arg(people).start().await);
    // Include emails in the load.
    mailkey.change_settings(ADMIN_PASSWORD, &[("links_per_minute", 6000)]).await;
    let session = mailkey.signed_in(&member(0), PASSWORD).await;

    println!("{}", Phase::HEAD);
    let mut steady = RATES[0];
    for rate in RATES {
        let phase = run(&mailkey, &session, "search", rate, Duration::from_secs(4)).await;
        println!("{phase}");
        if phase.shed() > 0 || phase.percentile(99) > LATE {
            break;
        }
        steady = rate;
    }
    caught_up(&mailkey).await;
    let long = run(&mailkey, &session, "steady", steady, Duration::from_secs(seconds)).await;
    println!("{long}");
    // Double the rate until requests are shed.
    let mut overload = Vec::new();
    for times in [2, 4, 8] {
        let phase =
            run(&mailkey, &session, "overload", times * steady, Duration::from_secs((seconds / 10).max(20))).await;
        println!("{phase}");
        overload.push(phase);
        if overload.last().is_some_and(|phase| phase.shed() > 0) {
            break;
        }
    }
    let begun = Instant::now();
    let after = run(&mailkey, &session, "after", (steady / 10).max(1), Duration::from_secs(10)).await;
    println!("{after}");
    caught_up(&mailkey).await;
    println!("all accepted requests were finished {:.1} s after the overload", begun.elapsed().as_secs_f64());
    let wrong: usize = overload.iter().chain([&long, &after]).map(Phase::wrong).sum();
    println!("wrong responses: {wrong}; requests shed after the overload: {}", after.shed());
    assert_eq!((wrong, after.shed()), (0, 0));
}

fn user(number: usize) -> String {
    format!("user{number}@example.org")
}

fn member(number: usize) -> String {
    format!("member{number}@example.org")
}

/// Waits until all events and requests are handled, without reading whole tables.
async fn caught_up(mailkey: &Mailkey) {
    eventually("the queues are empty", || async {
        let waiting = mailkey.get("/_local/ses-events").await.expect_status(200).json();
        (waiting["waiting"] == 0).then_some(())
    })
    .await;
}

/// The results of one phase at a fixed rate.
struct Phase {
    name: &'static str,
    rate: u64,
    lasted: Duration,
    statuses: BTreeMap<u16, usize>,
    without_retry_after: usize,
    latencies: Vec<Duration>,
    memory_kib: (u64, u64),
}

impl Phase {
    const HEAD: &str =
        "phase    target/s  good/s    shed  wrong  p50 ms  p99 ms  p99.9 ms  worst ms  memory KiB before -> after";

    fn shed(&self) -> usize {
        [429, 503].iter().filter_map(|status| self.statuses.get(status)).sum()
    }

    /// The number of responses with an unexpected status, or shed without `Retry-After`.
    fn wrong(&self) -> usize {
        self.odd().map(|(_, count)| count).sum::<usize>() + self.without_retry_after
    }

    /// Unexpected statuses; 0 means no response.
    fn odd(&self) -> impl Iterator<Item = (u16, usize)> {
        let statuses = self.statuses.iter().map(|(status, count)| (*status, *count));
        statuses.filter(|(status, _)| ![200, 202, 401, 423, 429, 503].contains(status))
    }

    fn percentile(&self, hundredths_of_a_percent: usize) -> Duration {
        let scale = if hundredths_of_a_percent > 100 { 1000 } else { 100 };
        let index = self.latencies.len() * hundredths_of_a_percent / scale;
        self.latencies.get(index.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let good: usize = [200, 202, 401, 423].iter().filter_map(|status| self.statuses.get(status)).sum();
        write!(
            f,
            "{:<8} {:>8}  {:>6.1}  {:>6}  {:>5}  {:>6}  {:>6}  {:>8}  {:>8}  {:>7} -> {}",
            self.name,
            self.rate,
            good as f64 / self.lasted.as_secs_f64(),
            self.shed(),
            self.wrong(),
            self.percentile(50).as_millis(),
            self.percentile(99).as_millis(),
            self.percentile(999).as_millis(),
            self.latencies.last().copied().unwrap_or_default().as_millis(),
            self.memory_kib.0,
            self.memory_kib.1,
        )?;
        self.odd().try_for_each(|(status, count)| write!(f, "  {count} of status {status}"))
    }
}

async fn run(mailkey: &Arc<Mailkey>, session: &str, name: &'static str, rate: u64, lasts: Duration) -> Phase {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let memory_before = mailkey.memory_kib();
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    let mut answers = Vec::new();
    let pause = Duration::from_secs(1) / u32::try_from(rate).unwrap();
    let mut next = begun;
    while begun.elapsed() < lasts {
        tokio::time::sleep_until(next.into()).await;
        next += pause;
        let request = request(mailkey, session, NUMBER.fetch_add(1, Ordering::Relaxed));
        calls.spawn(async move {
            let begun = Instant::now();
            let answer = request.send().await.ok();
            let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
            let retry_after = answer.is_some_and(|answer| answer.headers().contains_key("retry-after"));
            (status, retry_after, begun.elapsed())
        });
        while let Some(done) = calls.try_join_next() {
            answers.push(done.unwrap());
        }
        assert!(calls.len() < UNDER_WAY, "{UNDER_WAY} requests are open: the service sheds nothing");
    }
    answers.extend(calls.join_all().await);
    let mut latencies: Vec<_> = answers.iter().map(|(.., latency)| *latency).collect();
    latencies.sort();
    let mut statuses = BTreeMap::new();
    for (status, ..) in &answers {
        *statuses.entry(*status).or_default() += 1;
    }
    let shed = |status: u16| matches!(status, 429 | 503);
    let without_retry_after = answers.iter().filter(|(status, retry_after, _)| shed(*status) && !retry_after).count();
    let memory_kib = (memory_before, mailkey.memory_kib());
    Phase { name, rate, lasted: begun.elapsed(), statuses, without_retry_after, latencies, memory_kib }
}

fn request(mailkey: &Mailkey, session: &str, number: usize) -> reqwest::RequestBuilder {
    match number % 10 {
        0..=2 => {
            mailkey.request(Method::POST, "/api/forgot-password").json(&json!({ "email": user(number * 7 % USERS) }))
        }
        3..=5 => mailkey
            .request(Method::POST, "/api/forgot-password")
            .json(&json!({ "email": format!("nobody{number}@example.net") })),
        6 | 7 => mailkey
            .request(Method::POST, "/api/sign-in")
            .json(&json!({ "email": member(number * 7 % MEMBERS), "password": PASSWORD })),
        _ => mailkey.request(Method::GET, "/api/session").bearer_auth(session),
    }
}

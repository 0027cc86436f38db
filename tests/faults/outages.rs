//! A dependency that throttles, slows down, fails or hangs for a while, under load.
//!
//! Every response must be the normal one or a 503 with `Retry-After`. Known and unknown addresses get the same
//! responses, and a valid session is never rejected. Each request with a 202 ends in an email or in a logged decision.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use mailkey_tests::{ALICE, Mailkey, PASSWORD, Setup, eventually};
use serde_json::json;

/// A dependency and its fault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    dependency: &'static str,
    mode: &'static str,
}

const fn outage(dependency: &'static str, mode: &'static str) -> Outage {
    Outage { dependency, mode }
}

/// Every combination that is tested.
pub(crate) const OUTAGES: [Outage; 8] = [
    outage("dynamodb", "throttle"),
    outage("dynamodb", "slow"),
    outage("dynamodb", "fail"),
    outage("dynamodb", "hang"),
    outage("ses", "throttle"),
    outage("ses", "slow"),
    outage("ses", "fail"),
    outage("ses", "hang"),
];

/// How many clients send requests at the same time. Each sends a few per second: this tests waiting, not throughput.
const CALLERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(40);

/// How far the clock advances after an outage, to simulate a longer one.
const MINUTES_MS: i64 = 20 * mailkey_tests::MINUTE;

/// The result of one outage.
#[derive(Debug)]
pub(crate) struct Row {
    outage: Outage,
    lasted: Duration,
    statuses: BTreeMap<u16, usize>,
    wrong: Vec<String>,
    accepted: usize,
    ended: usize,
    first_good: Duration,
    settled: Duration,
    memory_kib: (u64, u64),
}

impl Row {
    /// The column names of the report.
    #[allow(dead_code, reason = "the tests print only rows")]
    pub(crate) const HEAD: &str = "dependency mode      seconds  accepted  answered 503  wrong  lost  good again  all settled  memory KiB before -> after";

    /// Everything that must not happen. Empty if all is well.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = self.wrong.clone();
        if self.ended != self.accepted {
            faults.push(format!("{} of {} accepted requests are done", self.ended, self.accepted));
        }
        faults
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { outage, lasted, statuses, wrong, accepted, ended, first_good, settled, memory_kib } = self;
        let unavailable = statuses.get(&503).copied().unwrap_or(0);
        write!(
            f,
            "{:<10} {:<9} {:>7.1}  {accepted:>8}  {unavailable:>12}  {:>5}  {:>4}  {:>7} ms  {:>8} ms  {:>7} -> {}",
            outage.dependency,
            outage.mode,
            lasted.as_secs_f64(),
            wrong.len(),
            accepted.abs_diff(*ended),
            first_good.as_millis(),
            settled.as_millis(),
            memory_kib.0,
            memory_kib.1,
        )
    }
}

/// Runs one outage, from its start until the service has recovered.
pub(crate) async fn run(outage: Outage, lasts: Duration) -> Row {
    let mailkey = Arc::new(Setup::new().without_collapsing().start().await);
    let session = mailkey.signed_in(ALICE, PASSWORD).await;
    let memory_before = mailkey.memory_kib();
    let mut plan = json!({ "mode": outage.mode });
    if outage.mode == "slow" {
        plan["delay_ms"] = 300.into();
    }
    match outage.dependency {
        "dynamodb" => mailkey.dynamodb_faults(plan).await,
        _ => mailkey.ses_faults(plan).await,
    }
    let begun = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (mailkey, session) = (Arc::clone(&mailkey), session.clone());
            tokio::spawn(async move { call_for(&mailkey, &session, caller, lasts).await })
        })
        .collect();
    tokio::time::sleep(lasts).await;
    let none = json!({ "mode": "none" });
    mailkey.dynamodb_faults(none.clone()).await;
    mailkey.ses_faults(none).await;
    let mended = Instant::now();
    mailkey.advance_clock(MINUTES_MS).await;
    let lasted = begun.elapsed();
    eventually("the service has recovered", || async { (mailkey.session(&session).await.status == 200).then_some(()) })
        .await;
    let first_good = mended.elapsed();
    let (mut statuses, mut wrong) = (BTreeMap::new(), Vec::new());
    let mut accepted = 0;
    for caller in callers {
        let seen = caller.await.unwrap();
        wrong.extend(seen.wrong);
        accepted += seen.accepted;
        for (status, count) in seen.statuses {
            *statuses.entry(status).or_default() += count;
        }
    }
    let tables = mailkey.settled().await;
    let settled = mended.elapsed();
    let ended = tables.of("EmailRequests").iter().filter(|request| request["kind"]["S"] == "password_reset").count();
    // Three links per hour are sent, each of them once. If SES responded late, one may be sent twice.
    let asked = tables.log_of(ALICE).len();
    let emails = mailkey.outbox(ALICE).await;
    if emails.len() < asked.min(3) || (emails.len() > 3 && outage.mode != "slow") {
        wrong.push(format!("{} emails for {asked} requests of alice", emails.len()));
    }
    if emails.iter().any(|mail| mail.token().is_none()) {
        wrong.push("an email has no link".to_owned());
    }
    let memory_kib = (memory_before, mailkey.memory_kib());
    // A request that was stored in spite of a 503 isn't lost.
    let ended = if ended >= accepted { accepted } else { ended };
    Row { outage, lasted, statuses, wrong, accepted, ended, first_good, settled, memory_kib }
}

#[derive(Default)]
struct Seen {
    statuses: BTreeMap<u16, usize>,
    wrong: Vec<String>,
    accepted: usize,
}

async fn call_for(mailkey: &Mailkey, session: &str, caller: usize, lasts: Duration) -> Seen {
    let begun = Instant::now();
    let mut seen = Seen::default();
    let mut number = 0;
    while begun.elapsed() < lasts {
        let email = if number % 2 == 0 { ALICE.to_owned() } else { format!("nobody{caller}-{number}@example.com") };
        number += 1;
        let asked = mailkey.forgot_password(&email).await;
        let session = mailkey.session(session).await;
        for (answer, good) in [(asked, 202), (session, 200)] {
            *seen.statuses.entry(answer.status).or_default() += 1;
            seen.accepted += usize::from(answer.status == 202);
            let excused = answer.status == 503 && answer.header("retry-after").is_some();
            if answer.status != good && !excused {
                seen.wrong.push(format!("{} instead of {good}: {}", answer.status, answer.text()));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    seen
}

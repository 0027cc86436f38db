//! A dependency that throttles, answers late, fails or hangs for a while, under load.
//!
//! Every answer must be the good one or 503 with `Retry-After`; known and unknown addresses are answered alike; a good
//! session is never told that it is none; what was answered 202 ends in a mail or in a decision.

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use mailkey_tests::{ALICE, Mailkey, PASSWORD, Setup, eventually};
use serde_json::json;

/// What misbehaves, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    dependency: &'static str,
    mode: &'static str,
}

const fn outage(dependency: &'static str, mode: &'static str) -> Outage {
    Outage { dependency, mode }
}

/// All of them.
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

/// So many ask at once, each a few times a second: an outage is survived by waiting, not by speed.
const CALLERS: usize = 4;
const PAUSE: Duration = Duration::from_millis(40);

/// The clock goes on by so much at the end of an outage, as if it had lasted as long.
const MINUTES_MS: i64 = 20 * mailkey_tests::MINUTE;

/// What came of an outage.
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
    /// The names of the columns.
    #[allow(dead_code, reason = "the tests print rows alone")]
    pub(crate) const HEAD: &str = "dependency mode      seconds  accepted  answered 503  wrong  lost  good again  all settled  memory KiB before -> after";

    /// What must not be; empty where all is well.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = self.wrong.clone();
        if self.ended != self.accepted {
            faults.push(format!("{} of {} accepted requests have come to an end", self.ended, self.accepted));
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

/// One outage from its beginning to when all is well again.
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
    eventually("it is good again", || async { (mailkey.session(&session).await.status == 200).then_some(()) }).await;
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
    let ended = tables.of("RecoveryRequests").iter().filter(|request| request["kind"]["S"] == "password_reset").count();
    // Three links an hour go out, and each of them once; where SES took a mail and its answer was late, once more.
    let asked = tables.log_of(ALICE).len();
    let mails = mailkey.outbox(ALICE).await;
    if mails.len() < asked.min(3) || (mails.len() > 3 && outage.mode != "slow") {
        wrong.push(format!("{} mails for {asked} requests of alice", mails.len()));
    }
    if mails.iter().any(|mail| mail.token().is_none()) {
        wrong.push("a mail has no link".to_owned());
    }
    let memory_kib = (memory_before, mailkey.memory_kib());
    // A request that was stored although its answer was 503 is none that was lost.
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
                seen.wrong.push(format!("{} in the place of {good}: {}", answer.status, answer.text()));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    seen
}

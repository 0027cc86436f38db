//! Models a burst second by second: what is queued, what is rejected, and for how long, from published quotas and the
//! template's settings. It is a model, not a measurement, but each number has a source.

/// The limits, as rates per second.
#[derive(Clone, Copy)]
struct Limits {
    name: &'static str,
    /// The throttling limit of the route (`EmailRequestsPerSecond`).
    api: f64,
    /// Shards of the request stream. An on-demand table starts with four partitions, each with a shard, and gets more
    /// when a partition takes 1,000 writes per second.
    shards: f64,
    /// `MailerParallelism`.
    parallelism: f64,
    /// The SES sending rate.
    ses: f64,
    /// The daily SES quota.
    daily: f64,
}

/// The time for a batch of ten requests handled in parallel: four sequential calls, and SES.
const BATCH: f64 = 10.0;
const BATCH_SECONDS: f64 = 0.25;

/// How many write units a partition takes a second. An index that can't follow holds back its table.
const PARTITION_WRITES: f64 = 1000.0;

/// The email log and each kind in `by_kind` have this many partitions; the audit log has one.
const LOG_PARTITIONS: f64 = mailkey::email_log::filter::PARTITIONS as f64;

/// What a redemption writes to the audit log's partition.
const AUDIT_UNITS: f64 = 2.0;

/// A stream gives a request up after an hour (`MaximumRecordAgeInSeconds`).
const PATIENCE: f64 = 3600.0;

/// The share of requests that lead to an email; the others are logged as skipped.
const MAILED: f64 = 0.7;

/// Write units to the log for a skipped request.
const SKIPPED_UNITS: f64 = 1.0;

const NEW: Limits =
    Limits { name: "new account", api: 50.0, shards: 4.0, parallelism: 4.0, ses: 14.0, daily: 50_000.0 };
const GROWN: Limits =
    Limits { name: "SES at 500/s", api: 1000.0, shards: 4.0, parallelism: 10.0, ses: 500.0, daily: 20_000_000.0 };
const OPEN: Limits =
    Limits { name: "SES at 10,000/s", api: 10_000.0, shards: 10.0, ses: 10_000.0, daily: 1e9, ..GROWN };

/// What a recovery writes to the partitions of `by_kind` that list the notices of one kind.
const KIND_UNITS: f64 = 1.0;

/// `log_units` are what a whole recovery writes to the email log: two entries, and their events.
pub(crate) fn print(log_units: f64) {
    println!("A burst of ten minutes without repeated requests:\n");
    println!(
        "{:>10}  {:<16} {:>9} {:>11} {:>12} {:>13}  first bottleneck",
        "requests/s", "limits", "rejected", "queued", "longest", "dead letter"
    );
    for limits in [NEW, GROWN, OPEN] {
        for asked in [1.0, 10.0, 100.0, 1000.0, 10_000.0] {
            let outcome = run(asked, limits, log_units);
            println!(
                "{asked:>10}  {:<16} {:>8.0}% {:>11.0} {:>10.0} s {:>13.0}  {}",
                limits.name,
                outcome.refused * 100.0,
                outcome.waiting,
                outcome.longest,
                outcome.given_up,
                outcome.first
            );
        }
    }
    println!();
}

struct Outcome {
    refused: f64,
    waiting: f64,
    longest: f64,
    given_up: f64,
    first: &'static str,
}

fn run(asked: f64, limits: Limits, log_units: f64) -> Outcome {
    let mailer = limits.shards * limits.parallelism * BATCH / BATCH_SECONDS;
    let accepted = asked.min(limits.api);
    let logged = MAILED * log_units + (1.0 - MAILED) * SKIPPED_UNITS;
    let stages = [
        // Each link that is used has a notice after it.
        (limits.ses / (2.0 * MAILED), "SES's send rate"),
        (mailer, "the mailer: shards x parallelism"),
        (LOG_PARTITIONS * PARTITION_WRITES / logged, "the email log: its partitions"),
        (LOG_PARTITIONS * PARTITION_WRITES / (MAILED * KIND_UNITS), "the index by kind: its partitions"),
        (PARTITION_WRITES / (MAILED * AUDIT_UNITS), "the audit log: its partition"),
    ];
    let (rate, slowest) = stages.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    let (mut queue, mut most, mut mailed, mut given_up, mut second) = (0.0_f64, 0.0_f64, 0.0, 0.0, 0.0);
    loop {
        queue += if second < 600.0 { accepted } else { 0.0 };
        let done = queue.min(rate);
        queue -= done;
        mailed += done * 2.0 * MAILED;
        most = most.max(queue);
        // Requests that wait longer go to the dead-letter queue.
        let patient = rate * PATIENCE;
        if queue > patient {
            given_up += queue - patient;
            queue = patient;
        }
        second += 1.0;
        if second >= 600.0 && queue <= 0.0 {
            break;
        }
    }
    let first = if mailed > limits.daily {
        "SES daily quota"
    } else if asked > limits.api {
        "API throttling: 429"
    } else if accepted > rate {
        slowest
    } else {
        "nothing"
    };
    Outcome { refused: 1.0 - accepted / asked, waiting: most, longest: most / rate, given_up, first }
}

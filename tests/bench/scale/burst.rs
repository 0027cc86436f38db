//! Models a burst second by second: what is queued, what is rejected, and for how long, from published quotas and the
//! template's settings. It is a model, not a measurement, but each number has a source.

/// The limits, as rates per second.
#[derive(Clone, Copy)]
struct Limits {
    name: &'static str,
    /// The API's throttling limit (`RequestsPerSecond`).
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
    /// The number of partitions of a month in the log (`LogPartitions`).
    parts: f64,
}

/// The time for a batch of ten requests handled in parallel: four sequential calls, and SES.
const BATCH: f64 = 10.0;
const BATCH_SECONDS: f64 = 0.25;

/// Write units per second of a partition. Without division, a month's entries in the email log are one partition, and
/// those of one kind are one partition of `by_kind`. An index that can't keep up slows down the table.
const PARTITION_WRITES: f64 = 1000.0;

/// Requests go to the dead-letter queue after an hour (`MaximumRecordAgeInSeconds`).
const PATIENCE: f64 = 3600.0;

/// The share of requests that lead to an email; the others are logged as skipped.
const MAILED: f64 = 0.7;

/// Write units to the log for a skipped request.
const SKIPPED_UNITS: f64 = 1.0;

const NEW: Limits =
    Limits { name: "new account", api: 100.0, shards: 4.0, parallelism: 4.0, ses: 14.0, daily: 50_000.0, parts: 1.0 };
const GROWN: Limits = Limits {
    name: "SES at 500/s",
    api: 1000.0,
    shards: 4.0,
    parallelism: 10.0,
    ses: 500.0,
    daily: 20_000_000.0,
    parts: 1.0,
};
const DIVIDED: Limits = Limits { name: "+ 16 partitions", parts: 16.0, ..GROWN };
const OPEN: Limits =
    Limits { name: "SES at 10,000/s", api: 10_000.0, shards: 10.0, ses: 10_000.0, daily: 1e9, ..DIVIDED };

/// Write units of a recovery to the partition of `by_kind` with all notices of one kind.
const KIND_UNITS: f64 = 1.0;

/// `log_units` are the write units of a whole recovery to the month's partition of the email log: two entries and their
/// updates.
pub(crate) fn print(log_units: f64) {
    println!("A burst of ten minutes without repeated requests:\n");
    println!(
        "{:>10}  {:<16} {:>9} {:>11} {:>12} {:>13}  first bottleneck",
        "requests/s", "limits", "rejected", "queued", "longest", "dead letter"
    );
    for limits in [NEW, GROWN, DIVIDED, OPEN] {
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
        // Each link that is used leads to a notice.
        (limits.ses / (2.0 * MAILED), "SES sending rate"),
        (mailer, "mailer: shards x parallelism"),
        (limits.parts * PARTITION_WRITES / logged, "email log: partitions per month"),
        (PARTITION_WRITES / (MAILED * KIND_UNITS), "email log: index by kind"),
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

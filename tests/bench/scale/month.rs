//! Calculates the monthly cost by line from counted units and published prices.

use crate::recovery::Step;

/// Dollars per million, us-east-1, November 2026, without free tiers.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;
const API_REQUESTS: f64 = 1.00;
const CLOUDFRONT_REQUESTS: f64 = 1.00;
const CLOUDFRONT_FUNCTIONS: f64 = 0.10;
const LAMBDA_REQUESTS: f64 = 0.20;
const SNS_TO_SQS: f64 = 0.50;
const SQS_REQUESTS: f64 = 0.40;
const EVENTS: f64 = 1.00;

/// Dollars per 1,000 emails, GB of logs, GB-second, GB-month of items, metric, secret, alarm and dashboard.
const MAILS: f64 = 0.10;
const LOG_GB: f64 = 0.50;
const GB_SECOND: f64 = 0.000_016_666_7;
const STORED_GB: f64 = 0.25;
const BACKUP_GB: f64 = 0.20;
const METRIC: f64 = 0.30;
const SECRET: f64 = 0.40;
const ALARM: f64 = 0.10;
const DASHBOARD: f64 = 3.00;

/// One recovery: API requests (the link, two landings, the redemption, a sign-in), pages with their styles and scripts,
/// emails, and SES events (two per email).
const REQUESTS: f64 = 5.0;
const PAGES: f64 = 8.0;
const RECOVERY_MAILS: f64 = 2.0;
const SES_EVENTS: f64 = 4.0;
/// Invocations besides those of the API: the mailer for two requests, the consumer for four events (at low load,
/// batches have mostly one event), and the domain events.
const INVOCATIONS: f64 = 2.0 + 4.0 + 1.0;
/// GB-seconds for two hashes, and seconds at 256 MB for the rest.
const HASHING_GB_SECONDS: f64 = 0.30;
const OTHER_SECONDS: f64 = 0.60;
/// Log lines of 600 bytes: for each invocation, two of ours and three of Lambda.
const LOG_KB: f64 = 30.0;
/// Items kept for 90 days: two log entries with their indexes, and an audit entry.
const KEPT_KB: f64 = 8.0;

/// Fixed costs, independent of the load.
const METRICS: f64 = 29.0;
const SECRETS: f64 = 6.0;
/// Metrics that alarms watch; and alarms on other alarms, with their price.
const ALARMS: f64 = 36.0;
const COMPOSITE_ALARMS: f64 = 1.0;
const COMPOSITE_ALARM: f64 = 0.50;
/// The web ACL and its rule; and per million requests.
const WEB_ACL: f64 = 5.00 + 1.00;
const WAF_REQUESTS: f64 = 0.60;
/// What CloudFront sends for a recovery, compressed, and its price.
const TRANSFER_KB: f64 = 100.0;
const TRANSFER_GB: f64 = 0.085;
/// One health check a minute.
const HEALTH_CHECKS: f64 = 43_800.0;
/// The function that answers health checks reads two secrets every five minutes. At low load, other functions read
/// one at most for each request, and two for a redemption and for a sign-in; at high load, about ten instances read them
/// all the time.
const SECRET_READS: f64 = 17_500.0;
const SECRET_READS_PER_RECOVERY: f64 = REQUESTS + 2.0;
const MAX_OTHER_SECRET_READS: f64 = 150_000.0;
const SECRET_READ: f64 = 0.05 / 1e4;

/// One watched email. Its units are those of `watched_email_stays_within_its_budget` in tests/tests/budgets.rs: for Send and
/// Delivery; and, for two of a hundred, for Send and a hard bounce, which is also published. Sending it is the sender's cost.
const WATCHED_UNITS: (f64, f64) = (3.0 + 2.0, 2.0 + 2.0);
const WATCHED_BOUNCE_UNITS: (f64, f64) = (3.0 + 7.0, 2.0 + 3.0);
const BOUNCED: f64 = 0.02;
const WATCHED_EVENTS: f64 = 2.0;
/// Seconds at 256 MB for two events, and one log entry with its index.
const WATCHED_SECONDS: f64 = 0.10;
const WATCHED_LOG_KB: f64 = 6.0;
const WATCHED_KEPT_KB: f64 = 2.5;
/// Alarms on the queues of watched email.
const WATCHED_ALARMS: f64 = 2.0;

/// The cost of a line for a number of recoveries and the units of one recovery.
type Cost = fn(f64, &Step) -> f64;

pub(crate) fn print(units: &Step) {
    let lines: [(&str, Cost); 16] = [
        ("emails (SES)", |n, _| n * RECOVERY_MAILS / 1e3 * MAILS),
        ("tables: writes", |n, units| n * units.write_units / 1e6 * WRITE_UNITS),
        ("tables: reads", |n, units| n * units.read_units / 1e6 * READ_UNITS),
        ("tables: storage and backups", |n, _| n * 3.0 * KEPT_KB / 1e6 * (STORED_GB + BACKUP_GB)),
        ("API", |n, _| n * REQUESTS / 1e6 * API_REQUESTS),
        ("CloudFront: requests", |n, _| n * (REQUESTS + PAGES) / 1e6 * CLOUDFRONT_REQUESTS),
        // Once per API call, and twice per page: before and after.
        ("CloudFront: functions", |n, _| n * (REQUESTS + 2.0 * PAGES) / 1e6 * CLOUDFRONT_FUNCTIONS),
        ("functions: invocations", |n, _| n * (REQUESTS + INVOCATIONS) / 1e6 * LAMBDA_REQUESTS),
        ("functions: duration", |n, _| n * (HASHING_GB_SECONDS + OTHER_SECONDS * 0.25) * GB_SECOND),
        ("SNS, SQS, EventBridge", |n, _| n * (SES_EVENTS * (SNS_TO_SQS + 3.0 * SQS_REQUESTS) + EVENTS) / 1e6),
        ("logs", |n, _| n * LOG_KB / 1e6 * LOG_GB),
        ("CloudFront: transfer", |n, _| n * TRANSFER_KB / 1e6 * TRANSFER_GB),
        ("WAF", |n, _| WEB_ACL + (n * (REQUESTS + PAGES) + HEALTH_CHECKS) / 1e6 * WAF_REQUESTS),
        ("health check", |_, _| HEALTH_CHECKS / 1e6 * (API_REQUESTS + CLOUDFRONT_REQUESTS + LAMBDA_REQUESTS)),
        ("metrics, alarms, dashboard", |_, _| {
            METRICS * METRIC + ALARMS * ALARM + COMPOSITE_ALARMS * COMPOSITE_ALARM + DASHBOARD
        }),
        ("secrets", |n, _| {
            SECRETS * SECRET
                + (SECRET_READS + (n * SECRET_READS_PER_RECOVERY).min(MAX_OTHER_SECRET_READS)) * SECRET_READ
        }),
    ];
    table("recoveries", "recovery", units, &lines);
}

/// What watched email costs in addition.
pub(crate) fn print_watched() {
    let mean = |usual: f64, bounced: f64| usual * (1.0 - BOUNCED) + bounced * BOUNCED;
    let units = Step {
        what: "watched email",
        write_units: mean(WATCHED_UNITS.0, WATCHED_BOUNCE_UNITS.0),
        read_units: mean(WATCHED_UNITS.1, WATCHED_BOUNCE_UNITS.1),
        log_units: 0.0,
        calls: 0,
    };
    let lines: [(&str, Cost); 8] = [
        ("tables: writes", |n, units| n * units.write_units / 1e6 * WRITE_UNITS),
        ("tables: reads", |n, units| n * units.read_units / 1e6 * READ_UNITS),
        ("tables: storage and backups", |n, _| n * 3.0 * WATCHED_KEPT_KB / 1e6 * (STORED_GB + BACKUP_GB)),
        ("functions: invocations", |n, _| n * (WATCHED_EVENTS + BOUNCED) / 1e6 * LAMBDA_REQUESTS),
        ("functions: duration", |n, _| n * WATCHED_SECONDS * 0.25 * GB_SECOND),
        ("SNS, SQS, EventBridge", |n, _| {
            n * (WATCHED_EVENTS * (SNS_TO_SQS + 3.0 * SQS_REQUESTS) + BOUNCED * EVENTS) / 1e6
        }),
        ("logs", |n, _| n * WATCHED_LOG_KB / 1e6 * LOG_GB),
        ("alarms", |_, _| WATCHED_ALARMS * ALARM),
    ];
    table("watched emails", "watched email", &units, &lines);
}

fn table(what: &str, one: &str, units: &Step, lines: &[(&str, Cost)]) {
    let sizes = [1e3, 1e5, 1e7];
    println!("Cost per month in dollars:\n\n{what:<34} {:>12} {:>12} {:>12}", "1,000", "100,000", "10,000,000");
    let mut sums = [0.0; 3];
    for (name, cost) in lines {
        let costs = sizes.map(|n| cost(n, units));
        println!("{name:<34} {:>12.2} {:>12.2} {:>12.2}", costs[0], costs[1], costs[2]);
        for (sum, cost) in sums.iter_mut().zip(costs) {
            *sum += cost;
        }
    }
    println!("{:<34} {:>12.2} {:>12.2} {:>12.2}", "total", sums[0], sums[1], sums[2]);
    println!(
        "{:<34} {:>12.4} {:>12.4} {:>12.4}\n",
        format!("per {one}"),
        sums[0] / sizes[0],
        sums[1] / sizes[1],
        sums[2] / sizes[2]
    );
}

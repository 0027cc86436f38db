//! All metrics, with their units and dimensions.
//!
//! A metric is a field of a log line. A line with `metric = "Locks"` counts one; a line with a field that has a metric's
//! name, such as `TimeToAccept = 120`, records that value. On AWS Lambda, such a line is written in embedded metric
//! format, from which CloudWatch extracts the metric. No call is needed.

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The name, such as `Locks`.
    pub name: &'static str,
    /// CloudWatch's name of the unit.
    pub unit: &'static str,
    /// The dimensions besides the stack: fields of the line. CloudWatch charges for each combination of values, so each
    /// dimension has few.
    pub by: &'static [&'static str],
    /// What it measures.
    pub about: &'static str,
}

const fn count(name: &'static str, by: &'static [&'static str], about: &'static str) -> Metric {
    Metric { name, unit: "Count", by, about }
}

/// All metrics, sorted by name.
pub const METRICS: [Metric; 32] = [
    count("BreachedPasswordsFailed", &[], "The list of stolen passwords didn't answer, so a password was not checked."),
    count("CanaryProven", &[], "Test emails whose delivery event arrived: sending and events work."),
    count("CanaryRefused", &[], "Test emails that SES rejected."),
    count("DomainBursts", &[], "Domains with many bounces at once, none of which suppressed an address."),
    count("DomainEvents", &["event"], "Domain events sent to EventBridge."),
    count("DomainEventsAgain", &[], "Domain events that EventBridge didn't accept and that are retried."),
    count("Emails", &["kind", "outcome"], "Decisions about emails: sent, skipped, failed or retried."),
    count("EmailsWithoutFeedback", &[], "Emails sent over ten minutes ago without any event from SES."),
    count("ForeignSesEvents", &[], "SES events about emails of senders that nobody watches."),
    count("HashFailed", &[], "Passwords that couldn't be hashed."),
    count("Locks", &[], "Addresses locked after too many failed sign-ins."),
    count("NetworkHeldUp", &[], "Requests rejected because their network failed too often."),
    count("OrphanSesEvents", &[], "SES events whose log entry has expired."),
    count("Redemptions", &[], "Links redeemed."),
    count("RequestNotHandled", &[], "Email requests that failed and are retried."),
    count("Requests", &["outcome"], "API requests, by the first digit of the response status."),
    count("RequestsGivenUp", &[], "Email requests that failed for a day and were closed."),
    count("SenderAlarms", &[], "Problems with our sender that an event revealed."),
    count("SenderFault", &[], "Emails that SES rejected because of our account or identity."),
    count("SenderPaused", &[], "1 while SES has paused sending for this account, otherwise 0."),
    Metric {
        name: "SenderQuotaUsed",
        unit: "Percent",
        by: &[],
        about: "The share of the daily sending quota that is used.",
    },
    count("SesEvents", &["event"], "SES events about our emails, by type."),
    count("SesEventsAgain", &[], "SES events that failed and are retried."),
    count("SesEventsIgnored", &[], "SES events that aren't about an email."),
    count("SesEventsNotUnderstood", &[], "SES events that can't be parsed. Each is stored."),
    count("SesFailed", &[], "SES calls other than sending that failed."),
    count("StoreFailed", &[], "Calls to DynamoDB that failed."),
    count("Suppressions", &[], "Addresses suppressed."),
    count("SuppressionsRemoved", &[], "Suppressions removed by staff."),
    Metric {
        name: "TimeToAccept",
        unit: "Milliseconds",
        by: &[],
        about: "From the request until SES accepted the email.",
    },
    Metric {
        name: "TimeToDeliver",
        unit: "Milliseconds",
        by: &[],
        about: "From the request until the recipient's server accepted the email.",
    },
    count("WatchedEvents", &[], "SES events about emails of watched senders."),
];

/// Returns the metric called `name`.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn metric_names_are_unique_and_sorted() {
        assert!(METRICS.is_sorted_by(|a, b| a.name < b.name));
        for metric in METRICS {
            assert!(metric.about.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn exactly_the_listed_metrics_are_recorded() {
        let functions = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut measured = BTreeSet::new();
        let mut folders = vec![functions];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|extension| extension == "rs")
                    && !entry.ends_with("metrics.rs")
                    && !entry.ends_with("lambda/src/log.rs")
                {
                    measured.extend(in_source(&std::fs::read_to_string(entry).unwrap()));
                }
            }
        }
        let listed: BTreeSet<_> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
        assert_eq!(measured, listed);
    }

    fn in_source(source: &str) -> Vec<String> {
        let counted = source.split("metric = \"").skip(1).filter_map(|rest| rest.split('"').next());
        let values = METRICS.iter().filter(|metric| source.contains(&format!("{} = ", metric.name)));
        counted.chain(values.map(|metric| metric.name)).map(ToOwned::to_owned).collect()
    }
}

//! What is measured: every metric, with its unit and what it is counted by.
//!
//! A metric is a field of a log line. A line with `metric = "Locks"` counts one of them; a line with a field that has a
//! metric's name, such as `TimeToAccept = 120`, measures that. On AWS Lambda such a line is written so that CloudWatch
//! takes the metric out of it (embedded metric format): nothing is called, and nothing is declared twice.

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, as CloudWatch calls it.
    pub unit: &'static str,
    /// The fields of the line that it is counted by, beside the stack. Each combination that occurs is a metric that
    /// CloudWatch asks money for, so none has many values.
    pub by: &'static [&'static str],
    /// What it says.
    pub about: &'static str,
}

const fn count(name: &'static str, by: &'static [&'static str], about: &'static str) -> Metric {
    Metric { name, unit: "Count", by, about }
}

/// All of them, by name.
pub const METRICS: [Metric; 29] = [
    count("CanaryProven", &[], "A canary came back: mail goes out, and SES's events come in."),
    count("CanaryRefused", &[], "SES refused the canary."),
    count("DomainBursts", &[], "Many addresses of one domain bounced alike, so none was suppressed."),
    count("DomainEvents", &["event"], "Events that the portal was told of."),
    count("DomainEventsAgain", &[], "Events that EventBridge did not take yet."),
    count("Emails", &["kind", "outcome"], "Emails decided on: sent, skipped, failed or to be tried again."),
    count("EmailsWithoutFeedback", &[], "Emails sent more than ten minutes ago of which SES said nothing."),
    count("ForeignSesEvents", &[], "Events of SES about mail of somebody else."),
    count("HashFailed", &[], "A password could not be hashed."),
    count("Locks", &[], "Addresses locked after too many wrong passwords."),
    count("NetworkHeldUp", &[], "Attempts of networks that failed too often."),
    count("OrphanSesEvents", &[], "Events of SES whose email is gone by retention."),
    count("Redemptions", &[], "Links redeemed."),
    count("RequestNotHandled", &[], "Email requests that must come again."),
    count("Requests", &["outcome"], "Requests to the API, by the first digit of their status."),
    count("SenderAlarms", &[], "Something is wrong with our side of the mail."),
    count("SenderFault", &[], "SES takes no mail from us."),
    count("SenderPaused", &[], "1 while SES lets this account send nothing, else 0."),
    Metric { name: "SenderQuotaUsed", unit: "Percent", by: &[], about: "What of the day's quota is used up." },
    count("SesEvents", &["event"], "News of emails, by type."),
    count("SesEventsAgain", &[], "Events of SES that must come again."),
    count("SesEventsIgnored", &[], "Events of SES about no mail."),
    count("SesEventsNotUnderstood", &[], "Events of SES that can't be understood; each is kept."),
    count("SesFailed", &[], "SES did not answer a question."),
    count("StoreFailed", &[], "A table failed."),
    count("Suppressions", &[], "Addresses that mail is no longer sent to."),
    count("SuppressionsRemoved", &[], "Suppressions that somebody removed."),
    Metric { name: "TimeToAccept", unit: "Milliseconds", by: &[], about: "From the request until SES has the mail." },
    Metric { name: "TimeToDeliver", unit: "Milliseconds", by: &[], about: "From the request to the recipient's host." },
];

/// The metric with a name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn metrics_have_one_name_each_and_stand_in_order() {
        assert!(METRICS.is_sorted_by(|a, b| a.name < b.name));
        for metric in METRICS {
            assert!(metric.about.ends_with('.'), "{}", metric.name);
        }
    }

    /// What the code measures and what is listed are the same.
    #[test]
    fn what_is_measured_is_listed_and_the_other_way_round() {
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

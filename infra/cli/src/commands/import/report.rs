//! The progress and the result of an import.

use serde_json::{Value, json};

use super::{
    batch::Batch,
    lines::{Line, Rejection},
};
use crate::{
    error::Error,
    json::{rows, text_at},
    output::Output,
    table, warnings,
};

#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) lines: u64,
    /// The lines with the right format. Lines that stand behind a fault of the file aren't read.
    pub(super) valid: u64,
    pub(super) created: u64,
    pub(super) existed: u64,
    pub(super) rejected: Vec<Rejection>,
    /// Created users whose address probably doesn't work.
    pub(super) warned: Vec<Rejection>,
}

impl Report {
    /// The number of processed lines.
    pub(super) fn done(&self) -> u64 {
        self.created + self.existed + self.rejected.len() as u64
    }

    /// Counts the results of a batch. `None` if the response doesn't match the batch.
    pub(super) fn add(&mut self, batch: &Batch, response: &Value) -> Option<()> {
        let results = rows(response, "results");
        let outcomes: Vec<_> = results.iter().map(Outcome::read).collect::<Option<_>>()?;
        if outcomes.len() != batch.lines.len() {
            return None;
        }
        for ((line, outcome), result) in batch.lines.iter().zip(outcomes).zip(results) {
            self.count(line, outcome);
            self.warned.extend(warnings::of_result(result).map(|warning| Rejection::of(line, warning)));
        }
        Some(())
    }

    fn count(&mut self, line: &Line, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Existed => self.existed += 1,
            Outcome::Rejected(reason) => self.rejected.push(Rejection::of(line, reason)),
        }
    }

    pub(super) fn summary(&self) -> String {
        format!("{} created, {} already existed, {} rejected", self.created, self.existed, self.rejected.len())
    }

    pub(super) fn print(&mut self, output: Output, sent: bool) -> Result<(), Error> {
        self.rejected.sort_by_key(|rejection| rejection.line);
        self.warned.sort_by_key(|warning| warning.line);
        output.json(&self.to_json())?;
        let rejected: Vec<Value> = self.rejected.iter().map(|rejection| json!(rejection)).collect();
        table::show(output, "", &[("LINE", "/line"), ("EMAIL", "/email"), ("REASON", "/reason")], &rejected)?;
        let warned: Vec<Value> = self.warned.iter().map(|warning| json!(warning)).collect();
        table::show(output, "Warnings", &[("LINE", "/line"), ("EMAIL", "/email"), ("WARNING", "/reason")], &warned)?;
        output.text(&if sent {
            format!("Processed {} of {} lines: {}.", self.done(), self.lines, self.summary())
        } else {
            let (valid, rejected) = (self.valid, self.rejected.len());
            format!("Checked {} lines: {valid} valid, {rejected} rejected. Nothing was sent.", self.lines)
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "lines": self.lines,
            "valid": self.valid,
            "done": self.done(),
            "created": self.created,
            "existed": self.existed,
            "refused": self.rejected,
            "warnings": self.warned,
        })
    }
}

enum Outcome {
    Created,
    Existed,
    Rejected(String),
}

impl Outcome {
    fn read(result: &Value) -> Option<Self> {
        match result.get("outcome")?.as_str()? {
            "created" => Some(Self::Created),
            "exists" => Some(Self::Existed),
            "refused" => Some(Self::Rejected(text_at(result, "/reason"))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(numbers: &[u64]) -> Batch {
        let line = |number: &u64| Line { number: *number, email: format!("{number}@x.example"), json: String::new() };
        Batch { lines: numbers.iter().map(line).collect() }
    }

    #[test]
    fn outcomes_are_counted_and_rejections_keep_their_lines() {
        let mut report = Report { lines: 4, ..Report::default() };
        let response = json!({ "results": [
            { "email": "7@x.example", "outcome": "created", "suggestion": "7@y.example" },
            { "email": "8@x.example", "outcome": "refused", "reason": "A role is member, support or admin." },
            { "email": "9@x.example", "outcome": "exists" },
        ] });
        assert!(report.add(&batch(&[7, 8, 9]), &response).is_some());
        assert_eq!(report.summary(), "1 created, 1 already existed, 1 rejected");
        assert_eq!(report.to_json()["refused"][0]["line"], 8);
        assert_eq!((report.done(), report.lines), (3, 4));
        let warned = &report.to_json()["warnings"][0];
        assert_eq!((&warned["line"], &warned["reason"]), (&7.into(), &"Did they mean 7@y.example?".into()));
    }

    #[test]
    fn a_response_that_does_not_match_the_batch_is_not_counted() {
        let mut report = Report::default();
        let created = json!({ "outcome": "created" });
        for response in [
            json!({}),
            json!({ "results": [] }),
            json!({ "results": [created] }),
            json!({ "results": [created, { "outcome": "perhaps" }] }),
        ] {
            assert!(report.add(&batch(&[1, 2]), &response).is_none(), "{response}");
        }
        assert_eq!(report.done(), 0);
    }
}

//! How far an import got, and what was refused and why.

use serde_json::{Value, json};

use super::{
    batch::Batch,
    lines::{Line, Refusal},
};
use crate::{
    error::Error,
    json::{rows, text_at},
    screen::{Screen, print},
    table::{Column, Table},
};

/// What came of the lines that are done.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) lines: u64,
    pub(super) created: u64,
    pub(super) existed: u64,
    pub(super) refused: Vec<Refusal>,
}

const ROW: &[Column] = &[("LINE", "/line"), ("EMAIL", "/email"), ("REFUSED BECAUSE", "/reason")];

impl Report {
    /// How many lines are done.
    pub(super) fn done(&self) -> u64 {
        self.created + self.existed + self.refused.len() as u64
    }

    /// Notes the service's answer to a batch. `None` if it does not answer to these lines.
    pub(super) fn note(&mut self, batch: &Batch, answer: &Value) -> Option<()> {
        let results = rows(answer, "results");
        let outcomes: Vec<_> = results.iter().map(Outcome::read).collect::<Option<_>>()?;
        if outcomes.len() != batch.lines.len() {
            return None;
        }
        for (line, outcome) in batch.lines.iter().zip(outcomes) {
            self.count(line, outcome);
        }
        Some(())
    }

    fn count(&mut self, line: &Line, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Existed => self.existed += 1,
            Outcome::Refused(reason) => self.refused.push(Refusal::of(line, reason)),
        }
    }

    /// In a few words, while it is running.
    pub(super) fn in_brief(&self) -> String {
        format!("{} created, {} existed, {} refused", self.created, self.existed, self.refused.len())
    }

    /// The whole, at the end.
    pub(super) fn print(&mut self, screen: Screen) -> Result<(), Error> {
        self.refused.sort_by_key(|refusal| refusal.line);
        screen.json(&self.to_json())?;
        if screen.json {
            return Ok(());
        }
        let refused: Vec<Value> = self.refused.iter().map(|refusal| json!(refusal)).collect();
        Table::new(ROW).lines(&refused).iter().try_for_each(|line| print(line))?;
        let done = if self.done() < self.lines {
            format!("{} of {}", self.done(), self.lines)
        } else {
            self.lines.to_string()
        };
        screen.say(&format!("{done} lines: {}.", self.in_brief()))
    }

    fn to_json(&self) -> Value {
        json!({
            "lines": self.lines,
            "done": self.done(),
            "created": self.created,
            "existed": self.existed,
            "refused": self.refused,
        })
    }
}

/// What came of one line.
enum Outcome {
    Created,
    Existed,
    Refused(String),
}

impl Outcome {
    fn read(result: &Value) -> Option<Self> {
        match result.get("outcome")?.as_str()? {
            "created" => Some(Self::Created),
            "exists" => Some(Self::Existed),
            "refused" => Some(Self::Refused(text_at(result, "/reason"))),
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
    fn outcomes_are_counted_and_refusals_keep_their_lines() {
        let mut report = Report { lines: 4, ..Report::default() };
        let answer = json!({ "results": [
            { "email": "7@x.example", "outcome": "created" },
            { "email": "8@x.example", "outcome": "refused", "reason": "A role is member, support or admin." },
            { "email": "9@x.example", "outcome": "exists" },
        ] });
        assert!(report.note(&batch(&[7, 8, 9]), &answer).is_some());
        assert_eq!(report.in_brief(), "1 created, 1 existed, 1 refused");
        assert_eq!(report.to_json()["refused"][0]["line"], 8);
        assert_eq!((report.done(), report.lines), (3, 4));
    }

    #[test]
    fn an_answer_to_other_lines_counts_for_nothing() {
        let mut report = Report::default();
        let created = json!({ "outcome": "created" });
        for answer in [
            json!({}),
            json!({ "results": [] }),
            json!({ "results": [created] }),
            json!({ "results": [created, { "outcome": "perhaps" }] }),
        ] {
            assert!(report.note(&batch(&[1, 2]), &answer).is_none(), "{answer}");
        }
        assert_eq!(report.done(), 0);
    }
}

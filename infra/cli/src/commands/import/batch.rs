//! Groups lines into requests within the API's limits.

use super::lines::{Line, Rejection};

/// The API's limit on users per request.
const MAX_USERS: usize = 25;

/// The API's limit on the body, in bytes.
const MAX_BODY: usize = 16 * 1024;

const BEGIN: &str = "{\"users\":[";
const END: &str = "]}";

/// The lines of one request.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) lines: Vec<Line>,
}

impl Batch {
    /// The request's JSON body.
    pub(super) fn body(&self) -> String {
        let users: Vec<_> = self.lines.iter().map(|line| line.json.as_str()).collect();
        format!("{BEGIN}{}{END}", users.join(","))
    }

    /// Splits a rejected request in two, to find the line at fault. `Err` returns a batch of one line.
    pub(super) fn halves(mut self) -> Result<[Self; 2], Self> {
        if self.lines.len() < 2 {
            return Err(self);
        }
        let second = self.lines.split_off(self.lines.len() / 2);
        Ok([self, Self { lines: second }])
    }
}

#[derive(Default)]
pub(super) struct Batcher {
    current: Batch,
    bytes: usize,
}

impl Batcher {
    /// Adds a line. Returns the previous batch if the line didn't fit into it.
    pub(super) fn push(&mut self, line: Line) -> Result<Option<Batch>, Rejection> {
        let size = line.json.len() + 1;
        if BEGIN.len() + line.json.len() + END.len() > MAX_BODY {
            return Err(Rejection::of(&line, format!("the line is longer than {MAX_BODY} bytes")));
        }
        let fits = self.current.lines.len() < MAX_USERS && BEGIN.len() + self.bytes + size + END.len() <= MAX_BODY + 1;
        let full = if fits { None } else { self.rest() };
        self.current.lines.push(line);
        self.bytes += size;
        Ok(full)
    }

    /// Returns the last, unfinished batch if it has lines.
    pub(super) fn rest(&mut self) -> Option<Batch> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.current);
        (!batch.lines.is_empty()).then_some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, bytes: usize) -> Line {
        Line {
            number,
            email: format!("{number}@x.example"),
            json: format!("{number}{}", "0".repeat(bytes))[..bytes].to_owned(),
        }
    }

    fn batches(sizes: &[usize]) -> Vec<Vec<u64>> {
        let mut batcher = Batcher::default();
        let lines = (1..).zip(sizes).map(|(number, bytes)| line(number, *bytes));
        let mut batches: Vec<Batch> = lines.filter_map(|line| batcher.push(line).ok().flatten()).collect();
        batches.extend(batcher.rest());
        for batch in &batches {
            assert!(batch.body().len() <= MAX_BODY && batch.lines.len() <= MAX_USERS, "{}", batch.body().len());
        }
        batches.iter().map(|batch| batch.lines.iter().map(|line| line.number).collect()).collect()
    }

    #[test]
    fn a_request_has_at_most_25_users_and_16_kib() {
        assert!(batches(&[]).is_empty());
        assert_eq!(batches(&[100; 25]).len(), 1);
        assert_eq!(batches(&[100; 26]), [(1..=25).collect::<Vec<_>>(), vec![26]]);
        assert_eq!(batches(&[6000; 5]), [vec![1, 2], vec![3, 4], vec![5]]);
        // Exactly at the limit: two users, a comma and the surrounding JSON.
        let room = MAX_BODY - BEGIN.len() - END.len();
        assert_eq!(batches(&[room - 101, 100]), [vec![1, 2]]);
        assert_eq!(batches(&[room - 100, 100]), [vec![1], vec![2]]);
        assert_eq!(batches(&[room, room]), [vec![1], vec![2]]);
    }

    #[test]
    fn a_line_too_long_for_a_request_is_rejected_and_the_others_continue() {
        assert_eq!(batches(&[10, MAX_BODY, 10]), [vec![1, 3]]);
    }

    #[test]
    fn the_body_is_json() {
        let mut batch = Batch::default();
        batch.lines.push(Line { json: "{\"email\":\"a@x.example\"}".to_owned(), ..line(1, 1) });
        batch.lines.push(Line { json: "{\"email\":\"b@x.example\"}".to_owned(), ..line(2, 1) });
        let body: serde_json::Value = serde_json::from_str(&batch.body()).unwrap();
        assert_eq!(body["users"][1]["email"], "b@x.example");
        let [first, second] = batch.halves().ok().unwrap();
        assert_eq!((first.lines[0].number, second.lines[0].number), (1, 2));
        assert!(first.halves().is_err());
    }
}

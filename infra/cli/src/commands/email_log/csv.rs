//! Reads the export's CSV (RFC 4180) as JSON objects.

use std::collections::VecDeque;

use serde_json::{Map, Value};

/// Reads records from chunks, which may end anywhere.
#[derive(Debug, Default)]
pub(super) struct Records {
    names: Vec<String>,
    fields: Vec<String>,
    field: Vec<u8>,
    in_quotes: bool,
    was_quoted: bool,
    records: VecDeque<Value>,
}

impl Records {
    pub(super) fn push(&mut self, chunk: &[u8]) {
        for byte in chunk {
            match byte {
                // A mark right after the end of a quoted part is the second of two, which stand for one.
                b'"' => {
                    if !self.in_quotes && self.was_quoted {
                        self.field.push(b'"');
                    }
                    (self.in_quotes, self.was_quoted) = (!self.in_quotes, true);
                }
                b',' if !self.in_quotes => self.end_field(),
                b'\n' if !self.in_quotes => self.end_record(),
                b'\r' if !self.in_quotes => {}
                byte => self.field.push(*byte),
            }
        }
    }

    fn end_field(&mut self) {
        let text = String::from_utf8_lossy(&self.field).into_owned();
        self.field.clear();
        self.was_quoted = false;
        // The service writes an apostrophe before text that a spreadsheet would run as a formula.
        let is_formula = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
        let text = is_formula.map(ToOwned::to_owned).unwrap_or(text);
        self.fields.push(text);
    }

    fn end_record(&mut self) {
        self.end_field();
        let fields = std::mem::take(&mut self.fields);
        if self.names.is_empty() {
            self.names = fields;
            return;
        }
        let values = self.names.iter().cloned().zip(fields).filter(|(_, text)| !text.is_empty());
        let record: Map<_, _> = values.map(|(name, text)| (name, text.into())).collect();
        self.records.push_back(Value::Object(record));
    }

    /// The next complete record. Like the API's entries, it has no empty fields.
    pub(super) fn next(&mut self) -> Option<Value> {
        self.records.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_are_read_whatever_the_chunks() {
        let csv = "id,recipient,reason\r\n1,alice@example.com,\r\n2,\"a \"\"b\"\",\r\nc@example.com\",x\r\n\
                   3,\"'=1+2@example.com\",\r\n4,\"o'brien@exämple.com\",y\r\n5,\"\"\"q\"\"@x.example\",\r\n";
        let expected = [
            json!({ "id": "1", "recipient": "alice@example.com" }),
            json!({ "id": "2", "recipient": "a \"b\",\r\nc@example.com", "reason": "x" }),
            json!({ "id": "3", "recipient": "=1+2@example.com" }),
            json!({ "id": "4", "recipient": "o'brien@exämple.com", "reason": "y" }),
            json!({ "id": "5", "recipient": "\"q\"@x.example" }),
        ];
        for size in [1, 2, 3, 7, 1000] {
            let mut records = Records::default();
            let mut read = Vec::new();
            for chunk in csv.as_bytes().chunks(size) {
                records.push(chunk);
                read.extend(std::iter::from_fn(|| records.next()));
            }
            assert_eq!(read, expected, "chunks of {size}");
        }
    }
}

//! Reads the file: each line is a user, or a rejection with its reason.

use std::{collections::HashMap, io::BufRead};

use serde::{Deserialize, Serialize};

use crate::user_ref::canonical;

/// The service validates role, locale, status and hash.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ImportedUser {
    email: String,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) email: String,
    /// The user in the API's format.
    pub(super) json: String,
}

/// Why a line can't be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Rejection {
    pub(super) line: u64,
    pub(super) email: String,
    pub(super) reason: String,
}

impl Rejection {
    pub(super) fn of(line: &Line, reason: impl Into<String>) -> Self {
        Self { line: line.number, email: line.email.clone(), reason: reason.into() }
    }
}

/// Skips empty lines but counts them.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    /// The first line with each address.
    addresses: HashMap<String, u64>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, number: 0, addresses: HashMap::new() }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Line, Rejection> {
        let number = self.number;
        let reject = |email: &str, reason: String| Rejection { line: number, email: email.to_owned(), reason };
        // A derived struct would also accept an array of its fields.
        if bytes.first() != Some(&b'{') {
            return Err(reject("", "the line isn't a JSON object".to_owned()));
        }
        let user: ImportedUser = serde_json::from_slice(bytes).map_err(|error| reject("", why(&error)))?;
        let email = user.email.clone();
        let first = *self.addresses.entry(canonical(&email)).or_insert(number);
        if first != number {
            return Err(reject(&email, format!("line {first} has the same address")));
        }
        let json = serde_json::to_string(&user).map_err(|error| reject(&email, why(&error)))?;
        Ok(Line { number, email, json })
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = std::io::Result<Result<Line, Rejection>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut bytes = Vec::new();
            match self.reader.read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => self.number += 1,
                Err(error) => return Some(Err(error)),
            }
            // Some programs start a file with a byte order mark.
            let content = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii();
            if !content.is_empty() {
                let content = content.to_vec();
                return Some(Ok(self.read(&content)));
            }
        }
    }
}

/// The parser's message without its line number, which is always 1.
fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    if error.is_data() { message.to_owned() } else { format!("{message}, at character {}", error.column()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_user_or_has_a_reason() {
        let file = concat!(
            "\u{feff}{\"email\":\"a@x.example\",\"display_name\":\"A\"}\r\n",
            "\n",
            "{\"email\":\"b@x.example\",\"display_name\":\"B\",\"role\":\"support\",\"status\":null}\n",
            "[\"c@x.example\",\"C\"]\n",
            "{\"email\":\"d@x.example\"}\n",
            "{\"email\":\"e@x.example\",\"display_name\":\"E\",\"password\":\"secret\"}\n",
            "{\"email\":\"f@x.example\",\"email\":\"g@x.example\",\"display_name\":\"F\"}\n",
            "{\"email\":\"A@X.example\",\"display_name\":\"A again\"}\n",
            "{\"email\":\"h@x.example\",\"display_name\":",
        );
        let results: Vec<_> = Lines::new(file.as_bytes())
            .map(|line| match line.unwrap() {
                Ok(line) => format!("{}: {}", line.number, line.json),
                Err(rejection) => format!("{}: {} {}", rejection.line, rejection.email, rejection.reason),
            })
            .collect();
        let expected = [
            "1: {\"email\":\"a@x.example\",\"display_name\":\"A\"}",
            "3: {\"email\":\"b@x.example\",\"display_name\":\"B\",\"role\":\"support\"}",
            "4:  the line isn't a JSON object",
            "5:  missing field `display_name`",
            "6:  unknown field `password`, expected one of `email`, `display_name`, `role`, `locale`, `password_hash`, `status`, `external_id`",
            "7:  duplicate field `email`",
            "8: A@X.example line 1 has the same address",
            "9:  EOF while parsing a value, at character 38",
        ];
        assert_eq!(results, expected);
    }

    /// The inputs that the fuzzer (`tests/fuzz/run`) has collected.
    #[test]
    fn the_fuzzing_corpus_causes_no_errors() {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/corpora/import_line.txt");
        for line in std::fs::read_to_string(corpus).unwrap().lines() {
            let file = BASE64_STANDARD.decode(line).unwrap();
            assert!(Lines::new(file.as_slice()).all(|line| line.is_ok()));
        }
    }
}

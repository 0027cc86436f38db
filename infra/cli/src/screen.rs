//! What is printed. Whatever the server sends is data of strangers (names, addresses, bounces of foreign mail servers):
//! none of it may steer the terminal.

use std::io::{self, Write};

use serde_json::Value;

use crate::error::Error;

/// Where results go: for people, or for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// Whether programs read it.
    pub(crate) json: bool,
}

impl Screen {
    /// A result for people; programs don't get it.
    pub(crate) fn say(self, text: &str) -> Result<(), Error> {
        if self.json { Ok(()) } else { print(&clean_lines(text)) }
    }

    /// A result for programs; people don't get it.
    pub(crate) fn json(self, value: &Value) -> Result<(), Error> {
        if self.json { print(&printable_json(&format!("{value:#}"))) } else { Ok(()) }
    }

    /// Bytes as they come, for a file.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        Ok(out.write_all(bytes).and_then(|()| out.flush())?)
    }
}

/// A line of output, made safe already.
pub(crate) fn print(line: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    Ok(writeln!(out, "{line}").and_then(|()| out.flush())?)
}

/// A word beside the results, on standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", clean_lines(text));
}

/// One line, without anything that a terminal acts on.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

fn clean_lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

/// JSON in which everything that a terminal acts on is written as an escape: the same JSON to a program.
pub(crate) fn printable_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) && c != '\n' {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Controls, C0 and C1, and what turns the direction of writing (Unicode TR 36, 3.1).
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_the_server_sends_steers_the_terminal() {
        for (text, expected) in [
            ("Zoë Müller", "Zoë Müller"),
            ("\u{1b}[2Jgone", "\u{fffd}[2Jgone"),
            ("\u{9b}31m", "\u{fffd}31m"),
            ("a\r\nb\tc\u{7}", "a\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}"),
            ("exe\u{202e}fdp", "exe\u{fffd}fdp"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "name": "\u{1b}[2J \u{9b}31m \u{202e} \u{7f} ë" });
        let printed = printable_json(&format!("{value:#}"));
        assert!(!printed.chars().any(|c| steers(c) && c != '\n'), "{printed}");
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
    }
}

//! Printing. Responses contain text that strangers wrote (names, addresses, bounce messages), so no output may contain
//! characters that control the terminal.

use std::io::{self, Write};

use serde_json::Value;

use crate::error::Error;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints a result, except with `--json`.
    pub(crate) fn text(self, text: &str) -> Result<(), Error> {
        if self.json { Ok(()) } else { print(&clean_lines(text)) }
    }

    /// Prints a result with `--json` only.
    pub(crate) fn json(self, value: &Value) -> Result<(), Error> {
        if self.json { print(&printable_json(&format!("{value:#}"))) } else { Ok(()) }
    }

    /// Prints bytes unchanged, for files.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        Ok(out.write_all(bytes).and_then(|()| out.flush())?)
    }
}

/// Prints a line that is already free of control characters.
pub(crate) fn print(line: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    Ok(writeln!(out, "{line}").and_then(|()| out.flush())?)
}

/// Prints a message to standard error, apart from the results.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", clean_lines(text));
}

/// Replaces line breaks and everything that controls a terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if is_control(c) { '\u{fffd}' } else { c }).collect()
}

fn clean_lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

/// Escapes everything that controls a terminal. Programs read the same JSON.
pub(crate) fn printable_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if is_control(c) && c != '\n' {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Control characters (C0 and C1), and characters that change the writing direction (Unicode TR 36, 3.1).
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_response_can_control_the_terminal() {
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
    fn escaped_json_has_the_same_meaning() {
        let value = serde_json::json!({ "name": "\u{1b}[2J \u{9b}31m \u{202e} \u{7f} ë" });
        let printed = printable_json(&format!("{value:#}"));
        assert!(!printed.chars().any(|c| is_control(c) && c != '\n'), "{printed}");
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
    }
}

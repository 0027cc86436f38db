//! Asks on the terminal. If standard input isn't a terminal, reads one line from it.

use std::io::{self, BufRead, IsTerminal, Write};

use serde_json::{Value, json};

use crate::error::Error;

/// A line that is shown while it is typed.
pub(crate) fn line(prompt: &str) -> Result<String, Error> {
    let _ = write!(io::stderr(), "{prompt}");
    read_line("the answer")
}

/// A line that isn't shown.
pub(crate) fn hidden(prompt: &str) -> Result<String, Error> {
    if !is_terminal() {
        return read_line("the password");
    }
    rpassword::prompt_password(prompt).map_err(|source| Error::File { path: "terminal".into(), source })
}

/// Whether a person can answer.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// What proves again who uses the session: a code, or the password of someone without a second factor.
pub(crate) fn proof(session: &Value) -> Result<Value, Error> {
    if session["second_factor"] == "set_up" {
        return Ok(json!({ "one_time_code": line("This needs a one-time code: ")? }));
    }
    Ok(json!({ "password": hidden("This needs your password: ")? }))
}

/// Removes only the line break: a password may start or end with spaces.
fn read_line(what: &str) -> Result<String, Error> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|source| Error::File { path: "standard input".into(), source })?;
    let text = line.strip_suffix('\n').map_or(line.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() {
        return Err(Error::Usage(format!("Standard input is empty. It must contain {what} on one line.")));
    }
    Ok(text.to_owned())
}

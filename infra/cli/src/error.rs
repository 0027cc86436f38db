//! Errors, their messages and their exit codes.

use std::{fmt, io, path::PathBuf, process::ExitCode};

use serde_json::Value;

use crate::json::text_at;

/// The exit codes. Scripts rely on them, and `--help` documents them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    Rejected = 1,
    Usage = 2,
    NotSignedIn = 3,
    Unavailable = 4,
    IssueFound = 5,
    /// What shells report for a process that Ctrl-C ended: 128 plus the signal number.
    Stopped = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Problem(Box<Problem>),
    #[error("No user has the address {0}.")]
    NoSuchUser(String),
    #[error("{0}")]
    Usage(String),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("Not signed in at {site}. Run `mailkey sign-in`, or set MAILKEY_API_KEY.")]
    NotSignedIn { site: String },
    #[error("Can't reach {site}: {why}.")]
    Unreachable { site: String, why: String },
    #[error("{site} doesn't respond like Mailkey ({what}). Check the URL.")]
    Unexpected { site: String, what: String },
    #[error("Can't write the output: {0}")]
    Output(io::Error),
    // The command has already printed a report about these three.
    #[error("Some lines were rejected.")]
    LinesRejected,
    #[error("Something needs attention.")]
    IssueFound,
    #[error("Stopped.")]
    Stopped,
}

impl Error {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Problem(problem) => problem.exit(),
            Self::NoSuchUser(_) | Self::LinesRejected => Exit::Rejected,
            Self::Usage(_) | Self::File { .. } => Exit::Usage,
            Self::NotSignedIn { .. } => Exit::NotSignedIn,
            Self::Unreachable { .. } | Self::Unexpected { .. } => Exit::Unavailable,
            Self::IssueFound => Exit::IssueFound,
            // The reader, such as `head`, stopped reading.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
            Self::Output(_) => Exit::Usage,
            Self::Stopped => Exit::Stopped,
        }
    }

    /// The message to print, unless the command has already reported the error.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Self::LinesRejected | Self::IssueFound | Self::Stopped => None,
            Self::Output(_) if self.exit() == Exit::Success => None,
            Self::Problem(problem) if problem.code == "sign-in-required" => {
                Some(format!("{problem}\nRun `mailkey sign-in`, or set MAILKEY_API_KEY to an active key."))
            }
            _ => Some(self.to_string()),
        }
    }

    /// Whether the same request may succeed on a later try.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Problem(problem) => problem.status == 429 || problem.status >= 500,
            Self::Unreachable { .. } => true,
            _ => false,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A problem response of the API (RFC 9457).
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) reasons: Vec<String>,
    pub(crate) docs_url: String,
    pub(crate) retry_after_seconds: Option<u64>,
}

impl Problem {
    /// Returns `None` if the body isn't a problem.
    pub(crate) fn read(status: u16, body: &Value, retry_after_seconds: Option<u64>) -> Option<Self> {
        let reasons = body.get("reasons").and_then(Value::as_array);
        Some(Self {
            status,
            code: body.get("code")?.as_str()?.to_owned(),
            title: body.get("title")?.as_str()?.to_owned(),
            detail: text_at(body, "/detail"),
            reasons: reasons.into_iter().flatten().map(|reason| text_at(reason, "/detail")).collect(),
            docs_url: text_at(body, "/type"),
            retry_after_seconds,
        })
    }

    fn exit(&self) -> Exit {
        match (self.code.as_str(), self.status) {
            ("sign-in-required", _) => Exit::NotSignedIn,
            (_, 500..) => Exit::Unavailable,
            _ => Exit::Rejected,
        }
    }

    pub(crate) fn summary(&self) -> String {
        format!("{}: {}", self.title, self.detail)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        for reason in &self.reasons {
            write!(f, "\n  - {reason}")?;
        }
        if let Some(seconds) = self.retry_after_seconds {
            write!(f, "\nTry again in {seconds} seconds.")?;
        }
        if !self.docs_url.is_empty() {
            write!(f, "\nSee {}", self.docs_url)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(status: u16, code: &str) -> Error {
        let body =
            json!({ "code": code, "title": "A Title", "detail": "A detail.", "type": "https://p.example/problems/x/" });
        Error::Problem(Problem::read(status, &body, None).unwrap().into())
    }

    #[test]
    fn each_error_has_its_exit_code() {
        let (site, text) = (|| "http://127.0.0.1:1".to_owned(), || "x".to_owned());
        let file = Error::File { path: "users.jsonl".into(), source: io::ErrorKind::NotFound.into() };
        for (error, exit) in [
            (problem(409, "user-inactive"), 1),
            (problem(401, "invalid-credentials"), 1),
            (problem(423, "account-locked"), 1),
            (problem(429, "too-many-requests"), 1),
            (problem(401, "sign-in-required"), 3),
            (problem(503, "service-unavailable"), 4),
            (problem(500, "internal-error"), 4),
            (Error::NoSuchUser(text()), 1),
            (Error::LinesRejected, 1),
            (Error::Usage(text()), 2),
            (file, 2),
            (Error::NotSignedIn { site: site() }, 3),
            (Error::Unreachable { site: site(), why: text() }, 4),
            (Error::Unexpected { site: site(), what: text() }, 4),
            (Error::Output(io::ErrorKind::BrokenPipe.into()), 0),
            (Error::Output(io::ErrorKind::StorageFull.into()), 2),
            (Error::IssueFound, 5),
            (Error::Stopped, 130),
        ] {
            assert_eq!(error.exit() as u8, exit, "{error:?}");
        }
    }

    #[test]
    fn a_problem_is_shown_with_its_reasons_and_its_page() {
        let body = json!({
            "code": "weak-password", "title": "Weak Password", "detail": "Choose another one.",
            "reasons": [{ "code": "too_short", "detail": "Too short." }], "type": "https://p.example/problems/weak-password/",
        });
        let problem = Problem::read(422, &body, Some(7)).unwrap();
        let expected = "Weak Password: Choose another one.\n  - Too short.\nTry again in 7 seconds.\n\
                        See https://p.example/problems/weak-password/";
        assert_eq!(problem.to_string(), expected);
    }

    #[test]
    fn other_json_is_not_mistaken_for_a_problem() {
        assert!(Problem::read(404, &json!({ "message": "Not Found" }), None).is_none());
        assert!(Problem::read(404, &json!([1]), None).is_none());
    }

    #[test]
    fn only_temporary_errors_are_worth_a_retry() {
        for (error, temporary) in [
            (problem(503, "service-unavailable"), true),
            (problem(429, "too-many-requests"), true),
            (problem(403, "admin-required"), false),
            (Error::Unreachable { site: String::new(), why: String::new() }, true),
            (Error::Stopped, false),
        ] {
            assert_eq!(error.is_temporary(), temporary, "{error:?}");
        }
    }
}

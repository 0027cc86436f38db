//! What can go wrong, how it is told, and what the process answers its caller.

use std::{fmt, io, path::PathBuf, process::ExitCode};

use serde_json::Value;

use crate::json::text_at;

/// What the process ends with. These numbers are part of the interface and stand in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Refused = 1,
    Usage = 2,
    NotSignedIn = 3,
    Unavailable = 4,
    Trouble = 5,
    /// As shells say it of a process that Ctrl-C ended: 128 and the number of the signal.
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
    #[error("Not Found: no user has the address {0}.")]
    NoSuchUser(String),
    #[error("{0}")]
    Usage(String),
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("Not signed in at {site}. Run `mailkey sign-in`, or set MAILKEY_API_KEY.")]
    NotSignedIn { site: String },
    #[error("{site} can't be reached: {why}.")]
    Unreachable { site: String, why: String },
    #[error("{site} gives an answer that is none of Mailkey's ({what}). Is the URL right?")]
    Unexpected { site: String, what: String },
    #[error("the output can't be written: {0}")]
    Output(io::Error),
    /// Some lines of an import were refused; the report says which.
    #[error("")]
    SomeRefused,
    /// What was looked into is not in order; the report says why.
    #[error("")]
    TroubleFound,
    /// Ctrl-C; the report says how far it got.
    #[error("")]
    Stopped,
}

impl Error {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Problem(problem) => problem.exit(),
            Self::NoSuchUser(_) | Self::SomeRefused => Exit::Refused,
            Self::Usage(_) | Self::File { .. } => Exit::Usage,
            Self::NotSignedIn { .. } => Exit::NotSignedIn,
            Self::Unreachable { .. } | Self::Unexpected { .. } => Exit::Unavailable,
            Self::TroubleFound => Exit::Trouble,
            // Whoever read the output has seen enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Output(_) => Exit::Usage,
            Self::Stopped => Exit::Stopped,
        }
    }

    /// What to say about it, if it is not said already.
    pub(crate) fn to_show(&self) -> Option<String> {
        match self {
            Self::SomeRefused | Self::TroubleFound | Self::Stopped => None,
            Self::Output(_) if self.exit() == Exit::Done => None,
            Self::Problem(problem) if problem.code == "sign-in-required" => {
                Some(format!("{problem}\nRun `mailkey sign-in`, or set MAILKEY_API_KEY to a key that is alive."))
            }
            _ => Some(self.to_string()),
        }
    }

    /// Whether the same request may succeed in a moment.
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

/// What the API says when it does not do what it was asked (RFC 9457).
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
    /// Reads the body of an answer; `None` where it is no problem.
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
            _ => Exit::Refused,
        }
    }

    /// Title and detail, in one line.
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
            (Error::SomeRefused, 1),
            (Error::Usage(text()), 2),
            (file, 2),
            (Error::NotSignedIn { site: site() }, 3),
            (Error::Unreachable { site: site(), why: text() }, 4),
            (Error::Unexpected { site: site(), what: text() }, 4),
            (Error::Output(io::ErrorKind::BrokenPipe.into()), 0),
            (Error::Output(io::ErrorKind::StorageFull.into()), 2),
            (Error::TroubleFound, 5),
            (Error::Stopped, 130),
        ] {
            assert_eq!(error.exit() as u8, exit, "{error:?}");
        }
    }

    #[test]
    fn a_problem_is_told_with_its_reasons_and_its_page() {
        let body = json!({
            "code": "weak-password", "title": "Weak Password", "detail": "It is refused.",
            "reasons": [{ "code": "too_short", "detail": "Too short." }], "type": "https://p.example/problems/weak-password/",
        });
        let problem = Problem::read(422, &body, Some(7)).unwrap();
        let expected = "Weak Password: It is refused.\n  - Too short.\nTry again in 7 seconds.\n\
                        See https://p.example/problems/weak-password/";
        assert_eq!(problem.to_string(), expected);
    }

    #[test]
    fn what_is_no_problem_is_not_taken_for_one() {
        assert!(Problem::read(404, &json!({ "message": "Not Found" }), None).is_none());
        assert!(Problem::read(404, &json!([1]), None).is_none());
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
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

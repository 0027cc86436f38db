//! A finding: a cause with its severity, its certainty, its evidence, and what to do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Action, Cause, Certainty, Severity, Who, action::Call};
use crate::{
    account::EmailAddress,
    email_log::{EmailId, EmailLogEntry},
    json::Rfc3339,
    recipient_it::NoteForIt,
};

/// One cause that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The cause, for programs.
    pub cause: Cause,
    /// What it means for email now.
    pub severity: Severity,
    /// How sure the diagnosis is.
    pub certainty: Certainty,
    /// A summary in one sentence.
    pub summary: String,
    /// What the finding is based on.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub fix: Fix,
    /// The address that was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", example = "gwen@gmail.com")]
    pub suggestion: Option<EmailAddress>,
    /// A note for the recipient’s IT by language, such as en.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BTreeMap<String, String>", extend("examples" = [{ "en": "Please look for this email: …" }]))]
    pub note_for_recipient_it: Option<NoteForIt>,
}

/// A finding, with the page that explains it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ShownFinding<'a> {
    #[serde(flatten)]
    pub(super) finding: &'a Finding,
    /// A page that explains the cause.
    pub(super) docs_url: String,
}

impl Finding {
    pub(super) fn new(
        cause: Cause,
        severity: Severity,
        certainty: Certainty,
        summary: impl Into<String>,
        fix: Fix,
    ) -> Self {
        Self {
            cause,
            severity,
            certainty,
            summary: summary.into(),
            evidence: Vec::new(),
            fix,
            suggestion: None,
            note_for_recipient_it: None,
        }
    }

    pub(super) fn because(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        for seen in evidence {
            if !self.evidence.contains(&seen) {
                self.evidence.push(seen);
            }
        }
        self
    }

    /// Its place in the answer: what blocks email comes first, then what is more certain, then the order of the list of
    /// causes. A lock on sign-in comes late, because it holds no email back.
    pub(super) fn place(&self) -> (bool, Severity, Certainty, Cause) {
        let is_aside = self.cause == Cause::AccountLocked || self.severity == Severity::Ok;
        (is_aside, self.severity, self.certainty, self.cause)
    }
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Evidence {
    /// What was seen.
    pub text: String,
    /// When it happened.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The id of the email in the email log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_id: Option<EmailId>,
}

impl Evidence {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), at: None, email_id: None }
    }

    pub(super) fn at(text: impl Into<String>, at: Timestamp) -> Self {
        Self { at: Some(at), ..Self::new(text) }
    }

    /// Something about an email.
    pub(super) fn of(entry: &EmailLogEntry, text: impl Into<String>, at: Timestamp) -> Self {
        Self { at: Some(at), email_id: Some(entry.id), ..Self::new(text) }
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Fix {
    /// What to do.
    pub text: String,
    /// Who has to act.
    pub who: Who,
    /// The request that carries it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Call>")]
    pub action: Option<Action>,
    /// When to look again, if it resolves itself.
    #[serde(skip)]
    pub wait_until: Option<Timestamp>,
}

impl Fix {
    /// Something that `who` has to do.
    pub(super) fn ask(who: Who, text: impl Into<String>) -> Self {
        Self { text: text.into(), who, action: None, wait_until: None }
    }

    /// Something that one call does.
    pub(super) fn by(action: Action, text: impl Into<String>) -> Self {
        Self { text: text.into(), who: Who::You, action: Some(action), wait_until: None }
    }

    /// Something that resolves itself.
    pub(super) fn wait(until: Timestamp, text: impl Into<String>) -> Self {
        Self { text: text.into(), who: Who::Nobody, action: None, wait_until: Some(until) }
    }
}

/// An address in a path: everything but letters, digits and a few marks is percent-encoded.
pub(super) fn in_path(address: &EmailAddress) -> String {
    let mut path = String::new();
    for byte in address.key().as_str().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'.' | b'-' | b'_' | b'~') {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

/// Something that was checked and is fine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Check {
    /// A code for programs.
    pub check: &'static str,
    /// A summary in one sentence.
    pub summary: String,
    /// It can't be said beside one of these.
    #[serde(skip)]
    pub(super) denies: &'static [Cause],
}

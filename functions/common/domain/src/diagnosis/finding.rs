//! A finding: a cause with its severity, its certainty, its evidence, and what to do.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Action, Cause, Certainty, Severity, Who};
use crate::{
    account::EmailAddress,
    clock::rfc3339,
    email_log::{EmailId, EmailLogEntry},
    recipient_it::NoteForIt,
};

/// One cause that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub cause: Cause,
    /// What it means for email now.
    pub severity: Severity,
    /// How certain that is.
    pub certainty: Certainty,
    /// In one sentence.
    pub summary: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What to do.
    pub fix: Fix,
    /// What a mistyped address was probably meant to be.
    pub suggestion: Option<EmailAddress>,
    /// What the recipient's IT needs, if their server blocked, quarantined or delayed an email.
    pub note_for_recipient_it: Option<NoteForIt>,
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

    pub(super) fn to_json(&self, site_url: &str) -> Value {
        let evidence: Vec<_> = self.evidence.iter().map(Evidence::to_json).collect();
        let mut json = json!({
            "cause": self.cause.as_str(),
            "severity": self.severity.as_str(),
            "certainty": self.certainty.as_str(),
            "summary": self.summary,
            "evidence": evidence,
            "fix": self.fix.to_json(),
            "docs_url": format!("{site_url}{}", self.cause.page()),
        });
        if let Some(suggestion) = &self.suggestion {
            json["suggestion"] = suggestion.as_typed().into();
        }
        if let Some(note) = &self.note_for_recipient_it {
            json["note_for_recipient_it"] = note.to_json();
        }
        json
    }
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What.
    pub text: String,
    /// When.
    pub at: Option<Timestamp>,
    /// In which entry of the email log.
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

    fn to_json(&self) -> Value {
        let mut json = json!({ "text": self.text });
        if let Some(at) = self.at {
            json["at"] = rfc3339(at).into();
        }
        if let Some(id) = self.email_id {
            json["email_id"] = id.to_string().into();
        }
        json
    }
}

/// What to do about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// For people.
    pub text: String,
    /// Who has to act, if no call does it.
    pub who: Who,
    /// The call that does it.
    pub action: Option<Action>,
    /// When to look again, if it resolves itself.
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

    fn to_json(&self) -> Value {
        let mut json = json!({ "text": self.text, "who": self.who.as_str() });
        if let Some(action) = &self.action {
            json["action"] = action.to_json();
        }
        json
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// A code for programs.
    pub check: &'static str,
    /// In one sentence.
    pub summary: String,
    /// It can't be said beside one of these.
    pub(super) denies: &'static [Cause],
}

impl Check {
    pub(super) fn to_json(&self) -> Value {
        json!({ "check": self.check, "summary": self.summary })
    }
}

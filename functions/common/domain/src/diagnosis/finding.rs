//! A finding: a cause with its certainty, its evidence, and what mends it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Cause, Certainty};
use crate::{
    account::EmailAddress,
    clock::rfc3339,
    email_log::{EmailId, EmailLogEntry},
};

/// One cause that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub cause: Cause,
    /// How certain that is.
    pub certainty: Certainty,
    /// In one sentence.
    pub summary: String,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What mends it.
    pub fix: Fix,
    /// What a mistyped address was probably meant to be.
    pub suggestion: Option<EmailAddress>,
}

impl Finding {
    pub(super) fn new(cause: Cause, certainty: Certainty, summary: impl Into<String>, fix: Fix) -> Self {
        Self { cause, certainty, summary: summary.into(), evidence: Vec::new(), fix, suggestion: None }
    }

    pub(super) fn because(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// Its place in the answer: what is certain comes before what may be, and then the order of the list of causes
    /// decides. That nobody asked for mail explains nothing where something certain or likely keeps mail from arriving.
    pub(super) fn place(&self) -> (u8, Cause) {
        let first = match (self.cause, self.certainty) {
            (Cause::NeverAsked, _) => 3,
            // It keeps nobody's mail back.
            (Cause::AccountLocked, _) => 2,
            (_, Certainty::Certain) => 0,
            (_, Certainty::Likely) => 1,
            (_, Certainty::Possible) => 4,
        };
        (first, self.cause)
    }

    pub(super) fn to_json(&self, site_url: &str) -> Value {
        let evidence: Vec<_> = self.evidence.iter().map(Evidence::to_json).collect();
        let mut json = json!({
            "cause": self.cause.as_str(),
            "certainty": self.certainty.as_str(),
            "summary": self.summary,
            "evidence": evidence,
            "fix": self.fix.to_json(),
            "docs_url": format!("{site_url}{}", self.cause.page()),
        });
        if let Some(suggestion) = &self.suggestion {
            json["suggestion"] = suggestion.as_typed().into();
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

/// What mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// For people.
    pub text: String,
    /// Where one call does it.
    pub action: Option<Action>,
}

impl Fix {
    /// What people have to do.
    pub(super) fn by_hand(text: impl Into<String>) -> Self {
        Self { text: text.into(), action: None }
    }

    /// What one call does.
    pub(super) fn by(action: Action, text: impl Into<String>) -> Self {
        Self { text: text.into(), action: Some(action) }
    }

    fn to_json(&self) -> Value {
        let mut json = json!({ "text": self.text });
        if let Some(action) = &self.action {
            json["action"] = json!({ "method": action.method, "path": action.path });
            if let Some(body) = &action.body {
                json["action"]["body"] = body.clone();
            }
        }
        json
    }
}

/// A call of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The method.
    pub method: &'static str,
    /// The path, ready to be called.
    pub path: String,
    /// The body, where it takes one.
    pub body: Option<Value>,
}

impl Action {
    pub(super) fn post(path: impl Into<String>) -> Self {
        Self { method: "POST", path: path.into(), body: None }
    }

    pub(super) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { method: "PATCH", path: path.into(), body: Some(body) }
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

//! What an audit entry says beyond action, target and outcome.

use std::fmt;

use crate::{email_log::EmailId, token::Purpose};

/// The facts that programs use have a field of their own; people get all of them as one line of text. Never a secret,
/// never a whole address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditDetail {
    /// The code of the problem, if the action was refused.
    pub refusal: Option<String>,
    /// The purpose of the link that was redeemed.
    pub purpose: Option<Purpose>,
    /// The fields of the target that changed.
    pub changed: Vec<String>,
    /// Text for people, shown in place of the changed fields. No program reads it.
    pub note: Option<String>,
    /// The email that was requested.
    pub email_id: Option<EmailId>,
}

impl AuditDetail {
    /// Text for people.
    pub fn note(text: impl Into<String>) -> Self {
        Self { note: Some(text.into()), ..Self::default() }
    }

    /// The email that was requested.
    pub fn email(id: EmailId) -> Self {
        Self { email_id: Some(id), ..Self::default() }
    }

    /// The fields that changed.
    pub fn changed(fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { changed: fields.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

impl fmt::Display for AuditDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = (!self.changed.is_empty()).then(|| self.changed.join(", "));
        let parts = [
            self.refusal.clone(),
            self.purpose.map(|purpose| purpose.to_string()),
            self.note.clone().or(changed),
            self.email_id.map(|id| format!("email {id}")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn people_read_one_line() {
        let email_id = Some(EmailId(Ulid(7)));
        for (detail, expected) in [
            (AuditDetail::default(), ""),
            (AuditDetail { refusal: Some("not-allowed".to_owned()), ..AuditDetail::default() }, "not-allowed"),
            (AuditDetail { purpose: Some(Purpose::Activation), ..AuditDetail::default() }, "activation"),
            (AuditDetail::changed(["email", "role"]), "email, role"),
            (
                AuditDetail { email_id, ..AuditDetail::note("role member") },
                "role member, email 00000000000000000000000007",
            ),
            (
                AuditDetail {
                    email_id,
                    note: Some("first administrator".to_owned()),
                    ..AuditDetail::changed(["email"])
                },
                "first administrator, email 00000000000000000000000007",
            ),
        ] {
            assert_eq!(detail.to_string(), expected);
        }
    }
}

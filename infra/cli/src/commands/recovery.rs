//! `mailkey reset`, `mailkey resend-activation` and `mailkey unlock`.

use serde_json::{Value, json};

use super::CliContext;
use crate::{error::Error, json::text_at, user_ref::UserRef};

pub(crate) async fn reset(cli: &CliContext, user: &UserRef) -> Result<(), Error> {
    let response = post(cli, user, "reset-password").await?;
    show_queued(cli, &response, &format!("Sending {user} a link to choose a new password."))
}

pub(crate) async fn resend_activation(cli: &CliContext, user: &UserRef) -> Result<(), Error> {
    let response = post(cli, user, "resend-activation").await?;
    show_queued(cli, &response, &format!("Sending {user} a new activation link."))
}

pub(crate) async fn unlock(cli: &CliContext, user: &UserRef) -> Result<(), Error> {
    let id = user.id(&cli.api).await?;
    let before = Lock::of(&id.user(&cli.api).await?);
    cli.api.post(&["admin", "users", id.as_str(), "unlock"]).await?;
    let record = id.user(&cli.api).await?;
    let (email, status) = (text_at(&record, "/email"), text_at(&record, "/status"));
    let unlocked = Unlocked { email, before, after: Lock::of(&record), status };
    cli.output.json(&unlocked.to_json())?;
    cli.output.text(&unlocked.to_text())
}

/// What keeps a user from signing in on a new device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    None,
    /// Too many failures in a row: it ends by itself.
    ForAWhile,
    /// A hundred failures in a row: only a new password or an unlock ends it.
    UntilRecovery,
}

impl Lock {
    fn of(record: &Value) -> Self {
        if record.get("recovery_required").and_then(Value::as_bool) == Some(true) {
            Self::UntilRecovery
        } else if text_at(record, "/locked_until").is_empty() {
            Self::None
        } else {
            Self::ForAWhile
        }
    }
}

/// What an unlock changed, and what it means for the user.
struct Unlocked {
    email: String,
    before: Lock,
    /// The account can be locked again immediately, because failed sign-ins continue.
    after: Lock,
    status: String,
}

impl Unlocked {
    fn can_sign_in(&self) -> bool {
        self.after == Lock::None && self.status == "active"
    }

    fn to_json(&self) -> Value {
        json!({
            "email": self.email,
            "was_locked": self.before != Lock::None,
            "recovery_was_required": self.before == Lock::UntilRecovery,
            "is_locked": self.after != Lock::None,
            "recovery_required": self.after == Lock::UntilRecovery,
            "can_sign_in": self.can_sign_in(),
            "status": self.status,
        })
    }

    fn to_text(&self) -> String {
        let email = &self.email;
        let lock = match self.before {
            Lock::None => format!("{email} wasn't locked. Any failed sign-ins are cleared."),
            Lock::ForAWhile => format!("{email} was locked for a while after failed sign-ins. The lock is removed."),
            Lock::UntilRecovery => format!(
                "{email} was locked after 100 failed sign-ins in a row, until a password reset. The lock is removed."
            ),
        };
        let sign_in = match (self.status.as_str(), self.after) {
            ("pending", _) => format!(
                "The user can't sign in yet: the account isn't activated.\nTo send a link: mailkey resend-activation {email}"
            ),
            ("inactive", _) => format!(
                "The user can't sign in: the account is inactive.\nTo activate it: mailkey users activate {email}"
            ),
            ("active", Lock::None) => format!(
                "The user can sign in now, with the current password.\nIf they don't know it: mailkey reset {email}"
            ),
            ("active", Lock::ForAWhile) => {
                "But it is locked again already, because failed sign-ins continue. The user \
                                            can sign in only on a device they have used before."
                    .to_owned()
            }
            ("active", Lock::UntilRecovery) => format!(
                "But it is locked again already, because failed sign-ins continue. The user can sign in only on a \
                 device they have used before, or after a reset: mailkey reset {email}"
            ),
            (status, _) => format!("The account's status is {status}."),
        };
        format!("{lock}\n{sign_in}")
    }
}

async fn post(cli: &CliContext, user: &UserRef, action: &str) -> Result<Value, Error> {
    let id = user.id(&cli.api).await?;
    cli.api.post(&["admin", "users", id.as_str(), action]).await
}

/// Reports that an email was queued, and how to follow it.
pub(crate) fn show_queued(cli: &CliContext, response: &Value, text: &str) -> Result<(), Error> {
    cli.output.json(response)?;
    let id = text_at(response, "/email_id");
    cli.output.text(&format!("{text}\nTo follow its delivery: mailkey email-log show {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unlock_says_what_lock_there_was_and_whether_the_user_can_sign_in() {
        use Lock::{ForAWhile, None, UntilRecovery};
        for (before, after, status, can_sign_in, says) in [
            (ForAWhile, None, "active", true, "failed sign-ins. The lock is removed.\nThe user can sign in now"),
            (UntilRecovery, None, "active", true, "100 failed sign-ins in a row, until a password reset. The lock"),
            (None, None, "active", true, "wasn't locked. Any failed sign-ins are cleared.\nThe user can sign in now"),
            (ForAWhile, ForAWhile, "active", false, "locked again already"),
            (ForAWhile, UntilRecovery, "active", false, "after a reset: mailkey reset a@b.example"),
            (None, None, "pending", false, "mailkey resend-activation a@b.example"),
            (ForAWhile, None, "inactive", false, "mailkey users activate a@b.example"),
            (ForAWhile, ForAWhile, "inactive", false, "mailkey users activate a@b.example"),
        ] {
            let unlocked = Unlocked { email: "a@b.example".to_owned(), before, after, status: status.to_owned() };
            assert_eq!(unlocked.can_sign_in(), can_sign_in, "{status}");
            assert!(unlocked.to_text().contains(says), "{}", unlocked.to_text());
        }
        let json = json!({ "recovery_required": true, "locked_until": "2026-11-22T10:00:00.000Z" });
        assert!(Lock::of(&json) == UntilRecovery && Lock::of(&json!({})) == None);
    }
}

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
    let was_locked = text_at(&id.user(&cli.api).await?, "/locked_until");
    cli.api.post(&["admin", "users", id.as_str(), "unlock"]).await?;
    let after = id.user(&cli.api).await?;
    let unlocked = Unlocked {
        email: text_at(&after, "/email"),
        was_locked: !was_locked.is_empty(),
        is_locked: !text_at(&after, "/locked_until").is_empty(),
        status: text_at(&after, "/status"),
    };
    cli.output.json(&unlocked.to_json())?;
    cli.output.text(&unlocked.to_text())
}

/// What an unlock changed, and what it means for the user.
struct Unlocked {
    email: String,
    was_locked: bool,
    /// Locked again: failed sign-ins go on.
    is_locked: bool,
    status: String,
}

impl Unlocked {
    fn can_sign_in(&self) -> bool {
        !self.is_locked && self.status == "active"
    }

    fn to_json(&self) -> Value {
        json!({
            "email": self.email,
            "was_locked": self.was_locked,
            "can_sign_in": self.can_sign_in(),
            "status": self.status,
        })
    }

    fn to_text(&self) -> String {
        let email = &self.email;
        let lock = if self.was_locked {
            format!("{email} was locked. The lock is removed.")
        } else {
            format!("{email} wasn't locked. Any failed sign-ins are cleared.")
        };
        let sign_in = match self.status.as_str() {
            _ if self.is_locked => "The account is locked again: failed sign-ins continue.".to_owned(),
            "active" => "The user can sign in.".to_owned(),
            "pending" => format!(
                "The user can't sign in yet: the account isn't activated.\nTo send a link: mailkey resend-activation {email}"
            ),
            "inactive" => format!(
                "The user can't sign in: the account is inactive.\nTo activate it: mailkey users activate {email}"
            ),
            status => format!("The account's status is {status}."),
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

    fn unlocked(was_locked: bool, is_locked: bool, status: &str) -> Unlocked {
        Unlocked { email: "a@b.example".to_owned(), was_locked, is_locked, status: status.to_owned() }
    }

    #[test]
    fn an_unlock_says_whether_there_was_a_lock_and_whether_the_user_can_sign_in() {
        for (was_locked, is_locked, status, can_sign_in, says) in [
            (true, false, "active", true, "was locked. The lock is removed.\nThe user can sign in."),
            (false, false, "active", true, "wasn't locked. Any failed sign-ins are cleared.\nThe user can sign in."),
            (true, true, "active", false, "locked again"),
            (false, false, "pending", false, "mailkey resend-activation a@b.example"),
            (true, false, "inactive", false, "mailkey users activate a@b.example"),
        ] {
            let unlocked = unlocked(was_locked, is_locked, status);
            assert_eq!(unlocked.can_sign_in(), can_sign_in, "{status}");
            assert!(unlocked.to_text().contains(says), "{}", unlocked.to_text());
        }
    }
}

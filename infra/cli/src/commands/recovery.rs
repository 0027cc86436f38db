//! `mailkey reset`, `mailkey resend-activation` and `mailkey unlock`.

use serde_json::Value;

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
    post(cli, user, "unlock").await?;
    cli.output.text(&format!("{user} can sign in again."))
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

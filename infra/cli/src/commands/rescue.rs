//! `mailkey reset`, `mailkey resend-activation`, `mailkey unlock`: what lets a user back in.

use serde_json::Value;

use super::Desk;
use crate::{error::Error, json::text_at, user_ref::UserRef};

pub(crate) async fn reset(desk: &Desk, user: &UserRef) -> Result<(), Error> {
    let id = user.id(&desk.api).await?;
    let answer = desk.api.reset_password(&id).await?;
    on_its_way(desk, &answer, &format!("A link to choose a new password is on its way to {user}."))
}

pub(crate) async fn resend_activation(desk: &Desk, user: &UserRef) -> Result<(), Error> {
    let id = user.id(&desk.api).await?;
    let answer = desk.api.resend_activation(&id).await?;
    on_its_way(desk, &answer, &format!("A new activation link is on its way to {user}."))
}

pub(crate) async fn unlock(desk: &Desk, user: &UserRef) -> Result<(), Error> {
    let id = user.id(&desk.api).await?;
    desk.api.unlock(&id).await?;
    desk.screen.say(&format!("{user} can sign in again."))
}

/// Says that an email goes out, and where to see what becomes of it.
pub(crate) fn on_its_way(desk: &Desk, answer: &Value, text: &str) -> Result<(), Error> {
    desk.screen.json(answer)?;
    let id = text_at(answer, "/email_log_id");
    desk.screen.say(&format!("{text}\nSee what becomes of it: mailkey email-log show {id}"))
}

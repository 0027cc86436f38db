//! `mailkey users`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Desk, suppressions};
use crate::{
    api::Query,
    error::Error,
    json::{rows, text_at},
    list::{self, Paging},
    screen::print,
    table::{Column, Table, facts},
    user_ref::UserRef,
};

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Find users by the beginnings of names and addresses
    Find {
        /// What to look for; everybody where it is missing
        query: Vec<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a user: status, lock, suppression, last emails
    Show {
        /// The user, by id or address
        user: UserRef,
    },
    /// Create a user, who gets an activation email
    Create(NewUser),
    /// Change a user's address, name, role or language
    Edit(Changes),
    /// Take a user's access away: sessions and links end at once
    Deactivate {
        /// The user, by id or address
        user: UserRef,
    },
    /// Give an inactive user access again
    Activate {
        /// The user, by id or address
        user: UserRef,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewUser {
    /// The address, which the activation email goes to
    email: String,
    /// The name that is shown
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What the user may do
    #[arg(long, value_parser = ROLES, default_value = "member")]
    role: String,
    /// The language of the user's emails: en, de, fr, es or ar
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true, id = "change", args = ["email", "name", "role", "locale"])]
pub(crate) struct Changes {
    /// The user, by id or address
    user: UserRef,
    /// The new address; links that are out die, and the former address is told
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The new name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The new role
    #[arg(long, value_parser = ROLES)]
    role: Option<String>,
    /// The new language of the user's emails: en, de, fr, es or ar
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
}

const ROLES: [&str; 3] = ["member", "support", "admin"];

const ROW: &[Column] = &[
    ("ID", "/id"),
    ("EMAIL", "/email"),
    ("NAME", "/display_name"),
    ("ROLE", "/role"),
    ("STATUS", "/status"),
    ("LAST SIGN-IN", "/last_sign_in_at"),
];

const RECORD: &[Column] = &[
    ("id", "/id"),
    ("email", "/email"),
    ("name", "/display_name"),
    ("role", "/role"),
    ("status", "/status"),
    ("locked until", "/locked_until"),
    ("suppressed since", "/suppression/since"),
    ("suppressed until", "/suppression/expires_at"),
    ("suppressed because", "/suppression/reason"),
    ("suppression holds", "/suppression/scope"),
    ("suppression says", "/suppression/detail"),
    ("suppressed by email", "/suppression/email_log_id"),
    ("suppressed by event", "/suppression/event_id"),
    ("suppressed by user", "/suppression/added_by"),
    ("language", "/locale"),
    ("created", "/created_at"),
    ("last sign-in", "/last_sign_in_at"),
];

pub(crate) async fn run(desk: &Desk, command: UsersCommand) -> Result<(), Error> {
    match command {
        UsersCommand::Find { query, paging } => find(desk, &query.join(" "), &paging).await,
        UsersCommand::Show { user } => {
            let id = user.id(&desk.api).await?;
            show(desk, &desk.api.user(&id).await?)
        }
        UsersCommand::Create(new) => create(desk, new).await,
        UsersCommand::Edit(changes) => edit(desk, changes).await,
        UsersCommand::Deactivate { user } => set_status(desk, &user, "inactive").await,
        UsersCommand::Activate { user } => set_status(desk, &user, "active").await,
    }
}

async fn find(desk: &Desk, text: &str, paging: &Paging) -> Result<(), Error> {
    let query = Query::new().with_some("query", Some(text).filter(|text| !text.is_empty()));
    list::show(desk.screen, paging, ("users", ROW), query, async |query: &Query| desk.api.users(query).await).await
}

fn show(desk: &Desk, user: &Value) -> Result<(), Error> {
    desk.screen.json(user)?;
    desk.screen.say(&facts(user, RECORD))?;
    if let Some(suppression) = user.get("suppression") {
        suppressions::show_history(desk, suppression)?;
    }
    let emails = rows(user, "recent_emails");
    if desk.screen.json || emails.is_empty() {
        return Ok(());
    }
    print("\nLast emails:")?;
    Table::new(super::email_log::ROW).lines(emails).iter().try_for_each(|line| print(line))
}

async fn create(desk: &Desk, new: NewUser) -> Result<(), Error> {
    let mut body = json!({ "email": new.email, "display_name": new.name, "role": new.role });
    if let Some(locale) = new.locale {
        body["locale"] = locale.into();
    }
    let user = desk.api.create_user(body).await?;
    desk.screen.json(&user)?;
    let (email, id) = (text_at(&user, "/email"), text_at(&user, "/id"));
    desk.screen.say(&format!("Created {email} ({id}). The activation email is on its way."))
}

async fn edit(desk: &Desk, changes: Changes) -> Result<(), Error> {
    let id = changes.user.id(&desk.api).await?;
    let mut body = json!({});
    let Changes { email, name, role, locale, .. } = changes;
    for (name, value) in [("email", email), ("display_name", name), ("role", role), ("locale", locale)] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    show(desk, &desk.api.edit_user(&id, body).await?)
}

async fn set_status(desk: &Desk, user: &UserRef, status: &str) -> Result<(), Error> {
    let id = user.id(&desk.api).await?;
    let record = desk.api.edit_user(&id, json!({ "status": status })).await?;
    desk.screen.json(&record)?;
    // Who never chose a password is pending again, not active: say what is, not what was wished.
    desk.screen.say(&format!("{} is {} now.", text_at(&record, "/email"), text_at(&record, "/status")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppression_is_shown_with_the_user() {
        let user = json!({
            "email": "alice@example.com", "status": "active",
            "suppression": {
                "reason": "hard_bounce", "scope": "all", "since": "2026-11-01T10:00:00Z", "detail": "550 5.1.1",
                "email_log_id": "01JC000000000000000000000A",
            },
        });
        let expected = "\
email                alice@example.com
status               active
suppressed since     2026-11-01T10:00:00Z
suppressed because   hard_bounce
suppression holds    all
suppression says     550 5.1.1
suppressed by email  01JC000000000000000000000A";
        assert_eq!(facts(&user, RECORD), expected);
    }
}

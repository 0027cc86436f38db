//! `mailkey users`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CliContext, suppressions};
use crate::{
    api::{Method, Query},
    error::Error,
    json::{rows, text_at},
    list::{List, Paging},
    people::People,
    table::{self, Column, fields},
    user_ref::UserRef,
    warnings,
};

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Find users by the start of a name or address
    Find {
        /// The text to find; without it, the list shows all users
        query: Vec<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show a user: status, lockout, suppression, recent emails
    Show {
        /// The user's id or address
        user: UserRef,
    },
    /// Create a user and send them an activation email
    Create(NewUser),
    /// Change a user's address, name, role or language
    Edit {
        /// The user's id or address
        user: UserRef,
        #[command(flatten)]
        changes: Changes,
    },
    /// Deactivate a user: sign-in stops, and sessions and links end immediately
    Deactivate {
        /// The user's id or address
        user: UserRef,
    },
    /// Let an inactive user sign in again
    Activate {
        /// The user's id or address
        user: UserRef,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewUser {
    /// The address, which gets the activation email
    email: String,
    /// The display name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The role: member, support or admin
    #[arg(long, default_value = "member")]
    role: String,
    /// The language of the user's emails, such as en or de
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Changes {
    /// The new address. The change cancels all links and notifies the old address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The new display name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The new role: member, support or admin
    #[arg(long)]
    role: Option<String>,
    /// The new language of the user's emails, such as en or de
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
}

const USERS: List<'_> = List {
    path: &["admin", "users"],
    rows: "users",
    columns: &[
        ("ID", "/id"),
        ("EMAIL", "/email"),
        ("NAME", "/display_name"),
        ("ROLE", "/role"),
        ("STATUS", "/status"),
        ("LAST SIGN-IN", "/last_sign_in_at"),
    ],
    details: &[],
    people: &[],
};

const RECORD: &[Column] = &[
    ("id", "/id"),
    ("email", "/email"),
    ("name", "/display_name"),
    ("external id", "/external_id"),
    ("role", "/role"),
    ("status", "/status"),
    ("locked until", "/locked_until"),
    ("recovery required", "/recovery_required"),
    ("suppressed since", "/suppression/since"),
    ("suppressed until", "/suppression/expires_at"),
    ("suppression reason", "/suppression/reason"),
    ("suppression scope", "/suppression/scope"),
    ("suppression detail", "/suppression/detail"),
    ("suppressing email", "/suppression/email_id"),
    ("suppressing event", "/suppression/event_id"),
    ("suppressed by", "/suppression/added_by"),
    ("language", "/locale"),
    ("created", "/created_at"),
    ("last sign-in", "/last_sign_in_at"),
];

pub(crate) async fn run(cli: &CliContext, command: UsersCommand) -> Result<(), Error> {
    match command {
        UsersCommand::Find { query, paging } => {
            let text = query.join(" ");
            let query = Query::default().with_some("query", Some(&*text).filter(|text| !text.is_empty()));
            USERS.show(&cli.api, cli.output, &paging, query).await
        }
        UsersCommand::Show { user } => show(cli, user.id(&cli.api).await?.user(&cli.api).await?).await,
        UsersCommand::Create(new) => create(cli, new).await,
        UsersCommand::Edit { user, changes } => edit(cli, &user, changes).await,
        UsersCommand::Deactivate { user } => set_status(cli, &user, "inactive").await,
        UsersCommand::Activate { user } => set_status(cli, &user, "active").await,
    }
}

async fn show(cli: &CliContext, mut user: Value) -> Result<(), Error> {
    cli.output.json(&user)?;
    if cli.output.json {
        return Ok(());
    }
    if let Some(suppression) = user.get_mut("suppression") {
        suppressions::name_people(&mut People::new(&cli.api), suppression).await;
    }
    cli.output.text(&fields(&user, RECORD))?;
    if let Some(suppression) = user.get("suppression") {
        suppressions::show_history(cli, suppression)?;
    }
    table::show(cli.output, "Recent emails", super::email_log::ROW, rows(&user, "recent_emails"))
}

async fn create(cli: &CliContext, new: NewUser) -> Result<(), Error> {
    let mut body = json!({ "email": new.email, "display_name": new.name, "role": new.role });
    if let Some(locale) = new.locale {
        body["locale"] = locale.into();
    }
    let user = cli.api.send(Method::POST, USERS.path, body.to_string()).await?;
    cli.output.json(&user)?;
    let (email, id) = (text_at(&user, "/email"), text_at(&user, "/id"));
    cli.output.text(&format!("Created {email} ({id}). Sending the activation email."))?;
    warn(cli, &user)
}

/// Shows what is probably wrong with the user's address. The JSON contains it already.
fn warn(cli: &CliContext, user: &Value) -> Result<(), Error> {
    let warnings = warnings::of_user(user);
    if warnings.is_empty() { Ok(()) } else { cli.output.text(&warnings) }
}

async fn edit(cli: &CliContext, user: &UserRef, changes: Changes) -> Result<(), Error> {
    let Changes { email, name, role, locale } = changes;
    let address_changes = email.is_some();
    let fields = [("email", email), ("display_name", name), ("role", role), ("locale", locale)];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    let edited = patch(cli, user, Value::Object(fields.collect())).await?;
    show(cli, edited.clone()).await?;
    if address_changes { warn(cli, &edited) } else { Ok(()) }
}

async fn set_status(cli: &CliContext, user: &UserRef, status: &str) -> Result<(), Error> {
    let record = patch(cli, user, json!({ "status": status })).await?;
    cli.output.json(&record)?;
    // Activating a user without a password makes them pending, so this shows the status in the response.
    cli.output.text(&format!("{} is now {}.", text_at(&record, "/email"), text_at(&record, "/status")))
}

async fn patch(cli: &CliContext, user: &UserRef, changes: Value) -> Result<Value, Error> {
    let id = user.id(&cli.api).await?;
    cli.api.send(Method::PATCH, &[USERS.path, &[id.as_str()]].concat(), changes.to_string()).await
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
                "email_id": "01JC000000000000000000000A",
            },
        });
        let expected = "\
email               alice@example.com
status              active
suppressed since    2026-11-01T10:00:00Z
suppression reason  hard_bounce
suppression scope   all
suppression detail  550 5.1.1
suppressing email   01JC000000000000000000000A";
        assert_eq!(fields(&user, RECORD), expected);
    }
}

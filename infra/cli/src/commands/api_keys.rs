//! `mailkey api-keys`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Desk;
use crate::{
    error::Error,
    json::{rows, text_at},
    screen::{note, print},
    table::{Column, Table},
    user_ref::Id,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeysCommand {
    /// List the keys, the newest first
    List,
    /// Make a key; it is shown once
    Create(NewKey),
    /// End a key at once
    Revoke {
        /// The id of the key
        id: Id,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// What the key is for
    name: String,
    /// What it may do
    #[arg(long, value_parser = ["support", "admin"], default_value = "support")]
    role: String,
    /// A route that it may call, such as "GET /api/admin/users/{id}"; may be repeated. All that the role may where
    /// there is none
    #[arg(long = "route", value_name = "ROUTE")]
    routes: Vec<String>,
    /// After how many days it ends
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
    expires_in_days: i64,
}

const ROW: &[Column] = &[
    ("ID", "/id"),
    ("NAME", "/name"),
    ("ROLE", "/role"),
    ("EXPIRES", "/expires_at"),
    ("REVOKED", "/revoked_at"),
    ("LAST USED", "/last_used_at"),
    ("ROUTES", "/routes"),
];

pub(crate) async fn run(desk: &Desk, command: ApiKeysCommand) -> Result<(), Error> {
    match command {
        ApiKeysCommand::List => list(desk).await,
        ApiKeysCommand::Create(new) => create(desk, new).await,
        ApiKeysCommand::Revoke { id } => {
            desk.api.revoke_api_key(&id).await?;
            desk.screen.say(&format!("The key {id} is revoked."))
        }
    }
}

async fn list(desk: &Desk) -> Result<(), Error> {
    let keys = desk.api.api_keys().await?;
    desk.screen.json(&keys)?;
    if desk.screen.json {
        return Ok(());
    }
    let keys = rows(&keys, "api_keys");
    if keys.is_empty() {
        note("There are no keys.");
    }
    Table::new(ROW).lines(keys).iter().try_for_each(|line| print(line))
}

/// The key alone goes to standard output, so that it can go on into a secret store without passing by people.
async fn create(desk: &Desk, new: NewKey) -> Result<(), Error> {
    let mut body = json!({ "name": new.name, "role": new.role, "expires_in_days": new.expires_in_days });
    if !new.routes.is_empty() {
        body["routes"] = new.routes.into();
    }
    let key = desk.api.create_api_key(body).await?;
    desk.screen.json(&key)?;
    if !desk.screen.json {
        let (id, until) = (text_at(&key, "/id"), text_at(&key, "/expires_at"));
        note(&format!("The key {id} is good until {until}. This is the only time that it is shown:"));
    }
    desk.screen.say(&text_at(&key, "/api_key"))
}

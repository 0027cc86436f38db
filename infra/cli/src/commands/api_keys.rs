//! `mailkey api-keys`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::CliContext;
use crate::{
    api::{Method, Query},
    error::Error,
    json::{rows, text_at},
    output::note,
    table::{self, Column},
    user_ref::Id,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeysCommand {
    /// List the keys, newest first
    List,
    /// Create a key and show it once
    Create(NewKey),
    /// Revoke a key immediately
    Revoke {
        /// The key's id
        id: Id,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// What the key is for
    name: String,
    /// What the key may do: support or admin
    #[arg(long, default_value = "support")]
    role: String,
    /// A route the key may call, such as "GET /api/admin/users/{id}". Repeat it for more routes. Without it, the key may
    /// call every route of its role
    #[arg(long = "route", value_name = "ROUTE")]
    routes: Vec<String>,
    /// Days until the key expires
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

const API_KEYS: &[&str] = &["admin", "api-keys"];

pub(crate) async fn run(cli: &CliContext, command: ApiKeysCommand) -> Result<(), Error> {
    match command {
        ApiKeysCommand::List => list(cli).await,
        ApiKeysCommand::Create(new) => create(cli, new).await,
        ApiKeysCommand::Revoke { id } => {
            cli.api.delete(&[API_KEYS, &[id.as_str()]].concat()).await?;
            cli.output.text(&format!("Revoked the key {id}."))
        }
    }
}

async fn list(cli: &CliContext) -> Result<(), Error> {
    let keys = cli.api.get(API_KEYS, &Query::default()).await?;
    cli.output.json(&keys)?;
    let keys = rows(&keys, "api_keys");
    if keys.is_empty() && !cli.output.json {
        note("No API keys.");
    }
    table::show(cli.output, "", ROW, keys)
}

/// Only the key goes to standard output, so that it can be piped into a secret store.
async fn create(cli: &CliContext, new: NewKey) -> Result<(), Error> {
    let mut body = json!({ "name": new.name, "role": new.role, "expires_in_days": new.expires_in_days });
    if !new.routes.is_empty() {
        body["routes"] = new.routes.into();
    }
    let key = cli.api.send(Method::POST, API_KEYS, body.to_string()).await?;
    cli.output.json(&key)?;
    if !cli.output.json {
        let (id, until) = (text_at(&key, "/id"), text_at(&key, "/expires_at"));
        note(&format!("Created the key {id}. It expires at {until}. Save it now: you can't see it again."));
    }
    cli.output.text(&text_at(&key, "/api_key"))
}

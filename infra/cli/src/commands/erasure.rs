//! `mailkey erase` and `mailkey export-person`.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::CliContext;
use crate::{
    api::{Method, Query},
    error::Error,
    json::text_at,
    user_ref::UserRef,
};

#[derive(Debug, Args)]
pub(crate) struct EraseOptions {
    /// The user's id or address. The address doesn't have to belong to a user
    user: UserRef,
    /// The address again, to confirm. An erasure can't be undone
    #[arg(long, value_name = "ADDRESS")]
    confirm: String,
    /// Return at once instead of waiting until the erasure is done
    #[arg(long)]
    no_wait: bool,
}

/// How often to ask how far the erasure is.
const PAUSE: Duration = Duration::from_secs(1);

pub(crate) async fn erase(cli: &CliContext, options: &EraseOptions) -> Result<(), Error> {
    let address = match &options.user {
        UserRef::Id(id) => text_at(&id.user(&cli.api).await?, "/email"),
        UserRef::Address(address) => address.clone(),
    };
    if !address.eq_ignore_ascii_case(options.confirm.trim()) {
        return Err(Error::Usage("--confirm isn't the person's address, so nothing was erased".to_owned()));
    }
    let mut erasure = cli.api.send(Method::POST, &["admin", "erasures"], person(&options.user).to_string()).await?;
    while !options.no_wait && text_at(&erasure, "/state") == "running" {
        tokio::time::sleep(PAUSE).await;
        let id = text_at(&erasure, "/id");
        erasure = cli.api.get(&["admin", "erasures", &id], &Query::default()).await?;
    }
    cli.output.json(&erasure)?;
    cli.output.text(&told(&erasure))
}

pub(crate) async fn export(cli: &CliContext, user: &UserRef) -> Result<(), Error> {
    let exported = cli.api.send(Method::POST, &["admin", "exports"], person(user).to_string()).await?;
    cli.output.bytes(crate::output::printable_json(&format!("{exported:#}\n")).as_bytes())
}

fn person(user: &UserRef) -> Value {
    match user {
        UserRef::Id(id) => json!({ "user_id": id.as_str() }),
        UserRef::Address(address) => json!({ "address": address }),
    }
}

fn told(erasure: &Value) -> String {
    let (id, items) = (text_at(erasure, "/id"), &erasure["erased"]);
    if text_at(erasure, "/state") == "done" {
        format!("Erased. {items} items were deleted or made anonymous (erasure {id}).")
    } else {
        format!("The erasure {id} is running.")
    }
}

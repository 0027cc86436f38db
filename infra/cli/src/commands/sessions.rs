//! `mailkey sessions`.

use clap::Subcommand;

use super::CliContext;
use crate::{
    api::Query,
    error::Error,
    json::rows,
    table::{self, Columns},
    user_ref::{Id, UserRef},
};

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// List where you are signed in, newest first
    List,
    /// End one of your sessions
    End {
        /// The session's id
        id: Id,
    },
    /// End all your sessions except this one
    EndOthers,
    /// End every session of a user
    EndAll {
        /// The user's id or address
        user: UserRef,
    },
}

const ROW: Columns = Columns {
    first: &[
        ("STARTED (UTC)", "/created_at"),
        ("LAST USED (UTC)", "/last_used_at"),
        ("CURRENT", "/is_current"),
        ("IP ADDRESS", "/ip"),
    ],
    details: &[("ID", "/id"), ("BROWSER", "/user_agent")],
};

pub(crate) async fn run(cli: &CliContext, command: SessionsCommand) -> Result<(), Error> {
    match command {
        SessionsCommand::List => {
            let sessions = cli.api.get(&["sessions"], &Query::default()).await?;
            cli.output.json(&sessions)?;
            table::show(cli.output, "", ROW, rows(&sessions, "sessions"))
        }
        SessionsCommand::End { id } => {
            cli.api.delete(&["sessions", id.as_str()]).await?;
            cli.output.text(&format!("Ended the session {id}."))
        }
        SessionsCommand::EndOthers => {
            cli.api.delete(&["sessions"]).await?;
            cli.output.text("Ended all your other sessions.")
        }
        SessionsCommand::EndAll { user } => {
            let id = user.id(&cli.api).await?;
            cli.api.delete(&["admin", "users", id.as_str(), "sessions"]).await?;
            cli.output.text(&format!("Ended every session of {user}."))
        }
    }
}

//! `mailkey second-factor`.

use clap::Subcommand;
use serde_json::json;

use super::CliContext;
use crate::{
    api::{Method, Query},
    error::Error,
    json::{rows, text_at},
    output::note,
    prompt,
    user_ref::UserRef,
};

#[derive(Debug, Subcommand)]
pub(crate) enum SecondFactorCommand {
    /// Set up a second factor for your own account, and show its recovery codes once. Scripts pass the code on
    /// standard input
    SetUp {
        /// Replace the second factor that you have. The app and the recovery codes of today stop working
        #[arg(long)]
        replace: bool,
    },
    /// Remove the second factor of another user, who lost the device and the recovery codes. Ends their sessions
    Remove {
        /// The user's id or address
        user: UserRef,
    },
}

const SECOND_FACTOR: &[&str] = &["second-factor"];

pub(crate) async fn run(cli: &CliContext, command: SecondFactorCommand) -> Result<(), Error> {
    match command {
        SecondFactorCommand::SetUp { replace } => set_up(cli, replace).await,
        SecondFactorCommand::Remove { user } => {
            let id = user.id(&cli.api).await?;
            cli.api.delete(&["admin", "users", id.as_str(), "second-factor"]).await?;
            cli.output.text(&format!(
                "Removed {user}'s second factor, ended their sessions and notified them by email.\n\
                 They can sign in with their password alone, and set up a new one."
            ))
        }
    }
}

/// Only the codes go to standard output, so that they can be piped into a password manager. With `--json`, the secret
/// goes there too: a script computes the first code from it.
async fn set_up(cli: &CliContext, replace: bool) -> Result<(), Error> {
    let session = cli.api.get(&["session"], &Query::default()).await?;
    if !replace && text_at(&session, "/second_factor") == "set_up" {
        return Err(Error::Usage(
            "You already have a second factor. To use another app: mailkey second-factor set-up --replace\n\
             The app and the recovery codes of today then stop working."
                .to_owned(),
        ));
    }
    let begun = cli.api.send(Method::POST, SECOND_FACTOR, "{}".to_owned()).await?;
    let (secret, uri) = (text_at(&begun, "/secret"), text_at(&begun, "/otpauth_uri"));
    if secret.is_empty() {
        return Err(cli.api.unexpected("a second factor without a secret"));
    }
    cli.output.json(&begun)?;
    if !cli.output.json {
        note(&format!(
            "Add this account to your authenticator app:\n\n    Secret: {}\n    URI:    {uri}\n",
            grouped(&secret)
        ));
    }
    let code = prompt::line("The six digits that the app shows: ")?;
    let body = json!({ "one_time_code": code }).to_string();
    let confirmed = cli.api.send(Method::POST, &[SECOND_FACTOR, &["confirm"]].concat(), body).await?;
    cli.output.json(&confirmed)?;
    if !cli.output.json {
        note("Sign-in now asks for a code. Save these recovery codes: you can't see them again, and each works once.");
    }
    let codes: Vec<_> = rows(&confirmed, "recovery_codes").iter().filter_map(|code| code.as_str()).collect();
    cli.output.text(&codes.join("\n"))
}

/// In groups of four, as people type it.
fn grouped(secret: &str) -> String {
    let letters: Vec<_> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_groups_of_four() {
        for (secret, shown) in [("", ""), ("ABCD", "ABCD"), ("ABCDEFGHIJ", "ABCD EFGH IJ")] {
            assert_eq!(grouped(secret), shown);
        }
    }
}

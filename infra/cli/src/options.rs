//! The command line.

use clap::{Parser, Subcommand, ValueHint};

use crate::{
    commands::{
        api_keys::ApiKeysCommand, audit::AuditOptions, email_log::EmailLogOptions, erasure::EraseOptions,
        import::ImportOptions, second_factor::SecondFactorCommand, sessions::SessionsCommand,
        settings::SettingsCommand, suppressions::SuppressionsCommand, users::UsersCommand, watch::WatchCommand,
    },
    user_ref::UserRef,
};

const AFTER_HELP: &str = "\
Start with `mailkey sign-in`. In scripts, set MAILKEY_API_KEY instead.

Exit codes:
    0  success
    1  the service rejected the request, or lines of an import
    2  wrong usage, or a file can't be read or written
    3  not signed in, or the session or API key has expired
    4  the service can't be reached or is unavailable
    5  `diagnose` found a problem that is certain or likely, or `sender` or `watch check` found one
  130  stopped with Ctrl-C

Environment:
  MAILKEY_URL      the site's URL; --url overrides it
  MAILKEY_API_KEY  an API key, used instead of a session
  XDG_CONFIG_HOME  where mailkey/session.json is saved [default: ~/.config]
  SSL_CERT_FILE    a file of certificate authorities to trust [default: the system's]";

const GLOBAL: &str = "Global options";

/// Find users, see what happened to their email, and help them back in
#[derive(Debug, Parser)]
#[command(name = "mailkey", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Options {
    /// The site's URL; https:// may be left out [default: the last one signed in to, or http://127.0.0.1:8787]
    #[arg(long, global = true, env = "MAILKEY_URL", hide_env = true, value_name = "URL", value_hint = ValueHint::Url)]
    #[arg(help_heading = GLOBAL)]
    pub(crate) url: Option<String>,

    /// Print the API's JSON
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in. Asks for the password, or reads it from standard input in a script
    SignIn {
        /// Your email address; asked for if omitted
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: Option<String>,
    },
    /// Sign out and end the session
    SignOut,
    /// Show the signed-in user
    Whoami,
    /// Set up your second factor, or remove another user's
    #[command(subcommand)]
    SecondFactor(SecondFactorCommand),
    /// List and end sessions
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Find, show, create and change users
    #[command(subcommand)]
    Users(UsersCommand),
    /// Send a user a link to choose a new password
    Reset {
        /// The user's id or address
        user: UserRef,
    },
    /// Send a pending user a new activation link
    ResendActivation {
        /// The user's id or address
        user: UserRef,
    },
    /// Unlock an account that failed sign-ins have locked
    Unlock {
        /// The user's id or address
        user: UserRef,
    },
    /// Find out why a user gets no email or can't sign in, and how to fix it
    Diagnose {
        /// The user's id or address. The address doesn't have to belong to a user
        user: UserRef,
    },
    /// Erase everything that is stored about a person
    Erase(EraseOptions),
    /// Print everything that is stored about a person, as JSON
    ExportPerson {
        /// The user's id or address. The address doesn't have to belong to a user
        user: UserRef,
    },
    /// Show the emails sent or skipped, newest first
    EmailLog(Box<EmailLogOptions>),
    /// List, show, add and remove suppressions: addresses we no longer email
    #[command(subcommand)]
    Suppressions(SuppressionsCommand),
    /// Check the sending setup: SES account and identity, DNS records, delivery events
    Sender,
    /// Log the email that other senders of the AWS account send. Prints what to run; stores nothing
    #[command(subcommand)]
    Watch(WatchCommand),
    /// Show and change the security settings
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Show the audit log, newest first
    Audit(AuditOptions),
    /// List, create and revoke API keys
    #[command(subcommand)]
    ApiKeys(ApiKeysCommand),
    /// Create users from a file
    Import(ImportOptions),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_valid() {
        Options::command().debug_assert();
    }

    #[test]
    fn wrong_usage_fails_before_a_request_is_sent() {
        for line in [
            "mailkey",
            "mailkey reset",
            "mailkey reset alice",
            "mailkey users find alice --limit 0",
            "mailkey users edit alice@example.com",
            "mailkey users find alice --limit 5 --all",
            "mailkey email-log show ../users",
            "mailkey settings set lockout_minutes",
            "mailkey settings set lockout_minutes=1.5",
            "mailkey diagnose",
            "mailkey diagnose alice",
            "mailkey suppressions",
            "mailkey suppressions add alice@example.com",
            "mailkey suppressions remove alice",
            "mailkey suppressions list --limit 101",
            "mailkey import users.jsonl --parallel 99",
            "mailkey second-factor",
            "mailkey second-factor remove sue",
            "mailkey sessions end ../users",
            "mailkey sessions end-all sue",
            "mailkey api-keys create",
            "mailkey watch",
            "mailkey watch add portal",
            "mailkey watch check portal.example",
        ] {
            let error = Options::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn options_and_subcommands_can_be_combined() {
        for line in [
            "mailkey email-log",
            "mailkey email-log --follow --recipient a@b.example --json",
            "mailkey email-log show 01JC000000000000000000000A",
            "mailkey email-log export --status bounced",
            "mailkey email-log --kind canary --trigger system",
            "mailkey suppressions remove --resend a@b.example",
            "mailkey suppressions remove a@b.example --resend",
            "mailkey --url https://portal.example --json users find",
        ] {
            Options::try_parse_from(line.split(' ')).unwrap();
        }
    }
}

//! The command line.

use clap::{Parser, Subcommand, ValueHint};

use crate::{
    commands::{
        api_keys::ApiKeysCommand, audit::AuditOptions, email_log::EmailLogOptions, import::ImportOptions,
        settings::SettingsCommand, suppressions::SuppressionsCommand, users::UsersCommand,
    },
    user_ref::UserRef,
};

const AFTER_HELP: &str = "\
Begin with `mailkey sign-in`. Scripts use an API key instead: set MAILKEY_API_KEY.

Exit codes:
    0  done
    1  refused by the service (a problem, with a page that explains it), or some lines of an import were
    2  wrong usage, or a file that can't be read or written
    3  not signed in, or the session or API key has ended
    4  the service can't be reached, or can't answer now
    5  trouble: `diagnose` found a cause that is certain or likely, or `sender` something wrong
  130  stopped with Ctrl-C

Environment:
  MAILKEY_URL      the site, as --url
  MAILKEY_API_KEY  an API key, used instead of the session of `mailkey sign-in`
  XDG_CONFIG_HOME  the session is kept in $XDG_CONFIG_HOME/mailkey, else in ~/.config/mailkey";

/// Find users, see what happened to their mail, and let them back in
#[derive(Debug, Parser)]
#[command(name = "mailkey", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Options {
    /// The site [default: the one last signed in to, else http://127.0.0.1:8787]
    #[arg(long, global = true, env = "MAILKEY_URL", hide_env = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,

    /// Print the API's JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin a session; the password is asked for, or read from standard input where that is no terminal
    SignIn {
        /// Your address; asked for where it is missing
        #[arg(value_hint = ValueHint::EmailAddress)]
        email: Option<String>,
    },
    /// End the session
    SignOut,
    /// Show who is signed in
    Whoami,
    /// Find, show, create and change users
    #[command(subcommand)]
    Users(UsersCommand),
    /// Send a user a link to choose a new password
    Reset {
        /// The user, by id or address
        user: UserRef,
    },
    /// Send a pending user a new activation link
    ResendActivation {
        /// The user, by id or address
        user: UserRef,
    },
    /// Lift the lock that too many wrong passwords set
    Unlock {
        /// The user, by id or address
        user: UserRef,
    },
    /// Say why a user gets no mail or can't get in, and what to do about it
    Diagnose {
        /// The user, by id or address; an address that no user has is looked into as well
        user: UserRef,
    },
    /// Show every system email and every decision not to send one, newest first
    EmailLog(EmailLogOptions),
    /// Show, add and lift suppressions: addresses that mail is no longer sent to
    #[command(subcommand)]
    Suppressions(SuppressionsCommand),
    /// Check what emails are sent with: the account and the identity at SES, the DNS, the way back of events
    Sender,
    /// Show and change the security settings
    #[command(subcommand)]
    Settings(SettingsCommand),
    /// Show who did what to whom, when and from where
    Audit(AuditOptions),
    /// List, create and revoke API keys
    #[command(subcommand)]
    ApiKeys(ApiKeysCommand),
    /// Create users from a file
    Import(ImportOptions),
    /// Print completions for a shell
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
    fn the_command_line_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn wrong_usage_is_refused_before_anything_is_sent() {
        for line in [
            "mailkey",
            "mailkey reset",
            "mailkey reset alice",
            "mailkey users find alice --limit 0",
            "mailkey users find alice --limit 5 --all",
            "mailkey email-log --status lost",
            "mailkey email-log show ../users",
            "mailkey settings set lockout_minutes",
            "mailkey settings set lockout_minutes=soon",
            "mailkey diagnose",
            "mailkey diagnose alice",
            "mailkey suppressions",
            "mailkey suppressions add alice@example.com",
            "mailkey suppressions lift alice",
            "mailkey suppressions list --limit 101",
            "mailkey import users.jsonl --parallel 99",
            "mailkey api-keys create",
        ] {
            let error = Options::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn options_of_the_log_and_its_commands_stand_side_by_side() {
        for line in [
            "mailkey email-log",
            "mailkey email-log --follow --recipient a@b.example --json",
            "mailkey email-log show 01JC000000000000000000000A",
            "mailkey email-log export --status bounced",
            "mailkey email-log --kind canary --trigger system",
            "mailkey suppressions lift --resend a@b.example",
            "mailkey suppressions lift a@b.example --resend",
            "mailkey --url https://portal.example --json users find",
        ] {
            Options::try_parse_from(line.split(' ')).unwrap();
        }
    }
}

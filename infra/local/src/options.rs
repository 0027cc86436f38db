//! The command-line options.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use mailkey::config::{Directory, parse_duration};

use crate::scenarios::Scenarios;

/// The variables without a flag.
const ENVIRONMENT: &str = "Variables without a flag:
  MAILKEY_LOG  What to log, such as warn or mailkey_mailer=debug. Below info, only Mailkey's own messages are logged,
               because those of other crates contain addresses and hashes.";

/// Run all of Mailkey on this machine, with an embedded database and email service. Listens on 127.0.0.1 only.
#[derive(Debug, Parser)]
#[command(version, after_help = ENVIRONMENT)]
pub struct Options {
    /// Port to listen on; 0 picks a free one.
    #[arg(long, env = "MAILKEY_PORT", default_value_t = 8787)]
    pub port: u16,

    /// Folder for the data.
    #[arg(long, env = "MAILKEY_DATA_DIR", default_value = ".mailkey", conflicts_with = "in_memory")]
    pub data_dir: PathBuf,

    /// Keep all data in memory and lose it when the process ends.
    #[arg(long, env = "MAILKEY_IN_MEMORY")]
    pub in_memory: bool,

    /// JSON file with the users to create at the first start.
    #[arg(long, env = "MAILKEY_SEED", value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// Simulate an email that does not arrive, by cause, such as mailbox_full, or all of them. Diagnose the addresses
    /// that the start message lists.
    #[arg(long, env = "MAILKEY_SCENARIO", value_name = "CAUSE|all")]
    pub scenario: Option<Scenarios>,

    /// Email address of the administrator.
    #[arg(long, env = "MAILKEY_ADMIN_EMAIL", default_value = "admin@example.com", value_name = "ADDRESS")]
    pub admin_email: String,

    /// Password of the administrator, for the first start; generated and shown once if you don't set it. Prefer the
    /// variable: other users of this machine can see flags.
    #[arg(long, env = "MAILKEY_ADMIN_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    pub admin_password: Option<String>,

    /// URL of the portal, where people continue after a reset, an activation or a sign-in.
    #[arg(long, env = "MAILKEY_PORTAL_URL", value_name = "URL")]
    pub portal_url: Option<String>,

    /// TOML file with the portal's PortalName, SupportAddress, PortalUrl, BrandColour and Logo (a PNG or SVG file).
    #[arg(long, env = "MAILKEY_BRANDING", value_name = "FILE")]
    pub branding: Option<PathBuf>,

    /// How long links are valid, such as 24h or 2s; overrides the security settings.
    #[arg(long, env = "MAILKEY_LINK_LIFETIME", value_parser = parse_duration, value_name = "DURATION")]
    pub link_lifetime: Option<SignedDuration>,

    /// Collapse repeated requests for one address within this time; 0s turns this off.
    #[arg(long, env = "MAILKEY_REQUEST_BUCKET", value_parser = parse_duration, default_value = "60s", value_name = "DURATION")]
    pub request_bucket: SignedDuration,

    /// Where members live: in Mailkey, or nowhere that it knows; then only staff have accounts.
    #[arg(long, env = "MAILKEY_DIRECTORY", default_value_t = Directory::Own, value_name = "own|none")]
    pub directory: Directory,

    /// Senders whose email is logged although Mailkey doesn't send it: domains, with their subdomains, and addresses, such
    /// as portal.example,news@other.example.
    #[arg(long, env = "MAILKEY_WATCH", default_value = "", value_name = "SENDERS")]
    pub watch: String,

    /// What the log keeps of their subjects: subjects without codes, or nothing.
    #[arg(long, env = "MAILKEY_WATCHED_SUBJECTS", default_value = "masked", value_name = "masked|none")]
    pub watched_subjects: String,

    /// Email of which only failures are logged, such as newsletters: senders, configuration-set:NAME, tag:NAME or
    /// tag:NAME=VALUE.
    #[arg(long, env = "MAILKEY_WATCH_FAILURES_ONLY", default_value = "", value_name = "RULES")]
    pub watch_failures_only: String,

    /// Whether the local SES publishes events. If off, post them to /_local/ses-events.
    #[arg(long, env = "MAILKEY_LOCAL_SES_EVENTS", value_enum, default_value = "on", value_name = "on|off")]
    pub local_ses_events: Switch,

    /// Whether to refuse new passwords that were stolen from other services. Sends the first five characters of a
    /// password's SHA-1 to the service at the URL below.
    #[arg(long, env = "MAILKEY_BREACHED_PASSWORDS", value_enum, default_value = "off", value_name = "on|off")]
    pub breached_passwords: Switch,

    /// Where to look up stolen passwords.
    #[arg(long, env = "MAILKEY_BREACHED_PASSWORDS_URL", default_value = mailkey_api::password::BREACHED_PASSWORDS_URL, value_name = "URL")]
    pub breached_passwords_url: String,
}

/// The value of an option that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

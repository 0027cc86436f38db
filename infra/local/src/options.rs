//! The command-line options.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use mailkey::config::parse_duration;

use crate::scenarios::Scenarios;

/// Run all of Mailkey on this machine, with an embedded database and email service. Listens on 127.0.0.1 only.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Options {
    /// Port to listen on; 0 picks a free one.
    #[arg(long, env = "MAILKEY_PORT", default_value_t = 8787)]
    pub port: u16,

    /// Folder for the data.
    #[arg(long, env = "MAILKEY_DATA_DIR", default_value = ".mailkey", conflicts_with = "in_memory")]
    pub data_dir: PathBuf,

    /// Keep all data in memory and lose it when the process ends.
    #[arg(long)]
    pub in_memory: bool,

    /// JSON file with the users to create at the first start.
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// Simulate an email that does not arrive, by cause, such as mailbox_full, or all of them. Diagnose the addresses
    /// that the start message lists.
    #[arg(long, value_name = "CAUSE|all")]
    pub scenario: Option<Scenarios>,

    /// Email address of the administrator.
    #[arg(long, env = "MAILKEY_ADMIN_EMAIL", default_value = "admin@example.com", value_name = "ADDRESS")]
    pub admin_email: String,

    /// Password of the administrator; generated and shown once if you don't set it.
    #[arg(env = "MAILKEY_ADMIN_PASSWORD", hide_env_values = true, hide = true, long)]
    pub admin_password: Option<String>,

    /// How long links are valid, such as 24h or 2s; overrides the security settings.
    #[arg(long, env = "MAILKEY_LINK_LIFETIME", value_parser = parse_duration, value_name = "DURATION")]
    pub link_lifetime: Option<SignedDuration>,

    /// Collapse repeated requests for one address within this time; 0s turns this off.
    #[arg(long, env = "MAILKEY_REQUEST_BUCKET", value_parser = parse_duration, default_value = "60s", value_name = "DURATION")]
    pub request_bucket: SignedDuration,

    /// Whether the local SES publishes events. If off, post them to /_local/ses-events.
    #[arg(long, env = "MAILKEY_LOCAL_SES_EVENTS", value_enum, default_value = "on", value_name = "on|off")]
    pub local_ses_events: Switch,
}

/// The value of an option that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Publish events.
    On,
    /// Don't publish events.
    Off,
}

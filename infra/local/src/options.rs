//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use mailkey::config::parse_duration;

use crate::scenarios::Scenarios;

/// Mailkey on one machine: the whole service with everything embedded. It listens on 127.0.0.1 only.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Options {
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, env = "MAILKEY_PORT", default_value_t = 8787)]
    pub port: u16,

    /// Where the data is kept.
    #[arg(long, env = "MAILKEY_DATA_DIR", default_value = ".mailkey", conflicts_with = "in_memory")]
    pub data_dir: PathBuf,

    /// Keep everything in memory; it is gone when the process ends.
    #[arg(long)]
    pub in_memory: bool,

    /// The users to begin with, as a JSON file.
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// Plays how a mail fails to arrive: a cause such as mailbox_full, or all of them. Diagnose the addresses it
    /// prints.
    #[arg(long, value_name = "CAUSE|all")]
    pub scenario: Option<Scenarios>,

    /// The administrator's address.
    #[arg(long, env = "MAILKEY_ADMIN_EMAIL", default_value = "admin@example.com", value_name = "ADDRESS")]
    pub admin_email: String,

    /// The administrator's password; made up and shown once where it is not given.
    #[arg(env = "MAILKEY_ADMIN_PASSWORD", hide_env_values = true, hide = true, long)]
    pub admin_password: Option<String>,

    /// How long links last, such as 24h or 2s; else as the security settings say.
    #[arg(long, env = "MAILKEY_LINK_LIFETIME", value_parser = parse_duration, value_name = "DURATION")]
    pub link_lifetime: Option<SignedDuration>,

    /// Requests for one address within this time collapse into one; 0s turns that off.
    #[arg(long, env = "MAILKEY_REQUEST_BUCKET", value_parser = parse_duration, default_value = "60s", value_name = "DURATION")]
    pub request_bucket: SignedDuration,

    /// Whether the local SES sends events by itself; off, they are played by POST /_local/ses-events.
    #[arg(long, env = "MAILKEY_LOCAL_SES_EVENTS", value_enum, default_value = "on", value_name = "on|off")]
    pub local_ses_events: Switch,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

//! The command line.

use std::path::PathBuf;

use clap::Parser;
use jiff::SignedDuration;
use mailkey::config::parse_duration;

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
}

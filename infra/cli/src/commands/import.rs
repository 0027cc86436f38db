//! `mailkey import`: creates users from a file with one user per line.
//!
//! The service creates each user completely or not at all, so an import that stopped can be run again.

mod batch;
mod lines;
mod report;
mod run;

use std::path::PathBuf;

use clap::{Args, ValueHint};

pub(crate) use run::run;

/// Each line is a JSON object with email, display_name and, optionally, role (member, support, admin), locale, status
/// (active, inactive) and password_hash (argon2, bcrypt, scrypt or pbkdf2 in PHC format).
/// If an import stops, run it again: existing users don't change.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The users, in JSON Lines format
    #[arg(value_name = "FILE.jsonl", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// Number of requests to send at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    parallel: u8,

    /// Check the format of each line without sending anything
    #[arg(long)]
    check: bool,
}

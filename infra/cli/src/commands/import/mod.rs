//! `mailkey import`: users from a file, a line each.
//!
//! Every user is created whole or not at all, by the service. Whatever ends an import, running it again goes on: who is
//! there already is left as it is.

mod batch;
mod lines;
mod report;
mod run;

use std::path::PathBuf;

use clap::{Args, ValueHint};

pub(crate) use run::run;

/// Each line is a JSON object: email, display_name, and optionally role (member, support, admin), locale, status
/// (active, inactive) and password_hash, in PHC form as another system left it (argon2, bcrypt, scrypt, pbkdf2).
/// Running an import again goes on where it stopped: users who exist are left as they are.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The users, as JSON Lines
    #[arg(value_name = "FILE.jsonl", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// How many requests are on their way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    parallel: u8,

    /// Only look whether the lines can be read; nothing is sent
    #[arg(long)]
    check: bool,
}

//! The `mailkey` command: support and administration from a terminal or a script. It only talks to the API.

mod api;
mod commands;
mod environment;
mod error;
mod json;
mod list;
mod options;
mod output;
mod people;
mod session_file;
mod table;
mod user_ref;
mod warnings;

use std::process::ExitCode;

use clap::Parser;

use crate::{error::Exit, options::Options};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let exit = match commands::run(options).await {
        Ok(()) => Exit::Success,
        Err(error) => {
            if let Some(text) = error.message() {
                output::note(&text);
            }
            error.exit()
        }
    };
    exit.into()
}

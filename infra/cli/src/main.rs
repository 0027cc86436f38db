//! The `mailkey` command: what an administrator does, from a terminal and from scripts. It talks to the API only.

mod api;
mod commands;
mod environment;
mod error;
mod json;
mod list;
mod options;
mod screen;
mod session_file;
mod table;
mod user_ref;

use std::process::ExitCode;

use clap::Parser;

use crate::{error::Exit, options::Options};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let exit = match commands::run(options).await {
        Ok(()) => Exit::Done,
        Err(error) => {
            if let Some(text) = error.to_show() {
                screen::note(&text);
            }
            error.exit()
        }
    };
    exit.into()
}

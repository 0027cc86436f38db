//! Generates `$OUT_DIR/words.rs`, one method for each message in `locales/<language>/*.ftl`.
//!
//! The build fails if a file doesn't parse, or if a language lacks a message or uses other variables than English.

use std::{env, fs, path::Path, process::ExitCode};

use mailkey_words::Source;

fn main() -> ExitCode {
    tell("cargo::rerun-if-changed=locales");
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            faults.iter().for_each(|fault| tell(&format!("cargo::error={fault}")));
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), Vec<String>> {
    let sources = Source::read_folder(Path::new("locales")).map_err(|error| vec![format!("locales: {error}")])?;
    let catalogue = mailkey_words::read(&sources);
    let catalogue = catalogue.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let file = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("words.rs");
    fs::write(file, mailkey_words::methods(&catalogue)).map_err(|error| vec![format!("words.rs: {error}")])
}

#[allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]
fn tell(line: &str) {
    println!("{line}");
}

//! Turns the words of the emails, `locales/<language>/*.ftl`, into one method for each message (`$OUT_DIR/words.rs`).
//!
//! What is wrong with the words fails the build, and says where: a file that does not parse, a message that a language
//! lacks, a variable that is not known. A template that names a message which is not there does not compile, since it
//! calls a method which is not there.

mod catalogue;
mod check;
mod pattern;
mod rust;

use std::{env, fs, io, path::Path, process::ExitCode};

use catalogue::{Fault, Source};

fn main() -> ExitCode {
    tell("cargo::rerun-if-changed=locales");
    tell("cargo::rerun-if-changed=build");
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            faults.iter().for_each(|fault| tell(&format!("cargo::error={fault}")));
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), Vec<Fault>> {
    let sources = sources(Path::new("locales")).map_err(|e| vec![Fault::of("locales", e.to_string())])?;
    let code = rust::methods(&catalogue::read(&sources)?);
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&out).join("words.rs"), code).map_err(|e| vec![Fault::of("words.rs", e.to_string())])
}

/// Every file of every language.
fn sources(folder: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for language in entries(folder)? {
        for file in entries(&folder.join(&language))? {
            let text = fs::read_to_string(folder.join(&language).join(&file))?;
            sources.push(Source { language: language.clone(), file, text });
        }
    }
    Ok(sources)
}

/// The names in a folder, sorted, so that the same words make the same code.
fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = fs::read_dir(folder)?.map(name).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// How a build script speaks to cargo.
#[allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]
fn tell(line: &str) {
    println!("{line}");
}

//! `cargo run` starts all of Mailkey on this machine.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use clap::Parser;
use mailkey_local::{options::Options, start};
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;
use tracing_subscriber::{EnvFilter, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

/// A request allocates hundreds of small objects, and a hash allocates 19 MiB. This allocator needs a third of the time
/// for small objects and returns unused memory from a background thread.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    log_to_standard_error();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "mailkey: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let service = start::prepare(options, |step| say(&mut std::io::stderr(), &format!("{step} ..."))).await?;
    say(&mut std::io::stdout(), &service.greeting);
    let end = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        say(&mut std::io::stderr(), "Stopping ...");
    };
    service.serve(end).await?;
    Ok(())
}

/// Ignores write errors, so that a closed pipe doesn't end the service.
fn say(out: &mut impl Write, text: &str) {
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn log_to_standard_error() {
    let filter =
        mailkey_local::environment("MAILKEY_LOG").unwrap_or_else(|| "warn,mailkey=info,mailkey_mailer=info".to_owned());
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // Traces of the SDK and the database contain addresses and hashes.
    let safe = filter_fn(|message| *message.level() <= Level::INFO || message.target().starts_with("mailkey"));
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    if std::io::stderr().is_terminal() {
        log.compact().finish().with(safe).init();
    } else {
        log.json().flatten_event(true).with_ansi(false).finish().with(safe).init();
    }
}

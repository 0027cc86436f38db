//! Measures how functions start: the release binaries, each pinned to one processor, with a local Lambda Runtime API.
//!
//! `cargo run --release -p mailkey-tests --bin bench-cold-start [RUNS] [FOLDER]`: FOLDER contains a folder with a
//! `bootstrap` for each function. The default is `target/lambda`, where `tests/stack/run` leaves them. The time is from
//! spawning the process to its first request for work; memory is measured then. There is no DynamoDB or SES: a function
//! must not wait for them before its first event. A zip or process above its size limit is a failure. The time is not,
//! since it depends on the machine's load.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

#[path = "lambda_environment.rs"]
mod lambda_environment;

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use lambda_environment::{KEY, lambda_environment};

/// The limits in milliseconds and megabytes.
const INIT_MS: f64 = 10.0;
const ZIP_MB: f64 = 6.0;
const RSS_MB: f64 = 20.0;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let runs: usize = arguments.next().map_or(15, |runs| runs.parse().unwrap());
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/lambda");
    let folder = arguments.next().map_or(default, PathBuf::from);
    let mut functions: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    functions.retain(|function| function.join("bootstrap").is_file());
    functions.sort();

    println!(
        "{:<17} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "function", "median ms", "best ms", "RSS MB", "binary MB", "zip MB"
    );
    let (mut slow, mut large) = (Vec::new(), Vec::new());
    for function in &functions {
        let name = function.file_name().unwrap().to_string_lossy().into_owned();
        let binary = function.join("bootstrap");
        let mut starts: Vec<_> = (0..runs).map(|_| start(&binary)).collect();
        starts.sort_by_key(|start| start.init);
        let (median, least) = (ms(starts[runs / 2].init), ms(starts[0].init));
        let rss = starts.iter().map(|start| start.rss_kb).max().unwrap() as f64 / 1024.0;
        let (size, zip) = (mb(fs::metadata(&binary).unwrap().len()), zipped(&binary));
        println!("{name:<17} {median:>9.1} {least:>9.1} {rss:>9.1} {size:>9.2} {zip:>8.2}");
        if median > INIT_MS {
            slow.push(name.clone());
        }
        if zip > ZIP_MB || rss > RSS_MB {
            large.push(name);
        }
    }
    let named = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    println!("over {INIT_MS} ms: {}", named(&slow));
    println!("over {RSS_MB} MB of memory or {ZIP_MB} MB of zip: {}", named(&large));
    if large.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Start {
    init: Duration,
    rss_kb: u64,
}

/// Spawns a function and waits until it asks for its first event, which it never gets.
fn start(binary: &Path) -> Start {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = listener.local_addr().unwrap().to_string();
    let begun = Instant::now();
    let mut child = spawn(binary, &api);
    let (mut connection, _) = listener.accept().unwrap();
    let init = begun.elapsed();
    let mut head = [0; 4096];
    let read = connection.read(&mut head).unwrap();
    assert!(String::from_utf8_lossy(&head[..read]).starts_with("GET /2018-06-01/runtime/invocation/next"));
    let rss_kb = rss_kb(&child);
    // Keep the connection open until here; the request gets no response.
    let _ = connection.write_all(b"");
    child.kill().unwrap();
    child.wait().unwrap();
    Start { init, rss_kb }
}

fn spawn(binary: &Path, api: &str) -> Child {
    let others = [
        ("MAILKEY_CONFIGURATION_SET", "bench-recovery"),
        ("MAILKEY_EVENT_BUS", "bench-events"),
        ("MAILKEY_CURSOR_KEY", KEY),
    ];
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0"]).arg(binary).env_clear().envs(lambda_environment(api)).envs(others);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// `taskset` executes the function in the same process, so the child's memory is the function's.
fn rss_kb(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// The size of the zip that `infra/package` creates, in megabytes.
fn zipped(binary: &Path) -> f64 {
    let script = "import sys,zipfile,io;b=io.BytesIO();z=zipfile.ZipFile(b,'w',zipfile.ZIP_DEFLATED,compresslevel=9);z.write(sys.argv[1]);z.close();print(len(b.getvalue()))";
    let done = Command::new("python3").args(["-c", script]).arg(binary).output().unwrap();
    mb(String::from_utf8_lossy(&done.stdout).trim().parse().unwrap())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

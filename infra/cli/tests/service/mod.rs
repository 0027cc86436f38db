//! Runs the local service, and the command with its own session folder.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

pub(crate) const PASSWORD: &str = "an administrators password";

static HOMES: AtomicU32 = AtomicU32::new(0);

/// A running service, stopped on drop.
pub(crate) struct Mailkey {
    service: Child,
    url: String,
    home: PathBuf,
}

#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Mailkey {
    pub(crate) fn start() -> Self {
        let binary = Path::new(env!("CARGO_BIN_EXE_mailkey")).with_file_name("mailkey-local");
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/mailkey-local");
        let binary = if binary.exists() { binary } else { built };
        assert!(binary.exists(), "{} is missing: run `cargo build -p mailkey-local` first", binary.display());
        let mut service = Command::new(binary)
            .args(["--in-memory", "--port", "0"])
            .env("MAILKEY_ADMIN_PASSWORD", PASSWORD)
            .env("MAILKEY_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(service.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ready = lines.find_map(|line| Some(line.strip_prefix("Mailkey is ready at ")?.to_owned()));
        let url = ready.expect("the service ended before it was ready");
        // Without a reader, the service would block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let home = std::env::temp_dir().join(format!(
            "mailkey-cli-{}-{}",
            std::process::id(),
            HOMES.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&home).unwrap();
        Self { service, url, home }
    }

    /// The service's URL without its scheme.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailkey"));
        command.env_clear().env("XDG_CONFIG_HOME", &self.home).env("MAILKEY_URL", &self.url).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the command with `input` as its standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Ran {
        ran(self.command(arguments), input)
    }

    pub(crate) fn run_with_key(&self, key: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.env("MAILKEY_API_KEY", key);
        ran(command, "")
    }

    /// Runs a command that must succeed, and returns its output.
    pub(crate) fn ok(&self, arguments: &[&str], input: &str) -> String {
        let ran = self.run(arguments, input);
        assert_eq!(ran.exit, 0, "{arguments:?}: {ran:?}");
        ran.stdout
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat(), "")).unwrap()
    }

    pub(crate) fn record(&self, user: &str) -> Value {
        self.json(&["users", "show", user])
    }

    /// Waits until an email is sent. It may be delivered by then.
    pub(crate) fn sent_entry(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let ran = self.run(&["email-log", "show", id, "--json"], "");
            let entry: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
            if entry["status"] == "sent" || entry["status"] == "delivered" {
                return entry;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "not sent in time: {ran:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, content: &str) -> String {
        let path = self.home.join("users.jsonl");
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn session_file_is_private(&self) -> bool {
        let file = self.home.join("mailkey/session.json");
        fs::metadata(file).unwrap().permissions().mode() & 0o777 == 0o600
    }
}

impl Drop for Mailkey {
    fn drop(&mut self) {
        let _ = self.service.kill();
        let _ = self.service.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn ran(mut command: Command, input: &str) -> Ran {
    let mut child = command.spawn().unwrap();
    // A command that rejects its arguments doesn't read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { exit: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

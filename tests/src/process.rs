//! The service under test: a child process, or a stack that is already deployed.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read},
    net::{IpAddr, SocketAddr},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, atomic::AtomicI64},
    time::{Duration, Instant},
};

use crate::waiting::{PATIENCE, eventually_within};

/// The program under test: `MAILKEY_BIN`, or the result of `cargo build`.
pub fn binary() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/mailkey-local");
    std::env::var_os("MAILKEY_BIN").map_or_else(built, PathBuf::from)
}

/// Reads a variable that `tests/stack` sets.
#[expect(clippy::disallowed_methods, reason = "the only place where the tests read the environment")]
fn from_outside(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// The options for starting the program.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    data_dir: Option<PathBuf>,
    environment: Vec<(String, String)>,
    arguments: Vec<OsString>,
    /// A command with its first arguments that starts the program, if it isn't started directly.
    starter: &'static [&'static str],
}

impl Setup {
    /// In memory, on a free port, with default settings.
    pub fn new() -> Setup {
        Setup::default()
    }

    /// Keeps the data in a folder.
    #[must_use]
    pub fn data_dir(mut self, path: &Path) -> Setup {
        self.data_dir = Some(path.to_owned());
        self
    }

    /// Sets an environment variable. The environment is otherwise empty.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Setup {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Keeps requests of one address separate, however quickly they follow each other.
    #[must_use]
    pub fn without_collapsing(self) -> Setup {
        self.env("MAILKEY_REQUEST_BUCKET", "0s")
    }

    /// Makes a write beyond the file size limit fail, instead of ending the process with a signal.
    #[must_use]
    pub fn surviving_file_limits(mut self) -> Setup {
        self.starter = &["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
        self
    }

    /// Makes read-only folders read-only for the process, even if the tests run as root.
    #[must_use]
    pub fn bound_by_permissions(mut self) -> Setup {
        if std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0) {
            self.starter = &["setpriv", "--bounding-set", "-dac_override,-dac_read_search"];
        }
        self
    }

    /// Adds a command line argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Setup {
        self.arguments.push(argument.into());
        self
    }

    /// The command, for a program that isn't expected to become ready.
    pub fn command(&self) -> Command {
        let mut command = match self.starter {
            [] => Command::new(binary()),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary());
                command
            }
        };
        command.env_clear().args(&self.arguments);
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        match &self.data_dir {
            Some(path) => command.arg("--data-dir").arg(path),
            None => command.arg("--in-memory"),
        };
        if !self.arguments.iter().any(|argument| argument == "--port") {
            command.args(["--port", "0"]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts the program and waits until it is ready. If `MAILKEY_STACK` names a deployed stack, uses that instead and
    /// resets its tables. Of the options, a stack supports only whether SES sends events on its own.
    pub async fn start(&self) -> Mailkey {
        if let Some(url) = from_outside("MAILKEY_STACK") {
            let site_url = from_outside("MAILKEY_STACK_SITE").expect("MAILKEY_STACK_SITE");
            let mailkey = Mailkey::attach(url, site_url).await;
            if self.environment.iter().any(|(name, value)| name == "MAILKEY_LOCAL_SES_EVENTS" && value == "off") {
                mailkey.put_local("/_local/ses", &serde_json::json!({ "plays": false })).await;
            }
            return mailkey;
        }
        let mut child = self.command().spawn().unwrap_or_else(|e| {
            let path = binary();
            panic!("{} can't be started ({e}); cargo build -p mailkey-local", path.display())
        });
        let (greeting, logs) = (Lines::default(), Lines::default());
        greeting.collect(child.stdout.take().unwrap());
        logs.collect(child.stderr.take().unwrap());
        let site_url = ready(&mut child, &greeting, &logs).await;
        let mut mailkey = Mailkey::at(site_url.clone(), site_url);
        (mailkey.child, mailkey.greeting, mailkey.logs) = (Some(child), greeting, logs);
        mailkey
    }
}

/// A running Mailkey. It stops when this value is dropped.
#[derive(Debug)]
pub struct Mailkey {
    /// `None` for a deployed stack.
    child: Option<Child>,
    greeting: Lines,
    logs: Lines,
    pub(crate) address: SocketAddr,
    /// Base URL for requests, without a trailing slash.
    pub(crate) base_url: String,
    /// Base URL of the site in emails and problems, without a trailing slash.
    pub site_url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) clock_offset_ms: AtomicI64,
}

impl Mailkey {
    /// Starts the program in memory, with default settings.
    pub async fn start() -> Mailkey {
        Setup::new().start().await
    }

    /// The stack at `url`, with its tables reset as for a new process.
    async fn attach(url: String, site_url: String) -> Mailkey {
        let mailkey = Mailkey::at(url, site_url);
        mailkey.post("/_local/begin", &serde_json::json!({})).await.expect_status(200);
        mailkey
    }

    fn at(base_url: String, site_url: String) -> Mailkey {
        let address = base_url.strip_prefix("http://").and_then(|host| host.parse().ok());
        Mailkey {
            child: None,
            greeting: Lines::default(),
            logs: Lines::default(),
            address: address.expect("it listens on a local address"),
            base_url,
            site_url,
            client: client(None),
            clock_offset_ms: AtomicI64::new(0),
        }
    }

    /// The lines of its standard output.
    pub fn greeting(&self) -> Vec<String> {
        self.greeting.read()
    }

    /// The lines of its standard error: the logs, and the progress messages at the start.
    pub fn logs(&self) -> Vec<String> {
        self.logs.read()
    }

    /// Sends the following requests from another local address, such as 127.0.0.2.
    pub fn connect_from(&mut self, ip: IpAddr) {
        self.client = client(Some(ip));
    }

    /// Id of the process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("a child process").id()
    }

    /// The resident memory of the process, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills the process immediately, as a power failure would.
    pub fn kill(mut self) {
        let child = self.child.as_mut().expect("a child process");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the process to stop, as a service manager does, and waits until it has.
    pub async fn terminate(mut self) -> (ExitStatus, Vec<String>) {
        let mut child = self.child.take().expect("a child process");
        let pid = child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return (status, self.logs());
            }
            assert!(begun.elapsed() < PATIENCE, "the process doesn't stop");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Mailkey {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // The process may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn client(from: Option<IpAddr>) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .local_address(from)
        .build()
        .unwrap()
}

/// Playing every pair of scenarios at the start takes more than a minute on a busy machine.
const START_PATIENCE: Duration = Duration::from_secs(300);

async fn ready(child: &mut Child, greeting: &Lines, logs: &Lines) -> String {
    let child = Mutex::new(child);
    eventually_within(START_PATIENCE, "the program is ready", || async {
        if let Some(status) = child.lock().unwrap().try_wait().unwrap() {
            panic!("the program ended ({status}):\n{}", logs.read().join("\n"));
        }
        greeting.read().iter().find_map(|line| announced_url(line))
    })
    .await
}

/// The URL in the line that announces it.
fn announced_url(line: &str) -> Option<String> {
    let (_, url) = line.split_once("Mailkey is ready at ")?;
    Some(url.split_whitespace().next()?.trim_end_matches('/').to_owned())
}

/// The lines that a process prints on a stream.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn collect(&self, stream: impl Read + Send + 'static) {
        let lines = self.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                let text = String::from_utf8_lossy(&line);
                let text = text.strip_suffix('\n').unwrap_or(&text);
                lines.0.lock().unwrap().push(text.to_owned());
                line.clear();
            }
        });
    }
}

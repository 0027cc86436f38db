//! The service under test: a child process, or a stack that is deployed already.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read},
    net::{IpAddr, SocketAddr},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, atomic::AtomicI64},
    time::Instant,
};

use crate::waiting::{PATIENCE, eventually};

/// The program under test: `MAILKEY_BIN`, or else what `cargo build` made.
pub fn binary() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/mailkey-local");
    std::env::var_os("MAILKEY_BIN").map_or_else(built, PathBuf::from)
}

/// What is driven, as `tests/stack` says it.
#[expect(clippy::disallowed_methods, reason = "the one place where the tests read the environment")]
fn from_outside(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// How to start the program.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    data_dir: Option<PathBuf>,
    environment: Vec<(String, String)>,
    arguments: Vec<OsString>,
    /// The command that starts it, with its first arguments, where it is not started as it is.
    starter: &'static [&'static str],
}

impl Setup {
    /// In memory, on a free port, with the defaults of everything.
    pub fn new() -> Setup {
        Setup::default()
    }

    /// Keeps the data in a folder.
    #[must_use]
    pub fn data_dir(mut self, path: &Path) -> Setup {
        self.data_dir = Some(path.to_owned());
        self
    }

    /// Sets a variable of the environment, which is otherwise empty.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Setup {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Requests of one address don't collapse, however quickly they come.
    #[must_use]
    pub fn without_collapsing(self) -> Setup {
        self.env("MAILKEY_REQUEST_BUCKET", "0s")
    }

    /// A write beyond a limit for files fails, in the place of ending the process with a signal.
    #[must_use]
    pub fn surviving_file_limits(mut self) -> Setup {
        self.starter = &["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
        self
    }

    /// A folder that may only be read is that for it, although the tests may run as the superuser.
    #[must_use]
    pub fn bound_by_permissions(mut self) -> Setup {
        if std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0) {
            self.starter = &["setpriv", "--bounding-set", "-dac_override,-dac_read_search"];
        }
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Setup {
        self.arguments.push(argument.into());
        self
    }

    /// The command, for a program that is not expected to get as far as being ready.
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

    /// Starts it and waits until it is ready. Where `MAILKEY_STACK` names a deployed stack, that is what is driven, its
    /// tables as a test finds them in a new process; of a setup it knows whether SES sends events by itself.
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

/// A running Mailkey. It ends when this does.
#[derive(Debug)]
pub struct Mailkey {
    /// None where it is a stack that somebody else deployed.
    child: Option<Child>,
    greeting: Lines,
    logs: Lines,
    pub(crate) address: SocketAddr,
    /// Where it answers, without a slash at the end.
    pub(crate) base_url: String,
    /// Where the site is, as its mails and problems have it, without a slash at the end.
    pub site_url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) clock_offset_ms: AtomicI64,
}

impl Mailkey {
    /// Starts one in memory, with the defaults of everything.
    pub async fn start() -> Mailkey {
        Setup::new().start().await
    }

    /// The stack that answers at `url`, with the tables as a new process has them.
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
            address: address.expect("it listens on an address of this machine"),
            base_url,
            site_url,
            client: client(None),
            clock_offset_ms: AtomicI64::new(0),
        }
    }

    /// What it says to whoever started it: the lines of its standard output.
    pub fn greeting(&self) -> Vec<String> {
        self.greeting.read()
    }

    /// What it logs: the lines of its standard error, its progress while it started among them.
    pub fn logs(&self) -> Vec<String> {
        self.logs.read()
    }

    /// From now on the requests of this harness come from another address of this machine, such as 127.0.0.2.
    pub fn connect_from(&mut self, ip: IpAddr) {
        self.client = client(Some(ip));
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("a process of ours").id()
    }

    /// The memory that the process has in use, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the process at once, as a power failure does.
    pub fn kill(mut self) {
        let child = self.child.as_mut().expect("a process of ours");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the process to end, as a service manager does, and waits until it has.
    pub async fn terminate(mut self) -> (ExitStatus, Vec<String>) {
        let mut child = self.child.take().expect("a process of ours");
        let pid = child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return (status, self.logs());
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Mailkey {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended already.
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

async fn ready(child: &mut Child, greeting: &Lines, logs: &Lines) -> String {
    let child = Mutex::new(child);
    eventually("the program gets ready", || async {
        if let Some(status) = child.lock().unwrap().try_wait().unwrap() {
            panic!("the program ended ({status}):\n{}", logs.read().join("\n"));
        }
        greeting.read().iter().find_map(|line| announced_url(line))
    })
    .await
}

/// Where it is, from the line that says so.
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

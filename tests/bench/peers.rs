//! Compares Mailkey on one machine with alternatives: better-auth, Django and PocketBase. Each uses SQLite and the same
//! 10,000 users, and runs alone on one core, with the load coming from another core.
//!
//! `tests/bench/peers/run` installs the peers, builds Mailkey and this program, and prints one table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement stops at anything unexpected"
)]

#[path = "wire.rs"]
mod wire;

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wire::Connection;

const USERS: usize = 10_000;
const PASSWORD: &str = "violet canoe under nine bridges";
const ADMIN_PASSWORD: &str = "an administrators password";

/// How long to measure a rate.
const COUNTED: Duration = Duration::from_secs(6);

/// The maximum number of requests for links, below all limits; the same number for unknown addresses.
const ASKED: usize = 5000;

/// The number of parallel clients; more for wrong passwords, because their responses may be delayed on purpose.
const CLIENTS: usize = 16;
const GUESSERS: usize = 64;

/// A process that is idle for this long has finished its work.
const IDLE: Duration = Duration::from_millis(1000);

/// The number of emails to read if each must be requested.
const NEWEST: usize = 800;

/// A server to measure.
struct Peer {
    name: &'static str,
    command: Command,
    /// The path that answers when the server is ready.
    ready: &'static str,
    request: &'static str,
    redeem: &'static str,
    sign_in: &'static str,
    tokens: &'static str,
    port: u16,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().expect("the folder of the peers"));
    let only = arguments.next();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut columns = Vec::new();
    for (name, peer) in [
        ("mailkey", mailkey as fn(&Path) -> Peer),
        ("better-auth", better_auth),
        ("django", django),
        ("pocketbase", pocketbase),
    ] {
        if wanted(name) {
            columns.push((name, measure(peer(&root))));
        }
    }
    print!("{:<28}", "");
    columns.iter().for_each(|(name, _)| print!("{name:>14}"));
    println!();
    for (row, (what, _)) in columns[0].1.iter().enumerate() {
        print!("{what:<28}");
        columns.iter().for_each(|(_, column)| print!("{:>14}", column[row].1));
        println!();
    }
}

/// One column of the table.
fn measure(mut peer: Peer) -> Vec<(&'static str, String)> {
    let begun = Instant::now();
    let mut child = peer.command.spawn().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], peer.port));
    wait_until_ready(address, peer.ready, &mut child);
    let started = begun.elapsed();
    let first_memory = memory(child.id());
    let email = |number: usize| json!({ "email": format!("known-{}@example.com", number % USERS) });
    let known = Rate::of(address, child.id(), CLIENTS, ASKED, |connection, number| {
        connection.post(peer.request, &email(number)).status < 300
    });
    let unknown = Rate::of(address, child.id(), CLIENTS, ASKED, |connection, number| {
        connection.post(peer.request, &json!({ "email": format!("stranger-{number}@example.com") })).status < 300
    });
    let tokens = tokens(address, peer.tokens, known.done);
    assert!(!tokens.is_empty(), "{}: no email was sent", peer.name);
    let available = tokens.len();
    let redemption = Rate::of(address, child.id(), CLIENTS, available, |connection, number| {
        let token = &tokens[number];
        let body = match peer.name {
            "better-auth" => json!({ "token": token, "newPassword": "seven lamps on a quiet pier" }),
            "pocketbase" => {
                json!({ "token": token, "password": "seven lamps on a quiet pier", "passwordConfirm": "seven lamps on a quiet pier" })
            }
            _ => json!({ "token": token, "new_password": "seven lamps on a quiet pier" }),
        };
        connection.post(peer.redeem, &body).status < 300
    });
    let credentials = |number: usize, password: &str| {
        let email = format!("known-{}@example.com", USERS - 1 - number % USERS);
        match peer.name {
            "pocketbase" => json!({ "identity": email, "password": password }),
            _ => json!({ "email": email, "password": password }),
        }
    };
    let right = Rate::of(address, child.id(), CLIENTS, usize::MAX, |connection, number| {
        connection.post(peer.sign_in, &credentials(number, PASSWORD)).status < 300
    });
    let wrong = Rate::of(address, child.id(), GUESSERS, usize::MAX, |connection, number| {
        let status = connection.post(peer.sign_in, &credentials(number, "not the password")).status;
        (400..500).contains(&status) && status != 429
    });
    let last_memory = memory(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    let answered = |rate: &Rate| format!("{:.1}/s", rate.answered);
    let finished = |rate: &Rate| format!("{:.1}/s", rate.finished);
    vec![
        ("start", format!("{} ms", started.as_millis())),
        ("memory at start", format!("{first_memory} MiB")),
        ("memory at end", format!("{last_memory} MiB")),
        ("request, known address", answered(&known)),
        ("  until its email is sent", finished(&known)),
        ("request, unknown address", answered(&unknown)),
        ("  until work is finished", finished(&unknown)),
        ("redemption", answered(&redemption)),
        ("sign-in, correct password", answered(&right)),
        ("sign-in, wrong password", answered(&wrong)),
    ]
}

/// Expected responses per second, and finished requests per second. Work that continues after the response counts
/// towards the second rate and is finished before the next measurement.
struct Rate {
    done: usize,
    answered: f64,
    finished: f64,
}

impl Rate {
    /// Measures up to `most` requests.
    fn of(
        address: SocketAddr,
        pid: u32,
        clients: usize,
        most: usize,
        ask: impl Fn(&mut Connection, usize) -> bool + Sync,
    ) -> Self {
        let (next, done, refused) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut connection = Connection::open(address);
                    while begun.elapsed() < COUNTED {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= most {
                            break;
                        }
                        let as_it_should_be = ask(&mut connection, number);
                        done.fetch_add(usize::from(as_it_should_be), Ordering::Relaxed);
                        if !as_it_should_be && refused.fetch_add(1, Ordering::Relaxed) == 0 {
                            eprintln!("some responses are unexpected");
                        }
                    }
                });
            }
        });
        let (done, answered) = (done.into_inner(), begun.elapsed());
        let finished = answered + until_idle(pid);
        let per_second = |time: Duration| done as f64 / time.as_secs_f64();
        Self { done, answered: per_second(answered), finished: per_second(finished) }
    }
}

/// How long a process and its children keep working.
fn until_idle(pid: u32) -> Duration {
    let begun = Instant::now();
    let (mut idle_since, mut worked) = (Duration::ZERO, processor_time(pid));
    while begun.elapsed() - idle_since < IDLE {
        assert!(begun.elapsed() < Duration::from_secs(180), "the process never became idle");
        std::thread::sleep(Duration::from_millis(100));
        let now = processor_time(pid);
        // A timer's ticks don't count as work.
        if now - worked > Duration::from_millis(10) {
            idle_since = begun.elapsed();
        }
        worked = now;
    }
    idle_since
}

/// The processor time of a process and its children.
fn processor_time(pid: u32) -> Duration {
    let ticks = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name may contain anything and ends with the last parenthesis. User and system time are the 12th and 13th
        // fields after it.
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        [11, 12].iter().filter_map(|place| fields.get(*place)?.parse::<u64>().ok()).sum::<u64>()
    };
    Duration::from_millis(family(pid).map(ticks).sum::<u64>() * 10)
}

/// A process and its children.
fn family(pid: u32) -> impl Iterator<Item = u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children: Vec<_> = children.split_whitespace().filter_map(|child| child.parse().ok()).collect();
    std::iter::once(pid).chain(children)
}

/// The tokens in the emails that were sent.
fn tokens(address: SocketAddr, path: &str, requests: usize) -> Vec<String> {
    let mut connection = Connection::open(address);
    let mut ask = |path: &str| serde_json::from_slice::<Vec<Value>>(&connection.get(path).body).unwrap();
    let told: Vec<Value> = match path.split_once("{}") {
        None => ask(path),
        // Whole emails of the newest users.
        Some((before, behind)) => {
            (1..=NEWEST).flat_map(|back| ask(&format!("{before}{}{behind}", requests - back))).collect()
        }
    };
    let mut users = std::collections::HashSet::new();
    let token = |mail: &Value| match mail {
        Value::String(token) => Some(token.clone()),
        mail => {
            // Only one of a user's links can be redeemed.
            let link = mail["links"].as_array()?.iter().find_map(|link| link.as_str()?.split_once("#token="))?;
            users.insert(mail["to"].to_string()).then(|| link.1.to_owned())
        }
    };
    told.iter().filter_map(token).collect()
}

fn wait_until_ready(address: SocketAddr, path: &str, child: &mut Child) {
    let begun = Instant::now();
    loop {
        assert!(child.try_wait().unwrap().is_none(), "the server stopped before it was ready");
        assert!(begun.elapsed() < Duration::from_secs(60), "the server did not get ready");
        if TcpStream::connect(address).is_ok() && Connection::open(address).get(path).status < 500 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The resident memory of a process and its children, in MiB.
fn memory(pid: u32) -> u64 {
    let kib = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    family(pid).map(kib).sum::<u64>() / 1024
}

/// A command pinned to the first core, with an empty environment except PATH.
fn pinned(program: impl AsRef<std::ffi::OsStr>, log: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let log = File::create(log).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Creates an empty data folder.
fn fresh(root: &Path, name: &str) -> PathBuf {
    let data = root.join("data").join(name);
    let _ = fs::remove_dir_all(&data);
    fs::create_dir_all(&data).unwrap();
    data
}

fn finish(mut command: Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn mailkey(root: &Path) -> Peer {
    let (data, port) = (fresh(root, "mailkey"), free_port());
    let program = mailkey_tests::binary();
    let start = |port: u16| {
        let mut command = pinned(&program, &data.join("log"));
        command.arg("--data-dir").arg(&data).args(["--port", &port.to_string()]);
        command.env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).env("MAILKEY_LOG", "error");
        command
    };
    let mut child = start(port).spawn().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    wait_until_ready(address, "/api/health", &mut child);
    import(address);
    // Restart, so that all servers start with existing users.
    finish({
        let mut end = Command::new("kill");
        end.arg(child.id().to_string());
        end
    });
    child.wait().unwrap();
    Peer {
        name: "mailkey",
        command: start(port),
        ready: "/api/health",
        request: "/api/forgot-password",
        redeem: "/api/redeem-token",
        sign_in: "/api/sign-in",
        tokens: "/_local/outbox.json?to=known-{}@example.com",
        port,
    }
}

/// Imports the users with one hash that this service created.
fn import(address: SocketAddr) {
    let mut connection = Connection::open(address);
    let credentials = json!({ "email": "admin@example.com", "password": ADMIN_PASSWORD });
    let answer: Value = serde_json::from_slice(&connection.post("/api/sign-in", &credentials).body).unwrap();
    let session = answer["session_token"].as_str().unwrap().to_owned();
    let tables: Value = serde_json::from_slice(&connection.get("/_local/tables.json").body).unwrap();
    // All requests come from one network and ask for more links than people do, so raise the limits.
    let settings = "/api/admin/security-settings";
    let mut wanted: Value =
        serde_json::from_slice(&connection.send_as(&session, "GET", settings, &json!({})).body).unwrap();
    wanted["failures_per_network"] = 10_000.into();
    wanted["links_per_minute"] = 6000.into();
    assert_eq!(connection.send_as(&session, "PUT", settings, &wanted).status, 200);
    // The seeded users have the same password.
    let alice = tables["Users"].as_array().unwrap().iter().find(|user| user["address_key"]["S"] == "alice@example.com");
    let hash = alice.unwrap()["password_hash"]["S"].as_str().unwrap();
    for batch in 0..USERS / 25 {
        let user = |number: usize| json!({ "email": format!("known-{}@example.com", batch * 25 + number), "display_name": "Somebody", "password_hash": hash });
        let body = json!({ "users": (0..25).map(user).collect::<Vec<_>>() });
        let answer = connection.send_as(&session, "POST", "/api/admin/users/import", &body);
        assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body));
    }
}

fn better_auth(root: &Path) -> Peer {
    let (data, port) = (fresh(root, "better-auth"), free_port());
    let command = || {
        let mut command = pinned("node", &data.join("log"));
        command.arg(root.join("better-auth/server.mjs")).env("PORT", port.to_string()).env("NODE_ENV", "production");
        command.env("DATA", data.join("data.sqlite"));
        command
    };
    let mut prepare = command();
    prepare.env("USERS", USERS.to_string()).env("PASSWORD", PASSWORD);
    finish(prepare);
    Peer {
        name: "better-auth",
        command: command(),
        ready: "/ready",
        request: "/api/auth/request-password-reset",
        redeem: "/api/auth/reset-password",
        sign_in: "/api/auth/sign-in/email",
        tokens: "/tokens",
        port,
    }
}

fn django(root: &Path) -> Peer {
    let (data, port) = (fresh(root, "django"), free_port());
    let here = root.join("django");
    let command = |program: &str| {
        let mut command = pinned(root.join("python/bin").join(program), &data.join("log"));
        command.current_dir(&here).env("DATA", data.join("data.sqlite")).env("PYTHONPATH", &here);
        command
    };
    let mut prepare = command("python");
    prepare.arg("bench_site.py").env("USERS", USERS.to_string()).env("PASSWORD", PASSWORD);
    finish(prepare);
    let mut serve = command("gunicorn");
    serve.args(["bench_site:application", "--bind", &format!("127.0.0.1:{port}"), "--workers", "1", "--threads", "16"]);
    Peer {
        name: "django",
        command: serve,
        ready: "/ready",
        request: "/request",
        redeem: "/redeem",
        sign_in: "/sign-in",
        tokens: "/tokens",
        port,
    }
}

fn pocketbase(root: &Path) -> Peer {
    let (data, port) = (fresh(root, "pocketbase"), free_port());
    let command = || {
        let mut command = pinned(root.join("python/bin/pocketbase"), &data.join("../pocketbase.log"));
        command.arg("serve").arg(format!("--http=127.0.0.1:{port}")).arg("--dir").arg(&data);
        command.arg("--hooksDir").arg(root.join("pocketbase")).arg("--hooksWatch=false");
        command
    };
    // The first start creates the tables.
    let mut child = command().spawn().unwrap();
    wait_until_ready(SocketAddr::from(([127, 0, 0, 1], port)), "/api/health", &mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut prepare = pinned(root.join("python/bin/python"), &data.join("../prepare.log"));
    prepare.arg(root.join("pocketbase/prepare.py")).env("DATA", &data).env("USERS", USERS.to_string());
    prepare.env("HASH", POCKETBASE_HASH);
    finish(prepare);
    Peer {
        name: "pocketbase",
        command: command(),
        ready: "/api/health",
        request: "/api/collections/users/request-password-reset",
        redeem: "/api/collections/users/confirm-password-reset",
        sign_in: "/api/collections/users/auth-with-password",
        tokens: "/tokens",
        port,
    }
}

/// The hash of the password in PocketBase's format: bcrypt, cost 10.
const POCKETBASE_HASH: &str = "$2b$10$rJQ7Zz0pxz7GxFIOz8mD4uVCVFgzyqUu9sDTG4/TQOK/dmBE76qZq";

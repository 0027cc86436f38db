//! Measures whether response times reveal an account: times of a response, and of a probe sent right after it.
//!
//! `cargo run -p mailkey-tests --bin bench-gap [PAIRS]` prints one table. Each measurement has three arms in random
//! order: a known address, an unknown one, and another unknown one as the control. The table shows the AUC: the
//! probability that the response for the known address is the slower of two. 0.50 means no visible difference; the
//! control shows how far chance alone deviates from it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement stops at anything unexpected"
)]

#[path = "wire.rs"]
mod wire;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use mailkey_tests::{Folder, Mailkey, Setup};
use reqwest::Method;
use serde_json::{Value, json};
use wire::Connection;

/// The number of accounts in each state.
const ACCOUNTS: usize = 600;

/// The number of parallel sign-ins, because failed sign-ins are slow.
const AT_ONCE: usize = 24;

/// A bcrypt hash with the default cost of most libraries.
const IMPORTED: &str = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

const ADMIN: &str = "admin@example.com";
const ADMIN_PASSWORD: &str = "an administrators password";

#[tokio::main]
async fn main() {
    let pairs: usize = std::env::args().nth(1).map_or(2000, |number| number.parse().unwrap());
    let folder = Folder::new();
    println!("{:<44} {:>6} {:>7} {:>8} {:>9} {:>9}", "", "pairs", "AUC", "control", "known ms", "unknown ms");
    for (provider, plan) in [
        ("fast", json!({ "mode": "none" })),
        ("+50 ms", json!({ "mode": "slow", "delay_ms": 50 })),
        ("hanging", json!({ "mode": "hang" })),
    ] {
        let mailkey = start(&folder, pairs).await;
        let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
        raise_limits(&mailkey, &admin).await;
        mailkey.ses_faults(plan).await;
        let address = mailkey.address();
        let (answers, probes) = tokio::task::spawn_blocking(move || forgotten_passwords(address, pairs)).await.unwrap();
        answers.print(&format!("forgot-password, email provider {provider}"));
        probes.print(&format!("  probe right after it, provider {provider}"));
    }
    let mailkey = Arc::new(start(&folder, pairs).await);
    prepare(&mailkey).await;
    for (state, control) in [
        ("active", "nobody"),
        ("pending", "nobody"),
        ("inactive", "nobody"),
        ("imported", "nobody"),
        ("locked", "lockednobody"),
    ] {
        let address = mailkey.address();
        let arms = tokio::task::spawn_blocking(move || sign_ins(address, state, control, pairs.min(ACCOUNTS)));
        arms.await.unwrap().print(&format!("sign-in, {state}"));
    }
}

/// Starts a service with `recoverable` users that can get a link, and some users in each other state.
async fn start(folder: &Folder, recoverable: usize) -> Mailkey {
    let person = |name: String, status: &str| json!({ "email": format!("{name}@example.com"), "display_name": "Somebody", "status": status });
    let mut people: Vec<Value> = (0..recoverable).map(|number| person(format!("known-{number}"), "active")).collect();
    for number in 0..ACCOUNTS {
        people.push(person(format!("pending-{number}"), "pending"));
        people.push(person(format!("inactive-{number}"), "inactive"));
    }
    for number in 0..LOCKED {
        let mut locked = person(format!("locked-{number}"), "active");
        locked["locked"] = true.into();
        people.push(locked);
    }
    let seed = folder.path().join("seed.json");
    std::fs::write(&seed, Value::Array(people).to_string()).unwrap();
    let setup =
        Setup::new().without_collapsing().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD).env("MAILKEY_LOG", "error");
    setup.arg("--seed").arg(&seed).start().await
}

/// The number of locked addresses, both known and unknown. Sign-ins at a locked address aren't counted, so it can be
/// tried repeatedly.
const LOCKED: usize = 12;

/// Imports accounts with a hash, and locks addresses without an account.
async fn prepare(mailkey: &Arc<Mailkey>) {
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    raise_limits(mailkey, &admin).await;
    for (kind, hash) in [("imported", IMPORTED), ("active", &*own_hash(mailkey).await)] {
        for batch in 0..ACCOUNTS.div_ceil(25) {
            let user = |number: usize| json!({ "email": format!("{kind}-{}@example.com", batch * 25 + number), "display_name": "Somebody", "password_hash": hash });
            let body = json!({ "users": (0..25).map(user).collect::<Vec<_>>() });
            let request = mailkey.request(Method::POST, "/api/admin/users/import").bearer_auth(&admin).json(&body);
            let answer = mailkey.send(request).await;
            assert!(answer.status < 300 && answer.text().contains("created"), "{}", answer.text());
        }
    }
    let locking = (0..LOCKED).map(|number| {
        let mailkey = Arc::clone(mailkey);
        tokio::spawn(async move {
            for _ in 0..10 {
                mailkey.sign_in(&format!("lockednobody-{number}@example.com"), "wrong").await;
            }
        })
    });
    for task in locking.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// All requests come from one network and ask for more links than people do, so raise the limits.
async fn raise_limits(mailkey: &Mailkey, admin: &str) {
    let path = "/api/admin/security-settings";
    let mut settings = mailkey.send(mailkey.request(Method::GET, path).bearer_auth(admin)).await.json();
    settings["failures_per_network"] = 10_000.into();
    settings["links_per_minute"] = 6000.into();
    mailkey.send(mailkey.request(Method::PUT, path).bearer_auth(admin).json(&settings)).await.expect_status(200);
}

/// A hash created by this service.
async fn own_hash(mailkey: &Mailkey) -> String {
    let tables = mailkey.tables().await;
    let mut hashes = tables.of("Users").iter().filter_map(|user| user["password_hash"]["S"].as_str());
    hashes.next_back().expect("the administrator has a password").to_owned()
}

fn forgotten_passwords(address: SocketAddr, pairs: usize) -> (Arms, Arms) {
    let mut connection = Connection::open(address);
    let (mut answers, mut probes) = (Arms::default(), Arms::default());
    let mut random = Random(7);
    for number in 0..50 {
        connection.post("/api/forgot-password", &json!({ "email": format!("warming-{number}@example.com") }));
    }
    for number in 0..pairs {
        for arm in random.order() {
            let name = ["known", "stranger", "another"][arm];
            let body = json!({ "email": format!("{name}-{number}@example.com") });
            answers.add(arm, connection.post("/api/forgot-password", &body).took);
            let probe = json!({ "email": format!("probe-{number}-{arm}@example.com") });
            probes.add(arm, connection.post("/api/forgot-password", &probe).took);
        }
    }
    (answers, probes)
}

fn sign_ins(address: SocketAddr, state: &str, control: &str, pairs: usize) -> Arms {
    let arms = Mutex::new(Arms::default());
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let arms = &arms;
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                let mut random = Random(worker as u64 + 11);
                for number in (worker..pairs).step_by(AT_ONCE) {
                    for arm in random.order() {
                        let of = |count: usize| number % count;
                        let email = match (arm, state) {
                            (0, "locked") => format!("locked-{}@example.com", of(LOCKED)),
                            (0, _) => format!("{state}-{number}@example.com"),
                            (_, "locked") => format!("{control}-{}@example.com", of(LOCKED)),
                            _ => format!("{control}-{state}-{arm}-{number}@example.com"),
                        };
                        let body = json!({ "email": email, "password": "not the password" });
                        let took = connection.post("/api/sign-in", &body).took;
                        arms.lock().unwrap().add(arm, took);
                    }
                }
            });
        }
    });
    arms.into_inner().unwrap()
}

/// The times of the three arms: known, unknown, and the control.
#[derive(Default)]
struct Arms([Vec<Duration>; 3]);

impl Arms {
    fn add(&mut self, arm: usize, took: Duration) {
        self.0[arm].push(took);
    }

    fn print(&self, what: &str) {
        let [known, unknown, another] = &self.0;
        let (seen, control) = (auc(known, unknown), auc(another, unknown));
        println!(
            "{what:<44} {:>6} {seen:>7.3} {control:>8.3} {:>9.2} {:>9.2}",
            known.len(),
            median_ms(known),
            median_ms(unknown)
        );
    }
}

/// The probability that one of `these` took longer than one of `those`.
fn auc(these: &[Duration], those: &[Duration]) -> f64 {
    let mut all: Vec<_> = these.iter().map(|it| (it, true)).chain(those.iter().map(|it| (it, false))).collect();
    all.sort();
    let (mut wins, mut behind) = (0.0, 0.0);
    for ties in all.chunk_by(|one, other| one.0 == other.0) {
        let mine = ties.iter().filter(|tie| tie.1).count() as f64;
        let theirs = ties.len() as f64 - mine;
        wins += mine * (behind + theirs / 2.0);
        behind += theirs;
    }
    wins / (these.len() * those.len()) as f64
}

fn median_ms(times: &[Duration]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2].as_secs_f64() * 1000.0
}

/// A random generator with a fixed seed.
struct Random(u64);

impl Random {
    /// The three arms in random order.
    fn order(&mut self) -> [usize; 3] {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]][(self.0 >> 33) as usize % 6]
    }
}

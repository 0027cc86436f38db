//! Measures whether response times reveal an account: times of a response, and of a probe sent right after it.
//!
//! `cargo run -p mailkey-tests --bin bench-gap [PAIRS] [PART...]` prints one table. The parts are `forgot-password`,
//! `redeem-token`, `sign-in` and `second-factor`; without one, all are measured. Each has three arms in random order: a
//! known address, an unknown one, and another unknown one as the control. The table shows the AUC: the probability that the
//! response for the known address is the slower of two. 0.50 means no visible difference; the control shows how far chance
//! alone deviates from it.

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

use mailkey::{Clock, SystemClock, second_factor::TotpSecret};
use mailkey_tests::{Folder, Mailkey, Setup, from_base32};
use reqwest::Method;
use serde_json::{Value, json};
use wire::Connection;

/// The number of accounts in each state, and the largest number of pairs that need one each.
const ACCOUNTS: usize = 600;

/// The number of members of staff with a second factor. Each gets fewer attempts than lock an account.
const STAFF: usize = 75;

/// The number of parallel sign-ins. More than the processors can serve would measure the queue.
const AT_ONCE: usize = 4;

/// Hashes from other systems, with the costs that such systems use. Nobody knows the passwords.
const IMPORTED: [(&str, &str); 3] = [
    ("bcrypt-12", "$2b$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"),
    ("pbkdf2-600k", "$pbkdf2-sha256$i=600000$c2l4dGVlbiBieXRlcyBvZg$usMEhyQHz3Yk4VJxefsde4toRqphZV1LHEgdMjlBCqE"),
    ("scrypt", "$scrypt$ln=14,r=8,p=1$c2l4dGVlbiBieXRlcyBvZg$5e9ZzSbL8MTLx1C20nV+toa1OXFvTi5ktmGjo6QOTE4"),
];

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const ADMIN: &str = "admin@example.com";
const ADMIN_PASSWORD: &str = "an administrators password";

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    let pairs: usize = arguments.next_if(|first| first.parse::<usize>().is_ok()).map_or(600, |n| n.parse().unwrap());
    let parts: Vec<String> = arguments.collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    let folder = Folder::new();
    println!("{:<44} {:>6} {:>7} {:>8} {:>9} {:>9}", "", "pairs", "AUC", "control", "known ms", "unknown ms");
    if wanted("forgot-password") {
        measure_forgotten_passwords(&folder, pairs).await;
    }
    if wanted("redeem-token") {
        measure_redemptions(&folder, pairs).await;
    }
    if wanted("sign-in") || wanted("second-factor") {
        measure_sign_ins(&folder, pairs.min(ACCOUNTS), wanted("sign-in"), wanted("second-factor")).await;
    }
}

async fn measure_forgotten_passwords(folder: &Folder, pairs: usize) {
    for (provider, plan) in [
        ("fast", json!({ "mode": "none" })),
        ("+50 ms", json!({ "mode": "slow", "delay_ms": 50 })),
        ("hanging", json!({ "mode": "hang" })),
    ] {
        let mailkey = start(folder, pairs).await;
        let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
        raise_limits(&mailkey, &admin).await;
        mailkey.ses_faults(plan).await;
        let address = mailkey.address();
        let (answers, probes) = tokio::task::spawn_blocking(move || forgotten_passwords(address, pairs)).await.unwrap();
        answers.print(&format!("forgot-password, email provider {provider}"));
        probes.print(&format!("  probe right after it, provider {provider}"));
    }
}

/// Compares links that were sent and have expired with links that never existed.
async fn measure_redemptions(folder: &Folder, pairs: usize) {
    let mailkey = start(folder, pairs).await;
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    raise_limits(&mailkey, &admin).await;
    for number in 0..pairs {
        mailkey.forgot_password(&format!("known-{number}@example.com")).await.expect_status(202);
    }
    mailkey.settled().await;
    let sent: Vec<_> = mailkey.whole_outbox().await.iter().filter_map(mailkey_tests::Mail::token).collect();
    assert_eq!(sent.len(), pairs, "each account got one link");
    mailkey.advance_clock(2 * DAY_MS).await;
    let address = mailkey.address();
    tokio::task::spawn_blocking(move || redemptions(address, &sent)).await.unwrap().print("redeem-token, expired link");
}

async fn measure_sign_ins(folder: &Folder, pairs: usize, states: bool, second_factor: bool) {
    let mailkey = Arc::new(start(folder, 0).await);
    let admin = mailkey.signed_in(ADMIN, ADMIN_PASSWORD).await;
    prepare(&mailkey, &admin).await;
    let run = async |what: Attempts| {
        let address = mailkey.address();
        tokio::task::spawn_blocking(move || sign_ins(address, what, pairs)).await.unwrap()
    };
    let imported = IMPORTED.map(|(state, _)| state);
    let [bcrypt, pbkdf2, scrypt] = imported;
    if states {
        for state in ["active", "pending", "inactive", "locked", bcrypt, pbkdf2, scrypt, "nobody"] {
            let control = if state == "locked" { "lockednobody" } else { "somebody" };
            run(Attempts { state, control, addresses: if state == "locked" { LOCKED } else { ACCOUNTS }, code: None })
                .await
                .print(&format!("sign-in, {}", if state == "nobody" { "no account" } else { state }));
        }
    }
    if second_factor {
        enrol_staff(&mailkey, &admin).await;
        let what = Attempts { state: "staff", control: "nostaff", addresses: STAFF, code: Some("000000") };
        run(what).await.print("second factor, wrong password and a code");
    }
}

/// Starts a service with `recoverable` users that can get a link, and some users in each other state.
async fn start(folder: &Folder, recoverable: usize) -> Mailkey {
    let person = |name: String, status: &str| json!({ "email": format!("{name}@example.com"), "display_name": "Somebody", "status": status });
    let active = |name: String| {
        let mut person = person(name, "active");
        person["password"] = "seven lamps on a quiet pier".into();
        person
    };
    let mut people: Vec<Value> = (0..recoverable).map(|number| active(format!("known-{number}"))).collect();
    for number in 0..ACCOUNTS {
        people.push(person(format!("pending-{number}"), "pending"));
        people.push(person(format!("inactive-{number}"), "inactive"));
    }
    for number in 0..LOCKED {
        let mut locked = active(format!("locked-{number}"));
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
async fn prepare(mailkey: &Arc<Mailkey>, admin: &str) {
    raise_limits(mailkey, admin).await;
    let own = own_hash(mailkey).await;
    for (kind, hash) in IMPORTED.into_iter().chain([("active", &*own)]) {
        for batch in 0..ACCOUNTS.div_ceil(25) {
            let user = |number: usize| json!({ "email": format!("{kind}-{}@example.com", batch * 25 + number), "display_name": "Somebody", "password_hash": hash });
            let body = json!({ "users": (0..25).map(user).collect::<Vec<_>>() });
            let request = mailkey.request(Method::POST, "/api/admin/users/import").bearer_auth(admin).json(&body);
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

/// Creates members of staff who have the administrator's password and a second factor.
async fn enrol_staff(mailkey: &Mailkey, admin: &str) {
    let step_up = json!({ "password": ADMIN_PASSWORD });
    mailkey
        .send(mailkey.request(Method::POST, "/api/step-up").bearer_auth(admin).json(&step_up))
        .await
        .expect_status(204);
    let hash = own_hash(mailkey).await;
    let person = |number: usize| json!({ "email": format!("staff-{number}@example.com"), "display_name": "Somebody", "role": "support", "password_hash": hash });
    for batch in (0..STAFF).collect::<Vec<_>>().chunks(25) {
        let body = json!({ "users": batch.iter().copied().map(person).collect::<Vec<_>>() });
        let request = mailkey.request(Method::POST, "/api/admin/users/import").bearer_auth(admin).json(&body);
        mailkey.send(request).await.expect_status(200);
    }
    for number in 0..STAFF {
        let session = mailkey.signed_in(&format!("staff-{number}@example.com"), ADMIN_PASSWORD).await;
        let post = async |path: &str, body: Value| {
            mailkey.send(mailkey.request(Method::POST, path).bearer_auth(&session).json(&body)).await.json()
        };
        let begun = post("/api/second-factor", json!({})).await;
        let secret = TotpSecret::from_bytes(&from_base32(begun["secret"].as_str().unwrap())).unwrap();
        let code = secret.code_at(SystemClock.now());
        assert!(
            post("/api/second-factor/confirm", json!({ "one_time_code": code })).await["recovery_codes"].is_array()
        );
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

/// The hash of the administrator's password.
async fn own_hash(mailkey: &Mailkey) -> String {
    let tables = mailkey.tables().await;
    let admin = tables.of("Users").iter().find(|user| user["email"]["S"] == ADMIN && user["password_hash"].is_object());
    admin.expect("the administrator has a password")["password_hash"]["S"].as_str().unwrap().to_owned()
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

/// Tokens of links that were sent, and two that nobody was sent, for each of them.
fn redemptions(address: SocketAddr, sent: &[String]) -> Arms {
    let (mut connection, mut arms, mut random) = (Connection::open(address), Arms::default(), Random(5));
    let made_up = |number: usize, arm: usize| format!("{:A<43}", format!("{number}x{arm}x"));
    let mut redeem = |token: &str| {
        connection.post("/api/redeem-token", &json!({ "token": token, "new_password": "seven lamps on a quiet pier" }))
    };
    for number in 0..50 {
        redeem(&made_up(number, 9));
    }
    for (number, token) in sent.iter().enumerate() {
        for arm in random.order() {
            let answer = match arm {
                0 => redeem(token),
                _ => redeem(&made_up(number, arm)),
            };
            assert_eq!(answer.status, 400);
            arms.add(arm, answer.took);
        }
    }
    arms
}

/// Which wrong sign-ins are compared.
#[derive(Clone, Copy)]
struct Attempts {
    /// The first part of the accounts' addresses.
    state: &'static str,
    /// The first part of addresses without an account.
    control: &'static str,
    /// How many addresses there are of each kind.
    addresses: usize,
    /// A one-time code to send along.
    code: Option<&'static str>,
}

impl Attempts {
    fn body(&self, arm: usize, number: usize) -> Value {
        let of = number % self.addresses;
        let email = match arm {
            0 => format!("{}-{of}@example.com", self.state),
            // Locked addresses were locked before; any other one may be tried as often as an account.
            _ if self.addresses == LOCKED => format!("{}-{of}@example.com", self.control),
            _ => format!("{}-{}-{arm}-{of}@example.com", self.control, self.state),
        };
        json!({ "email": email, "password": "not the password", "one_time_code": self.code })
    }
}

fn sign_ins(address: SocketAddr, what: Attempts, pairs: usize) -> Arms {
    let arms = Mutex::new(Arms::default());
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let arms = &arms;
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                let mut random = Random(worker as u64 + 11);
                for number in (worker..pairs).step_by(AT_ONCE) {
                    for arm in random.order() {
                        let answer = connection.post("/api/sign-in", &what.body(arm, number));
                        assert!(matches!(answer.status, 401 | 423), "{}", answer.status);
                        arms.lock().unwrap().add(arm, answer.took);
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

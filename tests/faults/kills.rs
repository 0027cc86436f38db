//! Kills the process at random times under load, and restarts it with the same data.
//!
//! Each request that gets a 202 must be stored. Each stored request must end in exactly one log entry: either for an
//! email that is in the outbox, or with the reason why none was sent. A kill between SES's response and storing it
//! causes a duplicate, which can't be avoided; duplicates are counted.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mailkey_tests::{Folder, Mailkey, Setup, Tables};
use serde_json::{Value, json};

/// How many clients send requests at the same time.
const CALLERS: usize = 4;

/// How many users there are. Three of four requests are for one of them.
const USERS: u64 = 400;

const ADMIN_PASSWORD: &str = "an administrators password";

/// The longest time until a kill, in milliseconds. Some kills happen while the queue from before is being processed,
/// others later.
const LONGEST_LIFE_MS: u64 = 1000;

/// How long a caller waits between its requests. Without a pause, a fast build would accept far more than its mailer can
/// process between the kills.
const PAUSE: Duration = Duration::from_millis(10);

/// The result of all kills.
#[derive(Debug, Default)]
pub(crate) struct Report {
    kills: usize,
    accepted: u64,
    refused: u64,
    unanswered: u64,
    stored: usize,
    mailed: usize,
    not_sent: BTreeMap<String, usize>,
    mails_more: usize,
    slowest_start: Duration,
    memory_kib: (u64, u64),
    faults: Vec<String>,
}

impl Report {
    /// Everything that must not happen. Empty if all is well.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.clone()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |what: &str, figure: &dyn fmt::Display| writeln!(f, "{what:<46} {figure:>10}");
        line("kills", &self.kills)?;
        line("requests answered 202", &self.accepted)?;
        line("requests with another status", &self.refused)?;
        line("requests interrupted by a kill", &self.unanswered)?;
        line("requests stored", &self.stored)?;
        line("  ended in an email", &self.mailed)?;
        for (reason, count) in &self.not_sent {
            line(&format!("  ended in a decision: {reason}"), count)?;
        }
        line("duplicate emails (response of SES was lost)", &self.mails_more)?;
        line("slowest start after a kill, in ms", &self.slowest_start.as_millis())?;
        line("memory after the first start, in KiB", &self.memory_kib.0)?;
        line("memory at the end, in KiB", &self.memory_kib.1)?;
        line("faults", &self.faults.len())?;
        self.faults.iter().take(20).try_for_each(|fault| writeln!(f, "  {fault}"))
    }
}

/// How many requests an address got, by result.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    accepted: usize,
    unanswered: usize,
}

/// Kills the service `kills` times. The same `seed` gives the same times.
pub(crate) async fn run(kills: usize, seed: u64) -> Report {
    let folder = Folder::new();
    let people = folder.path().join("people.json");
    let user = |number| json!({ "email": address(number), "display_name": "Somebody", "status": "pending" });
    std::fs::write(&people, Value::from_iter((0..USERS).map(user)).to_string()).unwrap();
    let data = folder.path().join("data");
    let setup = Setup::new().data_dir(&data).without_collapsing().env("MAILKEY_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let setup = setup.arg("--seed").arg(people);
    let mut report = Report { kills, ..Report::default() };
    let mut asked = BTreeMap::new();
    // The log entry of each email, by the email's id: the outbox only keeps the newest emails when it is reopened.
    let mut sent = BTreeMap::new();
    let mut random = Random(seed);
    for kill in 0..kills {
        let mailkey = started(&setup, &mut report).await;
        if kill == 0 {
            report.memory_kib.0 = mailkey.memory_kib();
            let generous = [("links_per_minute", 6000), ("emails_per_hour", 60), ("emails_per_day", 100)];
            mailkey.change_settings(ADMIN_PASSWORD, &generous).await;
        }
        let life = Duration::from_millis(random.below(LONGEST_LIFE_MS));
        ask_until_killed(mailkey, life, &mut random, &mut asked, &mut report).await;
        note_mails(&data, &mut sent);
    }
    let mailkey = started(&setup, &mut report).await;
    // Measure memory before the test reads whole tables, which users never do.
    tokio::time::sleep(Duration::from_secs(2)).await;
    report.memory_kib.1 = mailkey.memory_kib();
    let tables = settled(&mailkey, &mut report).await;
    let mut emails: BTreeMap<String, usize> = BTreeMap::new();
    note_mails(&data, &mut sent);
    for email_id in sent.into_values() {
        *emails.entry(email_id).or_default() += 1;
    }
    judge(&tables, &asked, &emails, &mut report);
    // A kill interrupts what the mailer is doing: at most eight events of three requests.
    if report.mails_more > 24 * kills {
        report.faults.push(format!("{} duplicate emails", report.mails_more));
    }
    report
}

async fn started(setup: &Setup, report: &mut Report) -> Mailkey {
    let begun = Instant::now();
    let mailkey = setup.start().await;
    report.slowest_start = report.slowest_start.max(begun.elapsed());
    mailkey
}

async fn ask_until_killed(
    mailkey: Mailkey,
    life: Duration,
    random: &mut Random,
    asked: &mut BTreeMap<String, Asked>,
    report: &mut Report,
) {
    let (client, url) = (reqwest::Client::new(), format!("{}/api/forgot-password", mailkey.site_url));
    let over = Arc::new(AtomicBool::new(false));
    let first = random.below(u64::MAX);
    let number = Arc::new(AtomicU64::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (client, url, over, number) = (client.clone(), url.clone(), Arc::clone(&over), Arc::clone(&number));
            tokio::spawn(async move {
                let mut answers: Vec<(String, Option<u16>)> = Vec::new();
                // A failed request means that the service was killed.
                while !over.load(Ordering::SeqCst) && answers.last().is_none_or(|(_, status)| status.is_some()) {
                    let number = first.wrapping_add(number.fetch_add(1, Ordering::SeqCst));
                    let email =
                        if number % 4 == 0 { format!("stranger{number}@example.net") } else { address(number % USERS) };
                    let answer = client.post(&url).json(&json!({ "email": email })).send().await;
                    answers.push((email, answer.map(|answer| answer.status().as_u16()).ok()));
                    tokio::time::sleep(PAUSE).await;
                }
                answers
            })
        })
        .collect();
    tokio::time::sleep(life).await;
    mailkey.kill();
    over.store(true, Ordering::SeqCst);
    for caller in callers {
        for (email, status) in caller.await.unwrap() {
            let asked: &mut Asked = asked.entry(email).or_default();
            match status {
                Some(202) => {
                    report.accepted += 1;
                    asked.accepted += 1;
                }
                None => {
                    report.unanswered += 1;
                    asked.unanswered += 1;
                }
                Some(_) => report.refused += 1,
            }
        }
    }
}

/// Records the emails in the outbox file, except a last one that a kill left incomplete.
fn note_mails(data: &Path, sent: &mut BTreeMap<String, String>) {
    let file = std::fs::read_to_string(data.join("outbox.jsonl")).unwrap();
    for mail in file.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        sent.insert(text(&mail["id"]), text(&mail["headers"]["X-Mailkey-Email-Id"]));
    }
}

/// Waits until every stored request is done.
async fn settled(mailkey: &Mailkey, report: &mut Report) -> Tables {
    let begun = Instant::now();
    loop {
        let is_late = begun.elapsed() > Duration::from_secs(600);
        if is_late || mailkey.waiting_requests().await == 0 {
            let tables = mailkey.large_tables("EmailRequests,EmailLog").await;
            if tables.is_settled() {
                return tables;
            }
            if is_late {
                report.faults.push("some requests aren't done after ten minutes".to_owned());
                return tables;
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn judge(tables: &Tables, asked: &BTreeMap<String, Asked>, emails: &BTreeMap<String, usize>, report: &mut Report) {
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    let entries: BTreeMap<_, _> = tables.of("EmailLog").iter().map(|entry| (text(entry, "id"), entry)).collect();
    let mut stored: BTreeMap<String, usize> = BTreeMap::new();
    let mut known = 0;
    for request in tables.of("EmailRequests") {
        report.stored += 1;
        *stored.entry(text(request, "address")).or_default() += 1;
        let id = text(request, "email_id");
        let Some(entry) = entries.get(&id) else {
            report.faults.push(format!("request {id} has no entry"));
            continue;
        };
        known += 1;
        let sent = emails.get(&id).copied().unwrap_or(0);
        match (text(entry, "status").as_str(), sent) {
            ("skipped", 0) => *report.not_sent.entry(text(entry, "reason")).or_default() += 1,
            ("sent" | "delivered", 1) => report.mailed += 1,
            // Two kills at this exact point send an email three times.
            ("sent" | "delivered", more @ 2..=3) => {
                report.mailed += 1;
                report.mails_more += more - 1;
            }
            (status, sent) => report.faults.push(format!("request {id} is {status}, with {sent} emails")),
        }
    }
    let canaries = entries.values().filter(|entry| text(entry, "kind") == "canary").count();
    if known + canaries != entries.len() {
        report.faults.push(format!("{} log entries for {known} requests", entries.len()));
    }
    for (email, asked) in asked {
        let stored = stored.get(email).copied().unwrap_or(0);
        if !(asked.accepted..=asked.accepted + asked.unanswered).contains(&stored) {
            report.faults.push(format!("{stored} requests are stored, but these were sent: {asked:?}"));
        }
    }
}

fn address(number: u64) -> String {
    format!("user{number}@example.org")
}

/// Reproducible random numbers: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

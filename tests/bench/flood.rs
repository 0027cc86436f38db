//! A flood of watched email: what reading our own log costs before and after it, and how many recovery emails are sent
//! while it still waits in the queue.
//!
//! `cargo run -p mailkey-tests --bin bench-flood [EVENTS]`. Counts are exact; the rates vary.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

use std::time::{Duration, Instant, UNIX_EPOCH};

use mailkey_tests::{ALICE, Answer, Mailkey, Setup};
use reqwest::Method;
use serde_json::{Value, json};

const ADMIN: &str = "admin@example.com";
const PASSWORD: &str = "an administrators password";

/// Events in one payload. Lambda's batches have ten, but posting that many payloads takes longer than processing them.
const BATCH: usize = 500;

/// How often a user asks for a link while the flood waits.
const RECOVERIES: usize = 20;

#[tokio::main]
async fn main() {
    let wanted: usize = std::env::args().nth(1).map_or(100_000, |number| number.parse().unwrap());
    let payloads = wanted.div_ceil(BATCH);
    let setup = Setup::new().env("MAILKEY_ADMIN_PASSWORD", PASSWORD).env("MAILKEY_WATCH", "portal.example");
    let mailkey = setup.without_collapsing().start().await;
    let admin = mailkey.signed_in(ADMIN, PASSWORD).await;
    // The limit per recipient would refuse the later ones.
    mailkey.change_settings(PASSWORD, &[("emails_per_hour", 60), ("emails_per_day", 100)]).await;
    recover(&mailkey, 1).await;
    let before = cost_of_first_page(&mailkey, &admin).await;

    let begun = Instant::now();
    let at = now();
    for number in 0..payloads {
        let records: Vec<_> = (0..BATCH).map(|part| record(number * BATCH + part, &at)).collect();
        let answer = mailkey.post("/_local/ses-events?queued", &json!({ "Records": records })).await;
        answer.expect_status(204);
    }
    println!("{} events in the queue after {:.0?}", payloads * BATCH, begun.elapsed());
    let mut longest = Duration::ZERO;
    for number in 2..2 + RECOVERIES {
        let asked = Instant::now();
        recover(&mailkey, number).await;
        longest = longest.max(asked.elapsed());
    }
    let left = waiting(&mailkey).await;
    println!(
        "{RECOVERIES} recovery emails, one after the other: {} events still wait; longest {longest:.1?}",
        left * BATCH
    );
    assert_ne!(left, 0, "the emails must not wait for the flood");

    let mut last = (Instant::now(), left);
    while last.1 > 0 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        let (time, left) = (Instant::now(), waiting(&mailkey).await);
        let rate = ((last.1 - left) * BATCH) as f64 / (time - last.0).as_secs_f64();
        println!("{:>7} events wait; {rate:.0} events/s", left * BATCH);
        last = (time, left);
    }
    println!("the queue is empty after {:.0?}", begun.elapsed());
    let logged = statistics(&mailkey, &admin).await;
    let after = cost_of_first_page(&mailkey, &admin).await;
    println!("{logged} watched emails are logged");
    println!(
        "first page of our own log: {} calls, {} read units before; {} and {} after",
        before.0, before.1, after.0, after.1
    );
    assert_eq!(logged, payloads * BATCH);
    assert_eq!(after.0, before.0);
}

/// Asks for a link and waits until it is sent.
async fn recover(mailkey: &Mailkey, number: usize) {
    mailkey.forgot_password(ALICE).await.expect_status(202);
    mailkey.mail_number(number, ALICE).await;
}

async fn get(mailkey: &Mailkey, admin: &str, path: &str) -> Answer {
    let request = mailkey.request(Method::GET, path).bearer_auth(admin);
    mailkey.send(request).await.expect_status(200)
}

/// Calls and read units.
async fn cost_of_first_page(mailkey: &Mailkey, admin: &str) -> (usize, f64) {
    let answer = get(mailkey, admin, "/api/admin/email-log?origin=mailkey&limit=1").await;
    let calls = mailkey.calls(answer.request_id()).await;
    (calls.len(), calls.iter().map(|call| call.read_units).sum())
}

async fn waiting(mailkey: &Mailkey) -> usize {
    let number = mailkey.get("/_local/ses-events").await.expect_status(200).json()["waiting"].as_u64();
    usize::try_from(number.unwrap()).unwrap()
}

/// The number of watched emails, from the daily counters.
async fn statistics(mailkey: &Mailkey, admin: &str) -> usize {
    let statistics = get(mailkey, admin, "/api/admin/email-statistics").await.json();
    let senders = statistics["senders"].as_array().unwrap();
    let watched = senders.iter().filter(|sender| sender["origin"] == "watched");
    let number: u64 =
        watched.flat_map(|sender| sender["statuses"].as_object().unwrap().values()).filter_map(Value::as_u64).sum();
    usize::try_from(number).unwrap()
}

/// An event about an email to one of a thousand recipients.
fn record(number: usize, at: &str) -> Value {
    let event = json!({
        "eventType": "Delivery",
        "mail": {
            "timestamp": at,
            "source": "hello@portal.example",
            "messageId": format!("0102019a-{number:08}-0000-0000-0000-000000000000-000000"),
            "destination": [format!("person-{}@example.net", number % 1000)],
            "commonHeaders": { "from": ["Portal <hello@portal.example>"], "subject": "Your invoice" },
            "tags": { "ses:configuration-set": ["portal"] },
        },
        "delivery": { "recipients": [format!("person-{}@example.net", number % 1000)], "smtpResponse": "250 OK" },
    });
    json!({ "messageId": format!("r-{number}"), "body": event.to_string() })
}

fn now() -> String {
    let elapsed = UNIX_EPOCH.elapsed().unwrap();
    jiff::Timestamp::from_second(i64::try_from(elapsed.as_secs()).unwrap()).unwrap().to_string()
}

//! Processes many SES events, shuffled, with duplicates and garbage. Compares the final state with a reference that
//! doesn't depend on order.
//!
//! `cargo run --release -p mailkey-tests --bin bench-events [EVENTS]`. Units are exact; the rate varies.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at anything unexpected")]

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    Clock, EmailAddress, OsEntropy,
    config::{Directory, EmailConfig},
    email_log::{DeliveryStatus, EmailId, EmailKind, EmailLogEntry, StatusChange, Trigger},
    watched::Watch,
};
use mailkey_api::App;
use mailkey_bounce_consumer::{BounceConsumer, Route, Verdict, WatchedEvents};
use mailkey_dynamodb::{Database, EmailLogStore, SuppressionStore};
use mailkey_local::{
    app, calls,
    dynamodb::LocalDynamoDb,
    ses::{LocalSes, Outbox, SuppressionList},
    tables,
};
use mailkey_ses::SesSuppressionList;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// Records per Lambda event, and events handled at once.
const BATCH: usize = 10;
const AT_ONCE: usize = 8;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// The events of an email, the expected status and suppression, and the weight.
const FATES: [(&[&str], &str, Option<&str>, usize); 8] = [
    (&["send", "delivery"], "delivered", None, 60),
    (&["send", "delay", "delivery"], "delivered", None, 10),
    (&["send", "bounce"], "bounced", Some("hard_bounce"), 6),
    (&["send", "delivery", "complaint"], "complained", Some("complaint"), 3),
    (&["send", "delivery", "auto_reply"], "delivered", None, 8),
    (&["send", "full"], "soft_bounced", None, 5),
    (&["send", "delivery", "bounce"], "bounced", Some("hard_bounce"), 4),
    (&["send", "policy"], "blocked", None, 4),
];

#[tokio::main]
async fn main() {
    let wanted: usize = std::env::args().nth(1).map_or(100_000, |number| number.parse().unwrap());
    let dynamodb = LocalDynamoDb::in_memory().unwrap();
    tables::create(&dynamodb).unwrap();
    let database = Database::new(dynamodb.client(), "");
    let clock: mailkey_local::ses::Clock = Arc::new(|| NOW);
    let ses = LocalSes::new(Outbox::in_memory(Arc::clone(&clock)), SuppressionList::in_memory(), clock);
    let mail = EmailConfig {
        notice_configuration_set: None,
        from: EmailAddress::parse("no-reply@mail.example.com").unwrap(),
        configuration_set: Some("recovery".to_owned()),
    };
    let app =
        App { db: database.clone(), clock: Arc::new(Still), entropy: Arc::new(OsEntropy), directory: Directory::Own };
    let watched = WatchedEvents::new(Watch::default(), Route::BySender);
    let ses_list = SesSuppressionList::new(app::ses_client(&ses));
    let consumer = Arc::new(BounceConsumer { app, ses_list, mail, watched });

    let mut random = Random(42);
    let (mut emails, mut records) = (Vec::new(), Vec::new());
    while records.len() < wanted {
        let number = emails.len();
        let fate = &FATES[pick(number)];
        let address = format!("user{number}@domain{}.example", number % 5000);
        let sent_at = NOW - SignedDuration::from_secs(80_000) + SignedDuration::from_millis(number as i64);
        let email_id = sent(&database, &address, sent_at).await;
        for (step, what) in fate.0.iter().enumerate() {
            let record = in_sqs(&event(what, &email_id, &address, sent_at, step));
            if random.below(10) == 0 {
                records.push(record.clone());
            }
            records.push(record);
        }
        emails.push((email_id, address, fate));
    }
    for number in 0..records.len() / 100 {
        records.push(json!({ "messageId": format!("g{number}"), "body": format!("garbage {number} {{"), "eventSource": "aws:sqs" }));
    }
    for index in (1..records.len()).rev() {
        records.swap(index, random.below(index + 1));
    }
    let total = records.len();
    let begun = Instant::now();
    let (verdicts, units) = consume(&consumer, records).await;
    let took = begun.elapsed();

    let mut wrong = 0;
    for (email_id, address, (events, status, suppression, _)) in &emails {
        let entry = consumer.app.db.email_log().get(*email_id).await.unwrap().unwrap();
        let found =
            SuppressionStore::new(database.clone()).get(EmailAddress::parse(address).unwrap().key()).await.unwrap();
        let reason = found.and_then(|record| record.active(NOW).first().map(|cause| cause.reason.as_str()));
        // `Send` repeats what the mailer already recorded and adds nothing to the timeline.
        let timeline = entry.timeline.len() == events.len() + 1;
        if entry.status.as_str() != *status || reason != *suppression || !timeline {
            wrong += 1;
            if wrong < 10 {
                println!("{events:?}: {} {reason:?} {:?}", entry.status, entry.timeline);
            }
        }
    }
    println!(
        "emails {}, events {total} (10% duplicates, 1% garbage), shuffled, {AT_ONCE} batches of {BATCH} at once",
        emails.len()
    );
    println!("verdicts {verdicts:?}");
    println!("differ from the reference: {wrong}");
    println!(
        "{:.0} events/s; write units per event {:.2}, read units {:.2}",
        total as f64 / took.as_secs_f64(),
        units.0 / total as f64,
        units.1 / total as f64
    );
    assert_eq!(wrong, 0);
}

/// Processes all records, with retries. Returns the verdicts and the units.
async fn consume(consumer: &Arc<BounceConsumer>, records: Vec<Value>) -> (BTreeMap<&'static str, usize>, (f64, f64)) {
    let (mut verdicts, mut units) = (BTreeMap::new(), (0.0, 0.0));
    let mut waiting: Vec<Vec<Value>> = records.chunks(BATCH).map(<[Value]>::to_vec).collect();
    let mut tasks = JoinSet::new();
    loop {
        while tasks.len() < AT_ONCE
            && let Some(batch) = waiting.pop()
        {
            let consumer = Arc::clone(consumer);
            tasks.spawn(async move {
                let event = json!({ "Records": batch });
                let (outcome, calls) = calls::counting(consumer.handle_event(&event)).await;
                (batch, outcome, calls)
            });
        }
        let Some(done) = tasks.join_next().await else { return (verdicts, units) };
        let (batch, outcome, calls) = done.unwrap();
        units.0 += calls.iter().map(|call| call.write_units).sum::<f64>();
        units.1 += calls.iter().map(|call| call.read_units).sum::<f64>();
        let mut again = Vec::new();
        for ((_, verdict), record) in outcome.verdicts.iter().zip(batch) {
            *verdicts.entry(name(verdict)).or_default() += 1;
            if matches!(verdict, Verdict::Again(_)) {
                again.push(record);
            }
        }
        if !again.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            waiting.push(again);
        }
    }
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Taken => "taken",
        Verdict::NotOurs => "not ours",
        Verdict::NotUnderstood(_) => "not understood",
        Verdict::Again(_) => "retried",
    }
}

async fn sent(database: &Database, address: &str, at: Timestamp) -> EmailId {
    let (log, email_id) = (EmailLogStore::new(database.clone()), EmailId::new(at, &OsEntropy).unwrap());
    let (kind, trigger) = (EmailKind::PasswordReset, Trigger::SelfService);
    let entry = EmailLogEntry::new(email_id, address, kind, trigger, DeliveryStatus::Queued, at);
    let key = EmailAddress::parse(address).unwrap();
    log.begin(&entry, key.key(), SignedDuration::from_hours(24)).await.unwrap();
    let message_id = Some(format!("message-{email_id}"));
    let change = StatusChange { status: DeliveryStatus::Sent, reason: None, message_id, detail: None };
    log.record(email_id, &change, at).await.unwrap();
    email_id
}

fn event(what: &str, email_id: &EmailId, address: &str, sent_at: Timestamp, step: usize) -> Value {
    let at = sent_at + SignedDuration::from_secs(step as i64 * 5 + 1);
    let recipient =
        |said: &str| json!([{ "emailAddress": address, "status": said.split(' ').nth(2), "diagnosticCode": said }]);
    let bounce = |kind: &str, subtype: &str, said: &str| {
        json!({ "bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": recipient(said), "timestamp": at.to_string(),
            "feedbackId": format!("f-{email_id}-{step}") })
    };
    let words: String = email_id.to_string().chars().map(|c| if c.is_ascii_digit() { 'x' } else { c }).collect();
    let (kind, key, detail) = match what {
        "send" => ("Send", "send", json!({})),
        "delivery" => (
            "Delivery",
            "delivery",
            json!({ "timestamp": at.to_string(), "recipients": [address], "smtpResponse": "250 ok" }),
        ),
        "delay" => (
            "DeliveryDelay",
            "deliveryDelay",
            json!({ "timestamp": at.to_string(), "delayType": "General",
            "expirationTime": (at + SignedDuration::from_hours(12)).to_string(), "delayedRecipients": recipient("smtp; 451 4.4.1 later") }),
        ),
        "bounce" => {
            ("Bounce", "bounce", bounce("Permanent", "General", &format!("smtp; 550 5.1.1 user unknown {words}")))
        }
        "auto_reply" => ("Bounce", "bounce", bounce("Transient", "General", "smtp; 250 2.0.0 out of office")),
        "full" => ("Bounce", "bounce", bounce("Transient", "MailboxFull", "smtp; 452 4.2.2 full")),
        "policy" => ("Bounce", "bounce", bounce("Permanent", "General", "smtp; 550 5.7.26 unauthenticated sender")),
        _ => (
            "Complaint",
            "complaint",
            json!({ "complainedRecipients": [{ "emailAddress": address }], "timestamp": at.to_string(),
            "feedbackId": format!("c-{email_id}"), "complaintFeedbackType": "abuse" }),
        ),
    };
    let mut event = json!({
        "eventType": kind,
        "mail": { "timestamp": sent_at.to_string(), "messageId": format!("message-{email_id}"), "source": "no-reply@mail.example.com",
            "destination": [address], "tags": { "email_id": [email_id.to_string()], "ses:configuration-set": ["recovery"] } },
    });
    event[key] = detail;
    event
}

fn in_sqs(event: &Value) -> Value {
    let sns = json!({ "Type": "Notification", "MessageId": "m", "TopicArn": "arn", "Message": event.to_string(), "Timestamp": NOW.to_string() });
    json!({ "messageId": "m", "body": sns.to_string(), "eventSource": "aws:sqs" })
}

/// Selects the outcome of an email by its number and the weights in the table.
fn pick(number: usize) -> usize {
    let mut place = number * 37 % FATES.iter().map(|fate| fate.3).sum::<usize>();
    FATES.iter().position(|fate| place.checked_sub(fate.3).map(|left| place = left).is_none()).unwrap_or(0)
}

/// A random generator with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as usize
    }
}

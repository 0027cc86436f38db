//! Tests of the queue with an in-memory engine and the real consumer.

use std::{sync::Arc, time::Duration};

use mailkey::{
    EmailAddress, OsEntropy, SharedClock,
    config::{Directory, EmailConfig},
    watched::Watch,
};
use mailkey_api::App;
use mailkey_bounce_consumer::{BounceConsumer, Route, WatchedEvents};
use mailkey_dynamodb::Database;
use mailkey_ses::SesSuppressionList;
use serde_json::{Value, json};

use super::{EventQueue, TABLE};
use crate::{
    app,
    clock::ShiftedClock,
    dynamodb::{FaultMode, FaultPlan, LocalDynamoDb},
    ses::{LocalSes, Outbox, SuppressionList},
    tables,
};

fn clock() -> SharedClock {
    Arc::new(ShiftedClock::default())
}

fn dynamodb() -> LocalDynamoDb {
    let dynamodb = LocalDynamoDb::in_memory().unwrap();
    tables::create(&dynamodb).unwrap();
    dynamodb
}

fn consumer(dynamodb: &LocalDynamoDb) -> Arc<BounceConsumer> {
    let of_ses = clock();
    let now: crate::ses::Clock = Arc::new(move || of_ses.now());
    let ses = LocalSes::new(Outbox::in_memory(Arc::clone(&now)), SuppressionList::in_memory(), now);
    let from = EmailAddress::parse("no-reply@mail.example.com").unwrap();
    let mail = EmailConfig { from, configuration_set: Some("recovery".to_owned()), notice_configuration_set: None };
    let app = App {
        db: Database::new(dynamodb.client(), ""),
        clock: clock(),
        entropy: Arc::new(OsEntropy),
        directory: Directory::Own,
    };
    let watched = WatchedEvents::new(Watch::default(), Route::BySender);
    Arc::new(BounceConsumer { app, ses_list: SesSuppressionList::new(app::ses_client(&ses)), mail, watched })
}

/// A bounce of one of our emails whose log entry no longer exists. The consumer keeps it as an orphan.
fn orphan(message_id: &str) -> Value {
    json!({
        "eventType": "Bounce",
        "mail": {
            "timestamp": "2026-01-01T00:00:00.000Z", "messageId": message_id, "source": "no-reply@mail.example.com",
            "destination": ["alice@example.com"], "tags": { "ses:configuration-set": ["recovery"] },
        },
        "bounce": {
            "bounceType": "Transient", "bounceSubType": "General", "timestamp": "2026-01-01T00:00:01.000Z",
            "bouncedRecipients": [{ "emailAddress": "alice@example.com" }],
        },
    })
}

async fn eventually(dynamodb: &LocalDynamoDb, table: &str, expected: usize) {
    for _ in 0..500 {
        if dynamodb.items(table).unwrap().len() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{table}: {:?}", dynamodb.items(table));
}

#[tokio::test]
async fn accepted_events_are_deleted() {
    let dynamodb = dynamodb();
    let (queue, pump) = EventQueue::open(dynamodb.clone(), clock()).unwrap();
    for number in 0..25 {
        queue.publish(&[orphan(&number.to_string())]);
    }
    queue.put("no JSON".to_owned()).unwrap();
    assert_eq!((dynamodb.items(TABLE).unwrap().len(), queue.waiting()), (26, 26));
    tokio::spawn(pump.run(consumer(&dynamodb)));
    eventually(&dynamodb, TABLE, 0).await;
    assert_eq!((dynamodb.items("SesEvents").unwrap().len(), queue.waiting()), (26, 0));
}

#[tokio::test]
async fn events_from_a_previous_process_and_failed_events_are_retried_until_accepted() {
    let dynamodb = dynamodb();
    let (queue, former) = EventQueue::open(dynamodb.clone(), clock()).unwrap();
    drop(former);
    dynamodb.faults().set(FaultPlan { mode: FaultMode::Fail, ..FaultPlan::default() });
    queue.publish(&[orphan("1")]);
    queue.put(orphan("2").to_string()).unwrap();
    let (_, pump) = EventQueue::open(dynamodb.clone(), clock()).unwrap();
    tokio::spawn(pump.run(consumer(&dynamodb)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(dynamodb.items(TABLE).unwrap().len(), 2);
    dynamodb.faults().set(FaultPlan::default());
    eventually(&dynamodb, TABLE, 0).await;
    assert_eq!(dynamodb.items("SesEvents").unwrap().len(), 2);
}

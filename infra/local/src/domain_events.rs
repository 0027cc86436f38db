//! `GET /_local/domain-events.json`: the domain events that AWS would put on the event bus.
//!
//! They come from the tables' changes through the same code as on AWS. They are kept in memory only.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, extract::State, routing::get};
use mailkey::clock::rfc3339;
use mailkey_api::http::JsonBody;
use mailkey_domain_events::{DomainEvent, event_of};
use serde_json::{Value, json};

use crate::dynamodb::LocalDynamoDb;

/// The number of events that are kept, as many as pages of a browser can show.
const KEPT: usize = 1000;

/// The tables with items that are only added, and those with items that change, with their keys. On AWS, each has a
/// stream that the function `domain-events` reads.
const ADDED_TO: [&str; 2] = ["AuditLog", "EmailRequests"];
const CHANGING: [(&str, &[&str]); 2] = [("EmailLog", &["partition", "id"]), ("Suppressions", &["address_key"])];

/// The local event bus: the newest events. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LocalEventBus(Arc<Mutex<VecDeque<DomainEvent>>>);

impl LocalEventBus {
    /// Publishes the events that follow from changes of the tables.
    #[must_use]
    pub fn fed_by(&self, mut dynamodb: LocalDynamoDb) -> LocalDynamoDb {
        for table in ADDED_TO {
            let bus = self.clone();
            let added =
                move |item: &Value| bus.take(&json!({ "eventName": "INSERT", "dynamodb": { "NewImage": item } }));
            dynamodb = dynamodb.watching(table, Arc::new(added));
        }
        for (table, key) in CHANGING {
            let bus = self.clone();
            dynamodb = dynamodb.streaming(table, key, Arc::new(move |record| bus.take(record)));
        }
        dynamodb
    }

    fn take(&self, record: &Value) {
        let Some(event) = event_of(record) else { return };
        // Without its id, which can name an address.
        tracing::debug!(event = event.name, "domain event");
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push_front(event);
        events.truncate(KEPT);
    }

    fn to_json(&self) -> Value {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = |event: &DomainEvent| json!({ "id": event.id, "type": event.name, "at": rfc3339(event.at), "detail": event.detail });
        events.iter().map(one).collect()
    }
}

/// The route that shows the events, newest first.
pub fn routes(bus: LocalEventBus) -> Router {
    let show = async |State(bus): State<LocalEventBus>| JsonBody(bus.to_json());
    Router::new().route("/_local/domain-events.json", get(show)).with_state(bus)
}

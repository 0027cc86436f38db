//! The table `SesEvents`: events that have to be kept beside the email log. The raw copy of whatever is not routine,
//! and what came without a mail of ours to belong to.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    account::{AddressKey, text_form},
    database::{Database, Item, StoreError, n, s, time, ttl},
};

const TABLE: &str = "SesEvents";

/// So long they are kept: as long as entries of the email log, as they come.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Why an event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhyKept {
    /// It is the evidence of what the email log says in short.
    Evidence,
    /// It is about mail of ours whose entry is gone.
    Orphan,
    /// Its type is unknown to us.
    UnknownType,
    /// It could not be understood.
    NotUnderstood,
}

text_form!(WhyKept {
    Evidence = "evidence",
    Orphan = "orphan",
    UnknownType = "unknown_type",
    NotUnderstood = "not_understood",
});

/// An event that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its key: the event's, or for what is no event a digest of it.
    pub key: String,
    /// Why it is kept.
    pub why: WhyKept,
    /// When it came.
    pub at: Timestamp,
    /// Which address it is about.
    pub address: Option<AddressKey>,
    /// What came, cut where it was long.
    pub raw: String,
}

impl KeptEvent {
    /// What came and is no event of a mail, named by what it is.
    pub fn of_nothing(why: WhyKept, at: Timestamp, raw: String) -> Self {
        let key = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&raw));
        Self { key, why, at, address: None, raw }
    }
}

/// Keeps events.
#[derive(Debug, Clone)]
pub struct KeptEventStore {
    database: Database,
}

impl KeptEventStore {
    /// The kept events of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Keeps an event; one that is kept already stays as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn keep(&self, event: &KeptEvent) -> Result<(), StoreError> {
        let request = self.database.client().put_item().table_name(self.database.table(TABLE));
        let answer =
            request.set_item(Some(write(event))).condition_expression("attribute_not_exists(event_key)").send().await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(e) if e.is_conditional_check_failed_exception() => Ok(()),
            Err(e) => Err(StoreError::unavailable("PutItem", TABLE, e)),
        }
    }

    /// Whether an event is kept already.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn has(&self, key: &str) -> Result<bool, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let answer = request
            .key("event_key", s(key))
            .projection_expression("event_key")
            .consistent_read(true)
            .send()
            .await
            .map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        Ok(answer.item.is_some())
    }

    /// The part of a transaction that keeps an event.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the item can't be built.
    pub fn in_transaction(&self, event: &KeptEvent) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.database.table(TABLE)).set_item(Some(write(event))).build();
        let put = put.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn write(event: &KeptEvent) -> Item {
    let mut item = Item::from([
        ("event_key".to_owned(), s(&event.key)),
        ("why".to_owned(), s(event.why.as_str())),
        ("at".to_owned(), time(event.at)),
        ("raw".to_owned(), s(&event.raw)),
        ("ttl".to_owned(), ttl(event.at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX))),
        ("schema".to_owned(), n(1)),
    ]);
    if let Some(address) = &event.address {
        item.insert("address_key".to_owned(), s(address.as_str()));
    }
    item
}

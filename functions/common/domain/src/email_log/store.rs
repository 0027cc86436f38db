//! The table `EmailLog`.
//!
//! An entry and its timeline are one item: news costs one write. The key is the month, or a part of it, and the id; the
//! id, a ULID, tells both. Two indexes hold only what is looked for by them: `by_status` what did not go the usual way,
//! `by_kind` what is no link that somebody asked for. So a mail that arrives is written once for each piece of news,
//! and no index moves.

use aws_sdk_dynamodb::{
    operation::{put_item::PutItemError, update_item::builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use jiff::{SignedDuration, Timestamp};

use super::{DeliveryStatus, EmailKind, EmailLogEntry, Heard, LogId, Moment, Reason, Trigger};
use crate::{
    account::AddressKey,
    database::{Committed, Database, Freshness, Item, Reader, StoreError, n, s, time, ttl},
};

pub(super) const TABLE: &str = "EmailLog";

/// The longest text of SES or of a receiving host that a timeline keeps, in characters.
const MAX_DETAIL: usize = 1000;

/// Reads and writes the email log.
#[derive(Debug, Clone)]
pub struct EmailLogStore {
    database: Database,
}

/// What became of beginning an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// It is there now.
    Begun,
    /// There is one with its id already, of a former attempt.
    There(Box<EmailLogEntry>),
}

/// What became of claiming another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is ours.
    Ours,
    /// Another attempt has moved on since the entry was read.
    Overtaken,
}

/// News of an email.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// The status.
    pub status: DeliveryStatus,
    /// Why, where it was not sent.
    pub reason: Option<Reason>,
    /// SES's name for the email, once it has one.
    pub message_id: Option<String>,
    /// In more words.
    pub detail: Option<String>,
}

impl EmailLogStore {
    /// The log of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Writes `parts`, in one transaction: all of them or none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the tables fail.
    pub async fn commit(&self, parts: Vec<TransactWriteItem>) -> Result<Committed, StoreError> {
        self.database.commit(parts).await
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Reads an entry, with its timeline.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or the item is damaged.
    pub async fn get(&self, id: LogId) -> Result<Option<EmailLogEntry>, StoreError> {
        self.read(id, Freshness::Latest).await
    }

    /// Reads an entry as of a moment ago. That is enough for whoever then writes on condition that nothing was added.
    /// One that does not seem to be there is looked for among the latest.
    ///
    /// # Errors
    ///
    /// As of [`get`](Self::get).
    pub async fn get_recent(&self, id: LogId) -> Result<Option<EmailLogEntry>, StoreError> {
        match self.read(id, Freshness::Recent).await? {
            Some(entry) => Ok(Some(entry)),
            None => self.get(id).await,
        }
    }

    async fn read(&self, id: LogId, freshness: Freshness) -> Result<Option<EmailLogEntry>, StoreError> {
        let request = self.database.client().get_item().table_name(self.database.table(TABLE));
        let answer = request.set_key(Some(self.key(id))).consistent_read(freshness.is_consistent()).send().await;
        let answer = answer.map_err(|e| StoreError::unavailable("GetItem", TABLE, e))?;
        answer.item().map(read).transpose()
    }

    /// Writes a new entry, to be kept for `retention`, unless there is one with its id; then that is the answer, and
    /// costs no read.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn begin(
        &self,
        entry: &EmailLogEntry,
        recipient: &AddressKey,
        retention: SignedDuration,
    ) -> Result<Begin, StoreError> {
        let request = self.database.client().put_item().table_name(self.database.table(TABLE));
        let answer = request
            .set_item(Some(self.key(entry.id).into_iter().chain(write(entry, recipient, retention)).collect()))
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(Begin::Begun),
            Err(PutItemError::ConditionalCheckFailedException(e)) => {
                Ok(Begin::There(Box::new(read(e.item().unwrap_or(&Item::new()))?)))
            }
            Err(e) => Err(StoreError::unavailable("PutItem", TABLE, e)),
        }
    }

    /// Claims another attempt to send, unless the entry has moved on since it was read: settled, or claimed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn begin_again(&self, seen: &EmailLogEntry, now: Timestamp) -> Result<Claim, StoreError> {
        let request = self.database.client().update_item().table_name(self.database.table(TABLE));
        let answer = request
            .set_key(Some(self.key(seen.id)))
            .update_expression("SET attempts = :next, updated_at = :now")
            .condition_expression("attempts = :seen AND #rank < :settled")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":next", n(seen.attempts + 1))
            .expression_attribute_values(":seen", n(seen.attempts))
            .expression_attribute_values(":settled", n(DeliveryStatus::Skipped.rank()))
            .expression_attribute_values(":now", time(now))
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(Claim::Ours),
            Err(e) if e.is_conditional_check_failed_exception() => Ok(Claim::Overtaken),
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    /// Takes news of an email: onto its timeline in any case, and into its status where the rank says so.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn record(&self, id: LogId, change: &StatusChange, now: Timestamp) -> Result<(), StoreError> {
        let request = self.append(id, &change.moment(now), now);
        let mut set = vec!["#status = :status", "#rank = :rank"];
        let mut request = request
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", s(change.status.as_str()))
            .expression_attribute_values(":rank", n(change.status.rank()));
        if let Some(reason) = change.reason {
            set.push("reason = :reason");
            request = request.expression_attribute_values(":reason", s(reason.as_str()));
        }
        if let Some(message_id) = &change.message_id {
            set.push("message_id = :message_id");
            request = request.expression_attribute_values(":message_id", s(message_id));
        }
        let mut remove = Vec::new();
        match change.status.is_usual() {
            true => remove.push(LISTED_STATUS),
            false => set.push("listed_status = :status"),
        }
        if change.reason.is_none() {
            remove.push("reason");
        }
        if change.status == DeliveryStatus::Skipped {
            // It never had a link.
            remove.push("link_expires_at");
        }
        let remove = if remove.is_empty() { String::new() } else { format!(" REMOVE {}", remove.join(", ")) };
        let answer = request
            .update_expression(format!("{APPEND}, {}{remove}", set.join(", ")))
            .condition_expression("attribute_exists(id) AND #rank < :rank")
            .expression_attribute_names("#rank", "rank")
            .send()
            .await;
        match answer.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(e) if e.is_conditional_check_failed_exception() => self.record_moment(id, change, now).await,
            Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
        }
    }

    /// The status has moved on already: keeps the news on the timeline, and the message's name.
    async fn record_moment(&self, id: LogId, change: &StatusChange, now: Timestamp) -> Result<(), StoreError> {
        let mut request = self.append(id, &change.moment(now), now);
        let mut expression = APPEND.to_owned();
        if let Some(message_id) = &change.message_id {
            expression.push_str(", message_id = :message_id");
            request = request.expression_attribute_values(":message_id", s(message_id));
        }
        unless_refused(request.update_expression(expression).condition_expression("attribute_exists(id)")).await
    }

    /// The part of a transaction that writes what an entry heard, unless it heard something else since it was read: its
    /// timeline only ever grows, so its length tells. `message_id` is kept where the entry has none yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the item can't be built.
    pub fn hear_in_transaction(
        &self,
        seen: &EmailLogEntry,
        heard: &Heard,
        message_id: Option<&str>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut set = format!("{APPEND}, #status = :status, #rank = :rank");
        let mut remove = Vec::new();
        match heard.status.is_usual() {
            true => remove.push(LISTED_STATUS),
            false => set.push_str(", listed_status = :status"),
        }
        let mut update = Update::builder()
            .table_name(self.database.table(TABLE))
            .set_key(Some(self.key(seen.id)))
            .condition_expression("attribute_exists(id) AND size(timeline) = :length")
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#rank", "rank")
            .expression_attribute_values(":length", n(i64::try_from(seen.timeline.len()).unwrap_or(i64::MAX)))
            .expression_attribute_values(":moment", AttributeValue::L(vec![write_moment(&heard.moment)]))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":status", s(heard.status.as_str()))
            .expression_attribute_values(":rank", n(heard.status.rank()));
        if let Some(message_id) = message_id.filter(|_| seen.message_id.is_none()) {
            set.push_str(", message_id = :message_id");
            update = update.expression_attribute_values(":message_id", s(message_id));
        }
        match heard.reason {
            Some(reason) => {
                set.push_str(", reason = :reason");
                update = update.expression_attribute_values(":reason", s(reason.as_str()));
            }
            None => remove.push("reason"),
        }
        if !remove.is_empty() {
            set.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        let update = update.update_expression(set).build();
        let update = update.map_err(|e| StoreError::unavailable("TransactWriteItems", TABLE, e))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Notes that the link was opened, and whether by a person. Only the first time is written.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn mark_opened(&self, id: LogId, by_a_person: bool, now: Timestamp) -> Result<(), StoreError> {
        let (event, set, first) = if by_a_person {
            ("landed", "landed_at = :now, opened_at = if_not_exists(opened_at, :now)", "landed_at")
        } else {
            ("opened", "opened_at = :now", "opened_at")
        };
        let update = self
            .append(id, &Moment::new(now, event), now)
            .update_expression(format!("{APPEND}, {set}"))
            .condition_expression(format!("attribute_exists(id) AND attribute_not_exists({first})"));
        unless_refused(update).await
    }

    /// Notes that the email's link was redeemed, which proves that it arrived.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn mark_redeemed(&self, id: LogId, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .append(id, &Moment::new(now, "redeemed"), now)
            .update_expression(format!("{APPEND}, redeemed_at = :now"))
            .condition_expression("attribute_exists(id)");
        unless_refused(update).await
    }

    /// The key of an entry.
    pub fn key(&self, id: LogId) -> Item {
        let partition = self.database.log_partitions().of(id.0);
        Item::from([("month".to_owned(), s(partition)), ("id".to_owned(), s(id.to_string()))])
    }

    fn append(&self, id: LogId, moment: &Moment, now: Timestamp) -> UpdateItemFluentBuilder {
        self.database
            .client()
            .update_item()
            .table_name(self.database.table(TABLE))
            .set_key(Some(self.key(id)))
            .return_values(ReturnValue::None)
            .expression_attribute_values(":moment", AttributeValue::L(vec![write_moment(moment)]))
            .expression_attribute_values(":now", time(now))
    }
}

/// Writes news, if its condition holds; otherwise it is known already, or the entry is gone by retention and there is
/// nothing to keep it on.
async fn unless_refused(update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    match update.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
        Ok(_) => Ok(()),
        Err(e) if e.is_conditional_check_failed_exception() => Ok(()),
        Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
    }
}

/// The key of the index of entries that did not go the usual way.
pub(super) const LISTED_STATUS: &str = "listed_status";

/// The beginning of every update expression that appends to a timeline.
const APPEND: &str = "SET timeline = list_append(timeline, :moment), updated_at = :now";

impl StatusChange {
    fn moment(&self, at: Timestamp) -> Moment {
        Moment { detail: self.detail.clone(), reason: self.reason, ..Moment::new(at, self.status.as_str()) }
    }
}

fn write(entry: &EmailLogEntry, recipient: &AddressKey, retention: SignedDuration) -> Item {
    let mut item = Item::from([
        ("recipient".to_owned(), s(&entry.recipient)),
        ("recipient_key".to_owned(), s(recipient.as_str())),
        ("kind".to_owned(), s(entry.kind.as_str())),
        ("trigger".to_owned(), s(entry.trigger.as_str())),
        ("status".to_owned(), s(entry.status.as_str())),
        ("rank".to_owned(), n(entry.status.rank())),
        ("requested_at".to_owned(), time(entry.requested_at)),
        ("updated_at".to_owned(), time(entry.updated_at)),
        ("attempts".to_owned(), n(entry.attempts)),
        ("timeline".to_owned(), AttributeValue::L(entry.timeline.iter().map(write_moment).collect())),
        ("ttl".to_owned(), ttl(entry.requested_at.saturating_add(retention).unwrap_or(Timestamp::MAX))),
        ("place".to_owned(), s(place(entry.kind, entry.trigger, entry.id))),
        ("schema".to_owned(), n(2)),
    ]);
    let optional = [
        (LISTED_STATUS, (!entry.status.is_usual()).then(|| s(entry.status.as_str()))),
        ("listed_kind", (!is_usual(entry.kind, entry.trigger)).then(|| s(sort(entry.kind, entry.trigger)))),
        ("reason", entry.reason.map(|reason| s(reason.as_str()))),
        ("user_id", entry.user_id.map(|id| s(id.to_string()))),
        ("message_id", entry.message_id.as_ref().map(s)),
        ("request_id", entry.request_id.as_ref().map(s)),
        ("redeemed_at", entry.redeemed_at.map(time)),
        ("link_expires_at", entry.link_expires_at.map(time)),
        ("opened_at", entry.opened_at.map(time)),
        ("landed_at", entry.landed_at.map(time)),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    item
}

/// What most entries are: the link that somebody asked for. It is not listed by kind, since it is found anywhere.
pub(super) fn is_usual(kind: EmailKind, trigger: Trigger) -> bool {
    (kind, trigger) == (EmailKind::PasswordReset, Trigger::SelfService)
}

/// Kind and trigger in one: a partition of `by_kind`.
pub(super) fn sort(kind: EmailKind, trigger: Trigger) -> String {
    format!("{kind}#{trigger}")
}

/// Where an entry stands among those of its status: sorted by kind, trigger and time.
pub(super) fn place(kind: EmailKind, trigger: Trigger, id: LogId) -> String {
    format!("{kind}#{trigger}#{id}")
}

fn write_moment(moment: &Moment) -> AttributeValue {
    let mut map = Item::from([("at".to_owned(), time(moment.at)), ("event".to_owned(), s(&moment.event))]);
    let optional = [
        ("detail", moment.detail.as_ref().map(|text| s(text.chars().take(MAX_DETAIL).collect::<String>()))),
        ("reason", moment.reason.map(|reason| s(reason.as_str()))),
        ("until", moment.until.map(time)),
        ("key", moment.key.as_ref().map(s)),
    ];
    map.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    AttributeValue::M(map)
}

pub(super) fn read(item: &Item) -> Result<EmailLogEntry, StoreError> {
    let reader = Reader::new(TABLE, item);
    Ok(EmailLogEntry {
        id: reader.parsed("id")?,
        recipient: reader.text("recipient")?.to_owned(),
        kind: reader.parsed("kind")?,
        trigger: reader.parsed("trigger")?,
        status: reader.parsed("status")?,
        reason: reader.optional_text("reason").and_then(|reason| reason.parse().ok()),
        user_id: reader.optional_text("user_id").and_then(|id| id.parse().ok()),
        message_id: reader.optional_text("message_id").map(ToOwned::to_owned),
        request_id: reader.optional_text("request_id").and_then(crate::RequestId::parse),
        requested_at: reader.time("requested_at")?,
        updated_at: reader.time("updated_at")?,
        redeemed_at: reader.optional_time("redeemed_at"),
        link_expires_at: reader.optional_time("link_expires_at"),
        opened_at: reader.optional_time("opened_at"),
        landed_at: reader.optional_time("landed_at"),
        attempts: reader.number("attempts")?,
        timeline: reader.maps("timeline").into_iter().map(read_moment).collect::<Result<_, _>>()?,
    })
}

fn read_moment(reader: Reader<'_>) -> Result<Moment, StoreError> {
    Ok(Moment {
        at: reader.time("at")?,
        event: reader.text("event")?.to_owned(),
        detail: reader.optional_text("detail").map(ToOwned::to_owned),
        reason: reader.optional_text("reason").and_then(|reason| reason.parse().ok()),
        until: reader.optional_time("until"),
        key: reader.optional_text("key").map(ToOwned::to_owned),
    })
}

//! Reads and writes what is known of the sender.
//!
//! Events come late, doubled and out of order, so every write commutes with every other: whatever the order, the same
//! item comes out.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    AlarmKind,
    state::{CANARY, SenderState, TABLE, read},
};
use crate::{
    clock::{from_millis, millis},
    database::{Database, StoreError, n, s, time, ttl},
    email_log::LogId,
};

/// All of it is one partition: a handful of items, read together.
const PART: &str = "state";

/// Alarms are kept so long after they were last raised; what is deleted by then is no longer current.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A host's answer is cut to so many characters: enough for what matters in it.
const DETAIL_CHARS: usize = 500;

/// Reads and writes what is known of the sender.
#[derive(Debug, Clone)]
pub struct SenderStateStore {
    database: Database,
}

impl SenderStateStore {
    /// The state of this deployment.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// All of it, with one query.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails or an item is damaged.
    pub async fn read(&self) -> Result<SenderState, StoreError> {
        let request = self.database.client().query().table_name(self.database.table(TABLE));
        let answer = request
            .key_condition_expression("#part = :part")
            .expression_attribute_names("#part", "part")
            .expression_attribute_values(":part", s(PART))
            .send()
            .await
            .map_err(|e| StoreError::unavailable("Query", TABLE, e))?;
        read(answer.items())
    }

    /// Counts one more occurrence, at `at`, of `kind` about `subject`. The detail of the latest is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails. It may be counted all the same, and then a further try counts it twice.
    pub async fn raise(
        &self,
        kind: AlarmKind,
        subject: Option<&str>,
        at: Timestamp,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        // Exactly one of three does it: the latest so far, the earliest so far, one between. Only an alarm that is
        // deleted meanwhile sends us round again.
        for _ in 0..5 {
            if done(self.raise_latest(kind, subject, at, detail).send().await)? {
                return Ok(());
            }
            let earliest = self
                .update(&alarm_name(kind, subject))
                .update_expression("SET first_at = :at ADD #count :one")
                .condition_expression("first_at > :at")
                .expression_attribute_names("#count", "count")
                .expression_attribute_values(":at", time(at))
                .expression_attribute_values(":one", n(1));
            if done(earliest.send().await)? {
                return Ok(());
            }
            let between = self
                .update(&alarm_name(kind, subject))
                .update_expression("ADD #count :one")
                .condition_expression("attribute_exists(last_at)")
                .expression_attribute_names("#count", "count")
                .expression_attribute_values(":one", n(1));
            if done(between.send().await)? {
                return Ok(());
            }
        }
        Err(StoreError::Contended { table: TABLE })
    }

    fn raise_latest(
        &self,
        kind: AlarmKind,
        subject: Option<&str>,
        at: Timestamp,
        detail: Option<&str>,
    ) -> UpdateItemFluentBuilder {
        let mut set = "SET kind = :kind, last_at = :at, first_at = if_not_exists(first_at, :at), #ttl = :ttl, \
                       #schema = :one"
            .to_owned();
        let mut update = self
            .update(&alarm_name(kind, subject))
            .condition_expression("attribute_not_exists(last_at) OR last_at <= :at")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#detail", "detail")
            .expression_attribute_values(":kind", s(kind.as_str()))
            .expression_attribute_values(":at", time(at))
            .expression_attribute_values(":ttl", ttl(later(at, kept_for(kind))))
            .expression_attribute_values(":one", n(1));
        if let Some(subject) = subject {
            set.push_str(", subject = :subject");
            update = update.expression_attribute_values(":subject", s(subject));
        }
        match detail {
            Some(detail) => {
                set.push_str(", #detail = :detail");
                let detail: String = detail.chars().take(DETAIL_CHARS).collect();
                update = update.expression_attribute_values(":detail", s(detail));
            }
            None => set.push_str(" REMOVE #detail"),
        }
        update.update_expression(format!("{set} ADD #count :one"))
    }

    /// Deletes an alarm: it was mended. An event of before that comes late raises it anew; where the mending has a
    /// time, [`SenderStateStore::lower_as_of`] is better.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn lower(&self, kind: AlarmKind, subject: Option<&str>) -> Result<(), StoreError> {
        let request = self.database.client().delete_item().table_name(self.database.table(TABLE));
        request
            .key("part", s(PART))
            .key("name", s(alarm_name(kind, subject)))
            .send()
            .await
            .map_err(|e| StoreError::unavailable("DeleteItem", TABLE, e))?;
        Ok(())
    }

    /// Lowers an alarm for what happened until `at`, also where that is yet to be heard of: SES may say "enabled" first
    /// and "paused" afterwards.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn lower_as_of(&self, kind: AlarmKind, subject: Option<&str>, at: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update(&alarm_name(kind, subject))
            .update_expression("SET lowered_at = :at, #ttl = if_not_exists(#ttl, :ttl), #schema = :one")
            .condition_expression("attribute_not_exists(lowered_at) OR lowered_at < :at")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":at", time(at))
            .expression_attribute_values(":ttl", ttl(later(at, KEPT_FOR)))
            .expression_attribute_values(":one", n(1));
        done(update.send().await).map(drop)
    }

    /// Notes that a canary was sent, unless a newer one was.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn canary_sent(&self, log_id: LogId, at: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update(CANARY)
            .update_expression("SET log_id = :log_id, sent_at = :at, #schema = :one")
            .condition_expression("attribute_not_exists(sent_at) OR sent_at < :at")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":log_id", s(log_id.to_string()))
            .expression_attribute_values(":at", time(at))
            .expression_attribute_values(":one", n(1));
        done(update.send().await).map(drop)
    }

    /// Notes that an event about the canary `log_id` came back, at `at`. Only ever forward in time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the table fails.
    pub async fn canary_proven(&self, log_id: LogId, at: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update(CANARY)
            .update_expression("SET proven_by = :log_id, proven_at = :at, #schema = :one")
            .condition_expression("attribute_not_exists(proven_at) OR proven_at < :at")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":log_id", s(log_id.to_string()))
            .expression_attribute_values(":at", time(at))
            .expression_attribute_values(":one", n(1));
        done(update.send().await).map(drop)
    }

    fn update(&self, name: &str) -> UpdateItemFluentBuilder {
        let request = self.database.client().update_item().table_name(self.database.table(TABLE));
        request.key("part", s(PART)).key("name", s(name))
    }
}

/// Whether an update was made; false where its condition did not hold.
fn done<T, R>(answer: Result<T, SdkError<UpdateItemError, R>>) -> Result<bool, StoreError>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match answer.map_err(SdkError::into_service_error) {
        Ok(_) => Ok(true),
        Err(e) if e.is_conditional_check_failed_exception() => Ok(false),
        Err(e) => Err(StoreError::unavailable("UpdateItem", TABLE, e)),
    }
}

fn alarm_name(kind: AlarmKind, subject: Option<&str>) -> String {
    format!("alarm#{kind}#{}", subject.unwrap_or_default())
}

/// A state is kept until it is over, however long ago it began.
fn kept_for(kind: AlarmKind) -> SignedDuration {
    if kind.is_a_state() { SignedDuration::from_hours(100 * 365 * 24) } else { KEPT_FOR }
}

/// To the millisecond, as items keep times.
fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    from_millis(millis(at).saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

//! What is known of the sender between requests: its alarms, and when the path of SES's events was last proven.
//!
//! Events come late, doubled and out of order, so every write commutes with every other: whatever the order, the same
//! item comes out.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
};
use jiff::{SignedDuration, Timestamp};

use super::{AlarmKind, SenderAlarm};
use crate::{
    clock::{from_millis, millis},
    database::{Database, Item, Reader, StoreError, n, s, time, ttl},
    email_log::LogId,
};

const TABLE: &str = "SenderState";

/// All of it is one partition: a handful of items, read together.
const PART: &str = "state";

const CANARY: &str = "canary";

/// Alarms are kept so long after they were last raised; what is deleted by then is no longer current.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A host's answer is cut to so many characters: enough for what matters in it.
const DETAIL_CHARS: usize = 500;

/// The newest email to SES's simulator, which proves that mail goes out and that its events come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Its entry in the email log.
    pub log_id: LogId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When an event last came back: of this canary, or, where that is earlier than `sent_at`, of one before it.
    pub proven_at: Option<Timestamp>,
}

/// What is known of the sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderState {
    /// Its alarms, those that were lowered left out. Some may no longer be [current](SenderAlarm::is_current).
    pub alarms: Vec<SenderAlarm>,
    /// The newest canary, if one was ever sent.
    pub canary: Option<Canary>,
}

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
    /// [`StoreError`] where the table fails. Nothing was counted then, or SES's event comes again and is counted twice.
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
            .expression_attribute_values(":ttl", ttl(later(at, KEPT_FOR)))
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

/// To the millisecond, as items keep times.
fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    from_millis(millis(at).saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

fn read(items: &[Item]) -> Result<SenderState, StoreError> {
    let mut state = SenderState::default();
    for item in items {
        let reader = Reader::new(TABLE, item);
        if reader.text("name")? == CANARY {
            state.canary = read_canary(reader)?;
        } else if let Some(alarm) = read_alarm(reader)? {
            state.alarms.push(alarm);
        }
    }
    Ok(state)
}

/// `None` where only its proof is known yet: the two are written by different functions.
fn read_canary(reader: Reader<'_>) -> Result<Option<Canary>, StoreError> {
    let Some(sent_at) = reader.optional_time("sent_at") else { return Ok(None) };
    Ok(Some(Canary { log_id: reader.parsed("log_id")?, sent_at, proven_at: reader.optional_time("proven_at") }))
}

/// `None` where it was lowered, before or after it was raised.
fn read_alarm(reader: Reader<'_>) -> Result<Option<SenderAlarm>, StoreError> {
    let Some(last_at) = reader.optional_time("last_at") else { return Ok(None) };
    if reader.optional_time("lowered_at").is_some_and(|lowered_at| lowered_at >= last_at) {
        return Ok(None);
    }
    Ok(Some(SenderAlarm {
        kind: reader.parsed("kind")?,
        subject: reader.optional_text("subject").map(ToOwned::to_owned),
        first_at: reader.time("first_at")?,
        last_at,
        count: reader.number("count")?,
        detail: reader.optional_text("detail").map(ToOwned::to_owned),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn item(attributes: &[(&str, aws_sdk_dynamodb::types::AttributeValue)]) -> Item {
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn alarm(lowered_at: Option<i64>) -> Item {
        let mut alarm = item(&[
            ("name", s("alarm#domain_burst#example.org")),
            ("kind", s("domain_burst")),
            ("subject", s("example.org")),
            ("first_at", time(at(10))),
            ("last_at", time(at(20))),
            ("count", n(5)),
        ]);
        if let Some(lowered_at) = lowered_at {
            alarm.insert("lowered_at".to_owned(), time(at(lowered_at)));
        }
        alarm
    }

    #[test]
    fn an_alarm_is_gone_when_it_was_lowered_after_it_was_last_raised() {
        for (lowered_at, stands) in [(None, true), (Some(19), true), (Some(20), false), (Some(21), false)] {
            let state = read(&[alarm(lowered_at)]).unwrap();
            assert_eq!(!state.alarms.is_empty(), stands, "{lowered_at:?}");
        }
        let early = item(&[("name", s("alarm#sending_paused#")), ("lowered_at", time(at(30)))]);
        assert!(read(&[early]).unwrap().alarms.is_empty());
    }

    #[test]
    fn an_alarm_and_the_canary_are_read_as_they_were_written() {
        let log_id: LogId = "01JDB2M6W8Z3X4Y5V6T7S8R9QA".parse().unwrap();
        let canary = item(&[
            ("name", s("canary")),
            ("log_id", s(log_id.to_string())),
            ("sent_at", time(at(100))),
            ("proven_at", time(at(90))),
        ]);
        let state = read(&[alarm(None), canary]).unwrap();
        assert_eq!(state.canary, Some(Canary { log_id, sent_at: at(100), proven_at: Some(at(90)) }));
        assert_eq!(
            state.alarms,
            [SenderAlarm {
                kind: AlarmKind::DomainBurst,
                subject: Some("example.org".to_owned()),
                first_at: at(10),
                last_at: at(20),
                count: 5,
                detail: None,
            }]
        );
        let only_proven = item(&[("name", s("canary")), ("proven_at", time(at(90)))]);
        assert_eq!(read(&[only_proven]).unwrap(), SenderState::default());
    }

    #[test]
    fn a_damaged_item_is_named() {
        let damaged = item(&[("name", s("alarm#x#")), ("last_at", time(at(1))), ("kind", s("x"))]);
        assert!(matches!(read(&[damaged]), Err(StoreError::Corrupt { table: "SenderState", attribute: "kind" })));
    }
}

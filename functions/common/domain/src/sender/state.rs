//! What is known of the sender between requests: its alarms, and when the path of SES's events was last proven.

use jiff::Timestamp;

use super::SenderAlarm;
use crate::{
    database::{Item, Reader, StoreError},
    email_log::LogId,
};

/// The table of the sender's state.
pub(super) const TABLE: &str = "SenderState";

/// The name of the canary's item.
pub(super) const CANARY: &str = "canary";

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

pub(super) fn read(items: &[Item]) -> Result<SenderState, StoreError> {
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
    use crate::{
        database::{n, s, time},
        sender::AlarmKind,
    };

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

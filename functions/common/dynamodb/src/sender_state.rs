//! Reads and writes what is known of the sender.
//!
//! Events come late, doubled and out of order, so every write commutes with every other: whatever the order, the same
//! item comes out.

use jiff::{SignedDuration, Timestamp};

use crate::client::{
    AttributeValue, Committed, Database, Item, Query, Reader, StoreError, Write, item, n, optional, s, time, ttl,
};
use mailkey::erasure::Person;
use mailkey::sender::{AccountHealth, AlarmKind, Canary, IdentityHealth, SenderAlarm, SenderHealth, SenderState};
use mailkey::{
    account::SenderPattern,
    clock::{from_millis, millis},
    email_log::EmailId,
};

const TABLE: &str = "SenderState";

/// The name of the canary's item.
const CANARY: &str = "canary";

/// The name of the item with SES's answers.
const HEALTH: &str = "health";
/// Begins the name of a watched sender's item.
const WATCHED: &str = "watched#";

/// All of it is one partition: a handful of items, read together.
const PART: &str = "state";

/// How long alarms are kept after they were last raised. Deleted ones are no longer current.
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
    pub async fn read(&self) -> Result<SenderState, StoreError> {
        read(&self.database.query(Query::new(TABLE, "part", PART)).await?.items)
    }

    /// Counts one more occurrence, at `at`, of `kind` about `subject`. The detail of the latest is kept.
    pub async fn raise(
        &self,
        kind: AlarmKind,
        subject: Option<&str>,
        at: Timestamp,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let name = alarm_name(kind, subject);
        let earliest = update(&name).set("first_at", time(at)).add("count", n(1)).only_if("first_at > :first_at");
        let between = update(&name).add("count", n(1)).only_if("attribute_exists(last_at)");
        // Exactly one of the three applies, unless the alarm is deleted meanwhile: then we start again.
        let writes = [raise_latest(kind, subject, at, detail), earliest, between];
        for write in writes.iter().cycle().take(5 * writes.len()) {
            if self.database.write(write.clone()).await? == Committed::Done {
                return Ok(());
            }
        }
        Err(StoreError::contended(TABLE))
    }

    /// Removes what servers said from alarms that name a person. Returns how many named the person.
    pub async fn erase_details(&self, person: &Person) -> Result<i64, StoreError> {
        let mut erased = 0;
        for item in self.database.query_all(Query::new(TABLE, "part", PART)).await? {
            let reader = Reader::new(TABLE, &item);
            if reader.optional_text("detail").is_some_and(|detail| person.is_named_in(detail)) {
                self.database
                    .write(update(reader.text("name")?).remove("detail").only_if("attribute_exists(part)"))
                    .await?;
                erased += 1;
            }
        }
        Ok(erased)
    }

    /// Deletes an alarm: its cause is fixed. A late event from before raises it again; if it is known when the cause
    /// was fixed, use [`SenderStateStore::lower_as_of`].
    pub async fn lower(&self, kind: AlarmKind, subject: Option<&str>) -> Result<(), StoreError> {
        let name = alarm_name(kind, subject);
        self.database.write(Write::delete(TABLE, [("part", s(PART)), ("name", s(name))])).await?;
        Ok(())
    }

    /// Lowers an alarm for everything that happened until `at`, even if we have not heard of it yet: SES may tell us
    /// "enabled" before "paused".
    pub async fn lower_as_of(&self, kind: AlarmKind, subject: Option<&str>, at: Timestamp) -> Result<(), StoreError> {
        let update = update(&alarm_name(kind, subject))
            .set("lowered_at", time(at))
            .set_expression("#ttl = if_not_exists(#ttl, :ttl)")
            .name("#ttl", "ttl")
            .value(":ttl", ttl(later(at, KEPT_FOR)))
            .only_if("attribute_not_exists(lowered_at) OR lowered_at < :lowered_at");
        self.database.write(update.set("schema", n(1))).await?;
        Ok(())
    }

    /// Stores what SES says about our account and identity. Where it gave no answer, the former one is kept until it is
    /// too old.
    pub async fn store_health(&self, health: &SenderHealth, at: Timestamp) -> Result<(), StoreError> {
        if *health == SenderHealth::default() {
            return Ok(());
        }
        let mut update =
            update(HEALTH).set("asked_at", time(at)).set("schema", n(1)).set("ttl", ttl(later(at, KEPT_FOR)));
        if let Some(account) = &health.account {
            update = update.set("account", AttributeValue::M(write_account(account)));
        }
        if let Some(identity) = &health.identity {
            update = update.set("identity", AttributeValue::M(write_identity(identity)));
        }
        self.database.write(update).await?;
        Ok(())
    }

    /// Notes that an event about email of a watched sender came at `at`, unless a later one did.
    pub async fn note_watched(&self, sender: &SenderPattern, at: Timestamp) -> Result<(), StoreError> {
        let update = update(&format!("{WATCHED}{sender}"))
            .set("last_event_at", time(at))
            .only_if("attribute_not_exists(last_event_at) OR last_event_at < :last_event_at");
        self.database.write(update.set("schema", n(1))).await?;
        Ok(())
    }

    /// Notes that a canary was sent, unless a newer one was.
    pub async fn canary_sent(&self, email_id: EmailId, at: Timestamp) -> Result<(), StoreError> {
        let update = update(CANARY)
            .set("email_id", s(email_id.to_string()))
            .set("sent_at", time(at))
            .only_if("attribute_not_exists(sent_at) OR sent_at < :sent_at");
        self.database.write(update.set("schema", n(1))).await?;
        Ok(())
    }

    /// Notes that an event about the canary `email_id` came back at `at`, unless a later one did.
    pub async fn canary_proven(&self, email_id: EmailId, at: Timestamp) -> Result<(), StoreError> {
        let update = update(CANARY)
            .set("proven_by", s(email_id.to_string()))
            .set("proven_at", time(at))
            .only_if("attribute_not_exists(proven_at) OR proven_at < :proven_at");
        self.database.write(update.set("schema", n(1))).await?;
        Ok(())
    }
}

fn update(name: &str) -> Write {
    Write::update(TABLE, [("part", s(PART)), ("name", s(name))])
}

fn raise_latest(kind: AlarmKind, subject: Option<&str>, at: Timestamp, detail: Option<&str>) -> Write {
    let mut update = update(&alarm_name(kind, subject))
        .set("kind", s(kind.as_str()))
        .set("last_at", time(at))
        .set_expression("first_at = if_not_exists(first_at, :last_at)")
        .set("ttl", ttl(later(at, kept_for(kind))))
        .set("schema", n(1))
        .add("count", n(1))
        .only_if("attribute_not_exists(last_at) OR last_at <= :last_at");
    if let Some(subject) = subject {
        update = update.set("subject", s(subject));
    }
    match detail {
        Some(detail) => update.set("detail", s(detail.chars().take(DETAIL_CHARS).collect::<String>())),
        None => update.remove("detail"),
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

fn read(items: &[Item]) -> Result<SenderState, StoreError> {
    let mut state = SenderState::default();
    for item in items {
        let reader = Reader::new(TABLE, item);
        let name = reader.text("name")?;
        if name == CANARY {
            state.canary = read_canary(reader)?;
        } else if name == HEALTH {
            state.health = Some(read_health(reader)?);
        } else if let Some(sender) = name.strip_prefix(WATCHED) {
            state.watched.insert(sender.to_owned(), reader.time("last_event_at")?);
        } else if let Some(alarm) = read_alarm(reader)? {
            state.alarms.push(alarm);
        }
    }
    Ok(state)
}

fn write_account(account: &AccountHealth) -> Item {
    item([
        ("production_access", AttributeValue::Bool(account.production_access)),
        ("sending_enabled", AttributeValue::Bool(account.sending_enabled)),
        ("enforcement_status", s(&account.enforcement_status)),
        ("daily_quota", n(account.daily_quota)),
        ("sent_last_24_hours", n(account.sent_last_24_hours)),
        ("max_send_rate", n(account.max_send_rate)),
    ])
}

fn write_identity(identity: &IdentityHealth) -> Item {
    let mut written = item([
        ("name", s(&identity.name)),
        ("exists", AttributeValue::Bool(identity.exists)),
        ("verified", AttributeValue::Bool(identity.verified)),
        ("dkim_status", s(&identity.dkim_status)),
        ("dkim_enabled", AttributeValue::Bool(identity.dkim_enabled)),
        ("dkim_tokens", AttributeValue::L(identity.dkim_tokens.iter().map(s).collect())),
        ("mail_from_required", AttributeValue::Bool(identity.mail_from_required)),
    ]);
    written.extend(optional([
        ("dkim_zone", identity.dkim_zone.as_ref().map(s)),
        ("mail_from_domain", identity.mail_from_domain.as_ref().map(s)),
        ("mail_from_status", identity.mail_from_status.as_ref().map(s)),
    ]));
    written
}

fn read_health(reader: Reader<'_>) -> Result<(Timestamp, SenderHealth), StoreError> {
    let account = reader.map("account").map(read_account).transpose()?;
    let identity = reader.map("identity").map(read_identity).transpose()?;
    Ok((reader.time("asked_at")?, SenderHealth { account, identity }))
}

fn read_account(reader: Reader<'_>) -> Result<AccountHealth, StoreError> {
    Ok(AccountHealth {
        production_access: reader.flag("production_access"),
        sending_enabled: reader.flag("sending_enabled"),
        enforcement_status: reader.text("enforcement_status")?.to_owned(),
        daily_quota: reader.number("daily_quota")?,
        sent_last_24_hours: reader.number("sent_last_24_hours")?,
        max_send_rate: reader.decimal("max_send_rate")?,
    })
}

fn read_identity(reader: Reader<'_>) -> Result<IdentityHealth, StoreError> {
    let text = |attribute: &str| reader.optional_text(attribute).map(ToOwned::to_owned);
    Ok(IdentityHealth {
        name: reader.text("name")?.to_owned(),
        exists: reader.flag("exists"),
        verified: reader.flag("verified"),
        dkim_status: reader.text("dkim_status")?.to_owned(),
        dkim_enabled: reader.flag("dkim_enabled"),
        dkim_tokens: reader.texts("dkim_tokens"),
        dkim_zone: text("dkim_zone"),
        mail_from_domain: text("mail_from_domain"),
        mail_from_status: text("mail_from_status"),
        mail_from_required: reader.flag("mail_from_required"),
    })
}

/// `None` where only its proof is known yet: the two are written by different functions.
fn read_canary(reader: Reader<'_>) -> Result<Option<Canary>, StoreError> {
    let Some(sent_at) = reader.optional_time("sent_at") else { return Ok(None) };
    Ok(Some(Canary { email_id: reader.parsed("email_id")?, sent_at, proven_at: reader.optional_time("proven_at") }))
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

    fn alarm(lowered_at: Option<i64>) -> Item {
        let mut alarm = item([
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
        let early = item([("name", s("alarm#sending_paused#")), ("lowered_at", time(at(30)))]);
        assert!(read(&[early]).unwrap().alarms.is_empty());
    }

    #[test]
    fn an_alarm_and_the_canary_are_read_as_they_were_written() {
        let email_id: EmailId = "01JDB2M6W8Z3X4Y5V6T7S8R9QA".parse().unwrap();
        let canary = item([
            ("name", s("canary")),
            ("email_id", s(email_id.to_string())),
            ("sent_at", time(at(100))),
            ("proven_at", time(at(90))),
        ]);
        let state = read(&[alarm(None), canary]).unwrap();
        assert_eq!(state.canary, Some(Canary { email_id, sent_at: at(100), proven_at: Some(at(90)) }));
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
        let only_proven = item([("name", s("canary")), ("proven_at", time(at(90)))]);
        assert_eq!(read(&[only_proven]).unwrap(), SenderState::default());
    }

    #[test]
    fn the_answers_of_ses_read_back() {
        let account = AccountHealth {
            production_access: true,
            sending_enabled: false,
            enforcement_status: "PROBATION".to_owned(),
            daily_quota: 50_000,
            sent_last_24_hours: 7,
            max_send_rate: 14.5,
        };
        let identity = IdentityHealth {
            exists: true,
            verified: true,
            dkim_tokens: vec!["a".to_owned(), "b".to_owned()],
            mail_from_domain: Some("bounce.example.com".to_owned()),
            ..IdentityHealth::missing("example.com")
        };
        let mut stored = item([("name", s(HEALTH)), ("asked_at", time(at(5)))]);
        stored.insert("account".to_owned(), AttributeValue::M(write_account(&account)));
        stored.insert("identity".to_owned(), AttributeValue::M(write_identity(&identity)));
        let health = SenderHealth { account: Some(account), identity: Some(identity) };
        assert_eq!(read(&[stored]).unwrap().health, Some((at(5), health)));
    }

    #[test]
    fn a_damaged_item_is_named() {
        let damaged = item([("name", s("alarm#x#")), ("last_at", time(at(1))), ("kind", s("x"))]);
        assert!(matches!(read(&[damaged]), Err(StoreError::Corrupt { table: "SenderState", attribute: "kind" })));
    }
}

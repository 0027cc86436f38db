//! Processes one record, from parsing to the stored result.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress,
    account::mask_addresses,
    clock::{millis, whole_millis},
    email_log::{
        Applied, DeliveryStatus, EmailKind, EmailLogEntry, TimelineEvent,
        counts::{CountedAs, CountedEmail, EmailCounts},
    },
    feedback::{Effect, Interpretation, RawEvent, WhyKept, interpret},
    sender::AlarmKind,
    ses_event::{Affected, Content, EventKind, Mail, NonDeliveryEvent, Record, SesEvent, event_key, raw_for_keeping},
};
use mailkey_dynamodb::client::Committed;
use serde_json::Value;
use tracing::Instrument;

use crate::{Batch, BounceConsumer, Retry, Verdict, consequences::Consequence};

/// How often a conflicting write is retried before the queue redelivers the record.
pub(crate) const TRIES: u32 = 8;

/// An event younger than this may have arrived before the mailer stored SES's message id.
const OVERTAKING: SignedDuration = SignedDuration::from_mins(15);

/// An event, seen from one of its recipients.
struct Event<'a> {
    event: &'a SesEvent,
    /// When it happened, or when we received it if the event doesn't say.
    at: Timestamp,
    recipient: &'a Affected,
    raw: &'a Value,
}

impl Event<'_> {
    fn interpret(&self, key: &str) -> Interpretation {
        interpret(self.event, self.at, self.recipient, key)
    }
}

impl BounceConsumer {
    pub(crate) async fn take(&self, record: &Record, batch: &Batch) -> Result<Verdict, Retry> {
        match &record.content {
            Content::Event(event) if self.is_watched(record, Some(event)) => {
                self.take_watched(event, record, batch).await
            }
            // The watched topic says nothing about our own sending.
            Content::NonDelivery(_) if self.is_watched(record, None) => Ok(Verdict::NotOurs),
            Content::NotUnderstood(reason) => {
                self.set_aside(&record.raw, WhyKept::NotUnderstood).await?;
                Ok(Verdict::NotUnderstood(*reason))
            }
            Content::NonDelivery(ignored) => self.note(ignored, &record.raw).await.map(|()| Verdict::Taken),
            Content::Event(event) => {
                let mut verdict = Verdict::NotOurs;
                let now = self.app.now();
                let at = whole_millis(event.at.or(record.published_at).unwrap_or(now));
                for recipient in &event.recipients {
                    let heard = Event { event, at, recipient, raw: &record.raw };
                    if matches!(self.take_for(&heard, &batch.own).await?, Verdict::Taken) {
                        verdict = Verdict::Taken;
                    }
                }
                Ok(verdict)
            }
        }
    }

    /// Handles an event that isn't about an email. Some of these raise an alarm.
    async fn note(&self, ignored: &NonDeliveryEvent, raw: &Value) -> Result<(), Retry> {
        let now = self.app.now();
        tracing::info!(what = %ignored.kind(), metric = "SesEventsIgnored", "an event about no email");
        match ignored {
            NonDeliveryEvent::UnsubscribeConfirmation { .. } => {
                let detail = Some("The queue’s subscription to the topic was removed. Nobody renews it by itself.");
                self.app.db.sender_state().raise(AlarmKind::EventSubscriptionRemoved, None, now, detail).await?;
            }
            NonDeliveryEvent::SendingStatus { enabled: false, at, cause, .. } => {
                let at = whole_millis(at.unwrap_or(now)).min(now);
                self.app.db.sender_state().raise(AlarmKind::SendingPaused, None, at, cause.as_deref()).await?;
            }
            NonDeliveryEvent::SendingStatus { enabled: true, at, .. } => {
                self.app.db.sender_state().lower_as_of(AlarmKind::SendingPaused, None, at.unwrap_or(now)).await?;
            }
            NonDeliveryEvent::InboundMail => {
                self.app.db.sender_state().raise(AlarmKind::WrongTopic, Some("inbound mail"), now, None).await?
            }
            NonDeliveryEvent::UnknownType(_) => self.set_aside(raw, WhyKept::UnknownType).await?,
            NonDeliveryEvent::AdvisorRecommendation { open: true, about, text } => {
                self.app.db.sender_state().raise(AlarmKind::SesAdvice, about.as_deref(), now, text.as_deref()).await?;
            }
            NonDeliveryEvent::AdvisorRecommendation { open: false, about, .. } => {
                self.app.db.sender_state().lower(AlarmKind::SesAdvice, about.as_deref()).await?;
            }
            NonDeliveryEvent::TopicValidated | NonDeliveryEvent::SubscriptionConfirmation { .. } => {}
        }
        Ok(())
    }

    pub(crate) async fn set_aside(&self, raw: &Value, why: WhyKept) -> Result<(), Retry> {
        let raw = raw_for_keeping(raw);
        let at = self.app.now();
        Ok(self.app.db.raw_events().keep(&RawEvent::of_nothing(why, at, raw)).await?)
    }

    /// Applies an event to one recipient, and retries on conflicts.
    async fn take_for(&self, heard: &Event<'_>, counts: &Mutex<EmailCounts>) -> Result<Verdict, Retry> {
        let address = EmailAddress::parse(&heard.recipient.address).ok();
        let key = event_key(heard.event, address.as_ref().map_or(&heard.recipient.address, |it| it.key().as_str()));
        for attempt in 0..TRIES {
            let committed = match self.entry_of(heard).await? {
                Some(entry) => {
                    // An address that can't be parsed can only be that of the email's one recipient.
                    let address = address.clone().or_else(|| EmailAddress::parse(&entry.recipient).ok());
                    let telling = self.tell(heard, address.as_ref(), &entry, &key, counts);
                    let request_id = entry.request_id.as_ref().map(tracing::field::display);
                    telling.instrument(tracing::info_span!("email", request_id)).await?
                }
                None => match self.ownership(heard) {
                    Ownership::NotOurs => return Ok(Verdict::NotOurs),
                    Ownership::TooEarly => return Err(Retry::NoEntryYet),
                    Ownership::Orphan => self.tell_orphan(heard, address.as_ref(), &key).await?,
                },
            };
            if committed == Committed::Done {
                return Ok(Verdict::Taken);
            }
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
        }
        Err(Retry::Conflict)
    }

    fn copy(&self, heard: &Event<'_>, address: Option<&EmailAddress>, key: &str, why: WhyKept) -> RawEvent {
        RawEvent {
            key: key.to_owned(),
            why,
            at: self.app.now(),
            address: address.map(|address| address.key().clone()),
            raw: raw_for_keeping(heard.raw),
        }
    }

    /// The entry that an event is about: by the tag, else by SES's name for the mail, else by the header.
    async fn entry_of(&self, heard: &Event<'_>) -> Result<Option<EmailLogEntry>, Retry> {
        self.entry_of_mail(&heard.event.mail, Some(heard.recipient), heard.at).await
    }

    pub(crate) async fn entry_of_mail(
        &self,
        mail: &Mail,
        affected: Option<&Affected>,
        at: Timestamp,
    ) -> Result<Option<EmailLogEntry>, Retry> {
        if let Some(entry) = self.entry_named(mail.email_id.as_deref()).await? {
            return Ok(Some(entry));
        }
        if let Some(message_id) = &mail.message_id {
            let sent_at = mail.sent_at.unwrap_or(at);
            // Our emails have exactly one recipient.
            let recipient = mail.destination.first().or(affected.map(|affected| &affected.address));
            if let Some(Ok(recipient)) = recipient.map(|recipient| EmailAddress::parse(recipient))
                && let Some(entry) =
                    self.app.db.email_log().find_by_message(message_id, recipient.key(), sent_at).await?
            {
                return Ok(Some(entry));
            }
        }
        self.entry_named(mail.header_email_id.as_deref()).await
    }

    async fn entry_named(&self, id: Option<&str>) -> Result<Option<EmailLogEntry>, Retry> {
        match id.and_then(|id| id.parse().ok()) {
            Some(id) => Ok(self.app.db.email_log().get(id).await?),
            None => Ok(None),
        }
    }

    fn ownership(&self, heard: &Event<'_>) -> Ownership {
        let mail = &heard.event.mail;
        let our_set = self.mail.is_ours(mail.configuration_set.as_deref());
        let source = mail.source.as_deref().and_then(|source| EmailAddress::parse(source).ok());
        if !our_set && source.is_none_or(|source| source.key() != self.mail.from.key()) {
            return Ownership::NotOurs;
        }
        let sent_at = mail.sent_at.unwrap_or(heard.at);
        let named_by_us = mail.email_id.is_some() || mail.header_email_id.is_some();
        let young = self.app.clock.now().duration_since(sent_at) < OVERTAKING;
        if young && !named_by_us { Ownership::TooEarly } else { Ownership::Orphan }
    }

    async fn tell(
        &self,
        heard: &Event<'_>,
        address: Option<&EmailAddress>,
        entry: &EmailLogEntry,
        key: &str,
        counts: &Mutex<EmailCounts>,
    ) -> Result<Committed, Retry> {
        let now = self.app.now();
        if entry.erased_at.is_some() {
            return self.tell_erased(heard, entry, key, now).await;
        }
        let its_own = address.filter(|address| is_of(entry, address));
        let interpretation = match its_own {
            Some(_) => heard.interpret(key),
            None => about_another(heard.interpret(key), address),
        };
        let interpretation = fitted_to(entry, interpretation);
        let Some(new) = entry.apply(interpretation.event.clone()) else {
            return Ok(Committed::Done);
        };
        let message_id = heard.event.mail.message_id.as_deref();
        let mut parts = vec![self.app.db.email_log().hear_in_transaction(entry, &new, message_id, now)];
        self.warn(&interpretation, heard.recipient, now).await?;
        if let Some(address) = its_own {
            let consequence = Consequence { interpretation: &interpretation, address, entry: Some(entry), key };
            parts.extend(self.consequences(&consequence, now).await?);
            self.prove(entry, &new).await?;
        }
        if !is_routine(&heard.event.kind) {
            parts.push(self.app.db.raw_events().write(&self.copy(heard, address, key, WhyKept::Evidence)));
        }
        let committed = self.app.db.email_log().commit(parts).await?;
        if committed == Committed::Done {
            self.count(entry, &new, counts);
            let (email_id, event) = (entry.id, &new.event.event);
            let delivered = new.event.status() == Some(DeliveryStatus::Delivered) && entry.kind != EmailKind::Canary;
            let took_ms = delivered.then(|| millis(new.event.at) - millis(entry.requested_at));
            let status = new.status.as_str();
            tracing::info!(%email_id, event, status, TimeToDeliver = took_ms, metric = "SesEvents", "email event recorded");
        }
        Ok(committed)
    }

    /// The recipient was erased: only the status changes, without what the server said.
    async fn tell_erased(
        &self,
        heard: &Event<'_>,
        entry: &EmailLogEntry,
        key: &str,
        now: Timestamp,
    ) -> Result<Committed, Retry> {
        let event = TimelineEvent { detail: None, ..heard.interpret(key).event };
        let Some(new) = entry.apply(event) else { return Ok(Committed::Done) };
        let write = self.app.db.email_log().hear_in_transaction(entry, &new, None, now);
        Ok(self.app.db.email_log().commit(vec![write]).await?)
    }

    /// Counts a change of status. Test emails aren't counted: nobody waits for them.
    fn count(&self, entry: &EmailLogEntry, applied: &Applied, counts: &Mutex<EmailCounts>) {
        let recipient = EmailAddress::parse(&entry.recipient).ok().filter(|_| entry.kind != EmailKind::Canary);
        let Some(recipient) = recipient.filter(|_| applied.status != entry.status) else { return };
        let (sender_domain, recipient_domain) = (self.mail.from.key().domain(), recipient.key().domain());
        let email = CountedEmail { requested_at: entry.requested_at, sender_domain, recipient_domain };
        let now = CountedAs::of(applied.status, applied.reason);
        counts.lock().unwrap_or_else(PoisonError::into_inner).change(email, Some(entry.status), now);
    }

    /// The entry is gone, but the consequences for the address are the same.
    async fn tell_orphan(
        &self,
        heard: &Event<'_>,
        address: Option<&EmailAddress>,
        key: &str,
    ) -> Result<Committed, Retry> {
        if self.app.db.raw_events().has(key).await? {
            return Ok(Committed::Done);
        }
        let now = self.app.now();
        let interpretation = heard.interpret(key);
        self.warn(&interpretation, heard.recipient, now).await?;
        let mut parts = vec![self.app.db.raw_events().write(&self.copy(heard, address, key, WhyKept::Orphan))];
        if let Some(address) = address {
            parts.extend(
                self.consequences(&Consequence { interpretation: &interpretation, address, entry: None, key }, now)
                    .await?,
            );
        }
        tracing::info!(what = interpretation.event.event, metric = "OrphanSesEvents", "an event whose email is gone");
        Ok(self.app.db.email_log().commit(parts).await?)
    }

    /// Raises the event's alarm, if it has one. This precedes the transaction: a repeated alarm is better than a
    /// missing one.
    async fn warn(&self, interpretation: &Interpretation, recipient: &Affected, now: Timestamp) -> Result<(), Retry> {
        let Some(kind) = interpretation.alarm else { return Ok(()) };
        let domain = recipient.address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        let at = interpretation.event.at.min(now);
        tracing::warn!(%kind, domain, metric = "SenderAlarms", "something is wrong with our side of the email");
        Ok(self
            .app
            .db
            .sender_state()
            .raise(kind, domain.as_deref(), at, interpretation.event.detail.as_deref())
            .await?)
    }

    /// A delivered canary proves that sending and event delivery both work.
    async fn prove(&self, entry: &EmailLogEntry, applied: &Applied) -> Result<(), Retry> {
        if entry.kind == EmailKind::Canary && applied.event.status() == Some(DeliveryStatus::Delivered) {
            self.app.db.sender_state().canary_proven(entry.id, applied.event.at).await?;
            tracing::info!(email_id = %entry.id, metric = "CanaryProven", "a canary came back");
        }
        Ok(())
    }
}

/// Why an event has no entry.
enum Ownership {
    /// It concerns someone else's email.
    NotOurs,
    /// Its entry may not be written completely yet.
    TooEarly,
    /// It concerns an email of ours whose entry is gone.
    Orphan,
}

fn is_of(entry: &EmailLogEntry, address: &EmailAddress) -> bool {
    EmailAddress::parse(&entry.recipient).is_ok_and(|recipient| recipient.key() == address.key())
}

/// An event about an address that we didn't send to, such as a forwarding target: it goes into the timeline but has no
/// consequences for our recipient.
pub(crate) fn about_another(interpretation: Interpretation, address: Option<&EmailAddress>) -> Interpretation {
    let whom = address.map_or("another recipient".to_owned(), EmailAddress::masked);
    let said = interpretation.event.detail.map(|said| format!(": {said}")).unwrap_or_default();
    let event = TimelineEvent {
        event: "heard_from_another_mailbox".to_owned(),
        detail: Some(format!("{} {whom}{said}", interpretation.event.event)),
        reason: None,
        ..interpretation.event
    };
    Interpretation { event, effect: Effect::None, alarm: None, remove_from_ses_suppression_list: false }
}

/// An interpretation as the entry's timeline may have it: it names no other address, and clocks differ, but no event of an
/// email can precede the email.
pub(crate) fn fitted_to(entry: &EmailLogEntry, interpretation: Interpretation) -> Interpretation {
    let event = interpretation.event;
    let detail = event.detail.map(|said| mask_addresses(&said, Some(&entry.recipient)));
    let event = TimelineEvent { detail, at: event.at.max(entry.requested_at), ..event };
    Interpretation { event, ..interpretation }
}

/// The timeline contains everything about these events, so no raw copy is stored.
fn is_routine(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Send | EventKind::Delivery { .. } | EventKind::Open { .. } | EventKind::Click { .. })
}

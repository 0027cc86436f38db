//! One record, from what it is to what is written.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress,
    clock::{millis, whole_millis},
    database::Committed,
    email_log::{DeliveryStatus, EmailKind, EmailLogEntry, Heard, Moment},
    feedback::{Effect, KeptEvent, News, WhyKept, interpret},
    sender::AlarmKind,
    ses_event::{Affected, Content, EventKind, Ignored, Record, SesEvent, event_key, raw_for_keeping},
};
use serde_json::Value;
use tracing::Instrument;

use crate::{BounceConsumer, NotYet, Verdict, consequences::Consequence};

/// How often a write that met another is tried before the queue brings the record again.
const TRIES: u32 = 8;

/// An event that is younger may have overtaken our own writing down of SES's name for the mail.
const OVERTAKING: SignedDuration = SignedDuration::from_mins(15);

/// An event, as it concerns one recipient.
struct Event<'a> {
    event: &'a SesEvent,
    /// When it happened, or else when we heard of it.
    at: Timestamp,
    recipient: &'a Affected,
    raw: &'a Value,
}

impl Event<'_> {
    fn interpret(&self, key: &str) -> News {
        interpret(self.event, self.at, self.recipient, key)
    }
}

impl BounceConsumer {
    /// Takes one record.
    pub(crate) async fn take(&self, record: &Record) -> Result<Verdict, NotYet> {
        match &record.content {
            Content::NotUnderstood(reason) => {
                self.set_aside(&record.raw, WhyKept::NotUnderstood).await?;
                Ok(Verdict::NotUnderstood(*reason))
            }
            Content::Ignored(ignored) => self.note(ignored, &record.raw).await.map(|()| Verdict::Taken),
            Content::Event(event) => {
                let mut verdict = Verdict::NotOurs;
                let now = self.app.now();
                let at = whole_millis(event.at.or(record.published_at).unwrap_or(now));
                for recipient in &event.recipients {
                    let heard = Event { event, at, recipient, raw: &record.raw };
                    if matches!(self.take_for(&heard).await?, Verdict::Taken) {
                        verdict = Verdict::Taken;
                    }
                }
                Ok(verdict)
            }
        }
    }

    /// What is understood and is about no mail: some of it is an alarm.
    async fn note(&self, ignored: &Ignored, raw: &Value) -> Result<(), NotYet> {
        let now = self.app.now();
        tracing::info!(what = %ignored.kind(), metric = "SesEventsIgnored", "an event about no mail");
        match ignored {
            Ignored::UnsubscribeConfirmation { .. } => {
                let detail = Some("The queue’s subscription to the topic was removed. Nobody renews it by itself.");
                self.app.db.sender_state().raise(AlarmKind::EventSubscriptionRemoved, None, now, detail).await?;
            }
            Ignored::SendingStatus { enabled: false, at, cause, .. } => {
                let at = whole_millis(at.unwrap_or(now)).min(now);
                self.app.db.sender_state().raise(AlarmKind::SendingPaused, None, at, cause.as_deref()).await?;
            }
            Ignored::SendingStatus { enabled: true, at, .. } => {
                self.app.db.sender_state().lower_as_of(AlarmKind::SendingPaused, None, at.unwrap_or(now)).await?;
            }
            Ignored::InboundMail => {
                self.app.db.sender_state().raise(AlarmKind::WrongTopic, Some("inbound mail"), now, None).await?
            }
            Ignored::UnknownType(_) => self.set_aside(raw, WhyKept::UnknownType).await?,
            Ignored::AdvisorRecommendation { open: true, about, text } => {
                self.app.db.sender_state().raise(AlarmKind::SesAdvice, about.as_deref(), now, text.as_deref()).await?;
            }
            Ignored::AdvisorRecommendation { open: false, about, .. } => {
                self.app.db.sender_state().lower(AlarmKind::SesAdvice, about.as_deref()).await?;
            }
            Ignored::TopicValidated | Ignored::SubscriptionConfirmation { .. } => {}
        }
        Ok(())
    }

    async fn set_aside(&self, raw: &Value, why: WhyKept) -> Result<(), NotYet> {
        let raw = raw_for_keeping(raw);
        let at = self.app.now();
        Ok(self.app.db.kept_events().keep(&KeptEvent::of_nothing(why, at, raw)).await?)
    }

    /// Takes what an event says about one recipient. If someone else changed an item meanwhile, starts again.
    async fn take_for(&self, heard: &Event<'_>) -> Result<Verdict, NotYet> {
        let address = EmailAddress::parse(&heard.recipient.address).ok();
        let key = event_key(heard.event, address.as_ref().map_or(&heard.recipient.address, |it| it.key().as_str()));
        for attempt in 0..TRIES {
            let committed = match self.entry_of(heard).await? {
                Some(entry) => {
                    let telling = self.tell(heard, address.as_ref(), &entry, &key);
                    let request_id = entry.request_id.as_ref().map(tracing::field::display);
                    telling.instrument(tracing::info_span!("email", request_id)).await?
                }
                None => match self.standing(heard) {
                    Standing::Foreign => return Ok(Verdict::NotOurs),
                    Standing::Early => return Err(NotYet::NoEntryYet),
                    Standing::Orphan => self.tell_orphan(heard, address.as_ref(), &key).await?,
                },
            };
            if committed == Committed::Done {
                return Ok(Verdict::Taken);
            }
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
        }
        Err(NotYet::Conflict)
    }

    /// The raw copy of an event.
    fn copy(&self, heard: &Event<'_>, address: Option<&EmailAddress>, key: &str, why: WhyKept) -> KeptEvent {
        KeptEvent {
            key: key.to_owned(),
            why,
            at: self.app.now(),
            address: address.map(|address| address.key().clone()),
            raw: raw_for_keeping(heard.raw),
        }
    }

    /// The entry that an event is about: by the tag, else by SES's name for the mail, else by the header.
    async fn entry_of(&self, heard: &Event<'_>) -> Result<Option<EmailLogEntry>, NotYet> {
        let mail = &heard.event.mail;
        if let Some(entry) = self.entry_named(mail.log_id.as_deref()).await? {
            return Ok(Some(entry));
        }
        if let Some(message_id) = &mail.message_id {
            let sent_at = mail.sent_at.unwrap_or(heard.at);
            // A mail of ours has one recipient.
            let recipient = mail.destination.first().unwrap_or(&heard.recipient.address);
            if let Ok(recipient) = EmailAddress::parse(recipient)
                && let Some(entry) =
                    self.app.db.email_log().find_by_message(message_id, recipient.key(), sent_at).await?
            {
                return Ok(Some(entry));
            }
        }
        self.entry_named(mail.header_log_id.as_deref()).await
    }

    async fn entry_named(&self, id: Option<&str>) -> Result<Option<EmailLogEntry>, NotYet> {
        match id.and_then(|id| id.parse().ok()) {
            Some(id) => Ok(self.app.db.email_log().get(id).await?),
            None => Ok(None),
        }
    }

    /// What an event without an entry is to us.
    fn standing(&self, heard: &Event<'_>) -> Standing {
        let mail = &heard.event.mail;
        let our_set = self.mail.is_ours(mail.configuration_set.as_deref());
        let source = mail.source.as_deref().and_then(|source| EmailAddress::parse(source).ok());
        if !our_set && source.is_none_or(|source| source.key() != self.mail.from.key()) {
            return Standing::Foreign;
        }
        let sent_at = mail.sent_at.unwrap_or(heard.at);
        let named_by_us = mail.log_id.is_some() || mail.header_log_id.is_some();
        let young = self.app.clock.now().duration_since(sent_at) < OVERTAKING;
        if young && !named_by_us { Standing::Early } else { Standing::Orphan }
    }

    async fn tell(
        &self,
        heard: &Event<'_>,
        address: Option<&EmailAddress>,
        entry: &EmailLogEntry,
        key: &str,
    ) -> Result<Committed, NotYet> {
        let now = self.app.now();
        let its_own = address.filter(|address| is_of(entry, address));
        let mut news = match its_own {
            Some(_) => heard.interpret(key),
            None => about_another(heard.interpret(key), address),
        };
        // Nothing happened to a mail before it was asked for, whatever the other clock says.
        news.moment.at = news.moment.at.max(entry.requested_at);
        let Some(new) = entry.hear(news.moment.clone()) else {
            return Ok(Committed::Done);
        };
        let message_id = heard.event.mail.message_id.as_deref();
        let mut parts = vec![self.app.db.email_log().hear_in_transaction(entry, &new, message_id, now)];
        self.warn(&news, heard.recipient, now).await?;
        if let Some(address) = its_own {
            let consequence = Consequence { news: &news, address, entry: Some(entry), key };
            parts.extend(self.consequences(&consequence, now).await?);
            self.prove(entry, &new).await?;
        }
        if !is_routine(&heard.event.kind) {
            parts.push(self.app.db.kept_events().write(&self.copy(heard, address, key, WhyKept::Evidence)));
        }
        let committed = self.app.db.email_log().commit(parts).await?;
        if committed == Committed::Done {
            let (log_id, event) = (entry.id, &new.moment.event);
            let delivered = new.moment.status() == Some(DeliveryStatus::Delivered) && entry.kind != EmailKind::Canary;
            let took_ms = delivered.then(|| millis(new.moment.at) - millis(entry.requested_at));
            let status = new.status.as_str();
            tracing::info!(%log_id, event, status, TimeToDeliver = took_ms, metric = "SesEvents", "heard of an email");
        }
        Ok(committed)
    }

    /// The entry is gone; what the event means for the address holds all the same.
    async fn tell_orphan(
        &self,
        heard: &Event<'_>,
        address: Option<&EmailAddress>,
        key: &str,
    ) -> Result<Committed, NotYet> {
        if self.app.db.kept_events().has(key).await? {
            return Ok(Committed::Done);
        }
        let now = self.app.now();
        let news = heard.interpret(key);
        self.warn(&news, heard.recipient, now).await?;
        let mut parts = vec![self.app.db.kept_events().write(&self.copy(heard, address, key, WhyKept::Orphan))];
        if let Some(address) = address {
            parts.extend(self.consequences(&Consequence { news: &news, address, entry: None, key }, now).await?);
        }
        tracing::info!(what = news.moment.event, metric = "OrphanSesEvents", "an event whose email is gone");
        Ok(self.app.db.email_log().commit(parts).await?)
    }

    /// Raises the alarm of an event, if it has one. It comes before the event is written down: rather twice than not.
    async fn warn(&self, news: &News, recipient: &Affected, now: Timestamp) -> Result<(), NotYet> {
        let Some(kind) = news.alarm else { return Ok(()) };
        let domain = recipient.address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        let at = news.moment.at.min(now);
        tracing::warn!(%kind, domain, metric = "SenderAlarms", "something is wrong with our side of the mail");
        Ok(self.app.db.sender_state().raise(kind, domain.as_deref(), at, news.moment.detail.as_deref()).await?)
    }

    /// A canary that came back proves the way from sending to the event.
    async fn prove(&self, entry: &EmailLogEntry, heard: &Heard) -> Result<(), NotYet> {
        if entry.kind == EmailKind::Canary && heard.moment.status() == Some(DeliveryStatus::Delivered) {
            self.app.db.sender_state().canary_proven(entry.id, heard.moment.at).await?;
            tracing::info!(log_id = %entry.id, metric = "CanaryProven", "a canary came back");
        }
        Ok(())
    }
}

/// What an event without an entry is to us.
enum Standing {
    /// Nothing: it is about mail of somebody else.
    Foreign,
    /// It may have overtaken what we are about to write.
    Early,
    /// Mail of ours whose entry is gone.
    Orphan,
}

fn is_of(entry: &EmailLogEntry, address: &EmailAddress) -> bool {
    EmailAddress::parse(&entry.recipient).is_ok_and(|recipient| recipient.key() == address.key())
}

/// News about somebody whom we did not write to, such as the mailbox that ours is forwarded to: for the timeline, and
/// without consequences for the recipient.
fn about_another(news: News, address: Option<&EmailAddress>) -> News {
    let whom = address.map_or("another recipient".to_owned(), EmailAddress::masked);
    let said = news.moment.detail.map(|said| format!(": {said}")).unwrap_or_default();
    let moment = Moment {
        event: "heard_from_another_mailbox".to_owned(),
        detail: Some(format!("{} {whom}{said}", news.moment.event)),
        reason: None,
        ..news.moment
    };
    News { moment, effect: Effect::None, alarm: None, free_at_ses: false }
}

/// What the timeline says whole: no raw copy is needed.
fn is_routine(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Send | EventKind::Delivery { .. } | EventKind::Open { .. } | EventKind::Click { .. })
}

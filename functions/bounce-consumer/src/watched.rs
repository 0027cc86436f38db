//! Events of watched senders: email that another system sends through the same SES account.
//!
//! They have their own queue, entries, counters and effects. Nothing here reads or writes an entry of Mailkey's own
//! email, except to recognize that an event is about one.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    EmailAddress,
    account::SenderPattern,
    clock::{rfc3339, whole_millis},
    email_log::{
        EmailLogEntry, Origin, WatchedEmail,
        counts::{CountedAs, CountedEmail},
    },
    feedback::{Effect, Interpretation, WhyKept, interpret},
    ses_event::{Affected, Content, Mail, Record, SesEvent, event_key, unwrap},
    suppression::SuppressionReason,
    watched::{Decision, Target, Watch, suppresses},
};
use mailkey_dynamodb::client::{Committed, Write};
use serde_json::{Value, json};

use crate::{
    Batch, BounceConsumer, Retry, Verdict,
    consequences::{Consequence, SIMULATOR},
    take::{TRIES, about_another, fitted_to},
};

/// How the local service names the queue, and how its ARN ends on AWS.
pub const WATCHED_QUEUE: &str = "WatchedEventsQueue";

/// The sender page shows when a watched sender's last event came. Within this time, it isn't written again.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Decides which events are about watched email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Those of the queue with this ARN; none if there is no such queue.
    ByQueue(Option<String>),
    /// Those of watched senders, as their subscription would decide it. For the local service, which has one queue.
    BySender,
}

/// What is watched, and where its events come from.
pub struct WatchedEvents {
    watch: Watch,
    route: Route,
    /// When the last event of each sender was noted by this process.
    noted: Mutex<BTreeMap<String, Timestamp>>,
}

impl fmt::Debug for WatchedEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedEvents").field("watch", &self.watch).field("route", &self.route).finish_non_exhaustive()
    }
}

impl WatchedEvents {
    /// The events of these senders.
    pub fn new(watch: Watch, route: Route) -> Self {
        Self { watch, route, noted: Mutex::default() }
    }

    /// Those of `senders` whose last event is to be noted again.
    fn to_note<'a>(&'a self, mail: &Mail, now: Timestamp) -> Vec<&'a SenderPattern> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_due = |sender: &&SenderPattern| {
            let is_recent = |last: &Timestamp| now.duration_since(*last) < NOTED_EVERY;
            let is_due = !noted.get(&sender.to_string()).is_some_and(is_recent);
            if is_due {
                noted.insert(sender.to_string(), now);
            }
            is_due
        };
        self.watch.senders.matching(mail).filter(|sender| is_due(sender)).collect()
    }
}

/// An event about one recipient of a watched email.
struct Heard<'a> {
    event: &'a SesEvent,
    at: Timestamp,
    email: &'a WatchedEmail,
    target: &'a Target<'a>,
    key: String,
}

impl Heard<'_> {
    /// What the event says about the recipient.
    fn interpret(&self, entry: &EmailLogEntry) -> Interpretation {
        let affected: &Affected = self.target.affected;
        let mut interpretation = interpret(self.event, self.at, affected, &self.key);
        if self.target.is_another {
            interpretation = about_another(interpretation, EmailAddress::parse(&affected.address).ok().as_ref());
        }
        fitted_to(entry, interpretation)
    }
}

impl BounceConsumer {
    /// Whether a record came through the queue of watched senders.
    pub(crate) fn is_watched(&self, record: &Record, event: Option<&SesEvent>) -> bool {
        match &self.watched.route {
            Route::ByQueue(queue) => queue.is_some() && record.queue == *queue,
            Route::BySender if record.queue.as_ref().is_some_and(|queue| queue.ends_with(WATCHED_QUEUE)) => true,
            Route::BySender => event.is_some_and(|event| self.is_from_watched(&event.mail)),
        }
    }

    /// Whether a payload, in any wrapping, has only events of watched senders. The local service, which has one queue,
    /// keeps them apart by this.
    pub fn are_all_watched(&self, payload: &Value) -> bool {
        let is_watched = |record: &Record| match &record.content {
            Content::Event(event) => self.is_watched(record, Some(event)),
            Content::NonDelivery(_) | Content::NotUnderstood(_) => self.is_watched(record, None),
        };
        let records = if self.watched.watch.senders.is_empty() { Vec::new() } else { unwrap(payload) };
        !records.is_empty() && records.iter().all(is_watched)
    }

    /// Whether the subscription of the watched queue would pass an event about this email.
    fn is_from_watched(&self, mail: &Mail) -> bool {
        let names_a_set = mail.configuration_set.is_some();
        let is_ours = self.mail.is_ours(mail.configuration_set.as_deref()) || (!names_a_set && self.is_from_us(mail));
        !is_ours && self.watched.watch.senders.match_mail(mail)
    }

    fn is_from_us(&self, mail: &Mail) -> bool {
        let source = mail.source.as_deref().and_then(|source| EmailAddress::parse(source).ok());
        source.is_some_and(|source| source.key() == self.mail.from.key())
    }

    /// Takes an event of the watched queue.
    pub(crate) async fn take_watched(
        &self,
        event: &SesEvent,
        record: &Record,
        batch: &Batch,
    ) -> Result<Verdict, Retry> {
        let now = self.app.now();
        let retention = batch.retention(self).await?;
        let email = match self.watched.watch.decide(event, &self.mail, retention, now) {
            Decision::Mailkeys | Decision::NotWatched => return Ok(Verdict::NotOurs),
            Decision::NotKept => {
                self.note_sender(&event.mail, now).await?;
                return Ok(Verdict::Taken);
            }
            Decision::SetAside => {
                self.set_aside(&self.without_people(event), WhyKept::OutOfRange).await?;
                return Ok(Verdict::Taken);
            }
            Decision::Record(email) => email,
        };
        let at = whole_millis(event.at.or(record.published_at).unwrap_or(now));
        if self.is_from_us(&event.mail) && self.is_our_message(event, at).await? {
            return Ok(Verdict::NotOurs);
        }
        self.note_sender(&event.mail, now).await?;
        for target in &event.watched_targets() {
            let key = event_key(event, target.key().as_str());
            self.tell_recipient(&Heard { event, at, email: &email, target, key }, batch).await?;
        }
        Ok(Verdict::Taken)
    }

    /// What of an event out of range is kept. It may be about a person whose email was erased, so it names nobody.
    fn without_people(&self, event: &SesEvent) -> Value {
        let mail = &event.mail;
        json!({
            "eventType": event.kind.as_str(),
            "mail": {
                "timestamp": mail.sent_at.map(rfc3339),
                "messageId": mail.message_id,
                "sender": self.watched.watch.senders.sender_of(mail),
                "configurationSet": mail.configuration_set,
            },
        })
    }

    /// Notes that an event of a watched sender came. Commands and the sender page show it.
    async fn note_sender(&self, mail: &Mail, now: Timestamp) -> Result<(), Retry> {
        for sender in self.watched.to_note(mail, now) {
            self.app.db.sender_state().note_watched(sender, now).await?;
        }
        Ok(())
    }

    /// Whether Mailkey sent this message. Tags and headers can be copied, so SES's message id decides; an entry that
    /// doesn't know its message id yet is being sent right now.
    async fn is_our_message(&self, event: &SesEvent, at: Timestamp) -> Result<bool, Retry> {
        let entry = self.entry_of_mail(&event.mail, event.recipients.first(), at).await?;
        Ok(entry.is_some_and(|entry| entry.message_id.is_none() || entry.message_id == event.mail.message_id))
    }

    /// Applies an event to the entry of one recipient, and retries on conflicts.
    async fn tell_recipient(&self, heard: &Heard<'_>, batch: &Batch) -> Result<(), Retry> {
        let Some(id) = heard.target.email_id(&heard.event.mail) else { return Ok(()) };
        for attempt in 0..TRIES {
            let known = self.app.db.email_log().get_of(Origin::Watched, id).await?;
            if self.tell_entry(heard, known, batch).await? == Committed::Done {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
        }
        Err(Retry::Conflict)
    }

    async fn tell_entry(
        &self,
        heard: &Heard<'_>,
        known: Option<EmailLogEntry>,
        batch: &Batch,
    ) -> Result<Committed, Retry> {
        let now = self.app.now();
        let before = known.as_ref().map(|entry| entry.status);
        let Some(entry) = known.or_else(|| heard.target.entry(&heard.event.mail, heard.email)) else {
            return Ok(Committed::Done);
        };
        let interpretation = heard.interpret(&entry);
        let applied = entry.apply(interpretation.event.clone());
        // An erased entry takes the status of later events and nothing else, as our own do.
        let known = entry.watched.as_ref().filter(|_| entry.erased_at.is_none());
        let learned = known.and_then(|known| known.learn(heard.email));
        if before.is_some() && applied.is_none() && learned.is_none() {
            return Ok(Committed::Done);
        }
        let log = self.app.db.email_log();
        let (status, reason) =
            applied.as_ref().map_or((entry.status, entry.reason), |applied| (applied.status, applied.reason));
        let mut parts = match before {
            Some(_) => vec![log.hear_watched_in_transaction(&entry, applied.as_ref(), learned.as_ref(), now)],
            None => {
                let timeline = applied.into_iter().map(|applied| applied.event).collect();
                let entry = EmailLogEntry { status, reason, timeline, updated_at: now, ..entry.clone() };
                vec![log.begin_in_transaction(&entry, heard.target.key(), batch.retention(self).await?)]
            }
        };
        parts.extend(self.suppression(heard, &interpretation, &entry).await?);
        let committed = log.commit(parts).await?;
        if committed == Committed::Done && before != Some(status) {
            let counts_for = entry.watched.as_ref().map_or("", |email| &email.sender);
            let recipient_domain = heard.target.key().domain();
            let email = CountedEmail { requested_at: entry.requested_at, sender_domain: counts_for, recipient_domain };
            batch.count_watched(email, before, CountedAs::of(status, reason));
        }
        tracing::info!(email_id = %entry.id, event = interpretation.event.event, metric = "WatchedEvents", "watched");
        Ok(committed)
    }

    /// The write that suppresses the address, if the reply is about this mailbox alone.
    async fn suppression(
        &self,
        heard: &Heard<'_>,
        interpretation: &Interpretation,
        entry: &EmailLogEntry,
    ) -> Result<Vec<Write>, Retry> {
        let target = heard.target;
        let suppress = entry.erased_at.is_none()
            && !target.is_another
            && target.key().domain() != SIMULATOR
            && suppresses(interpretation, target.affected);
        if !suppress {
            return Ok(Vec::new());
        }
        let interpretation =
            Interpretation { effect: Effect::Suppress(SuppressionReason::HardBounce), ..interpretation.clone() };
        let (address, key) = (&target.address, heard.key.as_str());
        let of = Consequence { interpretation: &interpretation, address, entry: Some(entry), key };
        self.suppress(&of, SuppressionReason::HardBounce).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senders_last_event_is_noted_once_a_minute() {
        let watch = Watch::parse("portal.example,a@portal.example", "", "").unwrap();
        let events = WatchedEvents::new(watch, Route::BySender);
        let mail = |source: &str| Mail { source: Some(source.to_owned()), ..Mail::default() };
        let noted =
            |source: &str, second: i64| events.to_note(&mail(source), Timestamp::from_second(second).unwrap()).len();
        for (source, second, expected) in [
            ("b@portal.example", 100, 1),
            ("b@portal.example", 159, 0),
            ("a@portal.example", 159, 1),
            ("b@portal.example", 160, 1),
            ("b@portal.example", 161, 0),
            ("b@else.example", 300, 0),
        ] {
            assert_eq!(noted(source, second), expected, "{source} {second}");
        }
    }
}

//! What an event of the watched queue leads to. It depends on the event and the configuration alone, so it is the same
//! in whatever order events come.

use jiff::{SignedDuration, Timestamp};

use super::{Watch, WatchedSubjects};
use crate::{
    account::{AddressKey, EmailAddress},
    clock::whole_millis,
    config::EmailConfig,
    email_log::{EmailId, EmailLogEntry, WatchedEmail},
    ses_event::{Affected, EventKind, Mail, SesEvent},
};

/// SES's clock may be ahead of ours, but not by this much.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// How much of a subject and of all tags is stored, in bytes. DynamoDB bills each started kilobyte of an entry for every
/// event, so longer ones would double the cost of each email.
const LONGEST_SUBJECT: usize = 200;
const TAGS_LENGTH: usize = 200;

/// What to do with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It names one of Mailkey's configuration sets: Mailkey's own queue brings it, too.
    Mailkeys,
    /// Nobody watches its sender.
    NotWatched,
    /// It is about an email of which only failures are kept, and it is no failure.
    NotKept,
    /// The email is older than the log, from the future, or has no id or time.
    SetAside,
    /// It creates or updates an entry for each recipient.
    Record(Box<WatchedEmail>),
}

impl Watch {
    /// What an event of the watched queue leads to.
    pub fn decide(&self, event: &SesEvent, ours: &EmailConfig, retention: SignedDuration, now: Timestamp) -> Decision {
        let mail = &event.mail;
        if ours.is_ours(mail.configuration_set.as_deref()) {
            return Decision::Mailkeys;
        }
        let Some(sender) = self.senders.sender_of(mail) else { return Decision::NotWatched };
        let is_in_range = mail
            .sent_at
            .is_some_and(|sent_at| now.duration_since(sent_at) <= retention && sent_at.duration_since(now) <= AHEAD);
        if !is_in_range || mail.message_id.is_none() {
            return Decision::SetAside;
        }
        if !is_failure(&event.kind) && self.failures_only.iter().any(|rule| rule.applies_to(mail)) {
            return Decision::NotKept;
        }
        Decision::Record(Box::new(WatchedEmail {
            sender,
            from: mail.from.clone(),
            envelope_from: mail.source.clone(),
            subject: mail.subject.as_deref().filter(|_| self.subjects == WatchedSubjects::Masked).map(shortened),
            configuration_set: mail.configuration_set.clone(),
            tags: fitting(&mail.tags),
        }))
    }
}

/// The start of a subject. Mail programs show about as much.
fn shortened(subject: &str) -> String {
    subject[..subject.floor_char_boundary(LONGEST_SUBJECT)].to_owned()
}

/// The first tags, in the order of their names, that fit.
fn fitting(tags: &[(String, String)]) -> Vec<(String, String)> {
    let mut left = TAGS_LENGTH;
    let fits = |(name, value): &&(String, String)| {
        let room = left.checked_sub(name.len() + value.len());
        left = room.unwrap_or(0);
        room.is_some()
    };
    tags.iter().take_while(fits).cloned().collect()
}

/// Failures that are final. A delay is left out: without the delivery that follows, it would stay forever.
fn is_failure(kind: &EventKind) -> bool {
    match kind {
        EventKind::Bounce { .. }
        | EventKind::Complaint { .. }
        | EventKind::Reject { .. }
        | EventKind::RenderingFailure { .. } => true,
        EventKind::Send
        | EventKind::Delivery { .. }
        | EventKind::DeliveryDelay { .. }
        | EventKind::Open { .. }
        | EventKind::Click { .. }
        | EventKind::Subscription => false,
    }
}

/// A recipient of an email, with what an event says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// The recipient, as the sender spelled it.
    pub address: EmailAddress,
    /// What the event says.
    pub affected: &'a Affected,
    /// Whether the event is about another mailbox, such as the one that the recipient forwards to.
    pub is_another: bool,
}

impl Target<'_> {
    /// The entry of the recipient before its first event; `None` if the email has no id or time.
    pub fn entry(&self, mail: &Mail, email: &WatchedEmail) -> Option<EmailLogEntry> {
        let id = self.email_id(mail)?;
        let sent_at = whole_millis(mail.sent_at?);
        let entry = EmailLogEntry::of_watched(id, self.address.as_typed(), email.clone(), sent_at);
        Some(EmailLogEntry { message_id: mail.message_id.clone(), ..entry })
    }

    /// The id of the recipient's entry.
    pub fn email_id(&self, mail: &Mail) -> Option<EmailId> {
        Some(EmailId::of_watched(mail.message_id.as_deref()?, self.key(), mail.sent_at?))
    }

    /// The recipient's canonical address.
    pub fn key(&self) -> &AddressKey {
        self.address.key()
    }
}

impl SesEvent {
    /// The recipients whose entries in the log of watched email this event changes. An address that the email wasn't sent
    /// to belongs to its only recipient; of several, nobody can tell.
    pub fn watched_targets(&self) -> Vec<Target<'_>> {
        let sent_to: Vec<_> =
            self.mail.destination.iter().filter_map(|address| EmailAddress::parse(address).ok()).collect();
        let named = |affected: &Affected| {
            let address = EmailAddress::parse(&affected.address).ok()?;
            sent_to.iter().find(|sent_to| sent_to.key() == address.key())
        };
        let only = (self.mail.destination.len() == 1).then(|| sent_to.first()).flatten();
        let targets = self.recipients.iter().filter_map(|affected| {
            let own = named(affected);
            Some(Target { address: own.or(only)?.clone(), affected, is_another: own.is_none() })
        });
        targets.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_subject_is_cut_between_characters() {
        for (subject, length) in
            [("Hello".to_owned(), 5), ("a".repeat(200), 200), ("a".repeat(201), 200), ("•".repeat(200), 198)]
        {
            let cut = shortened(&subject);
            assert!(subject.starts_with(&cut) && cut.len() == length, "{cut}");
        }
    }

    #[test]
    fn tags_are_kept_whole_as_long_as_they_fit() {
        let tags = |lengths: &[usize]| -> Vec<_> {
            lengths.iter().enumerate().map(|(at, length)| (at.to_string(), "x".repeat(length - 1))).collect()
        };
        for (lengths, kept) in [
            (&[][..], 0),
            (&[20; 10][..], 10),
            (&[21; 10][..], 9),
            (&[201][..], 0),
            (&[200, 1][..], 1),
            // Whether a tag is kept doesn't depend on later ones.
            (&[150, 100, 10][..], 1),
        ] {
            assert_eq!(fitting(&tags(lengths)).len(), kept, "{lengths:?}");
        }
    }
}

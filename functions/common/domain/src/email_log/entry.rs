//! Entries of the email log.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use ulid::Ulid;

use super::{DeliveryStatus, Origin, WatchedEmail};
use crate::{
    account::UserId,
    entropy::{Entropy, NoEntropy, new_ulid},
    json::{Rfc3339, ulid_form},
    request_id::RequestId,
    smtp::{SmtpCause, SmtpReply},
    text_form::text_form,
};

/// Names an email, sent or not: a ULID, which sorts by time and is all that SES allows in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EmailId(pub Ulid);

impl EmailId {
    /// A new id, which also determines the entry's partition by its random bits.
    pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        Ok(Self(new_ulid(now, entropy)?))
    }
}

ulid_form!(EmailId);

/// What an email is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmailKind {
    /// A link to set a new password.
    PasswordReset,
    /// A link to activate an account.
    Activation,
    /// A notice that the password was changed.
    PasswordChanged,
    /// A notice that the account is locked after too many wrong passwords.
    AccountLocked,
    /// A notice that an administrator removed the lock.
    AccountUnlocked,
    /// A notice, to the former address, that the address was changed.
    AddressChanged,
    /// A notice about access: a new API key or administrator, a second factor that was added or removed.
    SecurityNotice,
    /// An email to SES's mailbox simulator, which proves the way from sending to the event.
    Canary,
    /// An email of another system, whose sender is watched.
    Other,
}

text_form!(EmailKind {
    PasswordReset = "password_reset",
    Activation = "activation",
    PasswordChanged = "password_changed",
    AccountLocked = "account_locked",
    AccountUnlocked = "account_unlocked",
    AddressChanged = "address_changed",
    SecurityNotice = "security_notice",
    Canary = "canary",
    Other = "other",
});

impl EmailKind {
    /// Whether most emails of their origin are of this kind.
    pub fn is_usual(self) -> bool {
        matches!(self, Self::PasswordReset | Self::Other)
    }

    /// Who sends emails of this kind.
    pub fn origin(self) -> Origin {
        if self == Self::Other { Origin::Watched } else { Origin::Mailkey }
    }

    /// Whether its link is what the mail is for; else it is a notice, or the canary.
    pub fn carries_a_link(self) -> bool {
        matches!(self, Self::PasswordReset | Self::Activation)
    }
}

/// Who or what brought an email about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// Somebody who typed an address.
    SelfService,
    /// An administrator.
    Admin,
    /// Mailkey itself.
    System,
    /// The portal, or another system that sends email itself.
    Portal,
}

text_form!(Trigger { SelfService = "self_service", Admin = "admin", System = "system", Portal = "portal" });

/// Why an email was not sent, could not be sent, or did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No user has this address.
    NoSuchUser,
    /// The user is inactive, and inactive users get no mail.
    UserInactive,
    /// The user is already active, so there is nothing to activate.
    AlreadyActive,
    /// The address is suppressed.
    AddressSuppressed,
    /// The address had as many emails as are allowed in an hour or a day.
    RateLimited,
    /// As many links as are allowed in a minute went out, to all addresses together.
    SenderPaced,
    /// The request could not be handled for so long that nobody waits for its link any more.
    RequestTooOld,
    /// SES takes no more mail for now: too fast, or failing, or not answering.
    SesUnavailable,
    /// The day's quota at SES is used up.
    SenderOverQuota,
    /// Sending is paused, by us or by SES.
    SenderPaused,
    /// SES closed or suspended the account.
    SenderSuspended,
    /// Our address or domain is not verified with SES, or the account is still in the sandbox.
    SenderUnverified,
    /// Our own settings name something that SES does not have.
    SenderMisconfigured,
    /// SES refused this email.
    RefusedBySes,
    /// There is no such mailbox, or it is closed.
    MailboxDoesNotExist,
    /// The mailbox is full.
    MailboxFull,
    /// The recipient's domain does not exist, or takes no mail.
    DomainInvalid,
    /// The receiving host took it for spam.
    RefusedAsSpam,
    /// The receiving host refused us, not the recipient: authentication, reputation, policy.
    RefusedSenderFault,
    /// The recipient blocked us, or accepts only members or chosen senders. Only the recipient can change that.
    RefusedByRecipient,
    /// The receiving host refused it for what it is: too large, an attachment.
    RefusedContent,
    /// SES did not send it, since the address is on a suppression list there.
    SuppressedAtSes,
    /// It could not be handed over in time.
    TimedOut,
    /// The receiving host was in trouble.
    HostTrouble,
    /// A template could not be filled.
    TemplateBroken,
    /// SES found a virus.
    Virus,
    /// The recipient called it spam.
    MarkedAsSpam,
    /// The receiving host wants a later try.
    Greylisted,
    /// Nobody said why.
    Undetermined,
}

text_form!(Reason {
    NoSuchUser = "no_such_user",
    UserInactive = "user_inactive",
    AlreadyActive = "already_active",
    AddressSuppressed = "address_suppressed",
    RateLimited = "rate_limited",
    SenderPaced = "sender_paced",
    RequestTooOld = "request_too_old",
    SesUnavailable = "ses_unavailable",
    SenderOverQuota = "sender_over_quota",
    SenderPaused = "sender_paused",
    SenderSuspended = "sender_suspended",
    SenderUnverified = "sender_unverified",
    SenderMisconfigured = "sender_misconfigured",
    RefusedBySes = "refused_by_ses",
    MailboxDoesNotExist = "mailbox_does_not_exist",
    MailboxFull = "mailbox_full",
    DomainInvalid = "domain_invalid",
    RefusedAsSpam = "refused_as_spam",
    RefusedSenderFault = "refused_sender_fault",
    RefusedByRecipient = "refused_by_recipient",
    RefusedContent = "refused_content",
    SuppressedAtSes = "suppressed_at_ses",
    TimedOut = "timed_out",
    HostTrouble = "host_trouble",
    TemplateBroken = "template_broken",
    Virus = "virus",
    MarkedAsSpam = "marked_as_spam",
    Greylisted = "greylisted",
    Undetermined = "undetermined",
});

/// Something that happened to an email: a line of its timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct TimelineEvent {
    /// When it happened.
    #[serde(with = "Rfc3339")]
    pub at: Timestamp,
    /// A delivery status, or something that leaves the status as it is, such as `redeemed` or `page_loaded`.
    pub event: String,
    /// More about the event, in words, such as SES's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "smtp; 550 5.1.1 user unknown")]
    pub detail: Option<String>,
    /// Why it didn't arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What the recipient's server meant by its reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<SmtpCause>,
    /// When the delay ends at the latest, because SES stops trying then.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The key of the SES event behind it, so that a repeated event counts once.
    #[serde(skip)]
    pub key: Option<String>,
}

impl TimelineEvent {
    /// Something that happened, in one word.
    pub fn new(at: Timestamp, event: impl Into<String>) -> Self {
        Self { at, event: event.into(), detail: None, reason: None, cause: None, until: None, key: None }
    }

    /// What the recipient's server meant by its reply.
    pub fn meaning(&self) -> SmtpCause {
        self.cause.unwrap_or_else(|| SmtpReply::parse(None, self.detail.as_deref()).cause())
    }

    /// The status it tells of, if any.
    pub fn status(&self) -> Option<DeliveryStatus> {
        self.event.parse().ok()
    }
}

/// The recipient of an entry whose recipient was erased.
pub const ERASED: &str = "erased";

/// One system email that was sent, or deliberately not sent. Neither its body nor its link is kept.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EmailLogEntry {
    /// Its id.
    pub id: EmailId,
    /// The address it went to, or the one that was asked for where there is no user.
    pub recipient: String,
    /// Its kind.
    pub kind: EmailKind,
    /// Who asked for the email.
    pub trigger: Trigger,
    /// Its status.
    pub status: DeliveryStatus,
    /// Why it was not sent, or did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The API request that caused it, if one did.
    #[serde(skip)]
    pub request_id: Option<RequestId>,
    /// The message id that SES assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When it was requested.
    #[serde(with = "Rfc3339")]
    pub requested_at: Timestamp,
    /// When the entry last changed.
    #[serde(with = "Rfc3339")]
    pub updated_at: Timestamp,
    /// When the link was used.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub redeemed_at: Option<Timestamp>,
    /// When the link in the email expires.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub link_expires_at: Option<Timestamp>,
    /// When the link's page was first loaded, by a person or a program.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub page_loaded_at: Option<Timestamp>,
    /// When a person first did something on the link's page.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub person_acted_at: Option<Timestamp>,
    /// When the data of the recipient was erased. Since then, only its status changes.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
    /// How often it was handed to SES, or is being handed.
    #[serde(skip)]
    pub attempts: i64,
    /// What is known of an email that Mailkey did not send.
    #[serde(flatten)]
    pub watched: Option<WatchedEmail>,
    /// What happened, in order.
    #[serde(skip)]
    pub timeline: Vec<TimelineEvent>,
}

/// An entry of the email log.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EmailLogEntry")]
pub struct ShownEmail<'a> {
    #[serde(flatten)]
    entry: &'a EmailLogEntry,
    /// Who sent it: Mailkey, or a watched sender.
    origin: Origin,
    /// Who sent a watched email: its header From, or else the envelope sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "hello@portal.example")]
    from: Option<&'a str>,
}

/// An entry of the email log, with its timeline.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownWithTimeline<'a> {
    #[serde(flatten)]
    email: ShownEmail<'a>,
    /// What happened to the email, the oldest first.
    timeline: Vec<&'a TimelineEvent>,
}

impl EmailLogEntry {
    /// An entry as it begins, with its status as the first line of its timeline. One that is queued is being handed to
    /// SES for the first time.
    pub fn new(
        id: EmailId,
        recipient: impl Into<String>,
        kind: EmailKind,
        trigger: Trigger,
        status: DeliveryStatus,
        requested_at: Timestamp,
    ) -> Self {
        Self {
            id,
            recipient: recipient.into(),
            kind,
            trigger,
            status,
            reason: None,
            user_id: None,
            request_id: None,
            message_id: None,
            requested_at,
            updated_at: requested_at,
            redeemed_at: None,
            link_expires_at: None,
            page_loaded_at: None,
            person_acted_at: None,
            erased_at: None,
            attempts: i64::from(status == DeliveryStatus::Queued),
            watched: None,
            timeline: vec![TimelineEvent::new(requested_at, status.as_str())],
        }
    }

    /// The entry of an email that Mailkey did not send, before its first event: SES has accepted it.
    pub fn of_watched(id: EmailId, recipient: impl Into<String>, email: WatchedEmail, sent_at: Timestamp) -> Self {
        let (kind, trigger) = (EmailKind::Other, Trigger::Portal);
        let entry = Self::new(id, recipient, kind, trigger, DeliveryStatus::Sent, sent_at);
        Self { watched: Some(email), timeline: Vec::new(), ..entry }
    }

    /// Who sent it.
    pub fn origin(&self) -> Origin {
        if self.watched.is_some() { Origin::Watched } else { Origin::Mailkey }
    }

    /// The entry as the API shows it in a list.
    pub fn shown(&self) -> ShownEmail<'_> {
        let from = self.watched.as_ref().and_then(WatchedEmail::shown_from);
        ShownEmail { entry: self, origin: self.origin(), from }
    }

    /// The entry as the API shows it by itself.
    pub fn shown_with_timeline(&self) -> ShownWithTimeline<'_> {
        ShownWithTimeline { email: self.shown(), timeline: self.in_order() }
    }

    /// The timeline without what servers said, which may contain the address.
    pub fn anonymous_timeline(&self) -> Vec<TimelineEvent> {
        self.timeline.iter().map(|event| TimelineEvent { detail: None, ..event.clone() }).collect()
    }

    /// The latest event that tells of a status.
    pub fn latest(&self, status: DeliveryStatus) -> Option<&TimelineEvent> {
        self.in_order().into_iter().rev().find(|event| event.status() == Some(status))
    }

    /// The timeline in the order in which things happened, which is not the order in which they were heard of.
    pub fn in_order(&self) -> Vec<&TimelineEvent> {
        let mut events: Vec<_> = self.timeline.iter().collect();
        events.sort_by_key(|event| (event.at, event.status().map(DeliveryStatus::rank), &event.key));
        // SES's answer to us and its event `Send` tell the same, and either may be written first.
        let mut sent = false;
        events.retain(|event| event.status() != Some(DeliveryStatus::Sent) || !std::mem::replace(&mut sent, true));
        events
    }
}

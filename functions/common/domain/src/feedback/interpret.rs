//! From an event of SES to what follows from it: a pure decision after the tables of ARCHITECTURE.md.
//!
//! What an event means is decided by SES's own types first, and by what the receiving host said where SES's types leave
//! it open: `Permanent/General` may be a mailbox that does not exist, which suppresses, or a host that refuses *us*,
//! which must not.

use jiff::Timestamp;

use crate::{
    email_log::{DeliveryStatus, Reason, TimelineEvent},
    sender::AlarmKind,
    ses_event::{Affected, BounceKind, BounceSubtype, ComplaintSubtype, DelayKind, EventKind, FeedbackType, SesEvent},
    smtp::{Fault, SmtpCause, SmtpReply},
    suppression::SuppressionReason,
};

/// What an event says about one recipient of an email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpretation {
    /// The line of the timeline, and with it the delivery status.
    pub event: TimelineEvent,
    /// What it does to the recipient's address.
    pub effect: Effect,
    /// What it says about us.
    pub alarm: Option<AlarmKind>,
    /// SES has put the address on its list for a fault of ours: it must come off again.
    pub remove_from_ses_suppression_list: bool,
}

/// What an event does to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// It is suppressed.
    Suppress(SuppressionReason),
    /// It hard-bounced without a reason: suppressed for a limited time.
    SuppressUnexplained,
    /// A failure that may pass is counted.
    FailSoftly,
    /// It is alive: former soft failures no longer count.
    Deliver,
}

/// A status, why, and what follows.
struct Finding {
    status: DeliveryStatus,
    reason: Option<Reason>,
    cause: Option<SmtpCause>,
    effect: Effect,
    alarm: Option<AlarmKind>,
    remove_from_ses_suppression_list: bool,
}

impl Finding {
    fn new(status: DeliveryStatus) -> Self {
        Self {
            status,
            reason: None,
            cause: None,
            effect: Effect::None,
            alarm: None,
            remove_from_ses_suppression_list: false,
        }
    }

    fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    fn meant(mut self, cause: SmtpCause) -> Self {
        self.cause = Some(cause);
        self
    }

    fn with(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    fn alarming(mut self, alarm: AlarmKind) -> Self {
        self.alarm = Some(alarm);
        self
    }
}

/// What `event`, which happened `at`, says about `recipient`; `key` names the event for this recipient.
pub fn interpret(event: &SesEvent, at: Timestamp, recipient: &Affected, key: &str) -> Interpretation {
    let said = || recipient.diagnostic.clone().or_else(|| recipient.status.clone());
    match &event.kind {
        EventKind::Send => told(at, key, Finding::new(DeliveryStatus::Sent), None),
        EventKind::Delivery { smtp_response, .. } => {
            let finding = Finding::new(DeliveryStatus::Delivered).with(Effect::Deliver);
            told(at, key, finding, smtp_response.clone())
        }
        EventKind::DeliveryDelay { delay, expires_at } => {
            let cause = reply_of(recipient).cause();
            let finding = Finding::new(DeliveryStatus::Delayed).because(reason_of_delay(delay, cause)).meant(cause);
            let mut interpretation = told(at, key, finding, said().or_else(|| Some(delay.to_string())));
            interpretation.event.until = *expires_at;
            interpretation
        }
        EventKind::Bounce { kind, subtype } => {
            let detail = said().or_else(|| Some(format!("{kind}/{subtype}")));
            told(at, key, bounced(kind, subtype, recipient), detail)
        }
        EventKind::Complaint { subtype, feedback } => complained(at, key, subtype.as_ref(), feedback.as_ref()),
        EventKind::Reject { reason } => {
            told(at, key, Finding::new(DeliveryStatus::Rejected).because(Reason::Virus), reason.clone())
        }
        EventKind::RenderingFailure { message, .. } => {
            let finding = Finding::new(DeliveryStatus::Rejected).because(Reason::TemplateBroken);
            told(at, key, finding.alarming(AlarmKind::TemplateBroken), message.clone())
        }
        EventKind::Open { .. } => aside(at, key, "tracked_open", None),
        EventKind::Click { .. } => aside(at, key, "tracked_click", Some(AlarmKind::ClickTrackingOn)),
        EventKind::Subscription => aside(at, key, "subscription_changed", Some(AlarmKind::ListManagementOn)),
    }
}

fn told(at: Timestamp, key: &str, finding: Finding, detail: Option<String>) -> Interpretation {
    let Finding { status, reason, cause, effect, alarm, remove_from_ses_suppression_list } = finding;
    let event = TimelineEvent { detail, reason, cause, ..line(at, status.as_str(), key) };
    Interpretation { event, effect, alarm, remove_from_ses_suppression_list }
}

/// Something for the timeline that says nothing about delivery.
fn aside(at: Timestamp, key: &str, what: &str, alarm: Option<AlarmKind>) -> Interpretation {
    Interpretation { event: line(at, what, key), effect: Effect::None, alarm, remove_from_ses_suppression_list: false }
}

fn line(at: Timestamp, event: &str, key: &str) -> TimelineEvent {
    TimelineEvent { key: Some(key.to_owned()), ..TimelineEvent::new(at, event) }
}

fn complained(
    at: Timestamp,
    key: &str,
    subtype: Option<&ComplaintSubtype>,
    feedback: Option<&FeedbackType>,
) -> Interpretation {
    if matches!(subtype, Some(ComplaintSubtype::OnAccountSuppressionList | ComplaintSubtype::OnTenantSuppressionList)) {
        return told(at, key, suppressed_at_ses(SuppressionReason::ProviderAccount), None);
    }
    match feedback {
        // The recipient moved the email out of the junk folder: good news, not a complaint.
        Some(FeedbackType::NotSpam) => aside(at, key, "not_spam", None),
        // A host reports that our email fails authentication: that is about us.
        Some(FeedbackType::AuthFailure) => {
            aside(at, key, "authentication_failure_reported", Some(AlarmKind::AuthenticationFailureReported))
        }
        feedback => {
            let finding = Finding::new(DeliveryStatus::Complained)
                .because(Reason::MarkedAsSpam)
                .with(Effect::Suppress(SuppressionReason::Complaint));
            told(at, key, finding, feedback.map(ToString::to_string))
        }
    }
}

/// SES did not even try.
fn suppressed_at_ses(reason: SuppressionReason) -> Finding {
    Finding::new(DeliveryStatus::Suppressed).because(Reason::SuppressedAtSes).with(Effect::Suppress(reason))
}

fn bounced(kind: &BounceKind, subtype: &BounceSubtype, recipient: &Affected) -> Finding {
    // RFC 3464 section 2.3.3: these recipients of a bounced email received it.
    let received = ["delivered", "relayed", "expanded"];
    if recipient.action.as_deref().is_some_and(|action| received.iter().any(|it| action.eq_ignore_ascii_case(it))) {
        return Finding::new(DeliveryStatus::Delivered).with(Effect::Deliver);
    }
    let reply = reply_of(recipient);
    match (kind, subtype) {
        (BounceKind::Permanent, BounceSubtype::Suppressed) => suppressed_at_ses(SuppressionReason::ProviderGlobal),
        (BounceKind::Permanent, BounceSubtype::OnAccountSuppressionList | BounceSubtype::OnTenantSuppressionList) => {
            suppressed_at_ses(SuppressionReason::ProviderAccount)
        }
        (BounceKind::Permanent, BounceSubtype::EmailValidationSuppressed) => {
            suppressed_at_ses(SuppressionReason::ProviderValidation)
        }
        (BounceKind::Permanent, BounceSubtype::UnsubscribedRecipient) => Finding::new(DeliveryStatus::Suppressed)
            .because(Reason::SuppressedAtSes)
            .alarming(AlarmKind::ListManagementOn),
        (BounceKind::Permanent, _) => bounced_for_good(recipient, &reply),
        (BounceKind::Transient, BounceSubtype::MailboxFull) => {
            let full = Finding::new(DeliveryStatus::SoftBounced).because(Reason::MailboxFull);
            full.meant(SmtpCause::MailboxFull).with(Effect::FailSoftly)
        }
        (BounceKind::Transient, BounceSubtype::ContentRejected) => {
            Finding::new(DeliveryStatus::Blocked).because(Reason::RefusedAsSpam).meant(SmtpCause::SpamContent)
        }
        (BounceKind::Transient, BounceSubtype::MessageTooLarge | BounceSubtype::AttachmentRejected) => {
            Finding::new(DeliveryStatus::Blocked).because(Reason::RefusedContent)
        }
        (BounceKind::Transient, BounceSubtype::CustomTimeoutExceeded) => {
            Finding::new(DeliveryStatus::SoftBounced).because(Reason::TimedOut).with(Effect::FailSoftly)
        }
        (BounceKind::Transient, _) => bounced_for_now(&reply),
        (BounceKind::Undetermined | BounceKind::Unknown(_), _) => {
            Finding::new(DeliveryStatus::SoftBounced).because(Reason::Undetermined).with(Effect::FailSoftly)
        }
    }
}

/// `Permanent/General` and its like: what the host said decides whose fault it is.
fn bounced_for_good(recipient: &Affected, reply: &SmtpReply) -> Finding {
    // Among the recipients of a permanent bounce there may be one that is merely late (SES's own sample has one).
    if recipient.action.as_deref().is_some_and(|action| action.eq_ignore_ascii_case("delayed")) {
        return Finding::new(DeliveryStatus::Delayed).because(Reason::HostTrouble);
    }
    let cause = reply.cause();
    let address_is_wrong = |reason| {
        Finding::new(DeliveryStatus::Bounced).because(reason).with(Effect::Suppress(SuppressionReason::HardBounce))
    };
    // The address is fine, but SES may have put it on its suppression list for this bounce.
    let address_is_fine =
        |status| Finding { remove_from_ses_suppression_list: true, ..Finding::new(status).because(reason_of(cause)) };
    let finding = match cause.fault() {
        Fault::Address => address_is_wrong(Reason::MailboxDoesNotExist),
        Fault::Domain => address_is_wrong(Reason::DomainInvalid),
        // SES's own list would outlast our suppression.
        Fault::Unknown if !reply.gives_a_reason() => {
            address_is_fine(DeliveryStatus::Bounced).with(Effect::SuppressUnexplained)
        }
        Fault::Unknown => address_is_fine(DeliveryStatus::Blocked).with(Effect::FailSoftly),
        Fault::Mailbox if matches!(cause, SmtpCause::MailboxFull | SmtpCause::ReceivingLimit) => {
            address_is_fine(DeliveryStatus::SoftBounced).with(Effect::FailSoftly)
        }
        Fault::Mailbox if cause == SmtpCause::LoopOrRouting => address_is_fine(DeliveryStatus::SoftBounced),
        Fault::Mailbox => address_is_fine(DeliveryStatus::Blocked),
        Fault::Sender => address_is_fine(DeliveryStatus::Blocked).alarming(AlarmKind::RefusedSenderFault),
        Fault::Passing => address_is_fine(DeliveryStatus::SoftBounced),
    };
    finding.meant(cause)
}

/// `Transient/General`: out-of-office replies, hosts in trouble, and domains that do not exist.
fn bounced_for_now(reply: &SmtpReply) -> Finding {
    let cause = reply.cause();
    let for_good = reply.enhanced.is_some_and(|code| code.class == 5);
    let finding = match cause.fault() {
        Fault::Domain => Finding::new(DeliveryStatus::Bounced).with(Effect::Suppress(SuppressionReason::DomainInvalid)),
        Fault::Sender if for_good => Finding::new(DeliveryStatus::Blocked).alarming(AlarmKind::RefusedSenderFault),
        Fault::Mailbox if for_good && reason_of(cause) == Reason::RefusedByRecipient => {
            Finding::new(DeliveryStatus::Blocked)
        }
        Fault::Address | Fault::Mailbox | Fault::Sender | Fault::Passing | Fault::Unknown => {
            Finding::new(DeliveryStatus::SoftBounced).with(Effect::FailSoftly)
        }
    };
    finding.because(reason_of(cause)).meant(cause)
}

fn reply_of(recipient: &Affected) -> SmtpReply {
    SmtpReply::parse(recipient.status.as_deref(), recipient.diagnostic.as_deref())
}

fn reason_of(cause: SmtpCause) -> Reason {
    match cause {
        SmtpCause::MailboxDoesNotExist | SmtpCause::MailboxDisabled => Reason::MailboxDoesNotExist,
        SmtpCause::MailboxFull => Reason::MailboxFull,
        SmtpCause::DomainInvalid => Reason::DomainInvalid,
        SmtpCause::SpamContent => Reason::RefusedAsSpam,
        SmtpCause::SenderUnauthenticated
        | SmtpCause::SenderAddressRefused
        | SmtpCause::SenderReputation
        | SmtpCause::Policy
        | SmtpCause::Protocol => Reason::RefusedSenderFault,
        SmtpCause::RestrictedToMembers | SmtpCause::ModeratedGroup | SmtpCause::BlockedByRecipient => {
            Reason::RefusedByRecipient
        }
        SmtpCause::MessageTooLarge => Reason::RefusedContent,
        SmtpCause::RateLimited | SmtpCause::ReceivingLimit | SmtpCause::Greylisted => Reason::Greylisted,
        SmtpCause::TimedOut => Reason::TimedOut,
        SmtpCause::HostTrouble | SmtpCause::LoopOrRouting => Reason::HostTrouble,
        SmtpCause::Undetermined => Reason::Undetermined,
    }
}

fn reason_of_delay(delay: &DelayKind, cause: SmtpCause) -> Reason {
    match delay {
        DelayKind::MailboxFull => Reason::MailboxFull,
        DelayKind::SpamDetected => Reason::RefusedAsSpam,
        DelayKind::IpFailure | DelayKind::ByoipHostNameLookupUnavailable | DelayKind::SendingDeferral => {
            Reason::RefusedSenderFault
        }
        _ => match reason_of(cause) {
            Reason::Undetermined => Reason::HostTrouble,
            reason => reason,
        },
    }
}

//! Every row of the tables of bounces, complaints and delays.

mod samples;

use jiff::Timestamp;

use super::{Effect, Interpretation, interpret};
use crate::ses_event::{
    Affected, BounceKind, BounceSubtype, ComplaintSubtype, DelayKind, EventKind, FeedbackType, Mail, SesEvent, System,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What an event says about one recipient, in a line.
fn told(interpretation: &Interpretation) -> String {
    let effect = match interpretation.effect {
        Effect::None => None,
        Effect::Suppress(reason) => Some(format!("suppress {reason}")),
        Effect::SuppressUnexplained => Some("suppress for a week".to_owned()),
        Effect::FailSoftly => Some("fails softly".to_owned()),
        Effect::Deliver => Some("is alive".to_owned()),
    };
    let event = match interpretation.event.status() {
        Some(status) => status.to_string(),
        None => format!("({})", interpretation.event.event),
    };
    let reason = interpretation.event.reason.map(|reason| reason.to_string());
    let alarm = interpretation.alarm.map(|kind| format!("ALARM {kind}"));
    let free = interpretation.remove_from_ses_suppression_list.then(|| "free at SES".to_owned());
    [Some(event), reason, effect, alarm, free].into_iter().flatten().collect::<Vec<_>>().join(" | ")
}

fn heard(kind: EventKind, status: Option<&str>, diagnostic: Option<&str>, action: Option<&str>) -> Interpretation {
    let recipient = Affected {
        address: "alice@example.com".to_owned(),
        status: status.map(ToOwned::to_owned),
        action: action.map(ToOwned::to_owned),
        diagnostic: diagnostic.map(ToOwned::to_owned),
    };
    let event = SesEvent {
        kind,
        system: System::EventPublishing,
        mail: Mail::default(),
        at: None,
        recipients: vec![recipient.clone()],
        feedback_id: None,
    };
    interpret(&event, at("2026-11-22T10:00:00Z"), &recipient, "key")
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn bounce(kind: &str, status: &str, diagnostic: &str, action: &str) -> Interpretation {
    let (kind, subtype) = kind.split_once('/').unwrap();
    let kind = EventKind::Bounce { kind: BounceKind::read(kind), subtype: BounceSubtype::read(subtype) };
    heard(kind, given(status), given(diagnostic), given(action))
}

#[test]
fn a_bounce_means_what_its_type_and_the_words_of_the_host_say() {
    const DEAD: &str = "bounced | mailbox_does_not_exist | suppress hard_bounce";
    const OUR_FAULT: &str = "blocked | refused_sender_fault | ALARM refused_sender_fault | free at SES";
    const UNEXPLAINED: &str = "bounced | undetermined | suppress for a week | free at SES";
    const NOT_UNDERSTOOD: &str = "blocked | undetermined | fails softly | free at SES";
    const UP_TO_THEM: &str = "blocked | refused_by_recipient | free at SES";
    const RECEIVED: &str = "delivered | is alive";
    const NO_DOMAIN: &str = "bounced | domain_invalid | suppress domain_invalid";
    const OUT_OF_OFFICE: &str = "soft_bounced | undetermined | fails softly";
    for (kind, status, diagnostic, action, expected) in [
        // A permanent bounce without a reason.
        ("Permanent/General", "", "", "", UNEXPLAINED),
        ("Permanent/General", "", "", "failed", UNEXPLAINED),
        ("Permanent/NoEmail", "", "", "", UNEXPLAINED),
        ("Permanent/SomethingNew", "", "", "", UNEXPLAINED),
        ("Permanent/Undetermined", "", "", "", UNEXPLAINED),
        ("Permanent/General", "5.0.0", "smtp; 550 5.0.0", "failed", UNEXPLAINED),
        // Words that we don't understand.
        ("Permanent/General", "5.0.0", "smtp; 550 no thanks", "failed", NOT_UNDERSTOOD),
        ("Permanent/General", "5.1.0", "smtp; 550 5.1.0 wrong moon phase", "failed", NOT_UNDERSTOOD),
        ("Permanent/General", "5.1.1", "smtp; 550 5.1.1 user unknown", "failed", DEAD),
        ("Permanent/NoEmail", "5.1.1", "smtp; 550 5.1.1 user unknown", "failed", DEAD),
        ("Permanent/General", "5.1.3", "", "failed", DEAD),
        ("Permanent/General", "5.1.6", "", "failed", DEAD),
        ("Permanent/General", "5.2.1", "smtp; 550 5.2.1 The email account is inactive", "failed", DEAD),
        (
            "permanent/general",
            "",
            "smtp; 550-5.1.1 The email account that you tried to reach does not exist.",
            "",
            DEAD,
        ),
        // The domain is dead, says a host for good.
        ("Permanent/General", "5.1.2", "", "failed", "bounced | domain_invalid | suppress hard_bounce"),
        ("Permanent/General", "5.4.4", "", "failed", "bounced | domain_invalid | suppress hard_bounce"),
        // SES puts a mailbox that is full for good onto its list.
        (
            "Permanent/General",
            "5.2.2",
            "smtp; 552 5.2.2 mailbox full",
            "failed",
            "soft_bounced | mailbox_full | fails softly | free at SES",
        ),
        // The host refuses us.
        ("Permanent/General", "5.7.1", "smtp; 550 5.7.1 rejected", "failed", OUR_FAULT),
        ("Permanent/General", "5.7.26", "smtp; 550-5.7.26 This mail is unauthenticated", "failed", OUR_FAULT),
        (
            "Permanent/General",
            "",
            "smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated.",
            "",
            OUR_FAULT,
        ),
        ("Permanent/General", "5.7.27", "", "failed", OUR_FAULT),
        (
            "Permanent/General",
            "5.7.606",
            "smtp; 550 5.7.606 Access denied, banned sending IP [192.0.2.1]",
            "failed",
            OUR_FAULT,
        ),
        ("Permanent/General", "5.7.511", "", "failed", OUR_FAULT),
        ("Permanent/General", "5.0.0", "smtp; 554 blocked using zen.spamhaus.org", "failed", OUR_FAULT),
        ("Permanent/General", "5.1.8", "", "failed", OUR_FAULT),
        (
            "Permanent/General",
            "5.7.509",
            "smtp; 550 5.7.509 Access denied, sending domain does not pass DMARC",
            "",
            OUR_FAULT,
        ),
        (
            "Permanent/General",
            "5.3.4",
            "",
            "failed",
            "blocked | refused_content | ALARM refused_sender_fault | free at SES",
        ),
        // The mailbox takes no such mail, or its host is in trouble: the address is right all the same.
        ("Permanent/General", "5.7.133", "", "failed", UP_TO_THEM),
        ("Permanent/General", "5.7.1", "smtp; 550 5.7.1 moderated group", "failed", UP_TO_THEM),
        ("Permanent/General", "", "smtp; 550 You have been blocked by the recipient", "failed", UP_TO_THEM),
        ("Permanent/General", "5.2.121", "", "failed", "soft_bounced | greylisted | fails softly | free at SES"),
        ("Permanent/General", "5.4.6", "", "failed", "soft_bounced | host_trouble | free at SES"),
        ("Permanent/General", "4.4.7", "", "failed", "soft_bounced | timed_out | free at SES"),
        // One of several recipients, who is merely late.
        ("Permanent/General", "4.0.0", "", "delayed", "delayed | host_trouble"),
        ("Permanent/General", "4.0.0", "", "Delayed", "delayed | host_trouble"),
        // One of several recipients, who received it.
        ("Permanent/General", "2.0.0", "smtp; 250 2.0.0 Ok", "delivered", RECEIVED),
        ("Permanent/General", "2.1.5", "smtp; 250 2.1.5 Expanded", "Expanded", RECEIVED),
        ("Transient/General", "", "", "relayed", RECEIVED),
        // SES never tried.
        (
            "Permanent/Suppressed",
            "5.1.1",
            "Amazon SES has suppressed sending to this address",
            "failed",
            "suppressed | suppressed_at_ses | suppress provider_global",
        ),
        (
            "Permanent/OnAccountSuppressionList",
            "5.1.1",
            "",
            "failed",
            "suppressed | suppressed_at_ses | suppress provider_account",
        ),
        (
            "Permanent/OnTenantSuppressionList",
            "5.1.1",
            "",
            "failed",
            "suppressed | suppressed_at_ses | suppress provider_account",
        ),
        (
            "Permanent/EmailValidationSuppressed",
            "",
            "",
            "",
            "suppressed | suppressed_at_ses | suppress provider_validation",
        ),
        ("Permanent/UnsubscribedRecipient", "", "", "", "suppressed | suppressed_at_ses | ALARM list_management_on"),
        // It may pass.
        ("Transient/General", "", "", "", OUT_OF_OFFICE),
        ("Transient/General", "5.0.0", "", "failed", OUT_OF_OFFICE),
        ("Transient/SomethingNew", "", "", "", OUT_OF_OFFICE),
        ("Transient/General", "4.4.1", "", "failed", "soft_bounced | host_trouble | fails softly"),
        ("Transient/General", "4.4.7", "", "failed", "soft_bounced | timed_out | fails softly"),
        (
            "Transient/General",
            "4.7.1",
            "smtp; 451 4.7.1 Greylisting in action",
            "failed",
            "soft_bounced | greylisted | fails softly",
        ),
        ("Transient/General", "4.2.2", "", "failed", "soft_bounced | mailbox_full | fails softly"),
        ("Transient/General", "4.1.1", "", "failed", "soft_bounced | host_trouble | fails softly"),
        (
            "Transient/General",
            "5.1.1",
            "smtp; 550 5.1.1 user unknown",
            "failed",
            "soft_bounced | mailbox_does_not_exist | fails softly",
        ),
        ("Transient/General", "5.7.26", "", "failed", "blocked | refused_sender_fault | ALARM refused_sender_fault"),
        ("Transient/MailboxFull", "", "smtp; 552 full", "", "soft_bounced | mailbox_full | fails softly"),
        ("Transient/MessageTooLarge", "", "", "", "blocked | refused_content"),
        ("Transient/ContentRejected", "5.3.0", "smtp; 550 spam", "failed", "blocked | refused_as_spam"),
        ("Transient/AttachmentRejected", "", "", "", "blocked | refused_content"),
        ("Transient/CustomTimeoutExceeded", "4.4.7", "", "failed", "soft_bounced | timed_out | fails softly"),
        // It will not: there is no such domain.
        ("Transient/General", "5.4.4", "smtp; 550 5.4.4 Invalid domain", "failed", NO_DOMAIN),
        ("Transient/General", "5.1.2", "", "failed", NO_DOMAIN),
        ("Transient/General", "5.1.10", "smtp; 556 5.1.10 Recipient address has null MX", "failed", NO_DOMAIN),
        // SES does not know either.
        ("Undetermined/Undetermined", "", "", "", OUT_OF_OFFICE),
        ("Undetermined/General", "5.1.1", "", "failed", OUT_OF_OFFICE),
        ("Eventual/General", "", "", "", OUT_OF_OFFICE),
    ] {
        let interpretation = bounce(kind, status, diagnostic, action);
        assert_eq!(told(&interpretation), expected, "{kind} {status} {diagnostic} {action}");
        let said = [diagnostic, status, kind].into_iter().find(|said| !said.is_empty()).unwrap();
        assert!(interpretation.event.detail.is_some_and(|detail| detail.eq_ignore_ascii_case(said)), "{said}");
        assert_eq!(interpretation.event.key.as_deref(), Some("key"));
    }
}

#[test]
fn a_host_that_refuses_us_never_costs_anybody_the_address() {
    for detail in 0..=999 {
        for (class, kind) in
            [(5, "Permanent/General"), (5, "Permanent/NoEmail"), (4, "Permanent/General"), (5, "Transient/General")]
        {
            let interpretation = bounce(kind, &format!("{class}.7.{detail}"), "", "failed");
            assert!(
                !matches!(interpretation.effect, Effect::Suppress(_)),
                "{kind} {class}.7.{detail}: {}",
                told(&interpretation)
            );
        }
    }
}

#[test]
fn a_complaint_is_one_only_where_somebody_complained() {
    const SPAM: &str = "complained | marked_as_spam | suppress complaint";
    const LISTED: &str = "suppressed | suppressed_at_ses | suppress provider_account";
    for (subtype, feedback, expected) in [
        (None, None, SPAM),
        (None, Some("abuse"), SPAM),
        (None, Some("fraud"), SPAM),
        (None, Some("virus"), SPAM),
        (None, Some("other"), SPAM),
        (None, Some("boredom"), SPAM),
        (Some("SomethingNew"), Some("abuse"), SPAM),
        (None, Some("not-spam"), "(not_spam)"),
        (None, Some("Not-Spam"), "(not_spam)"),
        (None, Some("auth-failure"), "(authentication_failure_reported) | ALARM authentication_failure_reported"),
        (Some("OnAccountSuppressionList"), None, LISTED),
        (Some("OnAccountSuppressionList"), Some("abuse"), LISTED),
        (Some("OnTenantSuppressionList"), Some("not-spam"), LISTED),
    ] {
        let kind = EventKind::Complaint {
            subtype: subtype.map(ComplaintSubtype::read),
            feedback: feedback.map(FeedbackType::read),
        };
        assert_eq!(told(&heard(kind, None, None, None)), expected, "{subtype:?} {feedback:?}");
    }
}

#[test]
fn a_delay_says_why_and_until_when() {
    for (delay, status, expected) in [
        ("InternalFailure", None, "delayed | host_trouble"),
        ("General", None, "delayed | host_trouble"),
        ("General", Some("4.7.28"), "delayed | greylisted"),
        ("MailboxFull", Some("4.2.2"), "delayed | mailbox_full"),
        ("SpamDetected", None, "delayed | refused_as_spam"),
        ("RecipientServerError", None, "delayed | host_trouble"),
        ("IPFailure", None, "delayed | refused_sender_fault"),
        ("TransientCommunicationFailure", Some("4.4.1"), "delayed | host_trouble"),
        ("BYOIPHostNameLookupUnavailable", None, "delayed | refused_sender_fault"),
        ("Undetermined", None, "delayed | host_trouble"),
        ("SendingDeferral", None, "delayed | refused_sender_fault"),
        ("SomethingNew", None, "delayed | host_trouble"),
    ] {
        let until = Some(at("2026-11-22T10:30:00Z"));
        let interpretation =
            heard(EventKind::DeliveryDelay { delay: DelayKind::read(delay), expires_at: until }, status, None, None);
        assert_eq!(told(&interpretation), expected, "{delay}");
        assert_eq!(interpretation.event.until, until);
        assert_eq!(interpretation.event.detail.as_deref(), Some(status.unwrap_or(delay)));
    }
}

#[test]
fn all_else_is_told_in_a_word() {
    let text = || Some("in SES's words".to_owned());
    for (kind, expected) in [
        (EventKind::Send, "sent"),
        (EventKind::Delivery { processing_ms: None, smtp_response: text(), remote_ip: None }, "delivered | is alive"),
        (EventKind::Reject { reason: text() }, "rejected | virus"),
        (
            EventKind::RenderingFailure { template: None, message: text() },
            "rejected | template_broken | ALARM template_broken",
        ),
        (EventKind::Open { user_agent: None, bot: None }, "(tracked_open)"),
        (EventKind::Click { user_agent: None, bot: Some(true) }, "(tracked_click) | ALARM click_tracking_on"),
        (EventKind::Subscription, "(subscription_changed) | ALARM list_management_on"),
    ] {
        assert_eq!(told(&heard(kind.clone(), None, None, None)), expected, "{kind:?}");
    }
}

//! Alarms about our side of sending: what only an operator can fix.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{json::Rfc3339, text_form::text_form};

/// An alarm that isn't raised again within this time is no longer current.
const CURRENT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is wrong with the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlarmKind {
    /// SES paused sending, for the account or for the configuration set.
    SendingPaused,
    /// SES can no longer publish its events: the topic is gone, or takes them no more.
    EventSubscriptionRemoved,
    /// A receiving host refuses us, not the recipient (status 5.7.x of RFC 3463): authentication, policy, reputation.
    RefusedSenderFault,
    /// Links are rewritten to count clicks. A rewritten link outlives its mail in somebody else's log.
    ClickTrackingOn,
    /// SES's list management is on: people who unsubscribe get no reset link any more.
    ListManagementOn,
    /// A receiving host reported that our email failed authentication (feedback type `auth-failure`, RFC 6591).
    AuthenticationFailureReported,
    /// Many addresses of one domain came back within minutes: the domain's fault or ours, not its people's.
    DomainBurst,
    /// Events came from a topic that is not the deployment's.
    WrongTopic,
    /// SES could not render an email.
    TemplateBroken,
    /// SES's advisor found something amiss with our domain or our reputation.
    SesAdvice,
    /// People opened links that were damaged on their way, by a mail gateway of the recipient’s domain. Without a domain,
    /// the links had no token, and anybody could have reported them.
    LinksDamaged,
}

text_form!(AlarmKind {
    SendingPaused = "sending_paused",
    EventSubscriptionRemoved = "event_subscription_removed",
    RefusedSenderFault = "refused_sender_fault",
    ClickTrackingOn = "click_tracking_on",
    ListManagementOn = "list_management_on",
    AuthenticationFailureReported = "authentication_failure_reported",
    DomainBurst = "domain_burst",
    WrongTopic = "wrong_topic",
    TemplateBroken = "template_broken",
    SesAdvice = "ses_advice",
    LinksDamaged = "links_damaged",
});

impl AlarmKind {
    /// Whether it tells of a state, which lasts until it is said to be over, and not of something that happened.
    pub fn is_a_state(self) -> bool {
        matches!(self, Self::SendingPaused | Self::EventSubscriptionRemoved)
    }
}

/// Something that is wrong with the sender, raised once or many times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct SenderAlarm {
    /// Its kind.
    pub kind: AlarmKind,
    /// The subject of the alarm, such as a domain. Without it, the alarm is about all email.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "example.org")]
    pub subject: Option<String>,
    /// When it first happened.
    #[serde(with = "Rfc3339")]
    pub first_at: Timestamp,
    /// When it last happened.
    #[serde(with = "Rfc3339")]
    pub last_at: Timestamp,
    /// How often it happened.
    #[schemars(example = 3)]
    pub count: i64,
    /// The latest details.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "smtp; 550 5.7.1 blocked")]
    pub detail: Option<String>,
}

impl SenderAlarm {
    /// Whether it still stands: until 7 days after it was last raised.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.kind.is_a_state() || now.duration_since(self.last_at) < CURRENT_FOR
    }

    /// Whether anybody could have raised it, without having received an email from us.
    pub fn is_unproven(&self) -> bool {
        self.kind == AlarmKind::LinksDamaged && self.subject.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_stands_for_seven_days_after_it_was_last_raised_and_a_state_until_it_is_over() {
        let alarm = SenderAlarm {
            kind: AlarmKind::RefusedSenderFault,
            subject: None,
            first_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            last_at: "2026-03-01T00:00:00Z".parse().unwrap(),
            count: 2,
            detail: None,
        };
        for (now, current) in [
            ("2026-03-01T00:00:00Z", true),
            ("2026-03-07T23:59:59Z", true),
            ("2026-03-08T00:00:00Z", false),
            // A host whose clock is ahead of ours.
            ("2026-02-28T23:59:00Z", true),
        ] {
            assert_eq!(alarm.is_current(now.parse().unwrap()), current, "{now}");
        }
        let state = SenderAlarm { kind: AlarmKind::SendingPaused, ..alarm };
        assert!(state.is_current("2027-01-01T00:00:00Z".parse().unwrap()), "a state lasts until it is over");
    }
}

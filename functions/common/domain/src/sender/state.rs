//! What is known of the sender between requests: its alarms, and when the path of SES's events was last proven.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{SenderAlarm, SenderHealth};
use crate::email_log::EmailId;

/// The newest email to SES's simulator, which proves that email goes out and that its events come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Its entry in the email log.
    pub email_id: EmailId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When an event last came back: of this canary, or, where that is earlier than `sent_at`, of one before it.
    pub proven_at: Option<Timestamp>,
}

/// What is known of the sender.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SenderState {
    /// Its alarms, those that were lowered left out. Some may no longer be [current](SenderAlarm::is_current).
    pub alarms: Vec<SenderAlarm>,
    /// The newest canary, if one was ever sent.
    pub canary: Option<Canary>,
    /// What SES last said about our account and identity, and when, if the scheduled check asked it.
    pub health: Option<(Timestamp, SenderHealth)>,
    /// When the last event about email of each watched sender came, by the sender's domain or address.
    pub watched: BTreeMap<String, Timestamp>,
}

/// How long an answer of SES is used: three runs of the scheduled check.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(15);

impl SenderState {
    /// What SES said about us, if that isn't too long ago. SES answers one such question per second for the whole
    /// account, so a diagnosis doesn't ask it.
    pub fn fresh_health(&self, now: Timestamp) -> Option<&SenderHealth> {
        let (asked_at, health) = self.health.as_ref()?;
        let age = now.duration_since(*asked_at);
        (!age.is_negative() && age < FRESH_FOR).then_some(health)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_ses_is_used_for_three_runs_and_not_before_it_was_given() {
        let asked_at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let state = SenderState { health: Some((asked_at, SenderHealth::default())), ..SenderState::default() };
        for (minutes, fresh) in [(0, true), (14, true), (15, false), (-1, false)] {
            let now = asked_at + SignedDuration::from_mins(minutes);
            assert_eq!(state.fresh_health(now).is_some(), fresh, "{minutes}");
        }
        assert!(SenderState::default().fresh_health(asked_at).is_none());
    }
}

//! Whether SES's events arrive here: without them, nothing is known of any email after it was sent.

use jiff::{SignedDuration, Timestamp};

use super::{
    AlarmKind, SenderState,
    checks::{CheckName, SenderCheck},
};

/// Events about a canary take seconds. After this time, none is expected any more.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// A canary is sent every hour. A proof that is older than two missed ones says nothing about now.
const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(3);

/// Whether SES's events arrive, by what the canaries prove.
pub fn event_path(state: &SenderState, now: Timestamp) -> SenderCheck {
    const CHECK: CheckName = CheckName::EventPath;
    let proven_at = state.canary.as_ref().and_then(|canary| canary.proven_at);
    let removed = state.alarms.iter().find(|alarm| {
        let mended_since = proven_at.is_some_and(|proven_at| proven_at > alarm.last_at);
        alarm.kind == AlarmKind::EventSubscriptionRemoved && alarm.is_current(now) && !mended_since
    });
    if let Some(alarm) = removed {
        return SenderCheck::wrong(
            CHECK,
            format!(
                "SES’s events were cut off ({}). What happened to emails since then is unknown.",
                shown(alarm.last_at)
            ),
            "Deploy the stack again. Else, in the SES console: “Configuration sets”, ours, “Event destinations”, and \
             give it the stack’s SNS topic; the topic needs its subscription of the stack’s queue.",
        );
    }
    let Some(canary) = &state.canary else {
        return SenderCheck::unknown(CHECK, "No canary was sent yet, so the path of SES’s events is unproven.");
    };
    let last = match proven_at {
        Some(proven_at) => format!("last proven at {}", shown(proven_at)),
        None => "never proven".to_owned(),
    };
    let came_back = proven_at.is_some_and(|proven_at| proven_at >= canary.sent_at);
    if !came_back && now.duration_since(canary.sent_at) >= OVERDUE_AFTER {
        return SenderCheck::wrong(
            CHECK,
            format!(
                "The canary of {} did not come back; the path of SES’s events was {last}. Take the status of every email \
                 since then as unknown.",
                shown(canary.sent_at)
            ),
            "See in the email log whether the canary was sent (mailkey email-log --kind canary). If so, follow its news: \
             in the SES console “Configuration sets”, ours, “Event destinations”; the SNS topic’s subscription; the \
             queue and its dead-letter queue; the log of the function that reads it.",
        );
    }
    match proven_at {
        Some(proven_at) if now.duration_since(proven_at) < PROOF_LASTS => {
            SenderCheck::ok(CHECK, format!("The path of SES’s events was {last}."))
        }
        Some(_) => SenderCheck::unknown(
            CHECK,
            format!(
                "The path of SES’s events was {last}. Since then no canary was sent: see its schedule and the mailer."
            ),
        ),
        None => SenderCheck::unknown(CHECK, "The first canary is on its way."),
    }
}

fn shown(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::CheckState,
        sender::{Canary, SenderAlarm},
    };

    fn at(time: &str) -> Timestamp {
        format!("2026-11-22T{time}:00Z").parse().unwrap()
    }

    fn state(canary: Option<(&str, Option<&str>)>, removed_at: Option<&str>) -> SenderState {
        let canary = canary.map(|(sent_at, proven_at)| Canary {
            email_id: "01JDB2M6W8Z3X4Y5V6T7S8R9QA".parse().unwrap(),
            sent_at: at(sent_at),
            proven_at: proven_at.map(at),
        });
        let alarms = removed_at.map(|removed_at| SenderAlarm {
            kind: AlarmKind::EventSubscriptionRemoved,
            subject: None,
            first_at: at(removed_at),
            last_at: at(removed_at),
            count: 1,
            detail: None,
        });
        SenderState { health: None, alarms: alarms.into_iter().collect(), canary, ..SenderState::default() }
    }

    #[test]
    fn the_path_is_proven_by_canaries_that_came_back() {
        use CheckState::{Ok, Unknown, Wrong};
        for (canary, removed_at, now, expected) in [
            (None, None, "14:00", Unknown),
            (Some(("14:00", None)), None, "14:02", Unknown),
            (Some(("14:00", None)), None, "14:15", Wrong),
            (Some(("14:00", Some("14:00"))), None, "14:30", Ok),
            // The next is on its way: the proof of the one before holds.
            (Some(("14:00", Some("13:00"))), None, "14:14", Ok),
            (Some(("14:00", Some("13:00"))), None, "14:15", Wrong),
            // Nobody sends canaries any more.
            (Some(("10:00", Some("10:01"))), None, "12:59", Ok),
            (Some(("10:00", Some("10:01"))), None, "13:01", Unknown),
            (Some(("13:00", Some("13:01"))), Some("13:30"), "13:31", Wrong),
            (None, Some("13:30"), "13:31", Wrong),
            // It works again, whatever was said before.
            (Some(("14:00", Some("14:01"))), Some("13:30"), "14:02", Ok),
        ] {
            let check = event_path(&state(canary, removed_at), at(now));
            assert_eq!(check.state, expected, "{canary:?} {removed_at:?} {now}: {}", check.summary);
            assert_eq!(check.fix.is_some(), expected == Wrong, "{}", check.summary);
        }
    }
}

//! What an event changes in an email's log entry: a pure decision that depends neither on order nor on repetition.

use jiff::Timestamp;

use super::{DeliveryStatus, EmailLogEntry, Reason, TimelineEvent};

#[cfg(test)]
mod tests;

/// A timeline with this many events only accepts events with a status.
const MANY_EVENTS: usize = 50;

/// Hard cap on timeline length.
const TOO_MANY_EVENTS: usize = 200;

/// A change of status that our own sending makes.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// The new status.
    pub status: DeliveryStatus,
    /// Why it was not sent.
    pub reason: Option<Reason>,
    /// SES's id for the email, once there is one.
    pub message_id: Option<String>,
    /// More words.
    pub detail: Option<String>,
}

impl StatusChange {
    /// The line of the timeline for this change.
    pub fn event(&self, at: Timestamp) -> TimelineEvent {
        TimelineEvent {
            detail: self.detail.clone(),
            reason: self.reason,
            ..TimelineEvent::new(at, self.status.as_str())
        }
    }
}

/// What has to be written when an entry hears something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What goes onto the timeline.
    pub event: TimelineEvent,
    /// The status that follows from the whole timeline.
    pub status: DeliveryStatus,
    /// Why it is so.
    pub reason: Option<Reason>,
}

impl EmailLogEntry {
    /// What `event` changes; `None` where it is known already, or tells nothing that is not known.
    ///
    /// The status is that of the highest rank ever applied, and its reason that of the latest event of this rank which
    /// gives one: both follow from the set of events, never from the order in which they came.
    pub fn apply(&self, event: TimelineEvent) -> Option<Applied> {
        let known = |seen: &TimelineEvent| event.key.is_some() && seen.key == event.key;
        // SES's `Send` event repeats its response to us. It is new only if we lost that response.
        let sent = DeliveryStatus::Sent.as_str();
        let says_no_more = event.event == sent && self.timeline.iter().any(|seen| seen.event == sent);
        let full = match event.status() {
            Some(_) => self.timeline.len() >= TOO_MANY_EVENTS,
            None => self.timeline.len() >= MANY_EVENTS,
        };
        if says_no_more || full || self.timeline.iter().any(known) {
            return None;
        }
        let deciding =
            self.timeline.iter().chain([&event]).filter(|event| event.status().is_some()).max_by_key(|event| {
                (event.status().map(DeliveryStatus::rank), event.reason.is_some(), event.at, &event.key)
            });
        let told = deciding.and_then(|event| Some((event.status()?, event.reason)));
        let (status, reason) =
            match told.filter(|(status, _)| *status == self.status || self.status.gives_way_to(*status)) {
                Some((status, None)) if status == self.status => (status, self.reason),
                Some(told) => told,
                None => (self.status, self.reason),
            };
        Some(Applied { event, status, reason })
    }
}

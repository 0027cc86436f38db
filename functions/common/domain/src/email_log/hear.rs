//! What news of an email changes: a pure decision, the same in whatever order and however often the news comes.

use jiff::Timestamp;

use super::{DeliveryStatus, EmailLogEntry, Moment, Reason};

#[cfg(test)]
mod tests;

/// A timeline holds so many moments; beyond them only those are kept that tell of a status.
const MANY_MOMENTS: usize = 50;

/// Nobody needs more, whatever they tell.
const TOO_MANY_MOMENTS: usize = 200;

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
    pub fn moment(&self, at: Timestamp) -> Moment {
        Moment { detail: self.detail.clone(), reason: self.reason, ..Moment::new(at, self.status.as_str()) }
    }
}

/// What has to be written when an entry hears something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What goes onto the timeline.
    pub moment: Moment,
    /// The status that follows from the whole timeline.
    pub status: DeliveryStatus,
    /// Why it is so.
    pub reason: Option<Reason>,
}

impl EmailLogEntry {
    /// What `moment` changes; `None` where it is known already, or tells nothing that is not known.
    ///
    /// The status is that of the highest rank ever heard, and its reason that of the latest moment of this rank which
    /// gives one: both follow from the set of moments, never from the order in which they came.
    pub fn hear(&self, moment: Moment) -> Option<Heard> {
        let known = |seen: &Moment| moment.key.is_some() && seen.key == moment.key;
        // SES's `Send` says what its answer to us said: it is news only where that answer was lost.
        let sent = DeliveryStatus::Sent.as_str();
        let says_no_more = moment.event == sent && self.timeline.iter().any(|seen| seen.event == sent);
        let full = match moment.status() {
            Some(_) => self.timeline.len() >= TOO_MANY_MOMENTS,
            None => self.timeline.len() >= MANY_MOMENTS,
        };
        if says_no_more || full || self.timeline.iter().any(known) {
            return None;
        }
        let deciding =
            self.timeline.iter().chain([&moment]).filter(|moment| moment.status().is_some()).max_by_key(|moment| {
                (moment.status().map(DeliveryStatus::rank), moment.reason.is_some(), moment.at, &moment.key)
            });
        let told = deciding.and_then(|moment| Some((moment.status()?, moment.reason)));
        let (status, reason) =
            match told.filter(|(status, _)| *status == self.status || self.status.gives_way_to(*status)) {
                Some((status, None)) if status == self.status => (status, self.reason),
                Some(told) => told,
                None => (self.status, self.reason),
            };
        Some(Heard { moment, status, reason })
    }
}

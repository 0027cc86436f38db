//! What is known of an address that email came back from: pure, and the same in whatever order news comes.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Scope, SuppressionReason};
use crate::{
    account::{AddressKey, UserId},
    email_log::{EmailId, Trigger},
    json::Rfc3339,
};

/// So many soft failures in a row suppress an address.
const SOFT_LIMIT: usize = 5;

/// The longest suppression after soft failures.
const SOFT_LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many are kept: more add nothing to the longest time.
const SOFT_KEPT: usize = 20;

/// So many removals are kept.
const REMOVALS_KEPT: usize = 20;

/// One reason for which an address is suppressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cause {
    /// The reason.
    pub reason: SuppressionReason,
    /// When it began: the time of the event that caused it.
    #[serde(with = "Rfc3339")]
    pub since: Timestamp,
    /// When it expires. Without it, the suppression lasts until someone removes it.
    #[serde(with = "Rfc3339", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The receiving server's reply, or the note of the person who added it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "smtp; 550 5.1.1 user unknown")]
    pub detail: Option<String>,
    /// The id of the email that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_id: Option<EmailId>,
    /// The key of SES's event that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = "5b2f0c1d")]
    pub event_id: Option<String>,
    /// The id of the person who added it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_by: Option<UserId>,
}

impl Cause {
    /// A suppression for `reason` since `since`, for as long as it lasts.
    pub fn new(reason: SuppressionReason, since: Timestamp) -> Self {
        let expires_at = reason.lasts().map(|lasts| since.saturating_add(lasts).unwrap_or(Timestamp::MAX));
        Self { reason, since, expires_at, detail: None, email_id: None, event_id: None, added_by: None }
    }

    /// Whether it is in force. By the clock: the table's TTL deletes days late.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// Which email it holds back.
    pub fn scope(&self) -> Scope {
        self.reason.scope()
    }
}

/// A failure that may pass: a full mailbox, a host in trouble.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SoftFailure {
    /// When.
    pub at: Timestamp,
    /// The key of the event that told.
    pub event_id: String,
}

/// A suppression was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Removal {
    /// When it happened.
    #[serde(with = "Rfc3339")]
    pub at: Timestamp,
    /// The id of the person who removed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// Why the address was suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<SuppressionReason>,
}

/// A reason, with the emails that it suppresses.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct ShownCause {
    #[serde(flatten)]
    cause: Cause,
    /// Which emails are suppressed.
    scope: Scope,
}

/// A suppressed address.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Suppression")]
pub struct ShownSuppression {
    /// The address, in its canonical form.
    address: String,
    #[serde(flatten)]
    first: ShownCause,
    /// Other reasons that apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<ShownCause>,
    /// When it was removed before, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<Removal>,
}

/// What is known of an address: its suppressions, its soft failures, and when it was freed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionRecord {
    /// Which address.
    pub address: AddressKey,
    /// Why it is suppressed, one cause for each reason at most; in force or not.
    pub causes: Vec<Cause>,
    /// The soft failures since the last delivery.
    pub soft_failures: Vec<SoftFailure>,
    /// The last delivery after a soft failure.
    pub delivered_at: Option<Timestamp>,
    /// When it was removed, the latest last.
    pub removals: Vec<Removal>,
    /// Counts the writes, so that none is lost.
    pub version: i64,
}

impl SuppressionRecord {
    /// An address of which nothing is known.
    pub fn new(address: AddressKey) -> Self {
        Self {
            address,
            causes: Vec::new(),
            soft_failures: Vec::new(),
            delivered_at: None,
            removals: Vec::new(),
            version: 0,
        }
    }

    /// The causes in force; the one that weighs most comes first.
    pub fn active(&self, now: Timestamp) -> Vec<&Cause> {
        let mut active: Vec<_> = self.causes.iter().filter(|cause| cause.is_active(now)).collect();
        active.sort_by_key(|cause| (cause.scope() != Scope::All, cause.expires_at.is_some(), cause.reason as u8));
        active
    }

    /// The cause that holds back mail that was brought about so, if any does.
    pub fn holding_back(&self, trigger: Trigger, now: Timestamp) -> Option<&Cause> {
        self.active(now).into_iter().find(|cause| cause.scope().holds_back(trigger))
    }

    /// Suppresses. Whatever happened before a removal does not undo it. Of two causes of one reason the one that lasts longer
    /// stays, or else the later.
    pub fn suppress(&mut self, cause: Cause) {
        if self.is_before_a_removal(cause.since) {
            return;
        }
        match self.causes.iter_mut().find(|known| known.reason == cause.reason) {
            Some(known) if weight(known) < weight(&cause) => *known = cause,
            Some(_) => {}
            None => self.causes.push(cause),
        }
    }

    /// Counts a failure that may pass; several in a row suppress, the longer the more there are.
    pub fn fail_softly(&mut self, failure: SoftFailure) {
        let over = self.delivered_at.is_some_and(|at| failure.at <= at) || self.is_before_a_removal(failure.at);
        if !over && !self.soft_failures.contains(&failure) {
            self.soft_failures.push(failure);
            self.weigh_soft_failures();
        }
    }

    /// An email arrived: what failed softly before it no longer counts.
    pub fn deliver(&mut self, at: Timestamp) {
        self.delivered_at = self.delivered_at.max(Some(at));
        self.weigh_soft_failures();
    }

    /// Removes everything that happened up to `at`.
    pub fn remove(&mut self, at: Timestamp, by: Option<UserId>) {
        let reason = self.active(at).first().map(|cause| cause.reason);
        self.removals.push(Removal { at, by, reason });
        let too_many = self.removals.len().saturating_sub(REMOVALS_KEPT);
        self.removals.drain(..too_many);
        self.causes.retain(|cause| cause.since > at);
        self.weigh_soft_failures();
    }

    /// Takes back the suppression that an event caused: it came in a burst, which is not the recipient's fault.
    pub fn withdraw(&mut self, event_id: &str) {
        self.causes.retain(|cause| cause.event_id.as_deref() != Some(event_id));
    }

    fn is_before_a_removal(&self, at: Timestamp) -> bool {
        self.removals.iter().any(|removal| at <= removal.at)
    }

    fn weigh_soft_failures(&mut self) {
        let removed_at = self.removals.iter().map(|removal| removal.at).max();
        let begin = self.delivered_at.max(removed_at);
        self.soft_failures.retain(|failure| begin.is_none_or(|begin| failure.at > begin));
        self.soft_failures.sort();
        let too_many = self.soft_failures.len().saturating_sub(SOFT_KEPT);
        self.soft_failures.drain(..too_many);
        self.causes.retain(|cause| cause.reason != SuppressionReason::SoftRepeat);
        let over = self.soft_failures.len().checked_sub(SOFT_LIMIT);
        if let Some((over, last)) = over.zip(self.soft_failures.last()) {
            let doubled = u32::try_from(over).unwrap_or(u32::MAX).min(8);
            let lasts = (SignedDuration::from_hours(24) * 2_i32.pow(doubled)).min(SOFT_LONGEST);
            let detail = format!("{} emails in a row came back for reasons that may pass.", self.soft_failures.len());
            self.causes.push(Cause {
                expires_at: Some(last.at.saturating_add(lasts).unwrap_or(Timestamp::MAX)),
                detail: Some(detail),
                event_id: Some(last.event_id.clone()),
                ..Cause::new(SuppressionReason::SoftRepeat, last.at)
            });
        }
    }

    /// The suppression as the API shows it; `None` where none is in force.
    pub fn shown(&self, now: Timestamp) -> Option<ShownSuppression> {
        let shown = |cause: &Cause| ShownCause { cause: cause.clone(), scope: cause.scope() };
        let mut causes = self.active(now).into_iter().map(shown);
        Some(ShownSuppression {
            address: self.address.as_str().to_owned(),
            first: causes.next()?,
            also: causes.collect(),
            removed: self.removals.iter().rev().cloned().collect(),
        })
    }
}

/// What decides between two causes of one reason.
fn weight(cause: &Cause) -> (bool, Option<Timestamp>, Timestamp, Option<&String>) {
    (cause.expires_at.is_none(), cause.expires_at, cause.since, cause.event_id.as_ref())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::EmailAddress;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
    }

    fn record() -> SuppressionRecord {
        SuppressionRecord::new(EmailAddress::parse("alice@example.com").unwrap().key().clone())
    }

    fn caused(reason: SuppressionReason, hours: i64, event: &str) -> Cause {
        Cause { event_id: Some(event.to_owned()), ..Cause::new(reason, at(hours)) }
    }

    #[test]
    fn each_reason_has_its_scope_and_its_time() {
        let rows = SuppressionReason::ALL.iter().map(|reason| {
            let lasts =
                reason.lasts().map_or("until removed".to_owned(), |lasts| format!("{} d", lasts.as_hours() / 24));
            format!("{reason}: {}, {lasts}", reason.scope())
        });
        insta::assert_snapshot!(rows.collect::<Vec<_>>().join("\n"), @r"
        hard_bounce: all, until removed
        domain_invalid: all, 7 d
        provider_global: all, 14 d
        provider_account: all, until removed
        provider_validation: all, 7 d
        complaint: automatic_mail, until removed
        soft_repeat: all, 1 d
        manual: all, until removed
        ");
    }

    #[test]
    fn a_complaint_holds_back_what_nobody_asked_for() {
        let mut record = record();
        record.suppress(caused(SuppressionReason::Complaint, 0, "e"));
        let held = |trigger| record.holding_back(trigger, at(1)).is_some();
        assert_eq!([held(Trigger::SelfService), held(Trigger::Admin), held(Trigger::System)], [false, true, true]);
    }

    #[test]
    fn a_lift_is_not_undone_by_an_old_event_that_comes_again() {
        let mut record = record();
        record.suppress(caused(SuppressionReason::HardBounce, 0, "old"));
        record.remove(at(5), None);
        record.suppress(caused(SuppressionReason::HardBounce, 0, "old"));
        record.suppress(caused(SuppressionReason::HardBounce, 4, "old, but heard of late"));
        assert!(record.active(at(6)).is_empty());
        record.suppress(caused(SuppressionReason::HardBounce, 6, "new"));
        assert_eq!(record.active(at(6)).len(), 1);
    }

    #[test]
    fn five_soft_failures_in_a_row_suppress_for_a_day_and_each_one_more_doubles_it_up_to_a_week() {
        let mut record = record();
        let mut until = Vec::new();
        for number in 0..9 {
            record.fail_softly(SoftFailure { at: at(number), event_id: number.to_string() });
            let cause = record.causes.first();
            until.push(cause.map(|cause| cause.expires_at.unwrap().duration_since(cause.since).as_hours()));
        }
        assert_eq!(until, [None, None, None, None, Some(24), Some(48), Some(96), Some(168), Some(168)]);
        record.deliver(at(10));
        assert!(record.causes.is_empty(), "a delivery clears it");
    }

    #[derive(Debug, Clone)]
    enum News {
        Suppress(SuppressionReason, i64),
        Soft(i64),
        Deliver(i64),
    }

    fn news() -> impl Strategy<Value = News> {
        let reasons: Vec<_> =
            SuppressionReason::ALL.iter().copied().filter(|reason| *reason != SuppressionReason::SoftRepeat).collect();
        prop_oneof![
            (proptest::sample::select(reasons), 0..40_i64).prop_map(|(reason, hours)| News::Suppress(reason, hours)),
            (0..40_i64).prop_map(News::Soft),
            (0..40_i64).prop_map(News::Deliver),
        ]
    }

    fn fold(news: &[News]) -> SuppressionRecord {
        let mut record = record();
        for one in news {
            match one {
                News::Suppress(reason, hours) => record.suppress(caused(*reason, *hours, &format!("{reason}{hours}"))),
                News::Soft(hours) => record.fail_softly(SoftFailure { at: at(*hours), event_id: hours.to_string() }),
                News::Deliver(hours) => record.deliver(at(*hours)),
            }
        }
        record.causes.sort_by_key(|cause| cause.reason as u8);
        record
    }

    proptest! {
        #[test]
        fn the_order_and_the_number_of_news_never_matter(
            news in proptest::collection::vec(news(), 1..18),
            order in any::<prop::sample::Index>(),
            doubled in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut again = news.clone();
            again.extend(doubled.iter().map(|index| index.get(&news).clone()));
            again.rotate_left(order.index(news.len()));
            again.reverse();
            prop_assert_eq!(fold(&news), fold(&again));
        }
    }
}

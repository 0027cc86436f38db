//! What an event changes about an address: the writes that go into the event's transaction.

use jiff::Timestamp;
use mailkey::{
    EmailAddress,
    email_log::{DeliveryStatus, EmailLogEntry, EmailLogFilter, Origin},
    feedback::{Effect, Interpretation},
    sender::AlarmKind,
    suppression::{Cause, DomainBounce, SoftFailure, SuppressionReason, SuppressionRecord, UNEXPLAINED_BOUNCE_LASTS},
};
use mailkey_dynamodb::client::Write;

use crate::{BounceConsumer, Retry};

/// SES's mailbox simulator is not a real mailbox, so its addresses are never suppressed.
pub(crate) const SIMULATOR: &str = "simulator.amazonses.com";

/// How many of an address's emails are checked for a delivery before repeated failures suppress it.
const LOOK_BACK: usize = 25;

/// An event together with the email and the address that it concerns.
pub(crate) struct Consequence<'a> {
    pub(crate) interpretation: &'a Interpretation,
    pub(crate) address: &'a EmailAddress,
    /// `None` for an orphan: the email is no longer in the log.
    pub(crate) entry: Option<&'a EmailLogEntry>,
    pub(crate) key: &'a str,
}

impl Consequence<'_> {
    fn at(&self) -> Timestamp {
        self.interpretation.event.at
    }

    /// The event's effect on the address. A soft bounce after a delivery is an auto-reply, which proves the mailbox
    /// exists.
    fn effect(&self) -> Effect {
        let arrived = self.entry.is_some_and(|entry| entry.latest(DeliveryStatus::Delivered).is_some());
        match self.interpretation.effect {
            Effect::FailSoftly if arrived => Effect::Deliver,
            effect => effect,
        }
    }

    /// When the address was last known to work: the delivery, or an auto-reply whose event arrived before the
    /// delivery's.
    fn alive_at(&self) -> Timestamp {
        let soft = self.entry.and_then(|entry| entry.latest(DeliveryStatus::SoftBounced));
        soft.map_or(self.at(), |soft| soft.at.max(self.at()))
    }

    fn cause(&self, reason: SuppressionReason) -> Cause {
        let lasts = (self.interpretation.effect == Effect::SuppressUnexplained).then_some(UNEXPLAINED_BOUNCE_LASTS);
        let expires_at = lasts.map(|lasts| self.at().saturating_add(lasts).unwrap_or(Timestamp::MAX));
        let cause = Cause::new(reason, self.at());
        Cause {
            expires_at: expires_at.or(cause.expires_at),
            detail: self.interpretation.event.detail.clone(),
            email_id: self.entry.map(|entry| entry.id),
            event_id: Some(self.key.to_owned()),
            ..cause
        }
    }
}

impl BounceConsumer {
    /// Frees the address at SES where that is due, and answers what has to be written about it, beside the email log.
    pub(crate) async fn consequences(&self, of: &Consequence<'_>, now: Timestamp) -> Result<Vec<Write>, Retry> {
        if of.interpretation.remove_from_ses_suppression_list {
            self.ses_list.remove(of.address, &[]).await?;
        }
        if of.address.key().domain() == SIMULATOR {
            return Ok(Vec::new());
        }
        match of.effect() {
            Effect::None => Ok(Vec::new()),
            Effect::Deliver => self.deliver(of).await,
            Effect::FailSoftly => self.fail_softly(of).await,
            Effect::Suppress(SuppressionReason::HardBounce) | Effect::SuppressUnexplained => self.bounce(of, now).await,
            Effect::Suppress(reason) => self.suppress(of, reason).await,
        }
    }

    async fn record(&self, of: &Consequence<'_>) -> Result<SuppressionRecord, Retry> {
        let key = of.address.key();
        Ok(self.app.db.suppressions().get(key).await?.unwrap_or_else(|| SuppressionRecord::new(key.clone())))
    }

    fn write(&self, before: &SuppressionRecord, after: &SuppressionRecord) -> Vec<Write> {
        if before == after { Vec::new() } else { vec![self.app.db.suppressions().write(after)] }
    }

    pub(crate) async fn suppress(&self, of: &Consequence<'_>, reason: SuppressionReason) -> Result<Vec<Write>, Retry> {
        let before = self.record(of).await?;
        let mut after = before.clone();
        after.suppress(of.cause(reason));
        tracing::info!(recipient = of.address.masked(), %reason, metric = "Suppressions", "an address is suppressed");
        Ok(self.write(&before, &after))
    }

    /// A delivery is written only where something is known against the address.
    async fn deliver(&self, of: &Consequence<'_>) -> Result<Vec<Write>, Retry> {
        let Some(before) = self.app.db.suppressions().get(of.address.key()).await? else {
            return Ok(Vec::new());
        };
        if before.soft_failures.is_empty() {
            return Ok(Vec::new());
        }
        let mut after = before.clone();
        after.deliver(of.alive_at());
        Ok(self.write(&before, &after))
    }

    async fn fail_softly(&self, of: &Consequence<'_>) -> Result<Vec<Write>, Retry> {
        let before = self.record(of).await?;
        let mut after = before.clone();
        after.fail_softly(SoftFailure { at: of.at(), event_id: of.key.to_owned() });
        if after.causes != before.causes
            && let Some(at) = self.last_delivery(of.address).await?
        {
            // Deliveries aren't recorded here while the address has no failures, so ask the email log.
            after.deliver(at);
        }
        Ok(self.write(&before, &after))
    }

    /// When an email last reached the address, as far as the log tells.
    async fn last_delivery(&self, address: &EmailAddress) -> Result<Option<Timestamp>, Retry> {
        let (origin, recipient) = (Some(Origin::Mailkey), Some(address.key().clone()));
        let filter = EmailLogFilter { origin, recipient, ..EmailLogFilter::default() };
        let page = self.app.db.email_log().page(&filter, None, LOOK_BACK).await?;
        Ok(page.rows.iter().filter_map(|entry| entry.latest(DeliveryStatus::Delivered)).map(|event| event.at).max())
    }

    /// A hard bounce suppresses, unless it is one of many of its domain.
    async fn bounce(&self, of: &Consequence<'_>, now: Timestamp) -> Result<Vec<Write>, Retry> {
        let domain = of.address.key().domain();
        let before = self.app.db.suppressions().domain_bounces(domain).await?;
        let bounce = DomainBounce {
            at: of.at(),
            address: of.address.key().clone(),
            event_id: of.key.to_owned(),
            words: DomainBounce::words(of.interpretation.event.detail.as_deref().unwrap_or_default()),
        };
        let after = before.with(bounce);
        let known = before.withheld();
        let withheld = after.withheld();
        let ours = withheld.iter().any(|bounce| bounce.event_id == of.key);
        for bounce in withheld.iter().filter(|bounce| !known.contains(bounce) && bounce.event_id != of.key) {
            self.app.db.suppressions().change(&bounce.address, |record| record.withdraw(&bounce.event_id)).await?;
        }
        let mut parts = vec![self.app.db.suppressions().write_bounces(domain, &after, now)];
        if ours {
            let detail = of.interpretation.event.detail.as_deref();
            tracing::warn!(domain, metric = "DomainBursts", "many addresses of one domain bounce: none is suppressed");
            self.app.db.sender_state().raise(AlarmKind::DomainBurst, Some(domain), of.at().min(now), detail).await?;
        } else {
            parts.extend(self.suppress(of, SuppressionReason::HardBounce).await?);
        }
        Ok(parts)
    }
}

//! Checks every five minutes, reported as metrics that have alarms.

use jiff::{SignedDuration, Timestamp};
use mailkey::{
    email_log::{DeliveryStatus, EmailLogFilter, Origin},
    sender::AccountHealth,
};
use mailkey_dynamodb::StoreError;

use crate::Diagnose;

/// SES reports most emails within seconds; without a report after this time, something is wrong.
const FEEDBACK_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Older emails were counted by earlier runs.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24);

/// The count stops here: it is enough for an alarm, and counting more would only cost reads.
const COUNTED: usize = 100;

impl Diagnose {
    /// Counts the last day's emails that SES hasn't reported on, and stores what SES says about our account and identity for the
    /// diagnoses of the next minutes.
    pub async fn watch(&self) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let silent = self.app.db.email_log().page(&without_feedback(now), None, COUNTED).await?.rows.len();
        tracing::info!(EmailsWithoutFeedback = silent, "emails without feedback");
        let health = self.sender.health(now).await;
        match &health.account {
            Some(account) => {
                let (paused, quota_used) = (u64::from(account.is_paused()), quota_used(account));
                tracing::info!(SenderPaused = paused, SenderQuotaUsed = quota_used, "SES account status");
            }
            None => tracing::warn!(metric = "SesFailed", "SES account status unknown"),
        }
        self.app.db.sender_state().store_health(&health, now).await
    }
}

fn without_feedback(now: Timestamp) -> EmailLogFilter {
    EmailLogFilter {
        origin: Some(Origin::Mailkey),
        status: Some(DeliveryStatus::Sent),
        from: now.checked_sub(LOOKED_BACK).ok(),
        to: now.checked_sub(FEEDBACK_WITHIN).ok(),
        ..EmailLogFilter::default()
    }
}

/// In percent; `None` if SES sets no limit.
fn quota_used(account: &AccountHealth) -> Option<f64> {
    let (sent, quota) = (account.sent_last_24_hours, account.daily_quota);
    (quota > 0).then(|| sent as f64 * 100.0 / quota as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_quota_no_usage_is_reported() {
        let account = |sent_last_24_hours, daily_quota| AccountHealth {
            production_access: true,
            sending_enabled: true,
            enforcement_status: "HEALTHY".to_owned(),
            daily_quota,
            sent_last_24_hours,
            max_send_rate: 14.0,
        };
        for (sent, quota, used) in [(0, 200, Some(0.0)), (160, 200, Some(80.0)), (7, -1, None), (7, 0, None)] {
            assert_eq!(quota_used(&account(sent, quota)), used);
        }
    }

    #[test]
    fn recent_emails_do_not_count_as_missing_feedback() {
        let now = Timestamp::new(1_800_000_000, 0).unwrap();
        let filter = without_feedback(now);
        assert_eq!(filter.to, Some(Timestamp::new(1_800_000_000 - 600, 0).unwrap()));
        assert_eq!(filter.status, Some(DeliveryStatus::Sent));
    }
}

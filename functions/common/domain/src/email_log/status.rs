//! Delivery status: a state machine by rank.

use crate::text_form::text_form;

/// What is known of an email's delivery.
///
/// A status only changes to one of a higher [rank](Self::rank), so late, repeated and reordered events lead to the same
/// status. Whether someone followed the link is stored separately and never changes the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Written down, and about to be handed to SES.
    Queued,
    /// SES could not take it, or did not answer; it is tried again.
    SendFailedRetrying,
    /// We decided not to send it.
    Skipped,
    /// SES refused it for good.
    SendFailed,
    /// SES took it.
    Sent,
    /// The receiving host has not taken it yet; SES goes on trying.
    Delayed,
    /// SES gave up, for a passing reason.
    SoftBounced,
    /// The receiving host took it. Whether it is in the inbox is not known.
    Delivered,
    /// The receiving host refused it: mailbox full, too large, content, policy.
    Blocked,
    /// SES did not send it: a virus, or a template that could not be filled.
    Rejected,
    /// SES did not send it, since the address is on a suppression list.
    Suppressed,
    /// There is no such mailbox.
    Bounced,
    /// The recipient called it spam.
    Complained,
}

text_form!(DeliveryStatus {
    Queued = "queued",
    SendFailedRetrying = "send_failed_retrying",
    Skipped = "skipped",
    SendFailed = "send_failed",
    Sent = "sent",
    Delayed = "delayed",
    SoftBounced = "soft_bounced",
    Delivered = "delivered",
    Blocked = "blocked",
    Rejected = "rejected",
    Suppressed = "suppressed",
    Bounced = "bounced",
    Complained = "complained",
});

impl DeliveryStatus {
    /// The rank. `Delivered` stands above `SoftBounced`, since an out-of-office reply comes as a soft bounce after the
    /// delivery; `Bounced` stands above `Delivered`, since a host may take an email first and return it later.
    pub fn rank(self) -> i64 {
        match self {
            Self::Queued => 0,
            Self::SendFailedRetrying => 1,
            Self::Skipped => 2,
            Self::SendFailed => 3,
            Self::Sent => 10,
            Self::Delayed => 20,
            Self::SoftBounced => 30,
            Self::Delivered => 40,
            Self::Blocked => 50,
            Self::Rejected => 60,
            Self::Suppressed => 70,
            Self::Bounced => 80,
            Self::Complained => 90,
        }
    }

    /// Whether an event with the status `next` changes this status.
    pub fn gives_way_to(self, next: Self) -> bool {
        next.rank() > self.rank()
    }

    /// Whether an email that arrives is once in this state. Whoever looks for another status looks for the few.
    pub fn is_usual(self) -> bool {
        matches!(self, Self::Queued | Self::Sent | Self::Delivered)
    }

    /// Whether the email was handed over, or should have been, and didn't arrive.
    pub fn is_undelivered(self) -> bool {
        match self {
            Self::SendFailed
            | Self::SoftBounced
            | Self::Blocked
            | Self::Rejected
            | Self::Suppressed
            | Self::Bounced => true,
            Self::Queued
            | Self::SendFailedRetrying
            | Self::Skipped
            | Self::Sent
            | Self::Delayed
            | Self::Delivered
            | Self::Complained => false,
        }
    }

    /// Whether the mailer has nothing left to do.
    pub fn is_settled(self) -> bool {
        self.rank() >= Self::Skipped.rank()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranks_are_those_of_the_design() {
        let ranks: Vec<_> = DeliveryStatus::ALL.iter().map(|status| status.rank()).collect();
        assert_eq!(ranks, [0, 1, 2, 3, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    }

    #[test]
    fn the_text_form_reads_back() {
        for status in DeliveryStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
        assert!("Sent".parse::<DeliveryStatus>().is_err());
    }

    proptest! {
        #[test]
        fn the_order_and_the_number_of_news_never_matter(
            interpretation in proptest::collection::vec(proptest::sample::select(DeliveryStatus::ALL), 1..12).prop_shuffle(),
            doubled in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
        ) {
            let fold = |interpretation: &[DeliveryStatus]| interpretation.iter().fold(DeliveryStatus::Queued, |at, next| if at.gives_way_to(*next) { *next } else { at });
            let mut again = interpretation.clone();
            again.extend(doubled.iter().map(|index| *index.get(&interpretation)));
            again.reverse();
            prop_assert_eq!(fold(&interpretation), fold(&again));
        }
    }
}

//! Suppressions: addresses that mail is no longer sent to, and why.

mod burst;
mod record;

use jiff::SignedDuration;

use crate::{email_log::Trigger, text_form::text_form};
pub use burst::{BURST_PAUSE, BURST_SIZE, BURST_WINDOW, DomainBounce, DomainBounces};
pub use record::{Cause, Removal, ShownSuppression, SoftFailure, SuppressionRecord};

/// Why an address is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuppressionReason {
    /// An email came back for good: there is no such mailbox.
    HardBounce,
    /// The domain does not exist, or takes no mail.
    DomainInvalid,
    /// It is on the list that SES keeps for all its customers.
    ProviderGlobal,
    /// It is on our account's list at SES.
    ProviderAccount,
    /// SES judged the address to be bad.
    ProviderValidation,
    /// The recipient called an email spam.
    Complaint,
    /// Several emails in a row came back for passing reasons.
    SoftRepeat,
    /// An administrator put it there.
    Manual,
}

text_form!(SuppressionReason {
    HardBounce = "hard_bounce",
    DomainInvalid = "domain_invalid",
    ProviderGlobal = "provider_global",
    ProviderAccount = "provider_account",
    ProviderValidation = "provider_validation",
    Complaint = "complaint",
    SoftRepeat = "soft_repeat",
    Manual = "manual",
});

/// A bounce that nobody explained may be a mistake of the recipient's server, so the address gets another chance.
pub const UNEXPLAINED_BOUNCE_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

impl SuppressionReason {
    /// What follows a "because", for an administrator who doesn't know SMTP.
    pub fn in_plain_words(self) -> &'static str {
        match self {
            Self::HardBounce => "an earlier email hard-bounced",
            Self::DomainInvalid => "its domain doesn’t exist or doesn’t accept email",
            Self::ProviderGlobal => "it’s on the list that SES keeps for all its customers",
            Self::ProviderAccount => "it’s on our account’s suppression list at SES",
            Self::ProviderValidation => "SES expects that it can’t receive email",
            Self::Complaint => "the recipient marked one of our emails as spam",
            Self::SoftRepeat => "several emails in a row couldn’t be delivered",
            Self::Manual => "an administrator suppressed it",
        }
    }

    /// Which email it holds back.
    pub fn scope(self) -> Scope {
        match self {
            Self::Complaint => Scope::AutomaticMail,
            Self::HardBounce
            | Self::DomainInvalid
            | Self::ProviderGlobal
            | Self::ProviderAccount
            | Self::ProviderValidation
            | Self::SoftRepeat
            | Self::Manual => Scope::All,
        }
    }

    /// How long it lasts; `None`: until it is removed. SES keeps an address on its global list for up to 14 days; a
    /// domain may work again, and a validation may be wrong, within a week. Suppressions after soft failures grow with their
    /// number.
    pub fn lasts(self) -> Option<SignedDuration> {
        match self {
            Self::HardBounce | Self::ProviderAccount | Self::Complaint | Self::Manual => None,
            Self::DomainInvalid | Self::ProviderValidation => Some(SignedDuration::from_hours(7 * 24)),
            Self::ProviderGlobal => Some(SignedDuration::from_hours(14 * 24)),
            Self::SoftRepeat => Some(SignedDuration::from_hours(24)),
        }
    }
}

/// Which email a suppression holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All of it.
    All,
    /// What goes out unasked. A link that the owner asks for still goes, once a day: after a complaint.
    AutomaticMail,
}

text_form!(Scope { All = "all", AutomaticMail = "automatic_mail" });

impl Scope {
    /// Whether it holds back mail that was brought about so.
    pub fn holds_back(self, trigger: Trigger) -> bool {
        match self {
            Self::All => true,
            Self::AutomaticMail => trigger != Trigger::SelfService,
        }
    }
}

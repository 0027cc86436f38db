//! Entries of the email log.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde_json::{Value, json};
use ulid::Ulid;

use super::DeliveryStatus;
use crate::account::{UserId, text_form};

/// Names an email, sent or not: a ULID, which sorts by time and is all that SES allows in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(pub Ulid);

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for LogId {
    type Err = ulid::DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What an email is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmailKind {
    /// A link to set a new password.
    PasswordReset,
    /// A link to activate an account.
    Activation,
    /// A notice that the password was changed.
    PasswordChanged,
    /// A notice that the account is locked after too many wrong passwords.
    AccountLocked,
    /// A notice that an administrator lifted the lock.
    AccountUnlocked,
    /// A notice, to the former address, that the address was changed.
    AddressChanged,
}

text_form!(EmailKind {
    PasswordReset = "password_reset",
    Activation = "activation",
    PasswordChanged = "password_changed",
    AccountLocked = "account_locked",
    AccountUnlocked = "account_unlocked",
    AddressChanged = "address_changed",
});

impl EmailKind {
    /// What can bring about an email of this kind.
    pub fn triggers(self) -> &'static [Trigger] {
        match self {
            Self::PasswordReset | Self::Activation => &[Trigger::SelfService, Trigger::Admin],
            Self::PasswordChanged | Self::AccountLocked | Self::AccountUnlocked | Self::AddressChanged => {
                &[Trigger::System]
            }
        }
    }
}

/// Who or what brought an email about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// Somebody who typed an address.
    SelfService,
    /// An administrator.
    Admin,
    /// Mailkey itself.
    System,
}

text_form!(Trigger { SelfService = "self_service", Admin = "admin", System = "system" });

/// Why an email was not sent, or could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No user has this address.
    NoSuchUser,
    /// The user is inactive, and inactive users get no mail.
    UserInactive,
    /// The user is already active, so there is nothing to activate.
    AlreadyActive,
    /// The address is suppressed.
    AddressSuppressed,
    /// The address had as many emails as are allowed in an hour or a day.
    RateLimited,
    /// The request could not be handled for so long that nobody waits for its link any more.
    RequestTooOld,
    /// SES takes no more mail for now: too fast, or failing, or not answering.
    SesUnavailable,
    /// The day's quota at SES is used up.
    SenderOverQuota,
    /// Sending is paused, by us or by SES.
    SenderPaused,
    /// SES closed or suspended the account.
    SenderSuspended,
    /// Our address or domain is not verified with SES, or the account is still in the sandbox.
    SenderUnverified,
    /// Our own settings name something that SES does not have.
    SenderMisconfigured,
    /// SES refused this email.
    RefusedBySes,
}

text_form!(Reason {
    NoSuchUser = "no_such_user",
    UserInactive = "user_inactive",
    AlreadyActive = "already_active",
    AddressSuppressed = "address_suppressed",
    RateLimited = "rate_limited",
    RequestTooOld = "request_too_old",
    SesUnavailable = "ses_unavailable",
    SenderOverQuota = "sender_over_quota",
    SenderPaused = "sender_paused",
    SenderSuspended = "sender_suspended",
    SenderUnverified = "sender_unverified",
    SenderMisconfigured = "sender_misconfigured",
    RefusedBySes = "refused_by_ses",
});

/// Something that happened to an email: a line of its timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What: a delivery status, or `redeemed`.
    pub event: String,
    /// In more words, where there are any, such as SES's text.
    pub detail: Option<String>,
}

impl Moment {
    fn to_json(&self) -> Value {
        let mut json = json!({ "at": self.at.to_string(), "event": self.event });
        if let Some(detail) = &self.detail {
            json["detail"] = detail.clone().into();
        }
        json
    }
}

/// One system email that was sent, or deliberately not sent. Neither its body nor its link is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct EmailLogEntry {
    /// Names the email.
    pub id: LogId,
    /// The address that it went to, as it was spelled, or the one that was asked for where there is no user.
    pub recipient: String,
    /// What it is about.
    pub kind: EmailKind,
    /// What brought it about.
    pub trigger: Trigger,
    /// What is known of its delivery.
    pub status: DeliveryStatus,
    /// Why it was not sent.
    pub reason: Option<Reason>,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// SES's name for it.
    pub message_id: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the entry last changed.
    pub updated_at: Timestamp,
    /// When its link was redeemed: proof that it arrived.
    pub redeemed_at: Option<Timestamp>,
    /// How often it was handed to SES, or is being handed.
    pub attempts: i64,
    /// What happened, in order.
    pub timeline: Vec<Moment>,
}

impl EmailLogEntry {
    /// The entry as the API shows it in a list.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id.to_string(),
            "recipient": self.recipient,
            "kind": self.kind.as_str(),
            "trigger": self.trigger.as_str(),
            "status": self.status.as_str(),
            "requested_at": self.requested_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        });
        let optional = [
            ("reason", self.reason.map(|reason| reason.to_string())),
            ("user_id", self.user_id.map(|id| id.to_string())),
            ("message_id", self.message_id.clone()),
            ("redeemed_at", self.redeemed_at.map(|at| at.to_string())),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                json[name] = value.into();
            }
        }
        json
    }

    /// The entry as the API shows it by itself: with its timeline.
    pub fn to_json_with_timeline(&self) -> Value {
        let mut json = self.to_json();
        json["timeline"] = self.timeline.iter().map(Moment::to_json).collect();
        json
    }
}

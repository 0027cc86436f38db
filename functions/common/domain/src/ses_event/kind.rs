//! What happened to an email.

use jiff::Timestamp;

use super::bounce::{BounceKind, BounceSubtype, ComplaintSubtype, DelayKind, FeedbackType};

/// What happened to an email, with what SES says of it. Texts of others (hosts, browsers) are clipped, on one line, and
/// untrusted; they can hold addresses, so that this isn't for log lines, [`as_str`](Self::as_str) is. The link of a
/// click is never read: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// SES took it.
    Send,
    /// The receiving host took it.
    Delivery {
        /// From the request to the host's answer, in milliseconds.
        processing_ms: Option<i64>,
        /// The host's answer.
        smtp_response: Option<String>,
        /// The host's IP address. Feedback notifications only.
        remote_ip: Option<String>,
    },
    /// It could not be delivered.
    Bounce {
        /// How final that is.
        kind: BounceKind,
        /// What it was about.
        subtype: BounceSubtype,
    },
    /// The recipient, or the provider for them, complained.
    Complaint {
        /// `Some` where SES did not send the mail.
        subtype: Option<ComplaintSubtype>,
        /// What the provider called it, if it did.
        feedback: Option<FeedbackType>,
    },
    /// SES found a virus and did not send it.
    Reject {
        /// In SES's words.
        reason: Option<String>,
    },
    /// A template of SES could not be filled.
    RenderingFailure {
        /// The template.
        template: Option<String>,
        /// In SES's words.
        message: Option<String>,
    },
    /// The receiving host has not taken it yet.
    DeliveryDelay {
        /// Why.
        delay: DelayKind,
        /// When SES gives up.
        expires_at: Option<Timestamp>,
    },
    /// The tracking image was fetched: by a person, a proxy or a scanner.
    Open {
        /// By what program.
        user_agent: Option<String>,
        /// Whether SES holds it for a machine's doing.
        bot: Option<bool>,
    },
    /// A tracked link was followed: by a person or a scanner.
    Click {
        /// By what program.
        user_agent: Option<String>,
        /// Whether SES holds it for a machine's doing.
        bot: Option<bool>,
    },
    /// The recipient changed what lists of SES's list management they are on.
    Subscription,
}

impl EventKind {
    /// The text form, in tables and in keys.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Delivery { .. } => "delivery",
            Self::Bounce { .. } => "bounce",
            Self::Complaint { .. } => "complaint",
            Self::Reject { .. } => "reject",
            Self::RenderingFailure { .. } => "rendering_failure",
            Self::DeliveryDelay { .. } => "delivery_delay",
            Self::Open { .. } => "open",
            Self::Click { .. } => "click",
            Self::Subscription => "subscription",
        }
    }
}

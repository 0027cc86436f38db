//! What is known of the sender between requests: its alarms, and when the path of SES's events was last proven.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::SenderAlarm;
use crate::email_log::EmailId;

/// The newest email to SES's simulator, which proves that email goes out and that its events come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Its entry in the email log.
    pub email_id: EmailId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When an event last came back: of this canary, or, where that is earlier than `sent_at`, of one before it.
    pub proven_at: Option<Timestamp>,
}

/// What is known of the sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderState {
    /// Its alarms, those that were lowered left out. Some may no longer be [current](SenderAlarm::is_current).
    pub alarms: Vec<SenderAlarm>,
    /// The newest canary, if one was ever sent.
    pub canary: Option<Canary>,
    /// When the last event about email of each watched sender came, by the sender's domain or address.
    pub watched: BTreeMap<String, Timestamp>,
}

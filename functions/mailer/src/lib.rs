//! The mailer: turns recovery requests into mail, or into a logged decision not to send.
//!
//! # Order, and crashes
//!
//! For each request: the log entry is written as `queued`, the allowance counted, the token's digest stored, the mail
//! handed to SES, the answer written. Whatever is interrupted is begun again by the stream, under the log id that the
//! request carries: an entry that is settled is left alone; an allowance is counted once per log id; a token whose link
//! nobody has does no harm. A crash between SES's answer and our writing it down sends one mail more, since nobody can
//! tell; any other crash sends none twice.

mod canary;
mod deliver;
pub mod emails;
mod event;

pub use event::is_schedule;
use jiff::SignedDuration;
use mailkey::{
    SharedClock, SharedEntropy, StoreError,
    account::UserStore,
    email_log::EmailLogStore,
    recovery::{AllowanceStore, Pace},
    sender::{Sender, SenderStateStore},
    settings::SettingsStore,
    suppression::SuppressionStore,
    token::TokenStore,
};

/// What the function works with.
pub struct Mailer {
    /// Who the addresses belong to.
    pub users: UserStore,
    /// Where mail is not sent.
    pub suppressions: SuppressionStore,
    /// How many links an address may get.
    pub allowances: AllowanceStore,
    /// How many links everybody together may get.
    pub pace: Pace,
    /// The digests of the links' tokens.
    pub tokens: TokenStore,
    /// Every decision.
    pub log: EmailLogStore,
    /// Limits and lifetimes.
    pub settings: SettingsStore,
    /// SES.
    pub sender: Sender,
    /// When the way from sending to the event was last proven.
    pub sender_state: SenderStateStore,
    /// What the mails say of the portal.
    pub portal: emails::Portal,
    /// Overrides the lifetime of links, on one machine.
    pub link_lifetime: Option<SignedDuration>,
    /// The clock.
    pub clock: SharedClock,
    /// The randomness.
    pub entropy: SharedEntropy,
}

/// A request is not done with: the stream must bring it again.
#[derive(Debug, thiserror::Error)]
pub enum NotYet {
    /// A store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// Another attempt at the same request is under way.
    #[error("another attempt is under way")]
    Overtaken,
    /// SES could not take the mail now.
    #[error("SES could not take the mail now")]
    SesUnavailable,
    /// A template could not be filled.
    #[error("a template could not be filled")]
    Template,
    /// The stream's record holds no request.
    #[error("the record holds no recovery request")]
    NoRequest,
}

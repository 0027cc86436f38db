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
use mailkey::StoreError;
use mailkey_api::App;
use mailkey_ses::Sender;

/// What the function works with.
pub struct Mailer {
    /// The tables, the clock and the random source.
    pub app: App,
    /// SES.
    pub sender: Sender,
    /// What the mails say of the portal.
    pub portal: emails::Portal,
    /// Overrides the lifetime of links, on one machine.
    pub link_lifetime: Option<SignedDuration>,
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

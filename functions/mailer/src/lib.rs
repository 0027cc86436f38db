//! The mailer: turns email requests into emails, or into logged decisions not to send.
//!
//! # Order and crashes
//!
//! For each request, the mailer writes the log entry as `queued`, counts the email against the recipient's limit,
//! stores the token's digest, hands the email to SES, and stores SES's response. After a crash, the stream starts the
//! request again with the same log id. A finished entry is left alone, the limit counts each log id once, and an unused
//! token does no harm. Only a crash between SES's response and storing it can send an email twice, because the result
//! is unknown.

mod canary;
mod delayed;
mod deliver;
pub mod emails;
mod event;

pub use delayed::{Delayed, LONGEST_DELAY};
pub use event::{Handled, is_schedule};
use jiff::SignedDuration;
use mailkey_api::App;
use mailkey_dynamodb::{SiteWideLimit, StoreError};
use mailkey_ses::Sender;

/// The dependencies of this function.
pub struct Mailer {
    /// The tables, the clock and the random source.
    pub app: App,
    /// The limit on all links together. It counts in memory first, so it lives as long as the process.
    pub site_wide_limit: SiteWideLimit,
    /// The limit on all lock notices together.
    pub lock_notice_limit: SiteWideLimit,
    /// SES.
    pub sender: Sender,
    /// What the emails say of the portal.
    pub portal: emails::Portal,
    /// Overrides the lifetime of links, for local use.
    pub link_lifetime: Option<SignedDuration>,
}

/// Why a request isn't done: the stream must deliver it again.
#[derive(Debug, thiserror::Error)]
pub enum Retry {
    /// A table could not be read or written.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// Another attempt at the same request is in progress.
    #[error("another attempt is in progress")]
    Conflict,
    /// We send faster than SES allows. The requests behind this one would fail as well, so they wait behind it.
    #[error("SES accepts no more emails in this second")]
    TooFast,
    /// SES could not accept the email at the moment.
    #[error("SES could not accept the email")]
    SesUnavailable,
    /// A template could not be rendered.
    #[error("a template could not be rendered")]
    Template,
    /// The record doesn't contain a request.
    #[error("the record doesn't contain an email request")]
    NoRequest,
}

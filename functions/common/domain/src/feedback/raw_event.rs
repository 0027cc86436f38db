//! Events that are kept besides the email log: the raw copy of everything that is not routine, and what belongs to no
//! email of ours.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::account::AddressKey;
use crate::text_form::text_form;

/// Why an event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhyKept {
    /// It is the evidence of what the email log says in short.
    Evidence,
    /// It is about mail of ours whose entry is gone.
    Orphan,
    /// Its type is unknown to us.
    UnknownType,
    /// It could not be understood.
    NotUnderstood,
    /// It is about watched email that is older than the log, or from the future.
    OutOfRange,
}

text_form!(WhyKept {
    Evidence = "evidence",
    Orphan = "orphan",
    UnknownType = "unknown_type",
    NotUnderstood = "not_understood",
    OutOfRange = "out_of_range",
});

/// An event that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    /// Its key: the event's, or for what is no event a digest of it.
    pub key: String,
    /// Why it is kept.
    pub why: WhyKept,
    /// When it came.
    pub at: Timestamp,
    /// Which address it is about.
    pub address: Option<AddressKey>,
    /// What came, cut where it was long.
    pub raw: String,
}

impl RawEvent {
    /// What came and is no event of an email, named by what it is.
    pub fn of_nothing(why: WhyKept, at: Timestamp, raw: String) -> Self {
        let key = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&raw));
        Self { key, why, at, address: None, raw }
    }
}

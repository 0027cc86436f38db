//! Enhanced status codes.

use std::{fmt, str::FromStr};

/// An enhanced status code (RFC 3463): class, subject and detail, such as 5.1.1 for a mailbox that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnhancedCode {
    /// 2 for success, 4 for failures that may pass, 5 for lasting ones.
    pub class: u8,
    /// What it is about, such as 1 for addresses and 7 for security and policy; up to 999.
    pub subject: u16,
    /// What about it, up to 999.
    pub detail: u16,
}

/// A text that is no enhanced status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedCodeError;

impl fmt::Display for EnhancedCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no enhanced status code, such as 5.1.1")
    }
}

impl std::error::Error for EnhancedCodeError {}

impl EnhancedCode {
    /// How much it says: details of 0 mean "other or undefined" (RFC 3463 section 3), and so does the subject 0, which
    /// Microsoft still gives details.
    pub(super) fn weight(&self) -> u8 {
        match (self.subject, self.detail) {
            (0, _) => 0,
            (_, 0) => 1,
            _ => 2,
        }
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl FromStr for EnhancedCode {
    type Err = EnhancedCodeError;

    /// Strict: the grammar of RFC 3463 section 2, and no leading zeros (RFC 3464 section 2.3.4).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let (Some(class), Some(subject), Some(detail), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(EnhancedCodeError);
        };
        let class = match class {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return Err(EnhancedCodeError),
        };
        Ok(Self { class, subject: number(subject)?, detail: number(detail)? })
    }
}

fn number(text: &str) -> Result<u16, EnhancedCodeError> {
    let well_formed = matches!(text.len(), 1..=3)
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if well_formed { text.parse().map_err(|_| EnhancedCodeError) } else { Err(EnhancedCodeError) }
}

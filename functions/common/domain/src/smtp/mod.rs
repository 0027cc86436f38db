//! What receiving hosts say to an email they do not take, read so that an administrator need not know SMTP.
//!
//! A reply comes in two parts: the status of the delivery status notification (RFC 3464 section 2.3.4) and the
//! diagnostic text, which SES hands on as `smtp; 550 5.1.1 user unknown`. [`SmtpReply::parse`] takes them apart,
//! [`SmtpReply::cause`] says what they mean, [`SmtpCause::fault`] whose matter it is.

mod about;
mod cause;
mod code;
mod fold;
mod judge;
mod lexicon;
mod phrases;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

pub use cause::{Fault, SmtpCause};
pub use code::{EnhancedCode, EnhancedCodeError};

/// Bytes of text that are kept of a reply. Real ones are shorter; RFC 5321 section 4.5.3.1.5 allows 512 a line.
const TEXT_LIMIT: usize = 4096;

/// What a receiving host said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpReply {
    /// The reply code of SMTP, such as 550.
    pub basic: Option<u16>,
    /// The most telling enhanced code that was given.
    pub enhanced: Option<EnhancedCode>,
    /// The text on one line, with its codes but without the `smtp;` before it: at most 4 KiB, cut between characters.
    /// Control characters are gone; all else is as the host said it. It may hold addresses: no text for a log.
    pub text: String,
    /// Bytes of the diagnostic text before anything was cut or folded.
    pub length: usize,
}

impl SmtpReply {
    /// Reads a reply from the status and the diagnostic text of a delivery status notification, as far as they are
    /// there.
    ///
    /// The enhanced code is the first of these that says more than "other": the status, then codes of the text. In the
    /// text only those count that stand at its beginning or next to a reply code, because IP addresses and version
    /// numbers look the same. Time grows with the length of the text, whatever is in it.
    pub fn parse(status: Option<&str>, diagnostic: Option<&str>) -> Self {
        let diagnostic = diagnostic.unwrap_or_default();
        let folded = fold::fold(diagnostic, TEXT_LIMIT);
        // A status may carry a comment: `5.1.1 (bad destination mailbox address)`.
        let status = status.and_then(|status| status.split_whitespace().next()?.parse().ok());
        // A code of another class than the reply's is quoted from an earlier attempt.
        let of_reply = |code: &EnhancedCode| folded.basic.is_none_or(|basic| basic / 100 == u16::from(code.class));
        let codes = folded.codes.into_iter().filter(of_reply);
        let enhanced = status.into_iter().chain(codes).rev().max_by_key(EnhancedCode::weight);
        Self { basic: folded.basic, enhanced, text: folded.text, length: diagnostic.len() }
    }

    /// What the reply means, by its codes and by the wording of the large providers.
    ///
    /// Clear words come before codes, because servers choose words with more care: a 5.7.1 that says "user unknown" is
    /// about the address, and a 5.1.1 that names a blocklist is not. What can't be interpreted is
    /// [`SmtpCause::Undetermined`], never a dead mailbox.
    pub fn cause(&self) -> SmtpCause {
        judge::judge(self)
    }

    /// Whether it says anything at all about what is wrong: words, or a code that means more than "other".
    pub fn gives_a_reason(&self) -> bool {
        self.enhanced.is_some_and(|code| code.weight() > 1) || !words::Words::of(&self.text).is_empty()
    }

    /// Whether the host asked to try again: a code of class 4 (RFC 5321 section 4.2.1). SES may have given up since.
    pub fn is_temporary(&self) -> bool {
        self.enhanced.is_some_and(|code| code.class == 4) || self.basic.is_some_and(|basic| basic / 100 == 4)
    }
}

//! The id of an API request: one name from the request to the email and to SES's event.

use std::fmt;

use crate::{
    Entropy,
    entropy::{NoEntropy, new_ulid},
};
use jiff::Timestamp;

/// SES allows at most this many characters in a tag.
const MAX: usize = 256;

/// The id of an API request. It is safe in a log line, a header and an SES tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new id.
    pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        Ok(Self(new_ulid(now, entropy)?.to_string()))
    }

    /// Accepts 1 to 256 letters, digits, `_` and `-`: the characters that SES takes in a tag.
    pub fn parse(text: &str) -> Option<Self> {
        let good = (1..=MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        good.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&RequestId> for String {
    fn from(id: &RequestId) -> Self {
        id.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_ses_tag_can_carry_is_a_request_id() {
        let longest = "a".repeat(MAX);
        for (id, good) in
            [("01JXXX", true), ("a_b-c", true), ("", false), ("a b", false), ("a\nb", false), (&longest, true)]
        {
            assert_eq!(RequestId::parse(id).as_ref().map(RequestId::as_str), good.then_some(id), "{id:?}");
        }
        assert_eq!(RequestId::parse(&"a".repeat(MAX + 1)), None);
    }
}

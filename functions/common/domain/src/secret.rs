//! Secrets of 256 bits: what reset links, activation links and sessions are made of.
//!
//! A secret and its digest are two types. The secret is handed to a person once and never stored; the digest is stored
//! and can't be turned back (OWASP ASVS 5.0, 6.5.2). Neither prints.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::entropy::{Entropy, NoEntropy};

/// 256 random bits; in text 43 characters of base64url (RFC 4648, section 5) without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// The text is not a secret's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 43 characters of canonical base64url")]
pub struct NotASecret;

impl Secret {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] where the source gives none.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads the text form, which is unique: no padding, no white space, no stray bits in the last character.
    ///
    /// # Errors
    ///
    /// [`NotASecret`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotASecret> {
        if text.len() != 43 {
            return Err(NotASecret);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotASecret)?;
        Ok(Self(bytes.try_into().map_err(|_| NotASecret)?))
    }

    /// The text form, to be put into a link or handed to a client. Never log it.
    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored. A plain SHA-256 is enough for 256 random bits; slow hashes are for what people choose.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.0)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 of a [`Secret`], in base64url: a key of a table.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretDigest(String);

impl SecretDigest {
    /// A digest as it stands in a table.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As a table has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::OsEntropy;

    #[test]
    fn ten_thousand_secrets_have_the_shape_and_differ() {
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let text = Secret::generate(&OsEntropy).unwrap().reveal();
            assert_eq!(text.len(), 43);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
            assert!(seen.insert(text));
        }
    }

    #[test]
    fn reading_what_was_revealed_gives_the_same_digest() {
        let secret = Secret::generate(&OsEntropy).unwrap();
        assert_eq!(Secret::parse(&secret.reveal()).unwrap().digest(), secret.digest());
    }

    #[test]
    fn every_variant_of_the_text_is_refused() {
        let text = "-_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(Secret::parse(text).is_ok());
        for variant in [
            "",
            " ",
            &text[..42],
            &format!("{text}A"),
            &format!("{text}="),
            &format!(" {}", &text[1..]),
            &text.replace('-', "+"),
            &text.replace('_', "/"),
            // The last character carries two unused bits, which must be zero.
            &format!("{}B", &text[..42]),
            &"\0".repeat(43),
        ] {
            assert_eq!(Secret::parse(variant), Err(NotASecret), "{variant:?}");
        }
    }

    #[test]
    fn neither_a_secret_nor_its_digest_prints() {
        let secret = Secret::generate(&OsEntropy).unwrap();
        let printed = format!("{secret:?} {:?}", secret.digest());
        assert!(!printed.contains(&secret.reveal()));
        assert!(!printed.contains(secret.digest().as_str()));
    }
}

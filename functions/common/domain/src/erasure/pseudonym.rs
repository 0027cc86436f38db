//! Pseudonyms of addresses.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::Mac;

use crate::{account::AddressKey, config::KeyRing};

/// 132 bits of the HMAC: enough that no two addresses meet, and short in a table.
const LENGTH: usize = 22;

/// Names an address without telling it: the audit log and erased entries have it in the address's place. Nobody can
/// compute it, or check a guess, without the erasure key. A plain hash could be reversed by hashing likely addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pseudonym(String);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Computes pseudonyms with the erasure key.
#[derive(Debug, Clone)]
pub struct Pseudonyms(KeyRing);

impl Pseudonyms {
    /// With the current key of `keys`. A rotation gives every address another pseudonym, so entries from before and
    /// after it can't be connected any more.
    pub fn new(keys: KeyRing) -> Self {
        Self(keys)
    }

    /// The pseudonym of an address.
    pub fn of(&self, address: &AddressKey) -> Pseudonym {
        let mut mac = self.0.current().1.hmac();
        mac.update(b"address\0");
        mac.update(address.as_str().as_bytes());
        let mut text = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        text.truncate(LENGTH);
        Pseudonym(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailAddress;

    fn pseudonym(key: char, address: &str) -> String {
        let keys = KeyRing::parse(&key.to_string().repeat(64)).unwrap();
        Pseudonyms::new(keys).of(EmailAddress::parse(address).unwrap().key()).to_string()
    }

    #[test]
    fn an_address_has_one_pseudonym_per_key_and_no_other_has_the_same() {
        let alice = pseudonym('A', "alice@example.com");
        assert_eq!(alice.len(), LENGTH);
        assert_eq!(alice, pseudonym('A', "ALICE@example.com"), "however it is spelled");
        assert_ne!(alice, pseudonym('A', "bob@example.com"));
        assert_ne!(alice, pseudonym('B', "alice@example.com"), "it depends on the key");
    }
}

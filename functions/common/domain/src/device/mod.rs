//! Known devices: browsers and apps that have signed in to an address before, or redeemed one of its links.
//!
//! A known device has its own counter of failed sign-ins, so strangers who guess at an address can't lock it out. Its
//! token never authenticates: it only decides which counter an attempt belongs to, and it does so without any read.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::Mac;
use jiff::{SignedDuration, Timestamp};

use crate::{
    account::AddressKey,
    config::{KeyRing, SecretKey},
    entropy::{Entropy, NoEntropy},
};

/// How long a device stays known without another sign-in.
pub const DEVICE_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The id of a device: 128 random bits. Renewed tokens keep it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceId([u8; 16]);

impl DeviceId {
    /// Its text form: 22 characters of base64url.
    pub fn as_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(..)")
    }
}

/// A device token as a client presents it: `key id . issued_at . nonce . HMAC`.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken {
    key_id: String,
    /// In seconds since the Unix epoch.
    issued_at: i64,
    device: DeviceId,
    mac: [u8; 32],
}

/// The text isn't a device token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a device token")]
pub struct NotADeviceToken;

impl DeviceToken {
    /// Reads the text form. Each token has exactly one.
    ///
    /// # Errors
    ///
    /// [`NotADeviceToken`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotADeviceToken> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(NotADeviceToken);
        let (key_id, issued_at, device, mac) = (next()?, next()?, next()?, next()?);
        let token = Self {
            key_id: key_id.to_owned(),
            issued_at: issued_at.parse().map_err(|_| NotADeviceToken)?,
            device: DeviceId(decode(device)?),
            mac: decode(mac)?,
        };
        if token.reveal() == text { Ok(token) } else { Err(NotADeviceToken) }
    }

    /// The text form, for the client. Never log it.
    pub fn reveal(&self) -> String {
        let Self { key_id, issued_at, device, mac } = self;
        format!("{key_id}.{issued_at}.{}.{}", device.as_text(), BASE64_URL_SAFE_NO_PAD.encode(mac))
    }
}

fn decode<const N: usize>(text: &str) -> Result<[u8; N], NotADeviceToken> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotADeviceToken)?;
    bytes.try_into().map_err(|_| NotADeviceToken)
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

/// Issues, renews and verifies device tokens.
#[derive(Debug, Clone)]
pub struct DeviceKeys(KeyRing);

impl DeviceKeys {
    /// Signs with the current key of `keys`. Tokens of the former keys stay valid.
    pub fn new(keys: KeyRing) -> Self {
        Self(keys)
    }

    /// A token for a device that becomes known to `address`.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] if the source gives none.
    pub fn issue(&self, address: &AddressKey, now: Timestamp, entropy: &dyn Entropy) -> Result<DeviceToken, NoEntropy> {
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce)?;
        Ok(self.renew(address, DeviceId(nonce), now))
    }

    /// A new token for a device that is known already.
    pub fn renew(&self, address: &AddressKey, device: DeviceId, now: Timestamp) -> DeviceToken {
        let (key_id, key) = self.0.current();
        let issued_at = now.as_second();
        let mac = mac(&key, address, issued_at, device).finalize().into_bytes().into();
        DeviceToken { key_id, issued_at, device, mac }
    }

    /// The device that presents `token`, if it is known to `address`.
    pub fn verify(&self, token: &DeviceToken, address: &AddressKey, now: Timestamp) -> Option<DeviceId> {
        let DeviceToken { key_id, issued_at, device, mac: shown } = token;
        mac(&self.0.get(key_id)?, address, *issued_at, *device).verify_slice(shown).ok()?;
        (now.as_second() - issued_at < DEVICE_TOKEN_LIFETIME.as_secs()).then_some(*device)
    }
}

fn mac(key: &SecretKey, address: &AddressKey, issued_at: i64, device: DeviceId) -> hmac::Hmac<sha2::Sha256> {
    let mut mac = key.hmac();
    // No address contains a NUL, so no two inputs have the same bytes.
    mac.update(b"device-token\0");
    mac.update(address.as_str().as_bytes());
    mac.update(b"\0");
    mac.update(&issued_at.to_be_bytes());
    mac.update(&device.0);
    mac
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::{EmailAddress, OsEntropy};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn keys(text: &[(&str, u8)]) -> DeviceKeys {
        let text: Vec<_> =
            text.iter().map(|(id, byte)| format!("{id}:{}", BASE64_STANDARD.encode([*byte; 32]))).collect();
        DeviceKeys::new(KeyRing::parse(&text.join(",")).unwrap())
    }

    fn address(text: &str) -> AddressKey {
        EmailAddress::parse(text).unwrap().key().clone()
    }

    #[test]
    fn a_token_is_valid_for_its_address_for_a_year_and_under_a_current_or_former_key() {
        let alice = address("alice@example.com");
        let token = keys(&[("1", 1)]).issue(&alice, NOW, &OsEntropy).unwrap();
        let year = DEVICE_TOKEN_LIFETIME;
        let second = SignedDuration::from_secs(1);
        for (what, keys, address, now, valid) in [
            ("fresh", keys(&[("1", 1)]), "alice@example.com", NOW, true),
            ("in another spelling", keys(&[("1", 1)]), "ALICE@Example.com", NOW, true),
            ("in its last second", keys(&[("1", 1)]), "alice@example.com", NOW + year - second, true),
            ("after a year", keys(&[("1", 1)]), "alice@example.com", NOW + year, false),
            ("after a key rotation", keys(&[("2", 2), ("1", 1)]), "alice@example.com", NOW, true),
            ("after two key rotations", keys(&[("3", 3), ("2", 2)]), "alice@example.com", NOW, false),
            ("under another key with the same id", keys(&[("1", 2)]), "alice@example.com", NOW, false),
            ("for another address", keys(&[("1", 1)]), "bob@example.com", NOW, false),
        ] {
            let token = DeviceToken::parse(&token.reveal()).unwrap();
            assert_eq!(keys.verify(&token, &self::address(address), now).is_some(), valid, "{what}");
        }
    }

    #[test]
    fn a_renewed_token_names_the_same_device_and_lasts_another_year() {
        let (keys, alice) = (keys(&[("1", 1)]), address("alice@example.com"));
        let token = keys.issue(&alice, NOW, &OsEntropy).unwrap();
        let device = keys.verify(&token, &alice, NOW).unwrap();
        let later = NOW + DEVICE_TOKEN_LIFETIME - SignedDuration::from_secs(1);
        let renewed = keys.renew(&alice, device, later);
        assert_ne!(renewed, token);
        assert_eq!(keys.verify(&renewed, &alice, later + SignedDuration::from_hours(1)), Some(device));
        let other = keys.issue(&alice, NOW, &OsEntropy).unwrap();
        assert_ne!(keys.verify(&other, &alice, NOW), Some(device));
    }

    #[test]
    fn neither_a_token_nor_its_device_prints() {
        let token = keys(&[("1", 1)]).issue(&address("alice@example.com"), NOW, &OsEntropy).unwrap();
        assert_eq!(format!("{token:?} {:?}", token.device), "DeviceToken(..) DeviceId(..)");
    }

    proptest! {
        #[test]
        fn whatever_is_parsed_is_revealed_unchanged(text in "[0-9a-zA-Z]{0,3}\\.[+-]?[0-9]{0,12}\\.[A-Za-z0-9_=-]{21,23}\\.[A-Za-z0-9_-]{42,44}") {
            if let Ok(token) = DeviceToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }

        #[test]
        fn no_changed_token_is_valid(position in any::<prop::sample::Index>(), to in "[A-Za-z0-9._-]", seconds in 0_i64..4_000_000_000) {
            let (keys, alice) = (keys(&[("1", 1)]), address("alice@example.com"));
            let at = Timestamp::new(seconds, 0).unwrap();
            let text = keys.issue(&alice, at, &OsEntropy).unwrap().reveal();
            let position = position.index(text.len());
            let changed = format!("{}{to}{}", &text[..position], &text[position + 1..]);
            let verified = DeviceToken::parse(&changed).ok().and_then(|token| keys.verify(&token, &alice, at));
            prop_assert_eq!(verified.is_some(), changed == text);
        }

        #[test]
        fn no_text_panics(text in ".{0,120}") {
            let _ = DeviceToken::parse(&text);
        }
    }
}

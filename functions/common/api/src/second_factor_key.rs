//! Encrypts the secrets of authenticator apps, with a key of their own.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::Mac;
use mailkey::{
    Entropy,
    account::UserId,
    config::{KeyRing, SecretKey},
    entropy::NoEntropy,
    second_factor::{SealedSecret, TotpSecret},
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// The key that second factors are encrypted with. A former key of the ring still opens what was sealed with it, so a
/// key must stay in the ring as long as anybody has a second factor from its time.
#[derive(Debug, Clone)]
pub struct SecondFactorKey(KeyRing);

/// A sealed secret that no key opens: it was changed, copied from another user, or its key is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a second factor can't be decrypted; its key may be missing")]
pub struct CannotOpen;

impl SecondFactorKey {
    /// Encrypts with the current key of `ring`.
    pub fn new(ring: KeyRing) -> Self {
        Self(ring)
    }

    /// Encrypts the secret of a user. The sealed form can't be used for another user.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] where the source gives none.
    pub fn seal(&self, user: UserId, secret: &TotpSecret, entropy: &dyn Entropy) -> Result<SealedSecret, NoEntropy> {
        let (id, key) = self.0.current();
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let mut bytes = secret.bytes().to_vec();
        let sealing = Nonce::assume_unique_for_key(nonce);
        let aad = Aad::from(user.to_string());
        aead(&key).and_then(|key| key.seal_in_place_append_tag(sealing, aad, &mut bytes)).map_err(|_| NoEntropy)?;
        let sealed = BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat());
        Ok(SealedSecret::from_stored(format!("{id}.{sealed}")))
    }

    /// Decrypts the secret of a user.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`].
    pub fn open(&self, user: UserId, sealed: &SealedSecret) -> Result<TotpSecret, CannotOpen> {
        let (id, sealed) = sealed.as_str().split_once('.').ok_or(CannotOpen)?;
        let key = self.0.get(id).ok_or(CannotOpen)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| CannotOpen)?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut rest = rest.to_vec();
        let key = aead(&key).map_err(|_| CannotOpen)?;
        let opened = key.open_in_place(nonce, Aad::from(user.to_string()), &mut rest).map_err(|_| CannotOpen)?;
        TotpSecret::from_bytes(opened).ok_or(CannotOpen)
    }
}

/// ChaCha20-Poly1305 with a key derived from ours, which may be longer.
fn aead(key: &SecretKey) -> Result<LessSafeKey, ring::error::Unspecified> {
    let mut mac = key.hmac();
    mac.update(b"second-factor\0");
    UnboundKey::new(&CHACHA20_POLY1305, &mac.finalize().into_bytes()).map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;
    use mailkey::{OsEntropy, entropy::Ulid};

    use super::*;

    fn key(byte: u8) -> String {
        BASE64_STANDARD.encode([byte; 48])
    }

    fn of(keys: &str) -> SecondFactorKey {
        SecondFactorKey::new(KeyRing::parse(keys).unwrap())
    }

    #[test]
    fn a_secret_opens_for_its_user_with_its_key_only() {
        let (alice, bob) = (UserId(Ulid(1)), UserId(Ulid(2)));
        let secret = TotpSecret::generate(&OsEntropy).unwrap();
        let keys = of(&format!("1:{}", key(1)));
        let sealed = keys.seal(alice, &secret, &OsEntropy).unwrap();
        assert_eq!(keys.open(alice, &sealed), Ok(secret.clone()));
        assert_eq!(keys.open(bob, &sealed), Err(CannotOpen), "another user");
        assert_eq!(of(&format!("2:{},1:{}", key(2), key(1))).open(alice, &sealed), Ok(secret.clone()), "a former key");
        assert_eq!(of(&format!("2:{}", key(2))).open(alice, &sealed), Err(CannotOpen), "the key is gone");
        assert_eq!(of(&format!("1:{}", key(2))).open(alice, &sealed), Err(CannotOpen), "another key");
        let text = sealed.as_str();
        for damaged in
            ["", "1", "1.", "1.AAAA", &text[..text.len() - 4], &text.replace("1.", "3."), &format!("{text}AAAA")]
        {
            assert_eq!(keys.open(alice, &SealedSecret::from_stored(damaged)), Err(CannotOpen), "{damaged}");
        }
        assert_ne!(keys.seal(alice, &secret, &OsEntropy).unwrap().as_str(), text, "each sealing has its own nonce");
        assert!(!format!("{sealed:?}").contains(text));
    }
}

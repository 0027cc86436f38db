//! The second factor of staff: one-time codes of an authenticator app (TOTP, RFC 6238), and recovery codes.
//!
//! HMAC-SHA-1, six digits and thirty seconds, because every authenticator app supports that. The collisions of SHA-1
//! don't matter in an HMAC.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{
    entropy::{Entropy, NoEntropy},
    secret::SecretDigest,
    text_form::text_form,
};

/// How long an app shows a code, in seconds (RFC 6238, section 4.1).
const STEP: i64 = 30;

/// How many steps a device's clock may differ, either way (RFC 6238, section 5.2).
const DRIFT: i64 = 1;

/// The length of a secret in bytes: that of SHA-1's output (RFC 4226, section 4).
const SECRET_LENGTH: usize = 20;

/// The bytes of a recovery code: 120 bits. From 112 bits on, a plain digest is enough (OWASP ASVS 5.0, 6.5.2; NIST SP
/// 800-63B-4, 3.1.2.2). Codes of 80 bits that were issued before stay valid.
const RECOVERY_LENGTH: usize = 15;

/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 10;

/// How long a secret waits for its first code. After that, setting it up begins anew.
pub const ENROLMENT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// How many wrong codes at a step-up end a session.
pub const MAX_STEP_UP_FAILURES: i64 = 10;

/// What an authenticator app and the service share. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; SECRET_LENGTH]);

impl TotpSecret {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`] where the source gives none.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = [0; SECRET_LENGTH];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A secret from its bytes, if they have its length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be encrypted.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text form for people who type it into their app: base32.
    pub fn reveal(&self) -> String {
        base32(&self.0)
    }

    /// What an app reads from a QR code.
    pub fn otpauth_uri(&self, portal: &str, address: &str) -> String {
        let (issuer, account) = (percent_encoded(portal), percent_encoded(address));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", self.reveal())
    }

    /// The step that `code` belongs to, if it is later than `last_step` and within the drift of `now`. Each step is
    /// accepted once (RFC 6238, section 5.2).
    pub fn step_of(&self, code: &TotpCode, last_step: Option<i64>, now: Timestamp) -> Option<i64> {
        let current = now.as_second().div_euclid(STEP);
        let mut steps = (current - DRIFT..=current + DRIFT).filter(|step| last_step.is_none_or(|last| *step > last));
        steps.find(|step| self.code(*step) == code.0)
    }

    /// RFC 4226, section 5.3.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn code(&self, step: i64) -> u32 {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash[hash.len() - 1] & 0xf);
        let word = [hash[offset] & 0x7f, hash[offset + 1], hash[offset + 2], hash[offset + 3]];
        u32::from_be_bytes(word) % 1_000_000
    }

    /// The code at a time, for tests.
    pub fn code_at(&self, now: Timestamp) -> String {
        format!("{:06}", self.code(now.as_second().div_euclid(STEP)))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

/// An encrypted [`TotpSecret`], as it is stored. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(String);

impl SealedSecret {
    /// As the table has it.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As the table has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedSecret(..)")
    }
}

/// What is stored of a person's second factors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondFactors {
    /// The one that sign-in asks for.
    pub current: Option<CurrentFactor>,
    /// The one that is being set up.
    pub pending: Option<PendingFactor>,
}

/// A second factor that was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentFactor {
    /// The secret.
    pub sealed: SealedSecret,
    /// The step of the last code that was accepted.
    pub last_step: i64,
}

/// A second factor that waits for its first code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingFactor {
    /// The secret.
    pub sealed: SealedSecret,
    /// When it was made.
    pub since: Timestamp,
}

impl PendingFactor {
    /// Whether its first code is still accepted.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.since) < ENROLMENT_LIFETIME
    }
}

/// Whether a session's user has a second factor, when the session began or since it was set up in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorState {
    /// There is none, and none is needed.
    NotSetUp,
    /// There is none, but the settings require one of staff.
    Required,
    /// There is one.
    SetUp,
}

text_form!(FactorState { NotSetUp = "not_set_up", Required = "required", SetUp = "set_up" });

/// Whether staff need a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FactorPolicy {
    /// Everybody decides for themselves.
    #[default]
    Optional,
    /// A session without it may only set it up.
    Required,
}

text_form!(FactorPolicy { Optional = "optional", Required = "required" });

impl FactorPolicy {
    /// The state of a session that begins for someone with or without a second factor.
    pub fn state(self, is_set_up: bool) -> FactorState {
        match (self, is_set_up) {
            (_, true) => FactorState::SetUp,
            (Self::Required, false) => FactorState::Required,
            (Self::Optional, false) => FactorState::NotSetUp,
        }
    }
}

/// Six digits of an app. They don't print.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(u32);

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(..)")
    }
}

/// What a person types where a code is asked for. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub enum OneTimeCode {
    /// Of an app.
    Totp(TotpCode),
    /// A recovery code, by its digest.
    Recovery(SecretDigest),
}

impl OneTimeCode {
    /// Reads a code, with or without spaces and hyphens. Whatever isn't six digits counts as a recovery code, and is
    /// wrong if nobody has it.
    pub fn parse(text: &str) -> Self {
        let typed: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        match typed.parse() {
            Ok(digits) if typed.len() == 6 && typed.bytes().all(|b| b.is_ascii_digit()) => Self::Totp(TotpCode(digits)),
            _ => Self::Recovery(digest(&typed)),
        }
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(..)")
    }
}

/// New recovery codes, and what is stored of them.
///
/// # Errors
///
/// [`NoEntropy`] where the source gives none.
pub fn recovery_codes(entropy: &dyn Entropy) -> Result<(Vec<String>, Vec<SecretDigest>), NoEntropy> {
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0; RECOVERY_LENGTH];
        entropy.fill(&mut bytes)?;
        codes.push(base32(&bytes).to_lowercase());
    }
    let digests = codes.iter().map(|code| digest(code)).collect();
    Ok((codes.iter().map(|code| in_groups(code)).collect(), digests))
}

/// Groups of four letters, which people can copy without losing their place.
fn in_groups(code: &str) -> String {
    let letters: Vec<_> = code.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The digest of a recovery code as it was typed, in either case.
fn digest(typed: &str) -> SecretDigest {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    // Base32 has no 0 and no 1.
    let typed = typed.to_lowercase().replace('0', "o").replace('1', "l");
    SecretDigest::from_stored(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(typed.as_bytes())))
}

/// RFC 4648, section 6, for lengths that need no padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut bits, mut count) = (String::new(), 0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(LETTERS[(bits >> count & 31) as usize]));
        }
        bits &= (1 << count) - 1;
    }
    text
}

fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsEntropy;

    fn totp(code: &str) -> TotpCode {
        match OneTimeCode::parse(code) {
            OneTimeCode::Totp(code) => code,
            OneTimeCode::Recovery(_) => panic!("{code} is no code of an app"),
        }
    }

    /// RFC 6238, appendix B: the last six of the eight digits for SHA-1.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::new(seconds, 0).unwrap();
            assert_eq!(secret.code_at(now), code);
            assert_eq!(secret.step_of(&totp(code), None, now), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_works_once_and_one_step_early_or_late() {
        let secret = TotpSecret::generate(&OsEntropy).unwrap();
        let now = Timestamp::constant(1_800_000_000, 0);
        let at = |steps: i64| now + SignedDuration::from_secs(30 * steps);
        let code = totp(&secret.code_at(now));
        let step = now.as_second() / 30;
        for (steps, last_step, accepted) in [
            (-2, None, false),
            (-1, None, true),
            (0, None, true),
            (1, None, true),
            (2, None, false),
            (0, Some(step - 1), true),
            (0, Some(step), false),
            (1, Some(step), false),
            (0, Some(step + 1), false),
        ] {
            let found = secret.step_of(&code, last_step, at(steps));
            assert_eq!(found == Some(step), accepted, "{steps} steps later, after {last_step:?}");
        }
    }

    #[test]
    fn a_recovery_code_is_recognized_as_people_type_it() {
        let (codes, digests) = recovery_codes(&OsEntropy).unwrap();
        assert_eq!((codes.len(), digests.len()), (RECOVERY_CODES, RECOVERY_CODES));
        for (code, digest) in codes.iter().zip(&digests) {
            assert_eq!(code.len(), 29, "{code}");
            for typed in [code.clone(), code.to_uppercase(), code.replace('-', " "), code.replace('l', "1")] {
                assert_eq!(OneTimeCode::parse(&typed), OneTimeCode::Recovery(digest.clone()), "{typed}");
            }
        }
        let former = OneTimeCode::Recovery(digest("abcdefghijklmnop"));
        assert_eq!(OneTimeCode::parse("ABCD-EFGH-IJK1-MNOP"), former, "a code of 80 bits");
        for wrong in ["", "12345", "1234567", "一二三四五六", "+12345"] {
            let OneTimeCode::Recovery(digest) = OneTimeCode::parse(wrong) else { panic!("{wrong}") };
            assert!(!digests.contains(&digest));
        }
        assert_eq!(totp("123 456"), TotpCode(123_456));
        assert_eq!(format!("{:?}", OneTimeCode::parse("123456")), "OneTimeCode(..)");
    }

    /// OWASP ASVS 5.0, 6.5.2: below 112 bits, a plain digest isn't enough.
    #[test]
    fn a_recovery_code_has_enough_random_bits_for_a_plain_digest() {
        const { assert!(RECOVERY_LENGTH * 8 >= 112) };
        let (codes, _) = recovery_codes(&OsEntropy).unwrap();
        let letters = codes[0].chars().filter(|c| c.is_ascii_lowercase() || ('2'..='7').contains(c)).count();
        assert_eq!(letters * 5, RECOVERY_LENGTH * 8);
    }

    #[test]
    fn an_app_reads_the_issuer_and_the_account() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        assert_eq!(
            secret.otpauth_uri("Example Portal", "a+b@example.com"),
            "otpauth://totp/Example%20Portal:a%2Bb%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Example%20Portal"
        );
    }
}

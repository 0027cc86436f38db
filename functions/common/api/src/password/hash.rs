//! Hashes of passwords: Argon2id for ours, and those of other systems until the next sign-in.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};

use mailkey::{
    account::{
        PasswordHash,
        imported_hash::{self, Argon2Variant, ImportedHash, Scheme},
        password::Password,
    },
    entropy::{Entropy, NoEntropy},
};

use super::imported;

/// Argon2id with 19 MiB, two passes, one lane: OWASP's password storage cheat sheet, first choice for servers whose
/// memory is dear. A stored hash with other parameters is renewed at the next sign-in.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;

/// The hash could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait for a hash already.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded,
    /// The computation ended without a result.
    #[error("the computation of a hash was aborted")]
    Aborted,
    /// Argon2 refused, for want of memory.
    #[error("Argon2 failed: {0}")]
    Argon2(String),
    /// No salt was to be had.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// What Argon2 works in: 19 MiB, taken at the first use and kept. Asked for anew at each hash they would stay with
/// whatever thread computed it, since the allocator keeps what a thread gave back for that thread.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    fn blocks(&mut self) -> &mut [Block] {
        self.0.resize(MEMORY_KIB as usize, Block::default());
        &mut self.0
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

/// Hashes a password with a salt of its own. Takes tens of milliseconds: run it where blocking is allowed.
///
/// # Errors
///
/// [`HashError`] where randomness is wanting.
pub fn hash(password: &Password, entropy: &dyn Entropy, memory: &mut Memory) -> Result<PasswordHash, HashError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    let output = compute(password.as_bytes(), &salt, memory)?;
    let (salt, output) = (BASE64_STANDARD_NO_PAD.encode(salt), BASE64_STANDARD_NO_PAD.encode(output));
    Ok(PasswordHash::from_phc(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}")))
}

/// Argon2id with our parameters.
fn compute(password: &[u8], salt: &[u8], memory: &mut Memory) -> Result<[u8; OUTPUT_BYTES], HashError> {
    let mut output = [0; OUTPUT_BYTES];
    argon2()?
        .hash_password_into_with_memory(password, salt, &mut output, memory.blocks())
        .map_err(|e| HashError::Argon2(e.to_string()))?;
    Ok(output)
}

/// What became of holding a password against a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The wrong password.
    Wrong,
    /// The right one.
    Right,
    /// The right one, and its hash has parameters of former days: hash it anew.
    RightButOutdated,
}

/// Verifies a password. Without a hash (an unknown address, a pending user) it does the same work against a hash that
/// nothing matches, so that time tells nothing (OWASP ASVS 5.0, 6.3.8). An imported hash takes its own time, which
/// [`Hasher::verify`](super::Hasher::verify) hides.
///
/// # Errors
///
/// [`HashError`] where Argon2 fails.
pub fn verify(password: &Password, stored: Option<&PasswordHash>, memory: &mut Memory) -> Result<Verdict, HashError> {
    let hash = stored.and_then(|stored| imported_hash::read(stored.as_phc()).ok());
    let verdict = match &hash {
        Some(hash) if !is_current(hash) => {
            // Every spelling is tried, so that the time doesn't tell which one it was.
            let tried = password.spellings().map(|typed| imported::matches(typed.as_bytes(), hash));
            if tried.fold(false, |any, right| any | right) { Verdict::RightButOutdated } else { Verdict::Wrong }
        }
        current_or_none => {
            let (salt, expected) = match current_or_none {
                Some(hash) => (hash.salt.as_slice(), hash.output.as_slice()),
                None => (b"nothing matches!".as_slice(), [].as_slice()),
            };
            let mut verdict = Verdict::Wrong;
            for (at, spelling) in password.spellings().enumerate() {
                let output = compute(spelling.as_bytes(), salt, memory)?;
                if imported::is_same(&output, expected) {
                    // We hash the first spelling. The other one matches only a hash from another system.
                    verdict = if at == 0 { Verdict::Right } else { Verdict::RightButOutdated };
                }
            }
            verdict
        }
    };
    Ok(verdict)
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| HashError::Argon2(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a hash has the parameters of ours.
fn is_current(hash: &ImportedHash) -> bool {
    let ours = Scheme::Argon2 {
        variant: Argon2Variant::Id,
        is_version_10: false,
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
    };
    hash.scheme == ours && hash.output.len() == OUTPUT_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailkey::OsEntropy;

    #[test]
    fn a_hash_is_argon2id_in_phc_form_and_verifies() {
        let password = Password::new("violet canoe under nine bridges");
        let stored = hash(&password, &OsEntropy, &mut Memory::default()).unwrap();
        assert!(stored.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.as_phc());
        assert_eq!(verify(&password, Some(&stored), &mut Memory::default()).unwrap(), Verdict::Right);
        assert_eq!(
            verify(&Password::new("violet canoe under nine bridge"), Some(&stored), &mut Memory::default()).unwrap(),
            Verdict::Wrong
        );
        assert_eq!(verify(&password, None, &mut Memory::default()).unwrap(), Verdict::Wrong);
        assert_ne!(
            hash(&password, &OsEntropy, &mut Memory::default()).unwrap(),
            stored,
            "each hash has a salt of its own"
        );
    }

    fn verdict(typed: &str, stored: &str) -> Verdict {
        let stored = imported_hash::parse(stored).unwrap_or_else(|e| panic!("{stored}: {e}"));
        verify(&Password::new(typed), Some(&stored), &mut Memory::default()).unwrap()
    }

    /// Rows with the outcome of importing the hash and signing in with the password.
    #[test]
    fn every_hash_of_the_case_file_does_what_it_should() {
        let cases = include_str!("../../../../../tests/cases/import-hashes.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(cases).unwrap();
        assert!(cases.len() > 30, "{}", cases.len());
        let mut wrong = Vec::new();
        for case in &cases {
            let [what, hash, password, want] =
                ["what", "hash", "password", "want"].map(|name| case[name].as_str().unwrap());
            let outcome = match imported_hash::parse(hash) {
                Err(_) => "refuse",
                Ok(stored) => match verify(&Password::new(password), Some(&stored), &mut Memory::default()).unwrap() {
                    Verdict::RightButOutdated => "signin",
                    Verdict::Right | Verdict::Wrong => "fail",
                },
            };
            if want != "either" && !want.split("-or-").any(|good| good == outcome) {
                wrong.push(format!("{what}: {outcome} instead of {want}"));
            }
            if let Ok(stored) = imported_hash::parse(hash) {
                let other = Password::new(&format!("{password} but wrong"));
                assert_eq!(verify(&other, Some(&stored), &mut Memory::default()).unwrap(), Verdict::Wrong, "{what}");
            }
        }
        assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), cases.len());
    }

    /// Made with passlib, Django, PHP and .NET; see `tests/cases/make-hashes.py`.
    #[test]
    fn hashes_of_other_systems_verify() {
        let cases = include_str!("../../../../../tests/cases/more-hashes.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(cases).unwrap();
        for case in &cases {
            let [what, hash, password] = ["what", "hash", "password"].map(|name| case[name].as_str().unwrap());
            assert_eq!(verdict(password, hash), Verdict::RightButOutdated, "{what}");
            assert_eq!(verdict("another password", hash), Verdict::Wrong, "{what}");
        }
    }

    #[test]
    fn bytes_that_bcrypt_ignores_never_sign_in() {
        let first = "0123456789".repeat(7) + "xy";
        let plain = |typed: &str| bcrypt::hash_with_salt(typed, 4, *b"sixteen bytes of").unwrap().to_string();
        assert_eq!(verdict(&first, &plain(&first)), Verdict::RightButOutdated);
        for (typed, hashed) in [
            (format!("{first}z"), format!("{first}z")),
            (format!("{first}z"), first.clone()),
            (first.clone() + "z", format!("{first}other")),
            ("abc\0abc".to_owned(), "abc".to_owned()),
        ] {
            assert_eq!(verdict(&typed, &plain(&hashed)), Verdict::Wrong, "{typed:?}");
        }
    }

    #[test]
    fn a_password_verifies_as_it_was_typed_and_normalised() {
        let bcrypted = |typed: &str| bcrypt::hash_with_salt(typed, 4, *b"sixteen bytes of").unwrap().to_string();
        let decomposed = "A\u{30a}ngstro\u{308}m fiance\u{301}e 12345";
        assert_eq!(verdict(decomposed, &bcrypted(decomposed)), Verdict::RightButOutdated);
        assert_eq!(verdict(decomposed, &bcrypted("Ångström fiancée 12345")), Verdict::RightButOutdated);
        // With the parameters of ours, made elsewhere.
        let output = compute("½ pound".as_bytes(), b"sixteen bytes of", &mut Memory::default()).unwrap();
        let output = BASE64_STANDARD_NO_PAD.encode(output);
        let ours = format!("$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyBvZg${output}");
        assert_eq!(verdict("½ pound", &ours), Verdict::RightButOutdated);
        assert_eq!(verdict("1⁄2 pound", &ours), Verdict::Wrong);
    }

    #[test]
    fn every_keyboards_way_to_write_a_password_is_the_same_password() {
        let stored = hash(&Password::new("Ångström ﬁancée 12345"), &OsEntropy, &mut Memory::default()).unwrap();
        assert_eq!(
            verify(
                &Password::new("A\u{30a}ngstro\u{308}m fiance\u{301}e 12345"),
                Some(&stored),
                &mut Memory::default()
            )
            .unwrap(),
            Verdict::Right
        );
    }

    #[test]
    fn neither_a_password_nor_its_hash_prints() {
        let password = Password::new("violet canoe under nine bridges");
        let stored = hash(&password, &OsEntropy, &mut Memory::default()).unwrap();
        assert_eq!(format!("{password:?} {stored:?}"), "Password(..) PasswordHash(..)");
    }
}

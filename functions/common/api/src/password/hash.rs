//! Hashes of passwords: Argon2id for ours, and those of other systems for as long as they last.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier as _, Version, password_hash::phc};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};

use mailkey::{
    account::{
        PasswordHash,
        password::{MAX_LENGTH, Password},
    },
    entropy::{Entropy, NoEntropy},
};

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
    let output = compute(password, &salt, memory)?;
    let (salt, output) = (BASE64_STANDARD_NO_PAD.encode(salt), BASE64_STANDARD_NO_PAD.encode(output));
    Ok(PasswordHash::from_phc(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}")))
}

/// Argon2id with our parameters.
fn compute(password: &Password, salt: &[u8], memory: &mut Memory) -> Result<[u8; OUTPUT_BYTES], HashError> {
    let mut output = [0; OUTPUT_BYTES];
    argon2()?
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory.blocks())
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

/// Holds a password against a hash. Without a hash (an unknown address, a pending user) it does the same work against
/// a hash that nothing matches, so that time tells nothing (OWASP ASVS 5.0, 6.3.8).
///
/// A hash that was imported is verified with its own algorithm, once: it is outdated.
///
/// # Errors
///
/// [`HashError`] where Argon2 fails.
pub fn verify(password: &Password, stored: Option<&PasswordHash>, memory: &mut Memory) -> Result<Verdict, HashError> {
    let stored = stored.map(PasswordHash::as_phc);
    let parsed = stored.and_then(|stored| phc::PasswordHash::new(stored).ok());
    let current = parsed.as_ref().and_then(salt_of_current);
    let right = match (stored, &current) {
        (None, _) => {
            compute(password, b"nothing matches!", memory)?;
            false
        }
        (Some(_), Some((salt, expected))) => {
            let output = compute(password, salt, memory)?;
            // Compared in constant time.
            phc::Output::new(&output).is_ok_and(|output| output == *expected)
        }
        (Some(bcrypted), None) if bcrypted.starts_with("$2") => {
            bcrypt::verify(password.as_bytes(), bcrypted).unwrap_or(false)
        }
        (Some(_), None) => parsed.as_ref().is_some_and(|parsed| matches(password, parsed)),
    };
    // Longer than any password can be set: the same work, but never right.
    if !right || password.length() > MAX_LENGTH {
        return Ok(Verdict::Wrong);
    }
    Ok(if current.is_some() { Verdict::Right } else { Verdict::RightButOutdated })
}

/// Verifies a hash that is not, or no longer, made as ours are.
fn matches(password: &Password, hash: &phc::PasswordHash) -> bool {
    let typed = password.as_bytes();
    match hash.algorithm.as_str() {
        "scrypt" => scrypt::Scrypt::default().verify_password(typed, hash).is_ok(),
        "pbkdf2-sha256" | "pbkdf2-sha512" => pbkdf2::Pbkdf2::default().verify_password(typed, hash).is_ok(),
        _ => argon2().is_ok_and(|argon2| argon2.verify_password(typed, hash).is_ok()),
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| HashError::Argon2(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Salt and output of a hash that is made as ours are.
fn salt_of_current(hash: &phc::PasswordHash) -> Option<(phc::Salt, phc::Output)> {
    let params = Params::try_from(hash).ok()?;
    let ours = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES);
    let (salt, output) = (hash.salt?, hash.hash?);
    (ours && output.len() == OUTPUT_BYTES).then_some((salt, output))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher as _;

    use super::*;
    use mailkey::OsEntropy;

    #[test]
    fn a_hash_is_argon2id_in_phc_form_and_verifies() {
        let password = Password::new("correct horse battery staple");
        let stored = hash(&password, &OsEntropy, &mut Memory::default()).unwrap();
        assert!(stored.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.as_phc());
        assert_eq!(verify(&password, Some(&stored), &mut Memory::default()).unwrap(), Verdict::Right);
        assert_eq!(
            verify(&Password::new("correct horse battery stapl"), Some(&stored), &mut Memory::default()).unwrap(),
            Verdict::Wrong
        );
        assert_eq!(verify(&password, None, &mut Memory::default()).unwrap(), Verdict::Wrong);
        assert_ne!(
            hash(&password, &OsEntropy, &mut Memory::default()).unwrap(),
            stored,
            "each hash has a salt of its own"
        );
    }

    #[test]
    fn a_hash_with_other_parameters_verifies_and_is_to_be_renewed() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(1024, 1, 1, None).unwrap());
        let stored = PasswordHash::from_phc(
            weak.hash_password_with_salt(b"former days", b"some salt of 16b").unwrap().to_string(),
        );
        assert_eq!(
            verify(&Password::new("former days"), Some(&stored), &mut Memory::default()).unwrap(),
            Verdict::RightButOutdated
        );
        assert_eq!(
            verify(&Password::new("former dayz"), Some(&stored), &mut Memory::default()).unwrap(),
            Verdict::Wrong
        );
    }

    #[test]
    fn a_hash_of_another_system_verifies_and_is_to_be_renewed() {
        let salt = b"sixteen bytes of";
        let typed = b"correct horse battery staple";
        // Little work, for a test; each hash says itself how much.
        let scrypted = scrypt::Scrypt::new_with_params(scrypt::Params::new(8, 8, 1).unwrap());
        let scrypted = scrypted.hash_password_with_salt(typed, salt).unwrap();
        let pbkdf2ed = pbkdf2::Pbkdf2::new(pbkdf2::Algorithm::Pbkdf2Sha256, pbkdf2::Params::new(1000).unwrap());
        let pbkdf2ed = pbkdf2ed.hash_password_with_salt(typed, salt).unwrap();
        let bcrypted = bcrypt::hash_with_salt("correct horse battery staple", 5, *salt).unwrap();
        for stored in [scrypted.to_string(), pbkdf2ed.to_string(), bcrypted.to_string()] {
            let stored = mailkey::account::imported_hash::parse(&stored).unwrap_or_else(|e| panic!("{stored}: {e}"));
            let right = Password::new("correct horse battery staple");
            assert_eq!(
                verify(&right, Some(&stored), &mut Memory::default()).unwrap(),
                Verdict::RightButOutdated,
                "{}",
                stored.as_phc()
            );
            assert_eq!(
                verify(&Password::new("correct horse"), Some(&stored), &mut Memory::default()).unwrap(),
                Verdict::Wrong
            );
        }
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
        let password = Password::new("correct horse battery staple");
        let stored = hash(&password, &OsEntropy, &mut Memory::default()).unwrap();
        assert_eq!(format!("{password:?} {stored:?}"), "Password(..) PasswordHash(..)");
    }
}

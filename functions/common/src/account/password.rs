//! Passwords: what is refused and why, and how one is kept.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier as _, Version, password_hash::phc};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use super::{EmailAddress, PasswordHash};
use crate::{
    SharedEntropy,
    entropy::{Entropy, NoEntropy},
};

/// The longest password, in code points. NIST SP 800-63B-4 section 3.1.1.2 asks for at least 64.
pub const MAX_LENGTH: usize = 128;

/// Argon2id with 19 MiB, two passes, one lane: OWASP's password storage cheat sheet, first choice for servers whose
/// memory is dear. A stored hash with other parameters is renewed at the next sign-in.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;

/// Common passwords of eight and more characters in lower case, one a line: shorter ones fall to the length rule, whose
/// lowest setting is eight.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// A password as somebody typed it, in NFKC, so that every keyboard's way to write it counts as the same (NIST SP
/// 800-63B-4 section 3.1.1.2). Nothing is trimmed or cut. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes what was typed.
    pub fn new(typed: &str) -> Self {
        Self(typed.nfkc().collect())
    }

    /// The length in code points.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Why a password is refused. There are no composition rules (NIST SP 800-63B-4 section 3.1.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer code points than the security settings ask for.
    TooShort {
        /// The least number.
        min: usize,
    },
    /// More than [`MAX_LENGTH`] code points.
    TooLong,
    /// On the list of common passwords.
    TooCommon,
    /// The user's own address, or the part before its `@`.
    IsEmailAddress,
    /// The portal's name.
    IsPortalName,
}

impl Weakness {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong => "too_long",
            Self::TooCommon => "too_common",
            Self::IsEmailAddress => "is_email_address",
            Self::IsPortalName => "is_portal_name",
        }
    }

    /// The number of characters that it breaks, so that a page can say so in its own language.
    pub fn limit(self) -> Option<usize> {
        match self {
            Self::TooShort { min } => Some(min),
            Self::TooLong => Some(MAX_LENGTH),
            Self::TooCommon | Self::IsEmailAddress | Self::IsPortalName => None,
        }
    }

    /// A sentence for the person who chose it.
    pub fn detail(self) -> String {
        match self {
            Self::TooShort { min } => format!("The password must have at least {min} characters."),
            Self::TooLong => format!("The password must have at most {MAX_LENGTH} characters."),
            Self::TooCommon => "This password is on a list of common passwords that are tried first.".to_owned(),
            Self::IsEmailAddress => "The password must not be your email address.".to_owned(),
            Self::IsPortalName => "The password must not be the name of this service.".to_owned(),
        }
    }
}

/// What a new password is held against.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRules<'a> {
    /// The least number of code points.
    pub min_length: usize,
    /// The user's address.
    pub email: &'a EmailAddress,
    /// The portal's name.
    pub portal_name: &'a str,
}

impl PasswordRules<'_> {
    /// Every reason to refuse `password`; none where it is good.
    pub fn weaknesses(&self, password: &Password) -> Vec<Weakness> {
        let length = password.length();
        let folded = fold(&password.0);
        let mut found = Vec::new();
        if length < self.min_length {
            found.push(Weakness::TooShort { min: self.min_length });
        }
        if length > MAX_LENGTH {
            found.push(Weakness::TooLong);
        }
        if COMMON.contains(folded.as_str()) {
            found.push(Weakness::TooCommon);
        }
        let local = self.email.as_typed().rsplit_once('@').map_or("", |(local, _)| local);
        if [self.email.as_typed(), self.email.key().as_str(), local].iter().any(|own| fold(own) == folded) {
            found.push(Weakness::IsEmailAddress);
        }
        if squeezed(&fold(self.portal_name)) == squeezed(&folded) {
            found.push(Weakness::IsPortalName);
        }
        found
    }
}

/// Capitals do not make a common password uncommon.
fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// Without what people put between words.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.')).collect()
}

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
        .hash_password_into_with_memory(password.0.as_bytes(), salt, &mut output, memory.blocks())
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
            bcrypt::verify(password.0.as_bytes(), bcrypted).unwrap_or(false)
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
    let typed = password.0.as_bytes();
    match hash.algorithm.as_str() {
        "scrypt" => scrypt::Scrypt::default().verify_password(typed, hash).is_ok(),
        "pbkdf2-sha256" | "pbkdf2-sha512" => pbkdf2::Pbkdf2::default().verify_password(typed, hash).is_ok(),
        _ => argon2().is_ok_and(|argon2| argon2.verify_password(typed, hash).is_ok()),
    }
}

/// So many hashes may wait at once; what comes on top is turned away, so that a flood costs neither memory nor the
/// answers to those who wait already.
const MAX_WAITING: usize = 512;

/// Computes hashes off the threads that serve requests, as many at a time as there are processors.
pub struct Hasher {
    entropy: SharedEntropy,
    running: Semaphore,
    waiting: Semaphore,
    memories: Arc<Mutex<Memories>>,
}

#[derive(Default)]
struct Memories {
    /// As many as were at work at once.
    free: Vec<Memory>,
    used: bool,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("running", &self.running).field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher whose salts come from `entropy`.
    pub fn new(entropy: SharedEntropy) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, Into::into);
        let (running, waiting) = (Semaphore::new(processors), Semaphore::new(MAX_WAITING));
        Self { entropy, running, waiting, memories: Arc::default() }
    }

    /// Gives memory back that was not used since this was last called. For a process that lives on while nobody signs in.
    pub fn give_back_unused(&self) {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::take(&mut memories.used) {
            memories.free = Vec::new();
        }
    }

    /// See [`hash`].
    ///
    /// # Errors
    ///
    /// [`HashError`], of which [`HashError::Overloaded`] passes by itself.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        let entropy = SharedEntropy::clone(&self.entropy);
        self.run(move |memory| hash(&password, &*entropy, memory)).await
    }

    /// See [`verify`].
    ///
    /// # Errors
    ///
    /// [`HashError`], of which [`HashError::Overloaded`] passes by itself.
    pub async fn verify(&self, password: Password, stored: Option<PasswordHash>) -> Result<Verdict, HashError> {
        self.run(move |memory| verify(&password, stored.as_ref(), memory)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| HashError::Overloaded)?;
        let _running = self.running.acquire().await.map_err(|_| HashError::Aborted)?;
        let memories = Arc::clone(&self.memories);
        let done = tokio::task::spawn_blocking(move || {
            let mut memory = memories.lock().unwrap_or_else(PoisonError::into_inner).free.pop().unwrap_or_default();
            let result = work(&mut memory);
            let mut memories = memories.lock().unwrap_or_else(PoisonError::into_inner);
            memories.free.push(memory);
            memories.used = true;
            result
        });
        done.await.map_err(|_| HashError::Aborted)?
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
    use crate::OsEntropy;

    fn reasons(min_length: usize, password: &str) -> Vec<&'static str> {
        let email = EmailAddress::parse("Alice.Wonderland@example.com").unwrap();
        let rules = PasswordRules { min_length, email: &email, portal_name: "Example Portal" };
        rules.weaknesses(&Password::new(password)).into_iter().map(Weakness::code).collect()
    }

    #[tokio::test]
    async fn memory_is_kept_while_passwords_come_and_given_back_when_none_does() {
        let hasher = Hasher::new(Arc::new(OsEntropy));
        let kept = || hasher.memories.lock().unwrap().free.len();
        let hash = hasher.hash(Password::new("seven lamps on a quiet pier")).await.unwrap();
        hasher.give_back_unused();
        assert_eq!(kept(), 1, "it was used a moment ago");
        hasher.give_back_unused();
        assert_eq!(kept(), 0);
        let verdict = hasher.verify(Password::new("seven lamps on a quiet pier"), Some(hash)).await.unwrap();
        assert_eq!((verdict, kept()), (Verdict::Right, 1));
    }

    #[test]
    fn each_rule_gives_its_reason() {
        for (min, password, expected) in [
            (15, "a".repeat(14), vec!["too_short"]),
            (15, "a".repeat(15), vec![]),
            (15, "a".repeat(64), vec![]),
            (15, "a".repeat(128), vec![]),
            (15, "a".repeat(129), vec!["too_long"]),
            (15, "correct horse battery staple".to_owned(), vec![]),
            (15, "      spaces      ".to_owned(), vec![]),
            (15, "🦀".repeat(15), vec![]),
            (15, "🦀".repeat(14), vec!["too_short"]),
            (8, "password1".to_owned(), vec!["too_common"]),
            (8, "PassWord1".to_owned(), vec!["too_common"]),
            (8, "password1 ".to_owned(), vec![]),
            (15, "password1".to_owned(), vec!["too_short", "too_common"]),
            (8, "alice.wonderland@example.com".to_owned(), vec!["is_email_address"]),
            (8, "ALICE.WONDERLAND".to_owned(), vec!["is_email_address"]),
            (8, "example-portal".to_owned(), vec!["is_portal_name"]),
            (8, "ExamplePortal".to_owned(), vec!["is_portal_name"]),
        ] {
            assert_eq!(reasons(min, &password), expected, "{password:?}");
        }
    }

    #[test]
    fn the_list_of_common_passwords_is_in_the_form_it_is_searched_in() {
        assert!(COMMON.len() > 8_000, "{}", COMMON.len());
        for listed in COMMON.iter() {
            assert!(listed.chars().count() >= 8, "{listed:?} falls to the length rule");
            assert_eq!(fold(listed), *listed);
        }
    }

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
            let stored = crate::account::imported_hash::parse(&stored).unwrap_or_else(|e| panic!("{stored}: {e}"));
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

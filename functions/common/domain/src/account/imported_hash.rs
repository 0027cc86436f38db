//! Password hashes of users who are imported from another system.
//!
//! A hash is stored as it is, verified with its own algorithm, and replaced by Argon2id at the next sign-in. A hash states
//! how much work it takes, so hashes that would take too much are rejected at import.

use std::ops::RangeInclusive;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::PasswordHash;

/// The most work that verifying a hash may take, in milliseconds of one vCPU: bcrypt with a cost of 15. A refusal takes up
/// to four times as long, which the timeout of the function `sign-in` allows.
const MAX_WORK_MS: u64 = 2_400;

/// The most memory that verifying a hash may take, in KiB: a quarter of what the function `sign-in` has.
const MAX_MEMORY_KIB: u64 = 256 * 1024;

/// Longest text of a hash. Argon2 with a salt of 64 and an output of 128 bytes has 300 characters.
const MAX_TEXT: usize = 512;

/// Shorter salts and outputs are signs of damage; longer outputs don't exist in practice, and cost PBKDF2 more rounds.
const SALT_BYTES: RangeInclusive<usize> = 8..=64;
const OUTPUT_BYTES: RangeInclusive<usize> = 16..=128;

/// Base64 as PHC strings, Django and ASP.NET write it. passlib writes dots for plus signs.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// bcrypt's Base64. Some systems leave stray bits in the last character of the salt; bcrypt ignores them.
const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The digits of crypt's numbers, which phpass uses for bytes too.
const CRYPT_DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Why a hash is rejected. Each message also says what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedHash {
    /// The format isn't known.
    #[error("this kind of hash can't be verified; {INSTEAD}")]
    UnknownForm,
    /// The format is known, but a part is missing or isn't valid.
    #[error("the hash is damaged: its parameters, salt or output aren't valid; export it again, or {INSTEAD}")]
    Damaged,
    /// The hash depends on a secret key that isn't part of it.
    #[error("the hash needs a secret key (pepper) that isn't part of it; {INSTEAD}")]
    NeedsSecret,
    /// The hash can be reversed with little work.
    #[error("unsalted, MD5 and SHA-1 hashes don't protect a password; {INSTEAD}")]
    Weak,
    /// The other system marks an account that has no password.
    #[error("this account has no usable password; {INSTEAD}")]
    NoPassword,
    /// Verifying the hash takes too much time or memory.
    #[error("the hash takes too long to verify, or too much memory; {INSTEAD}")]
    TooCostly,
}

/// What to do with a user whose hash is rejected.
const INSTEAD: &str = "leave it out and send this person a reset link";

/// A hash, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedHash {
    /// How the output is computed.
    pub scheme: Scheme,
    /// The salt, as the algorithm takes it.
    pub salt: Vec<u8>,
    /// The output for the right password. Its length is the length to compute.
    pub output: Vec<u8>,
}

/// An algorithm with its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Argon2 (RFC 9106).
    Argon2 {
        /// Which of the three.
        variant: Argon2Variant,
        /// Version 0x10 instead of 0x13.
        is_version_10: bool,
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// scrypt (RFC 7914).
    Scrypt {
        /// Base-2 logarithm of N.
        log_n: u8,
        /// Block size.
        r: u32,
        /// Parallelism.
        p: u32,
    },
    /// PBKDF2 (RFC 8018) with HMAC.
    Pbkdf2 {
        /// The digest.
        digest: Pbkdf2Digest,
        /// Rounds.
        rounds: u32,
    },
    /// bcrypt.
    Bcrypt {
        /// Base-2 logarithm of the rounds.
        cost: u32,
        /// What is done to the password first.
        prehash: Prehash,
    },
    /// The portable hashes of phpass: MD5, iterated and salted.
    Phpass {
        /// Base-2 logarithm of the rounds.
        log_rounds: u32,
        /// WordPress trims passwords; phpBB doesn't.
        is_wordpress: bool,
    },
}

/// The three kinds of Argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Argon2Variant {
    D,
    I,
    Id,
}

/// The digests of PBKDF2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Pbkdf2Digest {
    Sha256,
    Sha512,
}

/// What is done to a password before bcrypt sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prehash {
    /// Nothing: bytes beyond the 72nd don't count.
    None,
    /// Django's `bcrypt_sha256`: SHA-256 in hexadecimal.
    Sha256Hex,
    /// WordPress 6.8: HMAC-SHA-384 with the key `wp-sha384`, in Base64.
    WordPress,
}

impl ImportedHash {
    /// The estimated work of verifying the hash, in milliseconds of one vCPU. Measured on a busy Intel Xeon: bcrypt 12 takes
    /// 295 ms, PBKDF2-SHA-256 with 600,000 rounds 293 ms, scrypt with N = 65,536 287 ms, our Argon2id 47 ms.
    pub fn work_ms(&self) -> u64 {
        match self.scheme {
            Scheme::Argon2 { memory_kib, passes, .. } => u64::from(memory_kib) * u64::from(passes) / 830,
            Scheme::Scrypt { log_n, r, p } => (u64::from(r) * u64::from(p)).saturating_mul(1 << log_n.min(32)) / 1_800,
            Scheme::Pbkdf2 { digest, rounds } => {
                let (block, rounds_per_ms) = match digest {
                    Pbkdf2Digest::Sha256 => (32, 2_000),
                    Pbkdf2Digest::Sha512 => (64, 780),
                };
                u64::from(rounds) * self.output.len().div_ceil(block) as u64 / rounds_per_ms
            }
            Scheme::Bcrypt { cost, .. } => (1 << cost.min(31)) / 14,
            Scheme::Phpass { log_rounds, .. } => (1 << log_rounds.min(31)) / 4_000,
        }
    }

    fn memory_kib(&self) -> u64 {
        match self.scheme {
            Scheme::Argon2 { memory_kib, .. } => u64::from(memory_kib),
            Scheme::Scrypt { log_n, r, .. } => u64::from(r).saturating_mul(1 << log_n.min(32)) / 8,
            Scheme::Pbkdf2 { .. } | Scheme::Bcrypt { .. } | Scheme::Phpass { .. } => 0,
        }
    }
}

/// The work of our own Argon2id, and so the least time of a wrong password where faster hashes were imported.
const LEAST_WORK_MS: u64 = 50;

/// How long verifying an imported hash takes, or our own if that takes longer.
pub fn work_ms(hash: &PasswordHash) -> i64 {
    let work = read(hash.as_phc()).map_or(0, |hash| hash.work_ms());
    i64::try_from(work.max(LEAST_WORK_MS)).unwrap_or(i64::MAX)
}

/// Accepts a hash for import, or says why not.
///
/// # Errors
///
/// [`RefusedHash`].
pub fn parse(text: &str) -> Result<PasswordHash, RefusedHash> {
    let hash = read(text)?;
    let is_costly = hash.work_ms() > MAX_WORK_MS || hash.memory_kib() > MAX_MEMORY_KIB;
    if is_costly { Err(RefusedHash::TooCostly) } else { Ok(PasswordHash::from_phc(text)) }
}

/// Takes a hash apart: a PHC string, or the format of bcrypt, Django, WordPress, phpBB, passlib or ASP.NET Identity.
///
/// # Errors
///
/// [`RefusedHash`].
pub fn read(text: &str) -> Result<ImportedHash, RefusedHash> {
    use RefusedHash::{NoPassword, UnknownForm, Weak};
    if text.starts_with(['!', '*']) && !is_mysql(text) {
        return Err(NoPassword);
    }
    if text.len() > MAX_TEXT || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(UnknownForm);
    }
    if is_weak(text) {
        return Err(Weak);
    }
    let fields: Vec<_> = without_scheme_label(text).split('$').collect();
    match fields.as_slice() {
        // Django writes the name of its hasher before the hash.
        ["" | "argon2", name @ ("argon2id" | "argon2i" | "argon2d"), rest @ ..] => argon2(name, rest),
        ["", "scrypt", parameters, salt, output] => scrypt(parameters, salt, output),
        ["scrypt", n, salt, r, p, output] => django_scrypt(n, r, p, salt, output),
        ["", "pbkdf2-sha256", parameters, salt, output] => pbkdf2(Pbkdf2Digest::Sha256, parameters, salt, output),
        ["", "pbkdf2-sha512", parameters, salt, output] => pbkdf2(Pbkdf2Digest::Sha512, parameters, salt, output),
        ["pbkdf2_sha256", rounds, salt, output] => {
            let scheme = Scheme::Pbkdf2 { digest: Pbkdf2Digest::Sha256, rounds: number(rounds)? };
            with_literal_salt(scheme, salt, output)
        }
        ["", "2a" | "2b" | "2y", cost, rest] | ["bcrypt", "", "2a" | "2b" | "2y", cost, rest] => {
            bcrypt(Prehash::None, cost, rest)
        }
        ["bcrypt_sha256", "", "2a" | "2b" | "2y", cost, rest] => bcrypt(Prehash::Sha256Hex, cost, rest),
        ["", "wp", "2y" | "2b" | "2a", cost, rest] => bcrypt(Prehash::WordPress, cost, rest),
        ["", kind @ ("P" | "H"), rest] => phpass(*kind == "P", rest),
        [one] => aspnet(one),
        _ => Err(UnknownForm),
    }
}

/// LDAP servers, Spring Security and Dovecot write the kind of a hash in braces before it.
fn without_scheme_label(text: &str) -> &str {
    let labelled = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    match labelled {
        Some((label, hash))
            if ["bcrypt", "blf-crypt", "crypt", "argon2", "argon2i", "argon2id"]
                .iter()
                .any(|known| label.eq_ignore_ascii_case(known)) =>
        {
            hash
        }
        _ => text,
    }
}

/// Whether a hash is unsalted, or made with MD5 or SHA-1. phpass, which iterates MD5 thousands of times, is not meant.
fn is_weak(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let labels = [
        "{md5}",
        "{smd5}",
        "{sha}",
        "{sha1}",
        "{ssha}",
        "{ssha1}",
        "{plain-md5}",
        "{ldap-md5}",
        "{nt}",
        "md5$",
        "sha1$",
        "unsalted_",
        "pbkdf2_sha1$",
        "$1$",
        "$apr1$",
        "$md5",
        "$sha1",
        "$pbkdf2$",
        "$pbkdf2-sha1$",
        "$nt$",
        "$3$",
    ];
    // A bare digest, or a digest with a salt after a colon, as Joomla and osCommerce write it.
    let digest = text.split(':').next().unwrap_or_default();
    let is_digest = matches!(digest.len(), 32 | 40 | 56 | 64 | 96 | 128) && is_hex(digest);
    // The first byte of ASP.NET Identity's format is 0 in version 2, which uses SHA-1.
    let is_aspnet_2 = text.len() == 68 && BASE64.decode(text).is_ok_and(|bytes| bytes.len() == 49 && bytes[0] == 0);
    is_digest || is_mysql(text) || is_aspnet_2 || labels.iter().any(|label| lower.starts_with(label))
}

/// `*` and SHA-1 of SHA-1.
fn is_mysql(text: &str) -> bool {
    text.len() == 41 && text.strip_prefix('*').is_some_and(is_hex)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn argon2(name: &str, rest: &[&str]) -> Result<ImportedHash, RefusedHash> {
    // Without a version the text means 0x10, but some systems leave it out with 0x13.
    let [version @ ("v=16" | "v=19"), parameters, salt, output] = rest else { return Err(RefusedHash::Damaged) };
    let variant = match name {
        "argon2d" => Argon2Variant::D,
        "argon2i" => Argon2Variant::I,
        _ => Argon2Variant::Id,
    };
    if parameters.contains("keyid=") || parameters.contains("data=") {
        return Err(RefusedHash::NeedsSecret);
    }
    let [memory_kib, passes, lanes] = parameters_of(parameters, ["m", "t", "p"])?;
    // RFC 9106 section 3.1.
    if !(1..=64).contains(&lanes) || passes < 1 || memory_kib < 8 * lanes {
        return Err(RefusedHash::Damaged);
    }
    let scheme = Scheme::Argon2 { variant, is_version_10: *version == "v=16", memory_kib, passes, lanes };
    with_base64_salt(scheme, salt, output)
}

fn scrypt(parameters: &str, salt: &str, output: &str) -> Result<ImportedHash, RefusedHash> {
    let [log_n, r, p] = parameters_of(parameters, ["ln", "r", "p"])?;
    with_base64_salt(scrypt_scheme(log_n, r, p)?, salt, output)
}

fn django_scrypt(n: &str, r: &str, p: &str, salt: &str, output: &str) -> Result<ImportedHash, RefusedHash> {
    let n = number(n)?;
    if !n.is_power_of_two() {
        return Err(RefusedHash::Damaged);
    }
    with_literal_salt(scrypt_scheme(n.trailing_zeros(), number(r)?, number(p)?)?, salt, output)
}

fn scrypt_scheme(log_n: u32, r: u32, p: u32) -> Result<Scheme, RefusedHash> {
    let is_valid = (1..=31).contains(&log_n) && (1..=1024).contains(&r) && (1..=1024).contains(&p);
    match u8::try_from(log_n) {
        Ok(log_n) if is_valid => Ok(Scheme::Scrypt { log_n, r, p }),
        _ => Err(RefusedHash::Damaged),
    }
}

/// A PHC string names its rounds `i` and perhaps its length `l`; passlib writes the rounds only.
fn pbkdf2(digest: Pbkdf2Digest, parameters: &str, salt: &str, output: &str) -> Result<ImportedHash, RefusedHash> {
    let (rounds, length) = match parameters.split_once(",l=") {
        Some((rounds, length)) => (rounds, Some(number(length)?)),
        None => (parameters, None),
    };
    let rounds = number(rounds.strip_prefix("i=").unwrap_or(rounds))?;
    let hash = with_base64_salt(Scheme::Pbkdf2 { digest, rounds }, salt, output)?;
    match length {
        Some(length) if length as usize != hash.output.len() => Err(RefusedHash::Damaged),
        _ => Ok(hash),
    }
}

fn bcrypt(prehash: Prehash, cost: &str, rest: &str) -> Result<ImportedHash, RefusedHash> {
    let number = if cost.len() == 2 { number(cost)? } else { 0 };
    if !(4..=31).contains(&number) || rest.len() != 53 {
        return Err(RefusedHash::Damaged);
    }
    let (salt, output) = rest.split_at(22);
    let decode = |text| BCRYPT_BASE64.decode(text).map_err(|_| RefusedHash::Damaged);
    Ok(ImportedHash { scheme: Scheme::Bcrypt { cost: number, prehash }, salt: decode(salt)?, output: decode(output)? })
}

/// One digit for the rounds, eight characters of salt, and 16 bytes in 22 digits.
fn phpass(is_wordpress: bool, rest: &str) -> Result<ImportedHash, RefusedHash> {
    let [rounds, rest @ ..] = rest.as_bytes() else { return Err(RefusedHash::Damaged) };
    let digit = |digit: &u8| CRYPT_DIGITS.iter().position(|known| known == digit);
    let (Some((salt, output)), Some(log_rounds)) = (rest.split_at_checked(8), digit(rounds)) else {
        return Err(RefusedHash::Damaged);
    };
    let log_rounds = u32::try_from(log_rounds).unwrap_or_default();
    if !(7..=30).contains(&log_rounds) || output.len() != 22 {
        return Err(RefusedHash::Damaged);
    }
    // Four digits are three bytes, the lowest first.
    let mut bytes = Vec::with_capacity(18);
    for group in output.chunks(4) {
        let mut value = 0;
        for (place, character) in group.iter().enumerate() {
            value |= digit(character).ok_or(RefusedHash::Damaged)? << (6 * place);
        }
        bytes.extend_from_slice(&value.to_le_bytes()[..3]);
    }
    bytes.truncate(16);
    Ok(ImportedHash { scheme: Scheme::Phpass { log_rounds, is_wordpress }, salt: salt.to_vec(), output: bytes })
}

/// ASP.NET Identity version 3: format 1, digest, rounds and length of the salt as big-endian numbers, salt, output.
fn aspnet(text: &str) -> Result<ImportedHash, RefusedHash> {
    let bytes = BASE64.decode(text).map_err(|_| RefusedHash::UnknownForm)?;
    let [1, header @ ..] = bytes.as_slice() else { return Err(RefusedHash::UnknownForm) };
    let (header, rest) = header.split_at_checked(12).ok_or(RefusedHash::UnknownForm)?;
    let field = |at: usize| header[at..at + 4].iter().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
    let digest = match field(0) {
        0 => return Err(RefusedHash::Weak),
        1 => Pbkdf2Digest::Sha256,
        2 => Pbkdf2Digest::Sha512,
        _ => return Err(RefusedHash::UnknownForm),
    };
    let (rounds, salt_length) = (field(4), field(8) as usize);
    let (salt, output) = rest.split_at_checked(salt_length).ok_or(RefusedHash::Damaged)?;
    checked(Scheme::Pbkdf2 { digest, rounds }, salt.to_vec(), output.to_vec())
}

/// Exactly these parameters, in any order.
fn parameters_of<const N: usize>(text: &str, names: [&str; N]) -> Result<[u32; N], RefusedHash> {
    let mut values = [None; N];
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=').ok_or(RefusedHash::Damaged)?;
        let at = names.iter().position(|known| *known == name).ok_or(RefusedHash::Damaged)?;
        if values[at].replace(number(value)?).is_some() {
            return Err(RefusedHash::Damaged);
        }
    }
    let mut found = [0; N];
    for (found, value) in found.iter_mut().zip(values) {
        *found = value.ok_or(RefusedHash::Damaged)?;
    }
    Ok(found)
}

fn number(text: &str) -> Result<u32, RefusedHash> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or(RefusedHash::Damaged)
}

fn with_base64_salt(scheme: Scheme, salt: &str, output: &str) -> Result<ImportedHash, RefusedHash> {
    checked(scheme, decode(salt)?, decode(output)?)
}

/// Django uses the text of the salt.
fn with_literal_salt(scheme: Scheme, salt: &str, output: &str) -> Result<ImportedHash, RefusedHash> {
    checked(scheme, salt.as_bytes().to_vec(), decode(output)?)
}

fn decode(text: &str) -> Result<Vec<u8>, RefusedHash> {
    BASE64.decode(text.replace('.', "+")).map_err(|_| RefusedHash::Damaged)
}

fn checked(scheme: Scheme, salt: Vec<u8>, output: Vec<u8>) -> Result<ImportedHash, RefusedHash> {
    let is_whole = SALT_BYTES.contains(&salt.len()) && OUTPUT_BYTES.contains(&output.len());
    let has_rounds = !matches!(scheme, Scheme::Pbkdf2 { rounds: 0, .. });
    if is_whole && has_rounds { Ok(ImportedHash { scheme, salt, output }) } else { Err(RefusedHash::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_accepted_or_rejected() {
        use RefusedHash::{Damaged, NeedsSecret, NoPassword, TooCostly, UnknownForm, Weak};
        let tail = "c29tZXNhbHRzYWx0$Y29tcGxldGVseW1hZGV1cGhhc2hoYXNoaGFzaGhhc2g";
        let long = format!("c29tZXNhbHRzYWx0${}A", "a".repeat(170));
        let aspnet = |format: u8, digest: u32, rounds: u32| {
            let mut bytes = vec![format];
            for field in [digest, rounds, 16] {
                bytes.extend(field.to_be_bytes());
            }
            bytes.extend([7; 16 + 32]);
            BASE64.encode(bytes)
        };
        for (text, expected) in [
            (format!("$argon2id$v=19$m=19456,t=2,p=1${tail}"), None),
            (format!("$argon2i$v=16$m=4096,t=3,p=1${tail}"), None),
            (format!("$argon2id$v=19$t=3,p=4,m=65536${long}"), None),
            (format!("argon2$argon2id$v=19$m=102400,t=2,p=8${tail}"), None),
            (format!("{{ARGON2ID}}$argon2id$v=19$m=65536,t=3,p=1${tail}"), None),
            (format!("$argon2id$v=19$m=4194304,t=1,p=1${tail}"), Some(TooCostly)),
            (format!("$argon2id$v=19$m=19456,t=2${tail}"), Some(Damaged)),
            (format!("$argon2id$v=19$m=19456,m=19456,t=2,p=1${tail}"), Some(Damaged)),
            (format!("$argon2id$m=19456,t=2,p=1${tail}"), Some(Damaged)),
            (format!("$argon2id$v=19$m=8,t=2,p=2${tail}"), Some(Damaged)),
            (format!("$argon2id$v=19$m=19456,t=2,p=1,keyid=Zm9v${tail}"), Some(NeedsSecret)),
            (format!("$scrypt$ln=16,r=8,p=1${tail}"), None),
            (format!("$scrypt$ln=30,r=8,p=1${tail}"), Some(TooCostly)),
            (format!("scrypt$16384$somesaltsalt$8$1${}A=", "a".repeat(42)), None),
            (format!("scrypt$16385$somesaltsalt$8$1${}A=", "a".repeat(42)), Some(Damaged)),
            (format!("$pbkdf2-sha256$i=600000,l=33${tail}"), Some(Damaged)),
            (format!("$pbkdf2-sha256$i=600000,l=32${tail}"), None),
            (format!("$pbkdf2-sha256$29000$6X2PMUZoLYVQqtX631vLOQ${}", "a.b/".repeat(8)), None),
            (format!("$pbkdf2-sha512$25000$6X2PMUZoLYVQqtX631vLOQ${}", "a".repeat(86)), Some(Damaged)),
            (format!("$pbkdf2-sha512$25000$6X2PMUZoLYVQqtX631vLOQ${}A", "a".repeat(85)), None),
            (format!("$pbkdf2-sha256$i=0${tail}"), Some(Damaged)),
            (format!("$pbkdf2-sha256$i=4000000000${tail}"), Some(TooCostly)),
            (format!("$pbkdf2-sha256$i=+5${tail}"), Some(Damaged)),
            (format!("pbkdf2_sha256$600000$somesaltsalt${}A=", "a".repeat(42)), None),
            (format!("pbkdf2_sha1$600000$somesaltsalt${}=", "a".repeat(27)), Some(Weak)),
            (format!("$2b$12${}", "a".repeat(53)), None),
            (format!("$2x$12${}", "a".repeat(53)), Some(UnknownForm)),
            (format!("{{bcrypt}}$2a$10${}", "a".repeat(53)), None),
            (format!("{{BLF-CRYPT}}$2y$10${}", "a".repeat(53)), None),
            (format!("{{pbkdf2}}{}", "ab".repeat(40)), Some(UnknownForm)),
            (format!("bcrypt$$2b$12${}", "a".repeat(53)), None),
            (format!("bcrypt_sha256$$2b$12${}", "a".repeat(53)), None),
            (format!("$wp$2y$10${}", "a".repeat(53)), None),
            (format!("$2b$31${}", "a".repeat(53)), Some(TooCostly)),
            (format!("$2b$12${}", "a".repeat(52)), Some(Damaged)),
            (format!("$2b$12${}=", "a".repeat(52)), Some(Damaged)),
            (format!("$2b$012${}", "a".repeat(53)), Some(Damaged)),
            (format!("$P$B{}", "a".repeat(30)), None),
            (format!("$H$9{}", "a".repeat(30)), None),
            (format!("$P$B{}", "a".repeat(29)), Some(Damaged)),
            (format!("$P$!{}", "a".repeat(30)), Some(Damaged)),
            (aspnet(1, 1, 10_000), None),
            (aspnet(1, 2, 100_000), None),
            (aspnet(1, 0, 10_000), Some(Weak)),
            (aspnet(1, 1, 0), Some(Damaged)),
            (aspnet(2, 1, 10_000), Some(UnknownForm)),
            (BASE64.encode([0; 49]), Some(Weak)),
            ("5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), Some(Weak)),
            ("5f4dcc3b5aa765d61d8327deb882cf99:x7Fa".to_owned(), Some(Weak)),
            ("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19".to_owned(), Some(Weak)),
            ("{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3".to_owned(), Some(Weak)),
            ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), Some(Weak)),
            ("$1$salt$hash".to_owned(), Some(Weak)),
            ("!Vqs1xPYmE5X3Y0gxdA9b".to_owned(), Some(NoPassword)),
            ("*".to_owned(), Some(NoPassword)),
            ("$6$salt$hash".to_owned(), Some(UnknownForm)),
            ("hunter2".to_owned(), Some(UnknownForm)),
            (String::new(), Some(UnknownForm)),
            ("$".repeat(600), Some(UnknownForm)),
        ] {
            assert_eq!(parse(&text).err(), expected, "{text}");
        }
    }

    #[test]
    fn every_rejection_says_what_to_do_instead() {
        use RefusedHash::{Damaged, NeedsSecret, NoPassword, TooCostly, UnknownForm, Weak};
        for refused in [UnknownForm, Damaged, NeedsSecret, Weak, NoPassword, TooCostly] {
            assert!(refused.to_string().ends_with("send this person a reset link"), "{refused}");
        }
    }

    #[test]
    fn stray_bits_at_the_end_of_a_bcrypt_salt_are_ignored() {
        let read = |end: &str| read(&format!("$2b$05$w1aJM8hSptax2sSnJBiO9{end}PmibdAeCZd3W23bkmgKOtQye1u1poFa"));
        assert_eq!(read("e").unwrap(), read("f").unwrap());
        assert_ne!(read("e").unwrap(), read("u").unwrap());
    }
}

//! Verifies the hashes of other systems.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mailkey::account::imported_hash::{Argon2Variant, ImportedHash, Pbkdf2Digest, Prehash, Scheme};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

/// bcrypt ignores what comes after these bytes.
const BCRYPT_BYTES: usize = 72;

/// Whether `typed` is the password of `hash`.
pub(super) fn matches(typed: &[u8], hash: &ImportedHash) -> bool {
    compute(typed, hash).is_some_and(|output| is_same(&output, &hash.output))
}

/// Compares in constant time.
pub(super) fn is_same(output: &[u8], expected: &[u8]) -> bool {
    output.ct_eq(expected).into()
}

/// The output for what was typed; `None` if the password can't be the one that was hashed.
fn compute(typed: &[u8], hash: &ImportedHash) -> Option<Vec<u8>> {
    let mut output = vec![0; hash.output.len()];
    match hash.scheme {
        Scheme::Argon2 { variant, is_version_10, memory_kib, passes, lanes } => {
            let algorithm = match variant {
                Argon2Variant::D => Algorithm::Argon2d,
                Argon2Variant::I => Algorithm::Argon2i,
                Argon2Variant::Id => Algorithm::Argon2id,
            };
            let version = if is_version_10 { Version::V0x10 } else { Version::V0x13 };
            let params = Params::new(memory_kib, passes, lanes, Some(output.len())).ok()?;
            Argon2::new(algorithm, version, params).hash_password_into(typed, &hash.salt, &mut output).ok()?;
        }
        Scheme::Scrypt { log_n, r, p } => {
            let params = scrypt::Params::new(log_n, r, p).ok()?;
            scrypt::scrypt(typed, &hash.salt, &params, &mut output).ok()?;
        }
        Scheme::Pbkdf2 { digest, rounds } => pbkdf2(typed, &hash.salt, digest, rounds, &mut output),
        Scheme::Bcrypt { cost, prehash } => return bcrypt(typed, cost, prehash, &hash.salt, output.len()),
        Scheme::Phpass { log_rounds, is_wordpress } => {
            let typed = if is_wordpress { typed_in_wordpress(typed) } else { typed };
            output = phpass(typed, &hash.salt, log_rounds);
        }
    }
    Some(output)
}

fn pbkdf2(typed: &[u8], salt: &[u8], digest: Pbkdf2Digest, rounds: u32, output: &mut [u8]) {
    // This function is compiled with its crate, for speed. The generic ones are compiled with ours, for size; they are left
    // for numbers of rounds that the crate considers too small.
    match (digest, pbkdf2::Params::new(rounds)) {
        (Pbkdf2Digest::Sha256, Ok(params)) => {
            pbkdf2::pbkdf2_hmac_with_params(typed, salt, pbkdf2::Algorithm::Pbkdf2Sha256, params, output);
        }
        (Pbkdf2Digest::Sha512, Ok(params)) => {
            pbkdf2::pbkdf2_hmac_with_params(typed, salt, pbkdf2::Algorithm::Pbkdf2Sha512, params, output);
        }
        (Pbkdf2Digest::Sha256, Err(_)) => pbkdf2::pbkdf2_hmac::<Sha256>(typed, salt, rounds, output),
        (Pbkdf2Digest::Sha512, Err(_)) => pbkdf2::pbkdf2_hmac::<Sha512>(typed, salt, rounds, output),
    }
}

fn bcrypt(typed: &[u8], cost: u32, prehash: Prehash, salt: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut password = match prehash {
        Prehash::None => typed.to_vec(),
        Prehash::Sha256Hex => {
            Sha256::digest(typed).iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
        }
        Prehash::WordPress => {
            let mut mac = Hmac::<Sha384>::new_from_slice(b"wp-sha384").ok()?;
            mac.update(typed_in_wordpress(typed));
            BASE64_STANDARD.encode(mac.finalize().into_bytes()).into_bytes()
        }
    };
    // The rest of a longer password can't be checked, and bcrypt stops or repeats at a zero byte. Such a password must
    // never be accepted: the new hash of it would lock out the person who knows the right one.
    let cant_match = password.len() > BCRYPT_BYTES || password.contains(&0);
    password.push(0);
    password.truncate(BCRYPT_BYTES);
    let output = bcrypt::bcrypt(cost, salt.try_into().ok()?, &password);
    (!cant_match).then(|| output[..length.min(output.len())].to_vec())
}

/// WordPress trims passwords as PHP's `trim` does.
fn typed_in_wordpress(typed: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b);
    let start = typed.iter().position(|byte| !is_space(byte)).unwrap_or(typed.len());
    let end = typed.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &typed[start..end]
}

/// The portable hash of phpass (openwall.com/phpass).
fn phpass(typed: &[u8], salt: &[u8], log_rounds: u32) -> Vec<u8> {
    let mut digest = md5::compute([salt, typed].concat());
    let mut message = [digest.as_slice(), typed].concat();
    for _ in 0..1_u32 << log_rounds {
        message[..digest.len()].copy_from_slice(digest.as_slice());
        digest = md5::compute(&message);
    }
    digest.to_vec()
}

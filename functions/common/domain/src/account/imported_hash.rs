//! Password hashes that users bring along from another system.
//!
//! They are taken as they are, verified with their own algorithm, and renewed as Argon2id at the next sign-in. What
//! would cost too much to verify is refused: a hash says itself how much work it is, and must not be able to stop the
//! service.

use super::PasswordHash;

/// Why a hash is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedHash {
    /// None of the forms that are known.
    #[error("the hash is not in a known form: $argon2…, $2b$…, $scrypt$… or $pbkdf2-sha256$…")]
    UnknownForm,
    /// Its parameters are damaged, or ask for too much work.
    #[error("the hash has parameters that are missing, damaged or too costly")]
    BadParameters,
}

/// Takes a hash in PHC string form (argon2, scrypt, pbkdf2), or in bcrypt's own form.
///
/// # Errors
///
/// [`RefusedHash`].
pub fn parse(text: &str) -> Result<PasswordHash, RefusedHash> {
    use RefusedHash::{BadParameters, UnknownForm};
    if text.len() > 256 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(UnknownForm);
    }
    let fields: Vec<_> = text.split('$').collect();
    let bounded = match fields.as_slice() {
        ["", "argon2id" | "argon2i" | "argon2d", version, parameters, salt, hash] => {
            version.starts_with("v=")
                && within(parameters, "m", 8..=262_144)
                && within(parameters, "t", 1..=16)
                && within(parameters, "p", 1..=16)
                && filled(salt, hash)
        }
        ["", "scrypt", parameters, salt, hash] => {
            within(parameters, "ln", 1..=18)
                && within(parameters, "r", 1..=16)
                && within(parameters, "p", 1..=4)
                && filled(salt, hash)
        }
        ["", "pbkdf2-sha256" | "pbkdf2-sha512", parameters, salt, hash] => {
            within(parameters, "i", 1..=5_000_000) && filled(salt, hash)
        }
        ["", "2a" | "2b" | "2y", cost, rest] => {
            cost.len() == 2 && cost.parse().is_ok_and(|cost: u32| (4..=15).contains(&cost)) && rest.len() == 53
        }
        _ => return Err(UnknownForm),
    };
    if bounded { Ok(PasswordHash::from_phc(text)) } else { Err(BadParameters) }
}

fn within(parameters: &str, name: &str, bounds: std::ops::RangeInclusive<u32>) -> bool {
    let mut values = parameters.split(',').filter_map(|pair| pair.split_once('=')).filter(|(is, _)| *is == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => value.parse().is_ok_and(|value: u32| bounds.contains(&value)),
        _ => false,
    }
}

fn filled(salt: &str, hash: &str) -> bool {
    let base64 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'.'));
    salt.len() >= 8 && hash.len() >= 16 && base64(salt) && base64(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_taken_or_refused() {
        use RefusedHash::{BadParameters, UnknownForm};
        let tail = "c29tZXNhbHRzYWx0$Y29tcGxldGVseW1hZGV1cGhhc2hoYXNoaGFzaGhhc2g";
        for (text, expected) in [
            (format!("$argon2id$v=19$m=19456,t=2,p=1${tail}"), Ok(())),
            (format!("$argon2i$v=19$m=4096,t=3,p=1${tail}"), Ok(())),
            (format!("$argon2id$v=19$m=4194304,t=2,p=1${tail}"), Err(BadParameters)),
            (format!("$argon2id$v=19$m=19456,t=2${tail}"), Err(BadParameters)),
            (format!("$argon2id$v=19$m=19456,m=19456,t=2,p=1${tail}"), Err(BadParameters)),
            (format!("$scrypt$ln=16,r=8,p=1${tail}"), Ok(())),
            (format!("$scrypt$ln=30,r=8,p=1${tail}"), Err(BadParameters)),
            (format!("$pbkdf2-sha256$i=600000,l=32${tail}"), Ok(())),
            (format!("$pbkdf2-sha256$i=4000000000,l=32${tail}"), Err(BadParameters)),
            (format!("$2b$12${}", "a".repeat(53)), Ok(())),
            (format!("$2b$31${}", "a".repeat(53)), Err(BadParameters)),
            (format!("$2b$12${}", "a".repeat(52)), Err(BadParameters)),
            ("5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), UnknownForm.err()),
            ("$1$salt$hash".to_owned(), UnknownForm.err()),
            (String::new(), UnknownForm.err()),
            ("a".repeat(300), UnknownForm.err()),
        ] {
            assert_eq!(parse(&text).map(|_| ()), expected, "{text}");
        }
    }

    impl RefusedHash {
        fn err(self) -> Result<(), Self> {
            Err(self)
        }
    }
}

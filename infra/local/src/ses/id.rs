//! Identifiers in the shapes that SES and ULIDs have.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};

use jiff::Timestamp;

/// Crockford's base 32: what ULIDs are written in, in the order of its values, so that ids sort by time.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The region that message ids begin with, as us-east-1 writes it.
const REGION_PREFIX: &str = "0100";

/// 128 bits that no other call gives. They are no secret: std seeds its hash maps from the same source.
pub(super) fn random() -> u128 {
    let half = || u128::from(RandomState::new().build_hasher().finish());
    half() << 64 | half()
}

/// The same 128 bits for the same input, as long as the process lives.
pub(super) fn derived(from: impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &from).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// A sortable id: 48 bits of time and 80 bits that grow within a millisecond.
pub(super) fn ulid(milliseconds: i64, random: u128) -> String {
    let value = u128::from(milliseconds.unsigned_abs()) << 80 | random & ((1 << 80) - 1);
    (0..26).rev().map(|digit| char::from(CROCKFORD[(value >> (digit * 5) & 31) as usize])).collect()
}

/// A message id or a feedback id of SES.
pub(super) fn ses(at: Timestamp, bits: u128) -> String {
    format!("{REGION_PREFIX}{:012x}-{}-000000", at.as_millisecond(), uuid(bits))
}

/// A version 4 UUID.
pub(super) fn uuid(bits: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_26_digits_and_sorts_by_time() {
        let early = ulid(1_700_000_000_000, u128::MAX);
        let late = ulid(1_700_000_000_001, 0);
        assert_eq!(early.len(), 26);
        assert!(early < late, "{early} {late}");
    }

    #[test]
    fn a_message_id_looks_as_those_of_ses_do() {
        let at = Timestamp::from_millisecond(0x018f_0000_0001).expect("a time");
        assert_eq!(ses(at, 0), "0100018f00000001-00000000-0000-4000-8000-000000000000-000000");
    }

    #[test]
    fn random_bits_do_not_repeat() {
        assert_ne!(random(), random());
    }
}

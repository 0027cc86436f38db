//! Generates SES ids, UUIDs and ULIDs.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};

use jiff::Timestamp;

/// Crockford's base 32, the alphabet of ULIDs. It is in sort order, so ids sort by time.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The prefix of message ids in us-east-1.
const REGION_PREFIX: &str = "0100";

/// 128 bits, different for each call. They aren't secret: std seeds its hash maps from the same source.
pub(super) fn random() -> u128 {
    let half = || u128::from(RandomState::new().build_hasher().finish());
    half() << 64 | half()
}

/// 128 bits derived from the input, the same within one process.
pub(super) fn derived(from: impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &from).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// A sortable id: 48 bits of time and 80 random bits.
pub(super) fn ulid(milliseconds: i64, random: u128) -> String {
    let value = u128::from(milliseconds.unsigned_abs()) << 80 | random & ((1 << 80) - 1);
    (0..26).rev().map(|digit| char::from(CROCKFORD[(value >> (digit * 5) & 31) as usize])).collect()
}

/// An SES message id or feedback id.
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
    fn a_message_id_has_the_form_that_ses_uses() {
        let at = Timestamp::from_millisecond(0x018f_0000_0001).expect("a time");
        assert_eq!(ses(at, 0), "0100018f00000001-00000000-0000-4000-8000-000000000000-000000");
    }

    #[test]
    fn random_bits_do_not_repeat() {
        assert_ne!(random(), random());
    }
}

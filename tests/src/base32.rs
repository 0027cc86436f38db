//! Base32 (RFC 4648, section 6), the text form of an authenticator app's secret.

/// The bytes of a text in base32 without padding.
pub fn from_base32(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        text.bytes().map(|letter| format!("{:05b}", letters.iter().position(|l| *l == letter).unwrap())).collect();
    bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

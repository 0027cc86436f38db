//! Parses query strings. A `+` stays a plus sign, because addresses contain plus signs and no value here contains
//! spaces.

/// The name-value pairs of a query string, percent-decoded, in order.
pub(super) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The first value with this name, unless it is empty.
pub(super) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = pairs.iter().find(|(known, _)| known == name)?;
    Some(value.as_str()).filter(|value| !value.is_empty())
}

fn decode(encoded: &str) -> String {
    let bytes = encoded.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match escaped_byte(&bytes[at..]) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: Option<&str>) {
        assert_eq!(first(&pairs(Some(query)), "to"), expected, "{query:?}");
    }

    #[test]
    fn a_plus_sign_stays_a_plus_sign() {
        check("to=a+b@example.com", Some("a+b@example.com"));
        check("to=a%2Bb%40example.com", Some("a+b@example.com"));
    }

    #[test]
    fn other_parameters_and_invalid_escapes_are_ignored() {
        check("x=1&to=a%zz@example.com&y", Some("a%zz@example.com"));
        check("to=%", Some("%"));
        check("to=", None);
        check("too=a", None);
    }
}

//! Addresses within text that servers and other systems wrote.

use super::EmailAddress;

/// The text with every address masked except `known`, in whatever spelling. A text is erased with its recipient's data,
/// so it may name nobody else.
pub fn mask_addresses(text: &str, known: Option<&str>) -> String {
    let known = known.and_then(|known| EmailAddress::parse(known).ok());
    let mut masked = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "<>()[]\",;:=".contains(c)) {
        let end = word.trim_end_matches(|c: char| c.is_whitespace() || "<>()[]\",;:=.'`".contains(c)).len();
        let (word, rest) = word.split_at(end);
        let start = word.find(|c| c != '\'' && c != '`').unwrap_or(0);
        let (quote, address) = word.split_at(start);
        masked.push_str(quote);
        match EmailAddress::parse(address) {
            Ok(other) if known.as_ref().is_none_or(|known| known.key() != other.key()) => {
                masked.push_str(&other.masked());
            }
            Ok(_) | Err(_) => masked.push_str(address),
        }
        masked.push_str(rest);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_text_are_masked_except_the_recipients() {
        for (text, expected) in [
            ("550 5.1.1 <Alice@Example.com>: no such user", "550 5.1.1 <Alice@Example.com>: no such user"),
            ("550 forwarded to <o'zq+six@example.net> failed", "550 forwarded to <o***@example.net> failed"),
            ("550 RCPT TO:<bob@example.org>, alice@example.com.", "550 RCPT TO:<b***@example.org>, alice@example.com."),
            ("user 'bob@example.org' is unknown", "user 'b***@example.org' is unknown"),
            ("write to mailto:postmaster@example.org.", "write to mailto:p***@example.org."),
            ("id=5@, @home, a@b and\r\n\tJörg@Bücher.example", "id=5@, @home, a@b and\r\n\tj***@xn--bcher-kva.example"),
            ("", ""),
        ] {
            assert_eq!(mask_addresses(text, Some("alice@example.com")), expected, "{text}");
        }
        assert_eq!(mask_addresses("alice@example.com", None), "a***@example.com");
    }
}

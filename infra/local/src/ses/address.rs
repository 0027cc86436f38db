//! Parses email addresses as strictly as SES does.

/// The longest address SMTP can carry: 64 for the local part, `@`, 255 for the domain (RFC 5321, 4.5.3.1).
const MAX_LOCAL_PART: usize = 64;
const MAX_DOMAIN: usize = 255;

/// The domain of SES's mailbox simulator.
pub(super) const SIMULATOR: &str = "simulator.amazonses.com";

/// The bare address in `Name <address>` or `address`, or SES's error text.
pub(super) fn parse(written: &str) -> Result<&str, &'static str> {
    if written.chars().any(char::is_control) {
        return Err("Local address contains control or whitespace");
    }
    let address = bare(written)?;
    let (local, domain) = address.rsplit_once('@').ok_or("Missing final '@domain'")?;
    check_local_part(local)?;
    check_domain(domain)?;
    Ok(address)
}

/// Splits an address into local part and domain. Without `@`, the domain is empty.
pub(super) fn split(address: &str) -> (&str, &str) {
    address.rsplit_once('@').unwrap_or((address, ""))
}

fn bare(written: &str) -> Result<&str, &'static str> {
    let written = written.trim();
    match (written.rfind('<'), written.strip_suffix('>')) {
        (Some(open), Some(inside)) => Ok(&inside[open + 1..]),
        (None, None) => Ok(written),
        (Some(_), None) => Err("Missing '>'"),
        (None, Some(_)) => Err("Missing '<'"),
    }
}

fn check_local_part(local: &str) -> Result<(), &'static str> {
    if local.is_empty() {
        return Err("User name is missing");
    }
    if !local.is_ascii() {
        return Err("Local address contains non-ASCII characters");
    }
    if local.len() > MAX_LOCAL_PART {
        return Err("Local address is longer than 64 characters");
    }
    if local.starts_with('"') && local.ends_with('"') && local.len() > 2 {
        return Ok(());
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("Local address contains a misplaced dot");
    }
    if local.contains(' ') {
        return Err("Local address contains control or whitespace");
    }
    if local.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"']) {
        return Err("Local address contains illegal character");
    }
    Ok(())
}

pub(super) fn check_domain(domain: &str) -> Result<(), &'static str> {
    if domain.is_empty() {
        return Err("Missing final '@domain'");
    }
    if !domain.is_ascii() {
        return Err("Domain contains illegal character: write it in punycode");
    }
    if domain.len() > MAX_DOMAIN {
        return Err("Domain is longer than 255 characters");
    }
    if !domain.split('.').all(is_label) {
        return Err("Domain contains illegal character");
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn check(written: &str, expected: Result<&str, &str>) {
        assert_eq!(parse(written), expected, "{written:?}");
    }

    #[test]
    fn ses_accepts_an_address_with_or_without_a_name() {
        check("ada@example.com", Ok("ada@example.com"));
        check("Ada <ada+x@example.com>", Ok("ada+x@example.com"));
        check("\"Ada L.\" <ada@xn--bcher-kva.example>", Ok("ada@xn--bcher-kva.example"));
        check("\"a b\"@example.com", Ok("\"a b\"@example.com"));
    }

    #[test]
    fn ses_rejects_addresses_that_smtp_cannot_carry() {
        check("ada", Err("Missing final '@domain'"));
        check("@example.com", Err("User name is missing"));
        check("ada@", Err("Missing final '@domain'"));
        check("adá@example.com", Err("Local address contains non-ASCII characters"));
        check("ada@bücher.example", Err("Domain contains illegal character: write it in punycode"));
        check("a b@example.com", Err("Local address contains control or whitespace"));
        check("ada@example..com", Err("Domain contains illegal character"));
        check("ada@-example.com", Err("Domain contains illegal character"));
        check("a..b@example.com", Err("Local address contains a misplaced dot"));
        check("Ada <ada@example.com", Err("Missing '>'"));
        check("ada@example.com>", Err("Missing '<'"));
        check("ada@example.com\r\nBcc: x@example.com", Err("Local address contains control or whitespace"));
        check("a@b@example.com", Err("Local address contains illegal character"));
    }
}

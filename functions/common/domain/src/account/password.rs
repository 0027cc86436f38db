//! Passwords: what is refused, and why.

use std::{collections::HashSet, fmt, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

use super::EmailAddress;

/// The longest password, in code points. NIST SP 800-63B-4 section 3.1.1.2 asks for at least 64.
pub const MAX_LENGTH: usize = 128;

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

    /// The bytes that are hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(min_length: usize, password: &str) -> Vec<&'static str> {
        let email = EmailAddress::parse("Alice.Wonderland@example.com").unwrap();
        let rules = PasswordRules { min_length, email: &email, portal_name: "Example Portal" };
        rules.weaknesses(&Password::new(password)).into_iter().map(Weakness::code).collect()
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
}

//! Passwords: what is refused, and why.

use std::{collections::HashSet, fmt, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;
use zxcvbn::{matching::patterns::MatchPattern, zxcvbn};

use super::EmailAddress;

/// The longest password, in code points. NIST SP 800-63B-4 section 3.1.1.2 asks for at least 64.
pub const MAX_LENGTH: usize = 128;

/// Common passwords of eight and more characters in lower case, one a line: shorter ones fall to the length rule, whose
/// lowest setting is eight.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// Passphrases that are published as examples, so attackers try them first. Written without spaces.
const PUBLISHED: &[&str] = &["correcthorsebatterystaple"];

/// The least number of guesses that an attacker who knows common words and patterns needs: zxcvbn's "very unguessable",
/// safe against offline attacks on a slow hash.
const MIN_GUESSES: u64 = 10_000_000_000;

/// zxcvbn estimates this many characters at a time. Its numbers overflow for keyboard patterns with 28 turns, and its time
/// grows with the square of the length.
const ESTIMATED: usize = 27;

/// A password as it was typed, and in NFKC. New passwords are hashed in NFKC, so that every keyboard's way to write one
/// counts as the same (NIST SP 800-63B-4 section 3.1.1.2). Nothing is trimmed or cut. It doesn't print.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    typed: String,
    normalised: String,
}

impl Password {
    /// Takes what was typed.
    pub fn new(typed: &str) -> Self {
        Self { typed: typed.to_owned(), normalised: typed.nfkc().collect() }
    }

    /// The bytes that are hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.normalised.as_bytes()
    }

    /// The spellings to verify: in NFKC and, if it differs, as typed, because other systems hash what was typed.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let as_typed = (self.typed != self.normalised).then_some(self.typed.as_str());
        std::iter::once(self.normalised.as_str()).chain(as_typed)
    }

    /// The length in code points: the smaller of typed and normalised, because one typed character can become 18.
    pub fn length(&self) -> usize {
        self.typed.chars().count().min(self.normalised.chars().count())
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
    /// Easy to guess, mostly because it repeats itself.
    Repeats,
    /// Easy to guess, mostly because its characters follow one another, in the alphabet, on the keyboard or as a date.
    Sequence,
    /// Easy to guess, because it's made of common words, or of the portal's name or the user's address.
    TooGuessable,
    /// Found in a list of passwords that were stolen from other services.
    Breached,
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
            Self::Repeats => "repeats",
            Self::Sequence => "sequence",
            Self::TooGuessable => "too_guessable",
            Self::Breached => "breached",
        }
    }

    /// The number of characters that it breaks, so that a page can say so in its own language.
    pub fn limit(self) -> Option<usize> {
        match self {
            Self::TooShort { min } => Some(min),
            Self::TooLong => Some(MAX_LENGTH),
            Self::TooCommon
            | Self::IsEmailAddress
            | Self::IsPortalName
            | Self::Repeats
            | Self::Sequence
            | Self::TooGuessable
            | Self::Breached => None,
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
            Self::Repeats => {
                "The password is easy to guess because it repeats itself. Use several unrelated words.".to_owned()
            }
            Self::Sequence => "The password is easy to guess because its characters follow one another. Use several \
                               unrelated words."
                .to_owned(),
            Self::TooGuessable => "The password is easy to guess: it consists of common words, names or dates. Add \
                                   one or two unrelated words."
                .to_owned(),
            Self::Breached => "This password was stolen from another service, so attackers try it. Choose another \
                               one, and change it wherever you use it."
                .to_owned(),
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
        let folded = fold(&password.normalised);
        let mut found = Vec::new();
        if length < self.min_length {
            found.push(Weakness::TooShort { min: self.min_length });
        }
        if length > MAX_LENGTH {
            found.push(Weakness::TooLong);
        }
        if COMMON.contains(folded.as_str()) || PUBLISHED.contains(&squeezed(&folded).as_str()) {
            found.push(Weakness::TooCommon);
        }
        let local = self.email.as_typed().rsplit_once('@').map_or("", |(local, _)| local);
        if [self.email.as_typed(), self.email.key().as_str(), local].iter().any(|own| fold(own) == folded) {
            found.push(Weakness::IsEmailAddress);
        }
        if squeezed(&fold(self.portal_name)) == squeezed(&folded) {
            found.push(Weakness::IsPortalName);
        }
        // The other reasons say more precisely what to change.
        if found.is_empty() {
            found.extend(self.guessable(&folded, local));
        }
        found
    }

    /// Why a password is easy to guess, if it is: no part of it is hard to guess. The pattern that covers most of its
    /// beginning counts.
    fn guessable(&self, folded: &str, local: &str) -> Option<Weakness> {
        let squeezed_name = squeezed(self.portal_name);
        let address = [self.email.as_typed(), self.email.key().as_str(), local];
        let mut known = [[self.portal_name, squeezed_name.as_str()].as_slice(), &address].concat();
        for text in [self.portal_name, self.email.as_typed()] {
            known.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2));
        }
        // An address can be longer than what is estimated at a time, so it counts as one character.
        let without_address = folded.replace(&fold(self.email.as_typed()), "@").replace(self.email.key().as_str(), "@");
        let letters: Vec<_> = without_address.chars().collect();
        let mut estimates = letters.chunks(ESTIMATED).map(|part| zxcvbn(&part.iter().collect::<String>(), &known));
        let first = estimates.next()?;
        if first.guesses() >= MIN_GUESSES || estimates.any(|part| part.guesses() >= MIN_GUESSES) {
            return None;
        }
        let longest = first.sequence().iter().max_by_key(|found| found.j - found.i);
        Some(match longest.map(|found| &found.pattern) {
            Some(MatchPattern::Repeat(_)) => Weakness::Repeats,
            Some(MatchPattern::Sequence(_) | MatchPattern::Spatial(_) | MatchPattern::Date(_)) => Weakness::Sequence,
            Some(MatchPattern::Dictionary(_) | MatchPattern::Regex(_) | MatchPattern::BruteForce) | None => {
                Weakness::TooGuessable
            }
        })
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
    use proptest::prelude::*;

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
            (15, "a".repeat(15), vec!["repeats"]),
            (15, "a".repeat(128), vec!["repeats"]),
            (15, " ".repeat(15), vec!["repeats"]),
            (15, "🦀".repeat(15), vec!["repeats"]),
            (15, "🦀".repeat(14), vec!["too_short"]),
            (15, "abcabcabcabcabc".to_owned(), vec!["repeats"]),
            (15, "password1234567".to_owned(), vec!["too_guessable"]),
            (15, "thisismypassword".to_owned(), vec!["too_guessable"]),
            (15, "bcdefghijklmnopqr".to_owned(), vec!["sequence"]),
            (15, "qwertyuiopasdfgh".to_owned(), vec!["too_guessable"]),
            (15, "alice.wonderland@example.com1".to_owned(), vec!["too_guessable"]),
            (15, "Alice.Wonderland1".to_owned(), vec!["too_guessable"]),
            (15, "Example Portal 2026".to_owned(), vec!["too_guessable"]),
            (15, "ExamplePortal2026!".to_owned(), vec!["too_guessable"]),
            (15, "exampleportal2025".to_owned(), vec!["too_guessable"]),
            (15, "correct horse battery staple".to_owned(), vec!["too_common"]),
            (15, "CorrectHorseBatteryStaple".to_owned(), vec!["too_common"]),
            (15, "\u{fdfa}".to_owned(), vec!["too_short"]),
            (15, "e\u{301}".repeat(7) + "f", vec!["too_short"]),
            (15, "violet canoe under nine bridges".to_owned(), vec![]),
            (15, "seven lamps on a quiet pier".to_owned(), vec![]),
            (15, "jahrelang ungestört schlafen".to_owned(), vec![]),
            (15, "密码是一个很长的句子，不容易猜".to_owned(), vec![]),
            (15, "kX9!vRw2#mQz7Lp".to_owned(), vec![]),
            (15, "violet canoe under nine bridges ".repeat(4), vec![]),
            (15, "violet canoe under nine bridges ".repeat(5), vec!["too_long"]),
            (15, "a".repeat(40) + "violet canoe under nine bridges", vec![]),
            (15, "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/".repeat(3), vec![]),
            (8, "kX9!vRw2".to_owned(), vec!["too_guessable"]),
            (8, "password1".to_owned(), vec!["too_common"]),
            (8, "PassWord1".to_owned(), vec!["too_common"]),
            (8, "password1 ".to_owned(), vec!["too_guessable"]),
            (15, "password1".to_owned(), vec!["too_short", "too_common"]),
            (8, "alice.wonderland@example.com".to_owned(), vec!["is_email_address"]),
            (8, "ALICE.WONDERLAND".to_owned(), vec!["is_email_address"]),
            (8, "example-portal".to_owned(), vec!["is_portal_name"]),
            (8, "ExamplePortal".to_owned(), vec!["is_portal_name"]),
        ] {
            assert_eq!(reasons(min, &password), expected, "{password:?}");
        }
    }

    proptest! {
        #[test]
        fn every_password_has_a_verdict(
            text in "[a-zA-Z0-9 ]{0,140}|[qwertyuiopQWERTYUIOP\\[\\]asdfgh]{0,140}|[0-9/*+.-]{0,140}|\\PC{0,140}",
        ) {
            let _ = reasons(8, &text);
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

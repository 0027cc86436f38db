//! Decides whether an email greets its recipient by name.

use super::wording;

/// Maximum length of a name in a greeting, in characters. People's names are shorter; smuggled messages are longer.
const LONGEST_NAME: usize = 60;

/// Maximum number of digits in a name. "Louis 14" is a name, but six digits could be a phone number, which a fraudster
/// can use like a link.
const MOST_DIGITS: usize = 5;

/// Characters that mail programs treat as the dot of a host name: the full stop, and what IDNA (UTS 46) maps to it.
const DOTS: [char; 5] = ['.', '\u{2024}', '\u{3002}', '\u{FF0E}', '\u{FF61}'];

/// Characters of addresses, markup and templates that no name contains, with the full-width forms that mail programs
/// and browsers convert to them.
const NEVER_IN_NAMES: [char; 18] = [
    '<', '>', '{', '}', '[', ']', '@', ':', '/', '\\', '|', '\u{FF1C}', '\u{FF1E}', '\u{FF20}', '\u{FF1A}', '\u{FF0F}',
    '\u{FF3C}', '\u{2044}',
];

/// The name in an email's greeting, if there is one that is safe to repeat.
///
/// The person who creates an account chooses its display name, and the portal then emails that name to any address they
/// like. Mail programs turn anything that looks like a link into one, even in plain text. So a name that could be more
/// than a name is omitted from the text and the HTML, rather than repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salutation(Option<String>);

impl Salutation {
    /// Checks a display name as it was entered.
    pub fn parse(display_name: Option<&str>) -> Self {
        Self(display_name.and_then(greetable))
    }

    /// The name on one line, if it is safe to repeat.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// The normalized name, or `None` if it could be more than a name.
fn greetable(display_name: &str) -> Option<String> {
    if display_name.contains(wording::is_control) {
        return None;
    }
    // Remove invisible characters before the checks: `evil.<invisible>test` must not pass.
    let name = wording::one_line(display_name);
    let fits = name.chars().count() <= LONGEST_NAME;
    let is_word = name.contains(char::is_alphabetic);
    let is_call = name.chars().filter(|c| c.is_numeric()).count() > MOST_DIGITS;
    let is_marked_up = name.contains(NEVER_IN_NAMES);
    (fits && is_word && !is_call && !is_marked_up && !looks_like_host(&name)).then_some(name)
}

/// Whether a mail program might turn the name into a link: `www.`, a dot and a top-level domain, or a dot and a number.
/// "J.R.R. Tolkien" and "Sammy Davis Jr." pass, because no top-level domain has a single letter.
fn looks_like_host(name: &str) -> bool {
    // Persian and Indic names contain joiners, so they stay in the name, but they must not hide a host.
    let seen: Vec<char> = name.to_lowercase().chars().filter(|c| !wording::is_joiner(*c)).collect();
    seen.iter().enumerate().any(|(at, dot)| {
        let after = &seen[at + 1..];
        DOTS.contains(dot)
            && (seen[..at].ends_with(&['w', 'w', 'w'])
                || after.first().is_some_and(|c| c.is_numeric())
                || after.len() >= 2 && after[..2].iter().all(|c| c.is_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(display_name: &str, expected: Option<&str>) {
        assert_eq!(Salutation::parse(Some(display_name)).name(), expected, "for {display_name:?}");
    }

    #[test]
    fn real_names_are_greeted_as_spelled() {
        for name in [
            "Ada Lovelace",
            "J.R.R. Tolkien",
            "Dr. Strange",
            "Sammy Davis Jr.",
            "D'Arcy O'Hara",
            "Tom & Jerry",
            "Jean-Luc",
            "Louis 14",
            "Þórður Ægisson",
            "李小龍",
            "محمد علی",
            "نازنین\u{200C}زهرا",
            "Nguyễn Thị Minh Khai",
            "X",
        ] {
            check(name, Some(name));
        }
    }

    #[test]
    fn an_empty_or_meaningless_name_gives_a_greeting_without_a_name() {
        assert_eq!(Salutation::parse(None).name(), None);
        for name in ["", "   ", "...", "12345", "\u{3164}", "\u{200B}\u{FEFF}", "\u{202E}"] {
            check(name, None);
        }
    }

    #[test]
    fn a_name_that_contains_something_like_a_url_or_address_is_omitted() {
        for name in [
            "https://evil.test",
            "hxxp://evil",
            "//evil",
            "/\\evil",
            "https:evil",
            "javascript:alert(1)",
            "www.evil",
            "WWW.x",
            "Visit evil.test now",
            "Visit EVIL.TEST",
            "Ada.io",
            "evil。test",
            "evil．test",
            "evil｡test",
            "evil․test",
            "10.0.0.1",
            "Ada 1.2",
            "пример.рф",
            "例え.中国",
            "ada@evil",
            "ada＠evil",
            "https：／／evil",
            "evil.\u{200B}test",
            "evil.\u{200D}test",
            "evil.t\u{200C}est",
            "evil\u{AD}.\u{2060}test",
            "evil.\u{E0074}test",
            "w\u{200D}ww.x",
            "[click](evil)",
        ] {
            check(name, None);
        }
    }

    #[test]
    fn a_name_that_contains_markup_or_a_template_is_omitted() {
        for name in ["<a href=//evil>", "<b>Ada</b>", "a < b", "{{7*7}}", "{% raw %}", "${7*7}", "＜script＞"] {
            check(name, None);
        }
    }

    #[test]
    fn a_name_that_contains_control_characters_is_omitted() {
        for name in [
            "Ada\r\nBcc: x",
            "Ada\nLovelace",
            "Ada\0",
            "Ada\tLovelace",
            "Ada\u{1B}[31m",
            "Ada\u{7F}",
            "Ada\u{85}x",
            "Ada\u{2028}x",
            "Ada\u{2029}x",
            "Ada\n",
        ] {
            check(name, None);
        }
    }

    #[test]
    fn a_name_that_contains_a_phone_number_is_omitted() {
        check("Call +1 800 555 0100", None);
        check("Call 555123", None);
        check("Call ٥٥٥١٢٣", None);
    }

    #[test]
    fn direction_controls_are_removed_from_a_name() {
        check("Ada\u{202E}ecalevoL", Some("AdaecalevoL"));
        check("\u{2066}Ada\u{2069} \u{200F}Lovelace\u{200E}\u{061C}", Some("Ada Lovelace"));
        check("Ada \u{202E}tset.live", None);
    }

    #[test]
    fn spaces_in_a_name_are_normalized() {
        check("  Ada \u{A0}\u{3000} Lovelace ", Some("Ada Lovelace"));
    }

    #[test]
    fn a_name_of_sixty_characters_is_greeted_and_a_longer_one_is_omitted() {
        check(&"é".repeat(60), Some(&"é".repeat(60)));
        check(&"é".repeat(61), None);
        check(&"a".repeat(1_000_000), None);
    }
}

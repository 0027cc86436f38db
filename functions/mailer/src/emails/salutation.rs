//! Whom an email greets.

use super::wording;

/// The longest name that is greeted, in characters. Names of people are shorter; messages to people are longer.
const LONGEST_NAME: usize = 60;

/// The most digits a greeted name may have. "Louis 14" is a name; with six digits it may be a telephone number, and
/// "call this number" is as good to a fraudster as a link.
const MOST_DIGITS: usize = 5;

/// What mail programs take for the dot of a host name: the full stop, and what IDNA (UTS 46) maps to it.
const DOTS: [char; 5] = ['.', '\u{2024}', '\u{3002}', '\u{FF0E}', '\u{FF61}'];

/// What belongs to addresses, to markup or to templates, and to no name; with the full-width forms, which mail programs
/// and browsers fold into the plain ones.
const NEVER_IN_NAMES: [char; 18] = [
    '<', '>', '{', '}', '[', ']', '@', ':', '/', '\\', '|', '\u{FF1C}', '\u{FF1E}', '\u{FF20}', '\u{FF1A}', '\u{FF0F}',
    '\u{FF3C}', '\u{2044}',
];

/// The name that an email greets, if there is one that is safe to repeat.
///
/// Whoever signs somebody up chooses a display name, and the portal then mails it, with the portal's good reputation,
/// to an address of the chooser's liking. Mail programs turn anything that looks like a link into one, also in plain
/// text. So a name that could be more than a name is not cut or repaired but left out, in the text and in the HTML
/// alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salutation(Option<String>);

impl Salutation {
    /// Takes a display name as it was typed, if there is one.
    pub fn parse(display_name: Option<&str>) -> Self {
        Self(display_name.and_then(greetable))
    }

    /// The name, on one line.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// The name, tidied; or nothing if it could be more than a name.
fn greetable(display_name: &str) -> Option<String> {
    if display_name.contains(wording::is_control) {
        return None;
    }
    // First what cannot be seen is taken out, then what remains is judged: `evil.<invisible>test` must not pass.
    let name = wording::one_line(display_name);
    let fits = name.chars().count() <= LONGEST_NAME;
    let is_word = name.contains(char::is_alphabetic);
    let is_call = name.chars().filter(|c| c.is_numeric()).count() > MOST_DIGITS;
    let is_marked_up = name.contains(NEVER_IN_NAMES);
    (fits && is_word && !is_call && !is_marked_up && !looks_like_host(&name)).then_some(name)
}

/// Whether a mail program might make a link of it: `www.`, a dot and a top-level domain, or a dot and a number.
/// "J.R.R. Tolkien" and "Sammy Davis Jr." pass: no top-level domain has a single letter.
fn looks_like_host(name: &str) -> bool {
    // Joiners belong to Persian and Indic names, so they stay in the name; but they must not hide a host.
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
    fn names_of_people_are_greeted_as_they_are_spelt() {
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
    fn nobody_in_particular_is_greeted_without_a_name() {
        assert_eq!(Salutation::parse(None).name(), None);
        for name in ["", "   ", "...", "12345", "\u{3164}", "\u{200B}\u{FEFF}", "\u{202E}"] {
            check(name, None);
        }
    }

    #[test]
    fn a_name_with_anything_like_an_address_in_it_is_left_out() {
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
    fn a_name_with_markup_or_a_template_in_it_is_left_out() {
        for name in ["<a href=//evil>", "<b>Ada</b>", "a < b", "{{7*7}}", "{% raw %}", "${7*7}", "＜script＞"] {
            check(name, None);
        }
    }

    #[test]
    fn a_name_with_control_characters_is_left_out() {
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
    fn a_name_with_a_telephone_number_in_it_is_left_out() {
        check("Call +1 800 555 0100", None);
        check("Call 555123", None);
        check("Call ٥٥٥١٢٣", None);
    }

    #[test]
    fn what_turns_the_direction_of_text_is_taken_out_of_a_name() {
        check("Ada\u{202E}ecalevoL", Some("AdaecalevoL"));
        check("\u{2066}Ada\u{2069} \u{200F}Lovelace\u{200E}\u{061C}", Some("Ada Lovelace"));
        check("Ada \u{202E}tset.live", None);
    }

    #[test]
    fn spaces_in_a_name_are_tidied() {
        check("  Ada \u{A0}\u{3000} Lovelace ", Some("Ada Lovelace"));
    }

    #[test]
    fn a_name_of_sixty_characters_is_greeted_and_a_longer_one_left_out() {
        check(&"é".repeat(60), Some(&"é".repeat(60)));
        check(&"é".repeat(61), None);
        check(&"a".repeat(1_000_000), None);
    }
}

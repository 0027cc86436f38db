//! Folds the lines of a plain text email.

use mailkey::Direction;

use super::phrase::{END_OF_ISOLATE, ISOLATE, is_right_to_left};

/// Maximum line width in characters: below the 78 that RFC 5322 (2.1.1) recommends, with room for the `> ` of a few
/// replies.
const WIDTH: usize = 72;

/// RIGHT-TO-LEFT MARK: an invisible character with a direction.
const RIGHT_TO_LEFT_MARK: char = '\u{200F}';

/// Folds paragraphs, regardless of the template's line breaks, and separates them by one empty line. Lines with a link
/// or only an address are kept, because a folded link doesn't work.
pub(super) fn folded(text: &str, direction: Direction) -> String {
    let paragraphs = text.split("\n\n").map(|text| folded_paragraph(text, direction)).filter(|p| !p.is_empty());
    paragraphs.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn folded_paragraph(paragraph: &str, direction: Direction) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Whether words can be added to the last line.
    let mut open = false;
    for line in paragraph.lines().map(|line| line.trim_matches(' ')).filter(|line| !line.is_empty()) {
        if stands_alone(line) {
            lines.push(line.to_owned());
            open = false;
            continue;
        }
        // Break at plain spaces only: French also uses no-break spaces.
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            match lines.last_mut() {
                Some(last) if open && width(last) + 1 + width(word) <= WIDTH => {
                    last.push(' ');
                    last.push_str(word);
                }
                Some(last) if open && is_isolating(last) => {
                    // An isolate ends with its line (UAX 9), so close it here and reopen it on the next line.
                    last.push(END_OF_ISOLATE);
                    lines.push(format!("{ISOLATE}{word}"));
                }
                _ => lines.push(word.to_owned()),
            }
            open = true;
        }
    }
    lines.into_iter().map(|line| directed(line, direction)).collect::<Vec<_>>().join("\n")
}

/// Some programs take a line's direction from its first letter (UAX 9, P2). In a right-to-left language, a line that
/// starts with a foreign word therefore gets a mark.
fn directed(line: String, direction: Direction) -> String {
    match direction {
        Direction::Rtl if !stands_alone(&line) && !begins_right_to_left(&line) => format!("{RIGHT_TO_LEFT_MARK}{line}"),
        Direction::Rtl | Direction::Ltr => line,
    }
}

/// Whether the first letter outside isolates belongs to a right-to-left script.
fn begins_right_to_left(line: &str) -> bool {
    let mut isolates = 0_u32;
    for c in line.chars() {
        match c {
            ISOLATE => isolates += 1,
            END_OF_ISOLATE => isolates = isolates.saturating_sub(1),
            c if isolates == 0 && c.is_alphabetic() => return is_right_to_left(c),
            _ => {}
        }
    }
    false
}

fn stands_alone(line: &str) -> bool {
    line.contains("://") || line.contains('@') && !line.contains(' ')
}

/// Whether an isolate is still open.
fn is_isolating(line: &str) -> bool {
    line.matches(ISOLATE).count() > line.matches(END_OF_ISOLATE).count()
}

/// The number of visible characters.
fn width(text: &str) -> usize {
    text.chars().filter(|c| ![ISOLATE, END_OF_ISOLATE].contains(c)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paragraphs_are_folded_and_separated() {
        let words = "word ".repeat(40);
        let folded = folded(&format!("\n\nHello,\n\n\n\n{words}\n{words}\n\nBye\n"), Direction::Ltr);
        assert!(folded.starts_with("Hello,\n\nword word"), "{folded}");
        assert!(folded.ends_with("word\n\nBye\n"), "{folded}");
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH), "{folded}");
        assert_eq!(folded.matches("word").count(), 80);
    }

    #[test]
    fn a_link_keeps_its_own_line_at_any_length() {
        let link = format!("https://portal.example/reset-password/#token={}", "x".repeat(200));
        assert_eq!(
            folded(&format!("Open\nthis:\n{link}\nor\nnot"), Direction::Ltr),
            format!("Open this:\n{link}\nor not\n")
        );
    }

    #[test]
    fn an_address_keeps_its_own_line_but_a_name_with_an_at_sign_does_not() {
        assert_eq!(
            folded("Write to us:\nhelp@portal.example\nor not", Direction::Ltr),
            "Write to us:\nhelp@portal.example\nor not\n"
        );
        assert_eq!(folded("Portal @ Home\nsays", Direction::Ltr), "Portal @ Home says\n");
    }

    #[test]
    fn a_line_does_not_break_at_a_no_break_space() {
        let text = format!("{} vous\u{A0}: oui\u{202F}?", "x".repeat(66));
        assert_eq!(folded(&text, Direction::Ltr), format!("{}\nvous\u{A0}: oui\u{202F}?\n", "x".repeat(66)));
    }

    #[test]
    fn a_folded_isolate_is_reopened_on_each_line() {
        let text = format!("{} \u{2068}North Wind\u{2069} end", "x".repeat(66));
        let expected = format!("{} \u{2068}North\u{2069}\n\u{2068}Wind\u{2069} end\n", "x".repeat(66));
        assert_eq!(folded(&text, Direction::Ltr), expected);
    }

    #[test]
    fn a_right_to_left_line_that_starts_with_other_text_is_marked() {
        for (line, marked) in [
            ("مرحبًا \u{2068}Ada\u{2069}،", false),
            ("\u{2068}Ada\u{2069} مرحبًا", false),
            ("12 مارس", false),
            ("\u{2068}Portal\u{2069}.", true),
            ("(UTC). مرحبًا", true),
            ("https://portal.example/", false),
            ("help@portal.example", false),
        ] {
            let mark = if marked { "\u{200F}" } else { "" };
            assert_eq!(folded(line, Direction::Rtl), format!("{mark}{line}\n"));
            assert_eq!(folded(line, Direction::Ltr), format!("{line}\n"));
        }
    }

    proptest! {
        /// Whatever the order of words and isolates, every word is kept in order and every line is complete.
        #[test]
        fn folding_loses_nothing(words in proptest::collection::vec(
            proptest::sample::select(vec!["word", "\u{2068}North Wind\u{2069}", "كلمة", "(UTC).", "\u{2068}Ada\u{2069},"]),
            0..60,
        )) {
            let text = words.join(" ");
            for direction in [Direction::Ltr, Direction::Rtl] {
                let folded = folded(&text, direction);
                for line in folded.lines() {
                    prop_assert!(width(line) <= WIDTH + 1, "{line:?}");
                    prop_assert_eq!(line.matches(ISOLATE).count(), line.matches(END_OF_ISOLATE).count());
                }
                let unmarked = |text: &str| text.replace([ISOLATE, END_OF_ISOLATE, RIGHT_TO_LEFT_MARK], "");
                prop_assert_eq!(unmarked(&folded).split_whitespace().collect::<Vec<_>>().join(" "), unmarked(&text));
            }
        }
    }
}

//! The lines of a plain text mail.

use super::phrase::{END_OF_ISOLATE, ISOLATE};

/// The width that paragraphs are folded to, in characters: below the 78 that RFC 5322 (2.1.1) recommends, with room for
/// the `> ` of a few replies.
const WIDTH: usize = 72;

/// Folds paragraphs, however the template broke them, and leaves one empty line between two of them. A line with a link
/// or with nothing but an address is left as it is: what is folded, or runs into the next word, is no link.
pub(super) fn folded(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(folded_paragraph).filter(|p| !p.is_empty());
    paragraphs.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn folded_paragraph(paragraph: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    // The line that still takes words, if the last one does.
    let mut open = false;
    for line in paragraph.lines().map(|line| line.trim_matches(' ')).filter(|line| !line.is_empty()) {
        if stands_alone(line) {
            lines.push(line.to_owned());
            open = false;
            continue;
        }
        // At plain spaces only: French has others, at which no line may break.
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            match lines.last_mut() {
                Some(last) if open && width(last) + 1 + width(word) <= WIDTH => {
                    last.push(' ');
                    last.push_str(word);
                }
                Some(last) if open && is_isolating(last) => {
                    // An isolate ends with its line (UAX 9): it is closed here and opened again.
                    last.push(END_OF_ISOLATE);
                    lines.push(format!("{ISOLATE}{word}"));
                }
                _ => lines.push(word.to_owned()),
            }
            open = true;
        }
    }
    lines.join("\n")
}

fn stands_alone(line: &str) -> bool {
    line.contains("://") || line.contains('@') && !line.contains(' ')
}

/// Whether an isolate has begun and not ended.
fn is_isolating(line: &str) -> bool {
    line.matches(ISOLATE).count() > line.matches(END_OF_ISOLATE).count()
}

/// How many characters take room.
fn width(text: &str) -> usize {
    text.chars().filter(|c| ![ISOLATE, END_OF_ISOLATE].contains(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_folded_and_kept_apart() {
        let words = "word ".repeat(40);
        let folded = folded(&format!("\n\nHello,\n\n\n\n{words}\n{words}\n\nBye\n"));
        assert!(folded.starts_with("Hello,\n\nword word"), "{folded}");
        assert!(folded.ends_with("word\n\nBye\n"), "{folded}");
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH), "{folded}");
        assert_eq!(folded.matches("word").count(), 80);
    }

    #[test]
    fn a_link_keeps_its_line_to_itself_however_long_it_is() {
        let link = format!("https://portal.example/reset-password/#token={}", "x".repeat(200));
        assert_eq!(folded(&format!("Open\nthis:\n{link}\nor\nnot")), format!("Open this:\n{link}\nor not\n"));
    }

    #[test]
    fn an_address_keeps_its_line_too_and_a_name_with_one_does_not() {
        assert_eq!(folded("Write to us:\nhelp@portal.example\nor not"), "Write to us:\nhelp@portal.example\nor not\n");
        assert_eq!(folded("Portal @ Home\nsays"), "Portal @ Home says\n");
    }

    #[test]
    fn a_line_does_not_break_at_a_no_break_space() {
        let text = format!("{} vous\u{A0}: oui\u{202F}?", "x".repeat(66));
        assert_eq!(folded(&text), format!("{}\nvous\u{A0}: oui\u{202F}?\n", "x".repeat(66)));
    }

    #[test]
    fn an_isolate_that_is_folded_is_one_on_each_line() {
        let text = format!("{} \u{2068}North Wind\u{2069} end", "x".repeat(66));
        let expected = format!("{} \u{2068}North\u{2069}\n\u{2068}Wind\u{2069} end\n", "x".repeat(66));
        assert_eq!(folded(&text), expected);
    }
}

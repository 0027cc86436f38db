//! The lines of a plain text mail.

/// The width that paragraphs are folded to, in characters: below the 78 that RFC 5322 (2.1.1) recommends, with room for
/// the `> ` of a few replies.
const WIDTH: usize = 72;

/// Folds paragraphs, however the template broke them, and leaves one empty line between two of them. A line with a link
/// is left as it is: a link that is folded is no link.
pub(super) fn folded(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(folded_paragraph).filter(|p| !p.is_empty());
    paragraphs.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn folded_paragraph(paragraph: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    // The line that still takes words, if the last one does.
    let mut open = false;
    for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.contains("://") {
            lines.push(line.to_owned());
            open = false;
            continue;
        }
        for word in line.split_whitespace() {
            match lines.last_mut() {
                Some(last) if open && last.chars().count() + 1 + word.chars().count() <= WIDTH => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
            open = true;
        }
    }
    lines.join("\n")
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
}

//! Finds links in plain text.

use std::ops::Range;

/// The positions of the URLs in `text`, in order.
///
/// A link ends at white space, a quote or an angle bracket. Trailing punctuation is not part of it, nor is a closing
/// bracket without its opening bracket in the link.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("http") {
        let start = from + found;
        let end = start + link_length(&text[start..]);
        if is_link(&text[start..end]) {
            spans.push(start..end);
        }
        from = end.max(start + "http".len());
    }
    spans
}

/// The URLs in `text`, in order, without duplicates.
pub(super) fn links_in(text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for link in spans(text).into_iter().map(|span| &text[span]) {
        if !links.iter().any(|known| known == link) {
            links.push(link.to_owned());
        }
    }
    links
}

fn link_length(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
    let mut link = &text[..text.find(ends).unwrap_or(text.len())];
    while let Some(last) = link.chars().next_back() {
        let opens = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' => false,
            ')' => link.contains('('),
            ']' => link.contains('['),
            '}' => link.contains('{'),
            _ => break,
        };
        if opens {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link.len()
}

fn is_link(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::links_in;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(links_in(text), expected, "{text:?}");
    }

    #[test]
    fn links_are_found_in_order_without_duplicates() {
        check(
            "a https://b.example/x then http://a.example/ and https://b.example/x",
            &["https://b.example/x", "http://a.example/"],
        );
    }

    #[test]
    fn punctuation_around_a_link_is_not_part_of_it() {
        check(
            "See https://a.example/x. (Or <https://b.example/y>), \"http://c.example/z\"!",
            &["https://a.example/x", "https://b.example/y", "http://c.example/z"],
        );
        check("(https://a.example/x)", &["https://a.example/x"]);
        check("https://a.example/x_(y)", &["https://a.example/x_(y)"]);
    }

    #[test]
    fn a_token_keeps_its_last_character() {
        check("https://a.example/r/#token=ab_\n", &["https://a.example/r/#token=ab_"]);
        check("https://a.example/r/#token=ab-\r\n", &["https://a.example/r/#token=ab-"]);
    }

    #[test]
    fn a_bare_scheme_is_not_a_link() {
        check("http https:// http://, é", &[]);
    }
}

//! The text of a reply on one line, and the codes in it.

use super::code::EnhancedCode;

/// Words before a reply code that is not the first word, as relays quote the host behind them.
const QUOTING: &[&str] =
    &["said:", "me:", ">:", "responded:", "response:", "reply:", "error:", "command:", "data:", "smtp;"];

/// A text on one line, and what its codes are.
pub(super) struct Folded {
    pub(super) text: String,
    pub(super) basic: Option<u16>,
    /// In the order of the text.
    pub(super) codes: Vec<EnhancedCode>,
}

/// Puts a text on one line: strips the type before it, and the codes that a reply of several lines repeats on each
/// (RFC 5321 section 4.2.1), whether its lines are still there or joined by spaces. Stops at `limit` bytes.
pub(super) fn fold(text: &str, limit: usize) -> Folded {
    let mut folded = Folded { text: String::new(), basic: None, codes: Vec::new() };
    let mut words = Words::new(without_type(text)).peekable();
    let mut several_lines = false;
    let mut previous = "";
    while let Some(word) = words.next() {
        if folded.text.len() >= limit {
            break;
        }
        let Some(reply) = ReplyCode::read(word.text) else {
            if folded.text.is_empty() {
                folded.codes.extend(leading_code(word.text));
            }
            // Quoted in a text: `returned '550 4.4.7 ...'`, `(alice@example.com:550 5.1.1 ...)`.
            let quoted = word.text.rsplit(['\'', '"', ':', '(']).next().filter(|tail| tail.len() < word.text.len());
            if let Some(reply) = quoted.and_then(ReplyCode::read).filter(|reply| reply.rest.is_empty()) {
                folded.codes.extend(words.peek().and_then(|next| leading_code(next.text)));
                folded.basic = folded.basic.or(Some(reply.value));
            }
            push(&mut folded.text, word.text);
            previous = word.text;
            continue;
        };
        let code = if reply.rest.is_empty() && !reply.hyphen {
            words.peek().and_then(|next| leading_code(next.text))
        } else {
            leading_code(reply.rest)
        };
        if folded.basic == Some(reply.value) {
            // Joined lines give themselves away by a hyphen, or by repeating the code; other numbers are part of the
            // text.
            let first = folded.codes.first().copied();
            let repeats = word.starts_line || several_lines && (reply.hyphen || code == first);
            folded.codes.extend(code.filter(|code| !folded.codes.contains(code)));
            if repeats {
                let repeated = |text: &str| first.is_some_and(|first| text == first.to_string());
                if reply.rest.is_empty() {
                    words.next_if(|next| repeated(next.text));
                } else if !repeated(reply.rest) {
                    push(&mut folded.text, reply.rest);
                }
                continue;
            }
        } else {
            let quoted = QUOTING.iter().any(|quoting| previous.ends_with(quoting));
            if folded.basic.is_none() && (folded.text.is_empty() || quoted || code.is_some()) {
                folded.basic = Some(reply.value);
                several_lines = reply.hyphen;
                folded.codes.extend(code);
                push(&mut folded.text, word.text.get(..3).unwrap_or_default());
                push(&mut folded.text, word.text.get(3..).unwrap_or_default().trim_start_matches(['-', ':']));
                previous = word.text;
                continue;
            }
            folded.codes.extend(code.filter(|code| !folded.codes.contains(code)));
        }
        push(&mut folded.text, word.text);
        previous = word.text;
    }
    folded.text.truncate(folded.text.floor_char_boundary(limit));
    folded.text.truncate(folded.text.trim_end().len());
    folded
}

fn push(text: &mut String, word: &str) {
    if !text.is_empty() && !word.is_empty() {
        text.push(' ');
    }
    text.push_str(word);
}

/// Without the type of the diagnostic (RFC 3464 section 2.3.6), such as `smtp;` or `X-Postfix;`. Relays may repeat it.
fn without_type(text: &str) -> &str {
    let mut rest = text.trim_start_matches(is_blank);
    while let Some((before, behind)) = rest.split_once(';') {
        let kind = before.trim_end_matches(is_blank);
        let is_type = kind.eq_ignore_ascii_case("smtp")
            || kind.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"))
                && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_type {
            break;
        }
        rest = behind.trim_start_matches(is_blank);
    }
    rest
}

/// What separates words: white space, and what has no place in a text for people: controls, also those that turn the
/// direction of writing and would show an administrator something else than was said.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

struct Word<'a> {
    text: &'a str,
    starts_line: bool,
}

/// The words of a text.
struct Words<'a> {
    rest: &'a str,
    at_start: bool,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, at_start: true }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let rest = self.rest.trim_start_matches(is_blank);
        let gap = self.rest.get(..self.rest.len() - rest.len()).unwrap_or_default();
        let starts_line = std::mem::take(&mut self.at_start) || gap.contains(['\r', '\n']);
        if rest.is_empty() {
            return None;
        }
        let (text, rest) = rest.split_at(rest.find(is_blank).unwrap_or(rest.len()));
        self.rest = rest;
        Some(Word { text, starts_line })
    }
}

/// A word that is a reply code, or begins with one.
struct ReplyCode<'a> {
    value: u16,
    /// Whether another line follows.
    hyphen: bool,
    rest: &'a str,
}

impl<'a> ReplyCode<'a> {
    /// `550`, `550:`, `550-` or `550-word`.
    fn read(word: &'a str) -> Option<Self> {
        let (digits, rest) = word.split_at_checked(3)?;
        if !digits.starts_with(['2', '4', '5']) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let value = digits.parse().ok()?;
        match rest {
            "" | ":" => Some(Self { value, hyphen: false, rest: "" }),
            _ => rest.strip_prefix('-').map(|rest| Self { value, hyphen: true, rest }),
        }
    }
}

/// The enhanced code that a word is or begins with, as in `5.1.1`, `#5.1.0`, `5.1.1:` or `5.1.1<`.
fn leading_code(word: &str) -> Option<EnhancedCode> {
    let word = word.trim_start_matches(['\'', '"', '(', '[', '#', '<']);
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let (code, behind) = word.split_at(end);
    if behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '@' | '-' | '_')) {
        return None;
    }
    code.strip_suffix('.').unwrap_or(code).parse().ok()
}

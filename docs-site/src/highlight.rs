//! Colours for code, given at build time: few kinds of words, told apart well enough to read an example.

/// What a piece of code is, and with that its class in the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// What the language itself says, the name of a property, the method of a request.
    Keyword,
    String,
    Number,
    Comment,
}

/// How a language is to be read.
struct Language {
    keywords: &'static [&'static str],
    /// What begins a comment that goes on to the end of the line.
    comment: Option<&'static str>,
    quotes: &'static [char],
    /// Whether a string in front of a colon is the name of a property.
    properties: bool,
}

const JSON: Language =
    Language { keywords: &["true", "false", "null"], comment: None, quotes: &['"'], properties: true };
const SHELL: Language = Language {
    keywords: &[
        "if", "then", "else", "fi", "for", "in", "do", "done", "while", "read", "printf", "export", "curl", "jq",
        "mailkey", "sam", "aws", "cargo", "head",
    ],
    comment: Some("#"),
    quotes: &['"', '\''],
    properties: false,
};
const HTTP: Language =
    Language { keywords: &["GET", "POST", "PUT", "PATCH", "DELETE"], comment: None, quotes: &['"'], properties: true };
const PYTHON: Language = Language {
    keywords: &[
        "and", "as", "class", "def", "except", "False", "for", "from", "if", "import", "in", "is", "None", "not", "or",
        "raise", "return", "True", "try", "while", "with", "else",
    ],
    comment: Some("#"),
    quotes: &['"', '\''],
    properties: false,
};
const JAVASCRIPT: Language = Language {
    keywords: &[
        "async",
        "await",
        "const",
        "else",
        "export",
        "false",
        "for",
        "from",
        "function",
        "if",
        "import",
        "let",
        "new",
        "null",
        "of",
        "return",
        "throw",
        "true",
        "undefined",
    ],
    comment: Some("//"),
    quotes: &['"', '\'', '`'],
    properties: false,
};

fn language(name: &str) -> Option<&'static Language> {
    Some(match name {
        "json" => &JSON,
        "sh" => &SHELL,
        "http" => &HTTP,
        "python" => &PYTHON,
        "js" => &JAVASCRIPT,
        _ => return None,
    })
}

/// The code as HTML, escaped, with its words marked; `None` for a language that is not known here.
pub(crate) fn html(name: &str, code: &str) -> Option<String> {
    let language = language(name)?;
    let mut out = String::with_capacity(code.len() * 2);
    let mut rest = code;
    while !rest.is_empty() {
        let (kind, length) = language
            .next(rest, rest.len() == code.len() || code[..code.len() - rest.len()].ends_with(char::is_whitespace));
        let (piece, after) = rest.split_at(length);
        write(kind, piece, &mut out);
        rest = after;
    }
    Some(out)
}

impl Language {
    /// The kind and the length of what the code begins with. A comment has to stand at the begin of a word: a shell has
    /// a `#` in the middle of many.
    fn next(&self, code: &str, at_word: bool) -> (Kind, usize) {
        if let Some(mark) = self.comment
            && at_word
            && code.starts_with(mark)
        {
            return (Kind::Comment, code.find('\n').unwrap_or(code.len()));
        }
        let Some(first) = code.chars().next() else { return (Kind::Plain, 0) };
        if self.quotes.contains(&first) {
            let length = string_length(code, first);
            let is_name = self.properties && code[length..].trim_start().starts_with(':');
            return (if is_name { Kind::Keyword } else { Kind::String }, length);
        }
        if is_of_word(first) {
            let length = code.find(|c| !is_of_word(c)).unwrap_or(code.len());
            let word = &code[..length];
            let kind = if self.keywords.contains(&word) {
                Kind::Keyword
            } else if word.chars().all(|c| c.is_ascii_digit() || c == '_') {
                Kind::Number
            } else {
                Kind::Plain
            };
            return (kind, length);
        }
        (Kind::Plain, first.len_utf8())
    }
}

/// Words have hyphens, slashes and dots in them, so that no part of a path or of `lift-and-resend` is taken for one.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}

/// To the closing quote, over escaped ones; to the end if there is none.
fn string_length(code: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    code.len()
}

fn write(kind: Kind, piece: &str, out: &mut String) {
    let class = match kind {
        Kind::Plain => None,
        Kind::Keyword => Some('k'),
        Kind::String => Some('s'),
        Kind::Number => Some('n'),
        Kind::Comment => Some('c'),
    };
    if let Some(class) = class {
        out.push_str(&format!("<span class={class}>"));
    }
    escape(piece, out);
    if class.is_some() {
        out.push_str("</span>");
    }
}

/// What text has to be in HTML.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn each_language_is_read_by_its_own_rules() {
        for (name, code, expected) in [
            (
                "json",
                r#"{"a": "b", "c": 12}"#,
                "{<span class=k>&quot;a&quot;</span>: <span class=s>&quot;b&quot;</span>, <span class=k>&quot;c&quot;</span>: <span class=n>12</span>}",
            ),
            ("json", r#""a \" b""#, "<span class=s>&quot;a \\&quot; b&quot;</span>"),
            ("sh", "curl a#b # why", "<span class=k>curl</span> a#b <span class=c># why</span>"),
            ("sh", "x 'never ends", "x <span class=s>'never ends</span>"),
            ("http", "POST /api/users/{id}/reset", "<span class=k>POST</span> /api/users/{id}/reset"),
            ("python", "if a < 1_000:", "<span class=k>if</span> a &lt; <span class=n>1_000</span>:"),
            (
                "js",
                "return \"ä\"; // ö\n1",
                "<span class=k>return</span> <span class=s>&quot;ä&quot;</span>; <span class=c>// ö</span>\n<span class=n>1</span>",
            ),
        ] {
            assert_eq!(html(name, code).as_deref(), Some(expected), "{code}");
        }
        assert_eq!(html("cobol", "MOVE A TO B"), None);
    }

    #[test]
    fn nothing_but_marks_is_added() {
        for name in ["json", "sh", "http", "python", "js"] {
            for code in ["", "\"", "'\\", "a\u{301}é\"\\\"", "# \n#", "//", "{{}}", "\\\\\"x", "&lt;"] {
                let marked = html(name, code).unwrap_or_default();
                let plain = ["k", "s", "n", "c"]
                    .iter()
                    .fold(marked, |text, class| text.replace(&format!("<span class={class}>"), ""));
                let mut expected = String::new();
                super::escape(code, &mut expected);
                assert_eq!(plain.replace("</span>", ""), expected, "{name}: {code}");
            }
        }
    }
}

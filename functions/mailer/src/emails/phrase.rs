//! A piece of text that combines our own wording with untrusted names.

use std::{borrow::Cow, fmt};

use askama::filters::{Escaper, Html, HtmlSafe};
use mailkey::Direction;

/// FIRST STRONG ISOLATE: the text that follows gets its own direction and doesn't affect the text around it (UAX 9).
pub(super) const ISOLATE: char = '\u{2068}';

/// POP DIRECTIONAL ISOLATE: ends the isolated text.
pub(super) const END_OF_ISOLATE: char = '\u{2069}';

/// A message in one language, with its variables filled in. `Display` writes plain text; [`Phrase::html`] includes the
/// emphasis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    direction: Direction,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Our own text, in the phrase's language.
    Ours(Cow<'static, str>),
    /// A name, in any language.
    Foreign(String),
    Emphasis,
    EndOfEmphasis,
}

/// A value that can be part of a phrase.
pub(super) trait Spoken {
    fn add_to(&self, phrase: &mut Phrase);
}

/// HTML in which untrusted text is escaped.
pub(super) struct Markup(String);

impl Phrase {
    pub(super) fn new(direction: Direction) -> Self {
        Self { direction, parts: Vec::new() }
    }

    pub(super) fn text(&mut self, ours: &'static str) {
        self.parts.push(Part::Ours(Cow::Borrowed(ours)));
    }

    /// A number's digits, which are trusted too.
    pub(super) fn number(&mut self, number: u64) {
        self.parts.push(Part::Ours(Cow::Owned(number.to_string())));
    }

    pub(super) fn say(&mut self, spoken: &impl Spoken) {
        spoken.add_to(self);
    }

    pub(super) fn emphasis(&mut self) {
        self.parts.push(Part::Emphasis);
    }

    pub(super) fn end_of_emphasis(&mut self) {
        self.parts.push(Part::EndOfEmphasis);
    }

    pub(super) fn html(&self) -> Result<Markup, fmt::Error> {
        let mut html = String::new();
        for part in &self.parts {
            match part {
                Part::Emphasis => html.push_str("<strong>"),
                Part::EndOfEmphasis => html.push_str("</strong>"),
                Part::Ours(_) | Part::Foreign(_) => Html.write_escaped_str(&mut html, &self.plain(part))?,
            }
        }
        Ok(Markup(html))
    }

    fn plain<'a>(&self, part: &'a Part) -> Cow<'a, str> {
        match part {
            Part::Ours(text) => Cow::Borrowed(text),
            Part::Foreign(text) if runs_otherwise(text, self.direction) => {
                Cow::Owned(format!("{ISOLATE}{text}{END_OF_ISOLATE}"))
            }
            Part::Foreign(text) => Cow::Borrowed(text),
            Part::Emphasis | Part::EndOfEmphasis => Cow::Borrowed(""),
        }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| f.write_str(&self.plain(part)))
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

impl Spoken for str {
    fn add_to(&self, phrase: &mut Phrase) {
        phrase.parts.push(Part::Foreign(self.to_owned()));
    }
}

impl Spoken for String {
    fn add_to(&self, phrase: &mut Phrase) {
        self.as_str().add_to(phrase);
    }
}

/// The same language, so it needs no isolation.
impl Spoken for Phrase {
    fn add_to(&self, phrase: &mut Phrase) {
        phrase.parts.extend(self.parts.iter().cloned());
    }
}

impl<T: Spoken + ?Sized> Spoken for &T {
    fn add_to(&self, phrase: &mut Phrase) {
        (**self).add_to(phrase);
    }
}

/// Whether a text contains a letter of the other direction, which could reorder the words around it. Other text gets no
/// marks: some programs show them as boxes, and copied text would contain them.
fn runs_otherwise(text: &str, direction: Direction) -> bool {
    match direction {
        Direction::Ltr => text.contains(is_right_to_left),
        Direction::Rtl => text.contains(|c: char| c.is_alphabetic() && !is_right_to_left(c)),
    }
}

/// Whether a character is in a block that Unicode reserves for right-to-left scripts (UAX 44, the defaults of
/// `Bidi_Class`). This includes their digits; an unnecessary isolate is harmless.
pub(super) fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(direction: Direction, name: &str) -> Phrase {
        let mut phrase = Phrase::new(direction);
        phrase.text("a < ");
        phrase.emphasis();
        phrase.say(&name);
        phrase.end_of_emphasis();
        phrase
    }

    #[test]
    fn untrusted_text_is_escaped_and_cannot_add_emphasis() {
        let phrase = phrase(Direction::Ltr, "**<b>\"O'Hara\"&amp;");
        assert_eq!(phrase.to_string(), "a < **<b>\"O'Hara\"&amp;");
        let html = phrase.html().unwrap().to_string();
        assert_eq!(html, "a &#60; <strong>**&#60;b&#62;&#34;O&#39;Hara&#34;&#38;amp;</strong>");
    }

    #[test]
    fn only_text_of_the_other_direction_is_isolated() {
        for (direction, name, isolated) in [
            (Direction::Ltr, "Ada", false),
            (Direction::Ltr, "Þórður 14", false),
            (Direction::Ltr, "李小龍", false),
            (Direction::Ltr, "محمد", true),
            (Direction::Ltr, "Ada שרה", true),
            (Direction::Rtl, "محمد", false),
            (Direction::Rtl, "محمد 14", false),
            (Direction::Rtl, "שרה", false),
            (Direction::Rtl, "Ada", true),
            (Direction::Rtl, "محمد Ada", true),
            (Direction::Rtl, "14", false),
        ] {
            let phrase = phrase(direction, name);
            let expected = if isolated { format!("a < \u{2068}{name}\u{2069}") } else { format!("a < {name}") };
            assert_eq!(phrase.to_string(), expected, "{name} {direction}");
            assert_eq!(phrase.html().unwrap().to_string().contains(ISOLATE), isolated, "{name} {direction}");
        }
    }

    #[test]
    fn a_nested_phrase_is_not_isolated() {
        let mut outer = Phrase::new(Direction::Rtl);
        let mut inner = Phrase::new(Direction::Rtl);
        inner.text("UTC");
        inner.number(7);
        outer.say(&inner);
        assert_eq!(outer.to_string(), "UTC7");
    }
}

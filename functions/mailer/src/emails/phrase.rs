//! A sentence: our words, and in them what is not ours.

use std::{borrow::Cow, fmt};

use askama::filters::{Escaper, Html, HtmlSafe};
use mailkey::Direction;

/// FIRST STRONG ISOLATE: what follows has a direction of its own, and none of it shows outside (UAX 9).
pub(super) const ISOLATE: char = '\u{2068}';

/// POP DIRECTIONAL ISOLATE: the end of that.
pub(super) const END_OF_ISOLATE: char = '\u{2069}';

/// What a message of a language says, with its variables filled in. It displays as plain text; [`Phrase::html`] has the
/// emphasis too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    direction: Direction,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Words of ours, in the phrase's language.
    Ours(Cow<'static, str>),
    /// A name, in whatever language.
    Foreign(String),
    Emphasis,
    EndOfEmphasis,
}

/// What can be said in a phrase.
pub(super) trait Spoken {
    /// Adds it to the phrase.
    fn add_to(&self, phrase: &mut Phrase);
}

/// HTML, escaped where it was not ours.
pub(super) struct Markup(String);

impl Phrase {
    pub(super) fn new(direction: Direction) -> Self {
        Self { direction, parts: Vec::new() }
    }

    pub(super) fn text(&mut self, ours: &'static str) {
        self.parts.push(Part::Ours(Cow::Borrowed(ours)));
    }

    /// The digits of a number, which are ours too.
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

    /// The phrase as HTML.
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

/// Of the same language, so it needs no isolation.
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

/// Whether a text holds a letter of the other direction, so that it could turn words around it. Where it holds none,
/// nothing is put around it: some programs show the marks as boxes, and what is copied has them in it.
fn runs_otherwise(text: &str, direction: Direction) -> bool {
    match direction {
        Direction::Ltr => text.contains(is_right_to_left),
        Direction::Rtl => text.contains(|c: char| c.is_alphabetic() && !is_right_to_left(c)),
    }
}

/// Whether a character is in a block that Unicode reserves for scripts written from right to left (UAX 44, the defaults
/// of `Bidi_Class`). Digits of such scripts are among them: an isolate too many does no harm.
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
    fn what_is_not_ours_is_escaped_and_never_emphasis() {
        let phrase = phrase(Direction::Ltr, "**<b>\"O'Hara\"&amp;");
        assert_eq!(phrase.to_string(), "a < **<b>\"O'Hara\"&amp;");
        let html = phrase.html().unwrap().to_string();
        assert_eq!(html, "a &#60; <strong>**&#60;b&#62;&#34;O&#39;Hara&#34;&#38;amp;</strong>");
    }

    #[test]
    fn what_runs_the_other_way_is_isolated_and_nothing_else() {
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
    fn a_phrase_in_a_phrase_is_of_its_language() {
        let mut outer = Phrase::new(Direction::Rtl);
        let mut inner = Phrase::new(Direction::Rtl);
        inner.text("UTC");
        inner.number(7);
        outer.say(&inner);
        assert_eq!(outer.to_string(), "UTC7");
    }
}

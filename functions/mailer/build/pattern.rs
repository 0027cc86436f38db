//! What a message is made of.
//!
//! Of Fluent that much is understood which sentences need: text, variables, other messages, and the choice by a number,
//! which is a plural category or the number itself. Two asterisks begin and end what is emphasised.

use fluent_syntax::{
    ast::{Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    unicode::unescape_unicode_to_string,
};
use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory, PluralRules};

/// What begins and what ends emphasis.
const EMPHASIS: &str = "**";

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Emphasis,
    EndOfEmphasis,
    Variable(String),
    Message(String),
    Choice(Choice),
}

/// Which variant is said depends on a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) variable: String,
    /// By the number itself.
    pub(crate) exact: Vec<(u64, Vec<Piece>)>,
    /// By the number's category in the language.
    pub(crate) categories: Vec<(PluralCategory, Vec<Piece>)>,
    /// For all others.
    pub(crate) default: Vec<Piece>,
}

impl Choice {
    /// What may be said.
    pub(crate) fn variants(&self) -> impl Iterator<Item = &Vec<Piece>> {
        let exact = self.exact.iter().map(|(_, pieces)| pieces);
        exact.chain(self.categories.iter().map(|(_, pieces)| pieces)).chain([&self.default])
    }
}

/// The pieces of a pattern.
///
/// # Errors
///
/// What it has that is not understood.
pub(crate) fn pieces(pattern: &Pattern<&str>, language: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut emphasised = false;
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text(value, &mut emphasised, &mut pieces),
            PatternElement::Placeable { expression } => placeable(expression, language, &mut pieces)?,
        }
    }
    if emphasised { Err("an emphasis (**) does not end".to_owned()) } else { Ok(pieces) }
}

/// Lines of a file are lines of a sentence: they become spaces. No-break spaces stay.
fn text(value: &str, emphasised: &mut bool, pieces: &mut Vec<Piece>) {
    let mut on_one_line = String::with_capacity(value.len());
    for c in value.chars().map(|c| if c.is_ascii_whitespace() { ' ' } else { c }) {
        if c != ' ' || !on_one_line.ends_with(' ') {
            on_one_line.push(c);
        }
    }
    for (number, part) in on_one_line.split(EMPHASIS).enumerate() {
        if number > 0 {
            pieces.push(if *emphasised { Piece::EndOfEmphasis } else { Piece::Emphasis });
            *emphasised = !*emphasised;
        }
        if !part.is_empty() {
            pieces.push(Piece::Text(part.to_owned()));
        }
    }
}

fn placeable(expression: &Expression<&str>, language: &str, pieces: &mut Vec<Piece>) -> Result<(), String> {
    match expression {
        Expression::Select { selector, variants } => pieces.push(Piece::Choice(choice(selector, variants, language)?)),
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            pieces.push(Piece::Variable(id.name.to_owned()));
        }
        Expression::Inline(InlineExpression::MessageReference { id, attribute: None }) => {
            pieces.push(Piece::Message(id.name.to_owned()));
        }
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            pieces.push(Piece::Text(unescape_unicode_to_string(value).into_owned()));
        }
        Expression::Inline(InlineExpression::Placeable { expression }) => placeable(expression, language, pieces)?,
        Expression::Inline(
            InlineExpression::NumberLiteral { .. }
            | InlineExpression::FunctionReference { .. }
            | InlineExpression::MessageReference { .. }
            | InlineExpression::TermReference { .. },
        ) => return Err("it may hold variables, messages, literals and choices by a number only".to_owned()),
    }
    Ok(())
}

fn choice(selector: &InlineExpression<&str>, variants: &[Variant<&str>], language: &str) -> Result<Choice, String> {
    let InlineExpression::VariableReference { id } = selector else {
        return Err("a choice is made by a variable".to_owned());
    };
    let mut choice =
        Choice { variable: id.name.to_owned(), exact: Vec::new(), categories: Vec::new(), default: Vec::new() };
    for variant in variants {
        let said = pieces(&variant.value, language)?;
        match &variant.key {
            key if variant.default => {
                key_of_default(key, language)?;
                choice.default = said;
            }
            VariantKey::NumberLiteral { value } => choice.exact.push((number(value)?, said)),
            VariantKey::Identifier { name } => choice.categories.push((category(name, language)?, said)),
        }
    }
    Ok(choice)
}

/// The default is everything else, whatever it is called; but what it is called has to make sense.
fn key_of_default(key: &VariantKey<&str>, language: &str) -> Result<(), String> {
    match key {
        VariantKey::NumberLiteral { value } => number(value).map(drop),
        VariantKey::Identifier { name } => category(name, language).map(drop),
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("[{text}] is no whole number"))
}

fn category(name: &str, language: &str) -> Result<PluralCategory, String> {
    let category = PluralCategory::get_for_cldr_string(name);
    category.filter(|category| categories(language).contains(category)).ok_or_else(|| {
        let known: Vec<_> =
            categories(language).into_iter().map(|category| format!("{category:?}").to_lowercase()).collect();
        format!("[{name}] is no plural category of this language; it has {}", known.join(", "))
    })
}

/// The plural categories of a language, by the CLDR; none where it does not know the language.
fn categories(language: &str) -> Vec<PluralCategory> {
    let Ok(language) = language.parse::<LanguageIdentifier>() else {
        return Vec::new();
    };
    PluralRules::try_new_cardinal(language.into()).map(|rules| rules.categories().collect()).unwrap_or_default()
}

//! The pieces of a message.
//!
//! Supports the part of Fluent that sentences need: text, variables, other messages, and a choice by a number or its
//! plural category. Two asterisks begin and end emphasis.

use fluent_syntax::{
    ast::{Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    unicode::unescape_unicode_to_string,
};
use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory, PluralRules};

const EMPHASIS: &str = "**";

/// A piece of a message.
#[derive(Debug)]
pub enum Piece {
    /// Text on one line.
    Text(String),
    /// The beginning of emphasis.
    Emphasis,
    /// The end of emphasis.
    EndOfEmphasis,
    /// The name of a variable.
    Variable(String),
    /// The id of another message.
    Message(String),
    /// One of several texts, chosen by a number.
    Choice(Choice),
}

/// Several texts, of which a number chooses one.
#[derive(Debug)]
pub struct Choice {
    pub(crate) variable: String,
    /// For these numbers.
    pub(crate) exact: Vec<(u64, Vec<Piece>)>,
    /// For all other numbers of these plural categories.
    pub(crate) categories: Vec<(PluralCategory, Vec<Piece>)>,
    /// For all other numbers.
    pub(crate) default: Vec<Piece>,
}

impl Choice {
    pub(crate) fn variants(&self) -> impl Iterator<Item = &Vec<Piece>> {
        let exact = self.exact.iter().map(|(_, pieces)| pieces);
        exact.chain(self.categories.iter().map(|(_, pieces)| pieces)).chain([&self.default])
    }
}

/// The pieces of a pattern. An error continues a sentence that begins with the name of the message.
pub(crate) fn pieces(pattern: &Pattern<&str>, language: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut emphasised = false;
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text(value, &mut emphasised, &mut pieces),
            PatternElement::Placeable { expression } => placeable(expression, language, &mut pieces)?,
        }
    }
    if emphasised { Err("has emphasis (**) without an end".to_owned()) } else { Ok(pieces) }
}

/// Joins the lines of a text with spaces. Keeps no-break spaces.
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
        ) => return Err("may only contain variables, messages, literals and choices by a number".to_owned()),
    }
    Ok(())
}

fn choice(selector: &InlineExpression<&str>, variants: &[Variant<&str>], language: &str) -> Result<Choice, String> {
    let InlineExpression::VariableReference { id } = selector else {
        return Err("chooses by something that isn't a variable".to_owned());
    };
    let mut choice =
        Choice { variable: id.name.to_owned(), exact: Vec::new(), categories: Vec::new(), default: Vec::new() };
    for variant in variants {
        let text = pieces(&variant.value, language)?;
        match &variant.key {
            key if variant.default => {
                key_of_default(key, language)?;
                choice.default = text;
            }
            VariantKey::NumberLiteral { value } => choice.exact.push((number(value)?, text)),
            VariantKey::Identifier { name } => choice.categories.push((category(name, language)?, text)),
        }
    }
    Ok(choice)
}

/// The key of the default doesn't select anything, but it must be valid.
fn key_of_default(key: &VariantKey<&str>, language: &str) -> Result<(), String> {
    match key {
        VariantKey::NumberLiteral { value } => number(value).map(drop),
        VariantKey::Identifier { name } => category(name, language).map(drop),
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("has the variant [{text}], which isn't a whole number"))
}

fn category(name: &str, language: &str) -> Result<PluralCategory, String> {
    let category = PluralCategory::get_for_cldr_string(name);
    category.filter(|category| categories(language).contains(category)).ok_or_else(|| {
        let known: Vec<_> =
            categories(language).into_iter().map(|category| format!("{category:?}").to_lowercase()).collect();
        format!("has the variant [{name}], which isn't a plural category of this language ({})", known.join(", "))
    })
}

/// The plural categories of a language according to CLDR, or none if CLDR doesn't know the language.
fn categories(language: &str) -> Vec<PluralCategory> {
    let Ok(language) = language.parse::<LanguageIdentifier>() else {
        return Vec::new();
    };
    PluralRules::try_new_cardinal(language.into()).map(|rules| rules.categories().collect()).unwrap_or_default()
}

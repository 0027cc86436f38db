//! Generates a Rust method for each message, with a parameter for each of its variables.

use std::{collections::BTreeSet, fmt::Write};

use crate::{
    catalogue::{Catalogue, Messages, REFERENCE},
    check::{numbers, variables},
    pattern::{Choice, Piece},
};

/// The methods of `Words`, a type that the including crate defines, with its `Phrase`, `Spoken` and `Locale`. A method
/// has no way to fail: a template that uses an unknown message or forgets a variable doesn't compile.
pub fn methods(catalogue: &Catalogue) -> String {
    let Some(reference) = catalogue.0.get(REFERENCE) else {
        return String::new();
    };
    let methods: String = reference.keys().map(|id| method(catalogue, reference, id)).collect();
    format!("impl Words {{\n{methods}}}\n")
}

fn method(catalogue: &Catalogue, reference: &Messages, id: &str) -> String {
    // A variable that one language chooses by is a number in all of them.
    let numbers: BTreeSet<_> = catalogue.0.values().flat_map(|language| numbers(language, id)).collect();
    let parameters: String = variables(reference, id)
        .into_iter()
        .map(|name| format!(", {}: {}", rust_name(name), if numbers.contains(name) { "u64" } else { "impl Spoken" }))
        .collect();
    let mut code = format!("/// The message `{id}`.\npub(super) fn {}(self{parameters}) -> Phrase {{\n", rust_name(id));
    code += "let mut phrase = self.phrase();\nmatch self.locale {\n";
    for (name, language) in &catalogue.0 {
        let body = language.get(id).map(|message| statements(&message.pieces, language, &numbers));
        let _ = writeln!(code, "Locale::{} => {{\n{}}}", variant(name), body.unwrap_or_default());
    }
    code + "}\nphrase\n}\n"
}

fn statements(pieces: &[Piece], language: &Messages, numbers: &BTreeSet<&str>) -> String {
    let statement = |piece: &Piece| match piece {
        Piece::Text(text) => format!("phrase.text({text:?});\n"),
        Piece::Emphasis => "phrase.emphasis();\n".to_owned(),
        Piece::EndOfEmphasis => "phrase.end_of_emphasis();\n".to_owned(),
        Piece::Variable(name) if numbers.contains(name.as_str()) => format!("phrase.number({});\n", rust_name(name)),
        Piece::Variable(name) => format!("phrase.say(&{});\n", rust_name(name)),
        Piece::Message(id) => {
            let arguments: Vec<_> = variables(language, id).into_iter().map(rust_name).collect();
            format!("phrase.say(&self.{}({}));\n", rust_name(id), arguments.join(", "))
        }
        Piece::Choice(choice) => chosen(choice, language, numbers),
    };
    pieces.iter().map(statement).collect()
}

fn chosen(choice: &Choice, language: &Messages, numbers: &BTreeSet<&str>) -> String {
    let block = |pieces: &[Piece]| format!("{{\n{}}}\n", statements(pieces, language, numbers));
    let name = rust_name(&choice.variable);
    let mut other = block(&choice.default);
    if !choice.categories.is_empty() {
        let arm = |(category, pieces): &(_, Vec<Piece>)| format!("PluralCategory::{category:?} => {}", block(pieces));
        let arms: String = choice.categories.iter().map(arm).collect();
        other = format!("match self.category({name}) {{\n{arms}_ => {other}}}\n");
    }
    if choice.exact.is_empty() {
        return other;
    }
    let arms: String = choice.exact.iter().map(|(number, pieces)| format!("{number} => {}", block(pieces))).collect();
    format!("match {name} {{\n{arms}_ => {other}}}\n")
}

/// `password-reset-subject` is `password_reset_subject`.
fn rust_name(fluent: &str) -> String {
    fluent.replace('-', "_")
}

/// The variant of `Locale` of a folder: `de` is `De`, `pt-BR` is `PtBr`.
fn variant(folder: &str) -> String {
    let capitalised = |part: &str| part[..1].to_uppercase() + &part[1..].to_lowercase();
    folder.split('-').filter(|part| !part.is_empty()).map(capitalised).collect()
}

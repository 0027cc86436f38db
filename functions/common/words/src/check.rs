//! Compares every language with the reference language.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    catalogue::{Fault, Message, Messages, REFERENCE, fault, path},
    pattern::Piece,
};

pub(crate) fn faults(languages: &BTreeMap<String, Messages>) -> Vec<Fault> {
    let Some(reference) = languages.get(REFERENCE) else {
        return vec![Fault { file: "locales".to_owned(), line: 1, problem: format!("there is no folder {REFERENCE}") }];
    };
    let mut faults = Vec::new();
    for (name, messages) in languages {
        for (id, wanted) in reference {
            let expected = path(name, &wanted.file);
            match messages.get(id) {
                None => {
                    faults.push(fault(REFERENCE, &wanted.file, wanted.line, format!("`{id}` is missing in {expected}")))
                }
                Some(found) if found.file != wanted.file => {
                    faults.push(fault(name, &found.file, found.line, format!("`{id}` belongs in {expected}")));
                }
                Some(_) => {}
            }
        }
        for (id, message) in messages {
            let problems = problems(messages, reference, id, message).into_iter();
            faults.extend(problems.map(|problem| fault(name, &message.file, message.line, problem)));
        }
    }
    faults
}

fn problems(messages: &Messages, reference: &Messages, id: &str, message: &Message) -> Vec<String> {
    if !reference.contains_key(id) {
        return vec![format!("`{id}` is missing in {}", path(REFERENCE, &message.file))];
    }
    let unresolved = references(&message.pieces).into_iter().filter_map(|other| match messages.get(other) {
        None => Some(format!("`{id}` uses the message `{other}`, which doesn't exist")),
        // One level is enough for sentences and rules out cycles.
        Some(inner) if !references(&inner.pieces).is_empty() => {
            Some(format!("`{id}` uses the message `{other}`, which uses another message"))
        }
        Some(_) => None,
    });
    let unresolved = unresolved.collect::<Vec<_>>();
    if !unresolved.is_empty() {
        return unresolved;
    }
    let (used, wanted) = (variables(messages, id), variables(reference, id));
    let unknown = used.difference(&wanted).map(|name| format!("`{id}` uses ${name}, but the English message doesn't"));
    let unused =
        wanted.difference(&used).map(|name| format!("`{id}` doesn't use ${name}, but the English message does"));
    unknown.chain(unused).collect()
}

/// The variables of a message and of the messages that it uses.
pub(crate) fn variables<'a>(messages: &'a Messages, id: &str) -> BTreeSet<&'a str> {
    let name = |piece: &'a Piece| match piece {
        Piece::Variable(name) => Some(name.as_str()),
        Piece::Choice(choice) => Some(choice.variable.as_str()),
        Piece::Text(_) | Piece::Emphasis | Piece::EndOfEmphasis | Piece::Message(_) => None,
    };
    resolved(messages, id).into_iter().filter_map(name).collect()
}

/// Those of its [`variables`] that a choice depends on. They are numbers.
pub(crate) fn numbers<'a>(messages: &'a Messages, id: &str) -> BTreeSet<&'a str> {
    let name = |piece: &'a Piece| match piece {
        Piece::Choice(choice) => Some(choice.variable.as_str()),
        _ => None,
    };
    resolved(messages, id).into_iter().filter_map(name).collect()
}

/// The pieces of a message and of the messages that it uses.
fn resolved<'a>(messages: &'a Messages, id: &str) -> Vec<&'a Piece> {
    let Some(message) = messages.get(id) else { return Vec::new() };
    let used = references(&message.pieces).into_iter().filter_map(|other| messages.get(other));
    used.chain([message]).flat_map(|message| flat(&message.pieces)).collect()
}

fn references(pieces: &[Piece]) -> BTreeSet<&str> {
    flat(pieces)
        .into_iter()
        .filter_map(|piece| if let Piece::Message(id) = piece { Some(id.as_str()) } else { None })
        .collect()
}

/// The pieces, each choice followed by the pieces of its variants.
fn flat(pieces: &[Piece]) -> Vec<&Piece> {
    let mut all = Vec::new();
    for piece in pieces {
        all.push(piece);
        if let Piece::Choice(choice) = piece {
            all.extend(choice.variants().flat_map(|variant| flat(variant)));
        }
    }
    all
}

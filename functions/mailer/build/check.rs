//! What every language has to say, and with what.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    catalogue::{Fault, Language, REFERENCE, Wording, path, place},
    pattern::Piece,
};

/// What is wrong with the languages, held against the reference.
pub(crate) fn faults(languages: &BTreeMap<String, Language>) -> Vec<Fault> {
    let Some(reference) = languages.get(REFERENCE) else {
        return vec![Fault::of("locales", format!("there is no folder {REFERENCE}"))];
    };
    let mut faults = Vec::new();
    for (name, language) in languages {
        faults.extend(reference.iter().filter_map(|(id, wording)| missing(name, language, id, wording)));
        for (id, wording) in language {
            let at = place(&path(name, &wording.file), id);
            faults.extend(amiss(language, reference, id, wording).into_iter().map(|what| Fault::of(&at, what)));
        }
    }
    faults
}

/// A message that a language lacks, or has elsewhere.
fn missing(name: &str, language: &Language, id: &str, wanted: &Wording) -> Option<Fault> {
    let at = place(&path(name, &wanted.file), id);
    match language.get(id) {
        None => Some(Fault::of(&at, "this message is missing")),
        Some(found) if found.file != wanted.file => {
            Some(Fault::of(&at, format!("this message stands in {}", path(name, &found.file))))
        }
        Some(_) => None,
    }
}

fn amiss(language: &Language, reference: &Language, id: &str, wording: &Wording) -> Vec<String> {
    if !reference.contains_key(id) {
        return vec![format!("{} has no such message", path(REFERENCE, &wording.file))];
    }
    let unresolved = messages(&wording.pieces).into_iter().filter_map(|other| match language.get(other) {
        None => Some(format!("there is no message {other}")),
        // One level deep is enough for sentences, and has no circles.
        Some(other_wording) if !messages(&other_wording.pieces).is_empty() => {
            Some(format!("the message {other} is made of others itself"))
        }
        Some(_) => None,
    });
    let unresolved: Vec<_> = unresolved.collect();
    if !unresolved.is_empty() {
        return unresolved;
    }
    let (said, wanted) = (variables(language, id), variables(reference, id));
    let unknown = said.difference(&wanted).map(|name| format!("the variable ${name} is not known"));
    unknown.chain(wanted.difference(&said).map(|name| format!("it does not say ${name}"))).collect()
}

/// The variables of a message, with those of the messages that it is made of.
pub(crate) fn variables<'a>(language: &'a Language, id: &str) -> BTreeSet<&'a str> {
    names(language, id, |piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Choice(choice) => Some(&choice.variable),
        Piece::Text(_) | Piece::Emphasis | Piece::EndOfEmphasis | Piece::Message(_) => None,
    })
}

/// Those of them that a choice is made by: they are numbers.
pub(crate) fn numbers<'a>(language: &'a Language, id: &str) -> BTreeSet<&'a str> {
    names(language, id, |piece| match piece {
        Piece::Choice(choice) => Some(&choice.variable),
        Piece::Text(_) | Piece::Emphasis | Piece::EndOfEmphasis | Piece::Message(_) | Piece::Variable(_) => None,
    })
}

/// What the pieces of a message, and of the messages that it is made of, name.
fn names<'a>(language: &'a Language, id: &str, name: fn(&Piece) -> Option<&String>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let pieces = |id: &str| language.get(id).map(|wording| wording.pieces.as_slice()).unwrap_or_default();
    for part in messages(pieces(id)).into_iter().map(pieces).chain([pieces(id)]) {
        each(part, &mut |piece| found.extend(name(piece).map(String::as_str)));
    }
    found
}

fn messages(pieces: &[Piece]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    each(pieces, &mut |piece| {
        if let Piece::Message(id) = piece {
            found.insert(id.as_str());
        }
    });
    found
}

fn each<'a>(pieces: &'a [Piece], see: &mut impl FnMut(&'a Piece)) {
    for piece in pieces {
        see(piece);
        if let Piece::Choice(choice) = piece {
            choice.variants().for_each(|variant| each(variant, see));
        }
    }
}

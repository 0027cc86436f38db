//! The words of all languages, read and held against each other.

use std::{collections::BTreeMap, fmt};

use fluent_syntax::{
    ast::{Entry, Message},
    parser,
};

use crate::{
    check,
    pattern::{Piece, pieces},
};

/// The language that the others are held against: what it says has to be said, and with what.
pub(crate) const REFERENCE: &str = "en";

/// A file of Fluent messages.
pub(crate) struct Source {
    /// The name of its folder.
    pub(crate) language: String,
    pub(crate) file: String,
    pub(crate) text: String,
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    place: String,
    what: String,
}

impl Fault {
    pub(crate) fn of(place: &str, what: impl Into<String>) -> Self {
        Self { place: place.to_owned(), what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A message of a language: where it stands, and what it is made of.
pub(crate) struct Wording {
    pub(crate) file: String,
    pub(crate) pieces: Vec<Piece>,
}

/// The messages of a language, by their ids.
pub(crate) type Language = BTreeMap<String, Wording>;

/// The words of all languages, by language; each has the same messages, with the same variables.
pub(crate) struct Catalogue(pub(crate) BTreeMap<String, Language>);

/// Reads all files, and checks them.
///
/// # Errors
///
/// Everything that is wrong with any of them.
pub(crate) fn read(sources: &[Source]) -> Result<Catalogue, Vec<Fault>> {
    let (mut languages, mut faults) = (BTreeMap::new(), Vec::new());
    for source in sources {
        let language = languages.entry(source.language.clone()).or_default();
        read_file(source, language, &mut faults);
    }
    // What can't be read is not held against what can: its messages would all be missing.
    if faults.is_empty() {
        faults = check::faults(&languages);
    }
    if faults.is_empty() { Ok(Catalogue(languages)) } else { Err(faults) }
}

fn read_file(source: &Source, language: &mut Language, faults: &mut Vec<Fault>) {
    let path = path(&source.language, &source.file);
    let resource = match parser::parse(source.text.as_str()) {
        Ok(resource) => resource,
        Err((_, errors)) => {
            let line = |at: usize| source.text[..at.min(source.text.len())].matches('\n').count() + 1;
            let fault = |e: &parser::ParserError| {
                Fault::of(&format!("{path}:{}", line(e.pos.start)), format!("this is not Fluent: {}", e.kind))
            };
            return faults.extend(errors.iter().map(fault));
        }
    };
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => match read_message(message, source) {
                Ok(_) if language.contains_key(message.id.name) => {
                    faults.push(Fault::of(&place(&path, message.id.name), "there are two messages of this name"));
                }
                Ok(wording) => drop(language.insert(message.id.name.to_owned(), wording)),
                Err(what) => faults.push(Fault::of(&place(&path, message.id.name), what)),
            },
            Entry::Term(term) => faults.push(Fault::of(&place(&path, term.id.name), "terms are not used here")),
            Entry::Junk { .. } | Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
        }
    }
}

fn read_message(message: &Message<&str>, source: &Source) -> Result<Wording, String> {
    if !message.attributes.is_empty() {
        return Err("attributes are not used here".to_owned());
    }
    let pattern = message.value.as_ref().ok_or("it says nothing")?;
    Ok(Wording { file: source.file.clone(), pieces: pieces(pattern, &source.language)? })
}

/// Where a file of a language is.
pub(crate) fn path(language: &str, file: &str) -> String {
    format!("locales/{language}/{file}")
}

/// Where a message is.
pub(crate) fn place(path: &str, message: &str) -> String {
    format!("{path}: {message}")
}

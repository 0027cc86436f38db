//! The messages of all languages.

use std::{collections::BTreeMap, fmt, fs, io, path::Path};

use fluent_syntax::{ast, parser};

use crate::{
    check,
    pattern::{Piece, pieces},
};

/// The language that all others are checked against.
pub(crate) const REFERENCE: &str = "en";

/// A Fluent file, `locales/<language>/<file>`.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of its folder.
    pub language: String,
    /// Its name in that folder.
    pub file: String,
    /// Its content.
    pub text: String,
}

impl Source {
    /// Reads every file of every language, in the order of their names.
    pub fn read_folder(folder: &Path) -> io::Result<Vec<Self>> {
        let mut sources = Vec::new();
        for language in names(folder)? {
            for file in names(&folder.join(&language))? {
                let text = fs::read_to_string(folder.join(&language).join(&file))?;
                sources.push(Self { language: language.clone(), file, text });
            }
        }
        Ok(sources)
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = fs::read_dir(folder)?.map(name).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// A mistake in the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file: `locales/de/forms.ftl`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

/// One message in one language.
#[derive(Debug)]
pub struct Message {
    /// The file that it is in: `forms.ftl`.
    pub file: String,
    /// The line on which it begins, counted from 1.
    pub line: usize,
    /// Its text, cut where something is filled in.
    pub pieces: Vec<Piece>,
}

/// The messages of one language, by id.
pub type Messages = BTreeMap<String, Message>;

/// The messages of every language. All languages have the same messages, with the same variables.
#[derive(Debug)]
pub struct Catalogue(pub(crate) BTreeMap<String, Messages>);

impl Catalogue {
    /// The messages of a language, by the name of its folder.
    pub fn language(&self, name: &str) -> Option<&Messages> {
        self.0.get(name)
    }
}

/// Parses and checks all files. An error lists every mistake.
pub fn read(sources: &[Source]) -> Result<Catalogue, Vec<Fault>> {
    let (mut languages, mut faults) = (BTreeMap::new(), Vec::new());
    for source in sources {
        read_file(source, languages.entry(source.language.clone()).or_default(), &mut faults);
    }
    // Comparing files that don't parse would report each of their messages as missing.
    if faults.is_empty() {
        faults = check::faults(&languages);
    }
    if faults.is_empty() { Ok(Catalogue(languages)) } else { Err(faults) }
}

fn read_file(source: &Source, messages: &mut Messages, faults: &mut Vec<Fault>) {
    let mut report = |line, problem| faults.push(fault(&source.language, &source.file, line, problem));
    let resource = match parser::parse(source.text.as_str()) {
        Ok(resource) => resource,
        Err((_, errors)) => {
            return errors.iter().for_each(|error| {
                report(line_at(&source.text, error.pos.start), format!("not valid Fluent: {}", error.kind));
            });
        }
    };
    for entry in &resource.body {
        match entry {
            ast::Entry::Message(message) => {
                let id = message.id.name;
                let line = line_of(&source.text, id);
                match read_message(message, &source.language) {
                    Ok(_) if messages.contains_key(id) => report(line, format!("`{id}` is defined twice")),
                    Ok(pieces) => {
                        messages.insert(id.to_owned(), Message { file: source.file.clone(), line, pieces });
                    }
                    Err(problem) => report(line, format!("`{id}` {problem}")),
                }
            }
            ast::Entry::Term(term) => {
                let id = term.id.name;
                report(line_of(&source.text, id), format!("`-{id}` is a term; terms aren't supported"));
            }
            ast::Entry::Junk { .. }
            | ast::Entry::Comment(_)
            | ast::Entry::GroupComment(_)
            | ast::Entry::ResourceComment(_) => {}
        }
    }
}

fn read_message(message: &ast::Message<&str>, language: &str) -> Result<Vec<Piece>, String> {
    if !message.attributes.is_empty() {
        return Err("has attributes, which aren't supported".to_owned());
    }
    pieces(message.value.as_ref().ok_or("has no value")?, language)
}

pub(crate) fn path(language: &str, file: &str) -> String {
    format!("locales/{language}/{file}")
}

pub(crate) fn fault(language: &str, file: &str, line: usize, problem: String) -> Fault {
    Fault { file: path(language, file), line, problem }
}

/// The line of a part of the text. The parser's names are slices of the text and have no position of their own.
fn line_of(text: &str, part: &str) -> usize {
    line_at(text, part.as_ptr().addr().saturating_sub(text.as_ptr().addr()))
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

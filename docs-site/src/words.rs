//! The words of the layouts, in each language: Fluent messages, whose values are inline Markdown.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry as FluentEntry, Expression, InlineExpression, Pattern, PatternElement},
    parser::parse,
};

use crate::language::Language;
use crate::markdown;
use crate::variables::Substitution;
use crate::{BuildError, BuildErrors, Fault, SiteVariables};

/// What scripts put into a message when it is shown. Such a place holds the words of the message `fill-…` until then,
/// or nothing.
const FILLS: [&str; 8] = ["address", "count", "email", "limit", "missing", "name", "until", "wait"];
/// Stand around the name of such a place while a message is formatted. Both are private-use characters.
const OPEN: char = '\u{E002}';
const CLOSE: char = '\u{E003}';

/// A file of messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageFile {
    pub(crate) language: Language,
    /// Its name within `locales/`.
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// Pairs each name with the text of its file.
macro_rules! files {
    ($($language:ident: $name:literal),* $(,)?) => {
        &[$(MessageFile {
            language: Language::$language,
            name: $name,
            text: include_str!(concat!("../locales/", $name)),
        }),*]
    };
}

/// Every file of `locales/`. A test fails if one is missing here.
pub(crate) static FILES: &[MessageFile] = files![
    English: "en/shell.ftl",
    English: "en/forms.ftl",
    German: "de/shell.ftl",
    German: "de/forms.ftl",
    French: "fr/shell.ftl",
    French: "fr/forms.ftl",
    Spanish: "es/shell.ftl",
    Spanish: "es/forms.ftl",
    Arabic: "ar/shell.ftl",
    Arabic: "ar/forms.ftl",
];

/// The words of one language, with the values of a deployment in them.
#[derive(Debug)]
pub(crate) struct Words {
    messages: BTreeMap<String, Message>,
    /// Puts the same values into the content of the language.
    pub(crate) substitution: Substitution,
}

/// What a layout may say.
#[derive(Debug)]
pub(crate) struct Message {
    html: String,
    text: String,
    /// Where it leads.
    pub(crate) links: Vec<String>,
    file: String,
    line: usize,
}

/// All words, by their language.
#[derive(Debug)]
pub(crate) struct AllWords(BTreeMap<Language, Words>);

impl AllWords {
    /// Reads the messages of every language, and demands that each has the same ones with the same variables as
    /// English.
    pub(crate) fn read(files: &[MessageFile], site: &SiteVariables) -> Result<Self, BuildErrors> {
        let mut errors = Vec::new();
        let english = entries_of(files, Language::English);
        let mut all = BTreeMap::new();
        for language in Language::ALL {
            let entries = entries_of(files, language);
            compare(&entries, &english, language, &mut errors);
            let of_language = files.iter().filter(|file| file.language == language);
            all.insert(language, Words::read(of_language, &entries, site, &mut errors));
        }
        BuildErrors::unless_empty(errors)?;
        Ok(Self(all))
    }

    pub(crate) fn of(&self, language: Language) -> Result<&Words, Fault> {
        self.0.get(&language).ok_or_else(|| Fault::MissingLanguage(language.english_name()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Language, &Words)> {
        self.0.iter().map(|(language, words)| (*language, words))
    }
}

impl Words {
    fn read<'a>(
        files: impl Iterator<Item = &'a MessageFile>,
        entries: &BTreeMap<&str, Entry<'_>>,
        site: &SiteVariables,
        errors: &mut Vec<BuildError>,
    ) -> Self {
        let values = files.flat_map(|file| file.values(errors)).collect::<Vec<_>>();
        let no_address = values.iter().find(|(key, _)| *key == "no-fixed-address");
        // A variable in it is reported below, as in any other message.
        let no_address = no_address.map_or(String::new(), |(_, value)| put_together(value, &BTreeMap::new(), |_| ()));
        let substitution = Substitution::new(site, &no_address);
        let mut marks = substitution.marks().collect::<BTreeMap<_, _>>();
        marks.extend(FILLS.map(|name| (name, format!("{OPEN}{name}{CLOSE}"))));
        let mut messages = BTreeMap::new();
        for (key, value) in values {
            let Some(entry) = entries.get(key) else { continue };
            let value = put_together(&value, &marks, |fault| errors.push(entry.error(fault)));
            let inline = markdown::inline(&value, &substitution, |fault| errors.push(entry.error(fault)));
            let message = Message {
                html: inline.html,
                text: inline.text.replace(OPEN, "{").replace(CLOSE, "}"),
                links: inline.links,
                file: entry.file.clone(),
                line: entry.line,
            };
            if messages.insert(key.to_owned(), message).is_some() {
                errors.push(entry.error(Fault::DuplicateMessage(key.to_owned())));
            }
        }
        fill_places(&mut messages);
        Self { messages, substitution }
    }

    /// A message as HTML. Its links are those of the English pages.
    pub(crate) fn html(&self, key: &str) -> Result<&str, Fault> {
        Ok(&self.get(key)?.html)
    }

    /// A message as text, for attributes. The places for scripts are names in curly brackets.
    pub(crate) fn text(&self, key: &str) -> Result<&str, Fault> {
        Ok(&self.get(key)?.text)
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    fn get(&self, key: &str) -> Result<&Message, Fault> {
        self.messages.get(key).ok_or_else(|| Fault::NoMessage(key.to_owned()))
    }
}

impl Message {
    pub(crate) fn error(&self, fault: Fault) -> BuildError {
        BuildError { file: self.file.clone(), line: self.line, fault }
    }
}

impl MessageFile {
    /// The messages with their values, in the order of the file.
    fn values(&self, errors: &mut Vec<BuildError>) -> Vec<(&'static str, Pattern<&'static str>)> {
        let resource = parse(self.text).unwrap_or_else(|(resource, faults)| {
            errors.extend(faults.into_iter().map(|fault| {
                let line = self.text[..fault.pos.start].lines().count().max(1);
                self.error(line, Fault::Fluent(fault.to_string()))
            }));
            resource
        });
        let messages = resource.body.into_iter().filter_map(|entry| match entry {
            FluentEntry::Message(message) => Some((message.id.name, message.value?)),
            _ => None,
        });
        messages.collect()
    }

    fn error(&self, line: usize, fault: Fault) -> BuildError {
        BuildError { file: format!("locales/{}", self.name), line, fault }
    }
}

/// The value of a message: its text, with marks where its variables are. Layouts need no more of Fluent than that.
fn put_together(value: &Pattern<&str>, marks: &BTreeMap<&str, String>, mut report: impl FnMut(Fault)) -> String {
    let mut out = String::new();
    for element in &value.elements {
        match element {
            PatternElement::TextElement { value } => out.push_str(value),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => match marks.get(id.name) {
                Some(mark) => out.push_str(mark),
                None => report(Fault::UnknownVariable(id.name.to_owned())),
            },
            PatternElement::Placeable { .. } => report(Fault::Fluent("only { $variables } are known here".to_owned())),
        }
    }
    out
}

/// Makes the places that scripts fill: elements that keep what comes into them apart from the direction around them.
fn fill_places(messages: &mut BTreeMap<String, Message>) {
    let places = FILLS.map(|name| {
        let until_then = messages.get(&format!("fill-{name}")).map_or("", |message| message.html.as_str());
        (format!("{OPEN}{name}{CLOSE}"), format!("<bdi data-fill=\"{name}\">{until_then}</bdi>"))
    });
    for message in messages.values_mut().filter(|message| message.html.contains(OPEN)) {
        for (mark, place) in &places {
            message.html = message.html.replace(mark, place);
        }
    }
}

/// A message as it was written.
struct Entry<'a> {
    file: String,
    line: usize,
    text: &'a str,
}

impl Entry<'_> {
    fn error(&self, fault: Fault) -> BuildError {
        BuildError { file: self.file.clone(), line: self.line, fault }
    }

    /// The names of its variables.
    fn variables(&self) -> BTreeSet<&str> {
        let names = self.text.split('$').skip(1);
        names
            .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default())
            .collect()
    }
}

/// The messages of a language by their names. Each begins a line with its name; what goes on is indented.
fn entries_of(files: &[MessageFile], language: Language) -> BTreeMap<&'static str, Entry<'static>> {
    let mut entries = BTreeMap::new();
    for file in files.iter().filter(|file| file.language == language) {
        let mut at = 0;
        let lines = file.text.split_inclusive('\n').enumerate().map(|(index, line)| {
            at += line.len();
            (index + 1, at - line.len(), line)
        });
        let starts = lines.filter(|(.., line)| line.starts_with(|c: char| c.is_ascii_alphabetic())).collect::<Vec<_>>();
        for (index, (line, from, first)) in starts.iter().enumerate() {
            let to = starts.get(index + 1).map_or(file.text.len(), |(_, next, _)| *next);
            let key = first.split('=').next().unwrap_or_default().trim();
            entries.insert(
                key,
                Entry { file: format!("locales/{}", file.name), line: *line, text: &file.text[*from..to] },
            );
        }
    }
    entries
}

/// Tells what a language lacks, what it has alone, and which of its messages have other variables.
fn compare(
    entries: &BTreeMap<&str, Entry<'_>>,
    english: &BTreeMap<&str, Entry<'_>>,
    language: Language,
    errors: &mut Vec<BuildError>,
) {
    for (key, original) in english {
        match entries.get(key) {
            None => {
                errors.push(
                    original.error(Fault::MissingMessage { key: (*key).to_owned(), language: language.english_name() }),
                );
            }
            Some(entry) if entry.variables() != original.variables() => {
                errors.push(entry.error(Fault::OtherVariables((*key).to_owned())));
            }
            Some(_) => {}
        }
    }
    for (key, entry) in entries.iter().filter(|(key, _)| !english.contains_key(*key)) {
        errors.push(entry.error(Fault::NoEnglishMessage((*key).to_owned())));
    }
}

//! The words of the layouts in each language: Fluent messages whose values are inline Markdown.

use std::collections::BTreeMap;

use mailkey_words::{Messages, Piece, Source};

use crate::language::Language;
use crate::variables::Substitution;
use crate::{BuildError, BuildErrors, Fault, SiteVariables, files, markdown};

/// The variables that scripts fill in. Until then, a place shows the message `fill-<name>`, if there is one.
const FILLS: [&str; 8] = ["address", "count", "email", "limit", "missing", "name", "until", "wait"];
/// Enclose the name of such a variable while a message is formatted. Both are private-use characters.
const OPEN: char = '\u{E002}';
const CLOSE: char = '\u{E003}';

/// The files of `locales/`.
pub(crate) fn sources() -> Vec<Source> {
    let source = |(path, text): &(&str, &str)| {
        let (language, file) = path.split_once('/')?;
        Some(Source { language: language.to_owned(), file: file.to_owned(), text: (*text).to_owned() })
    };
    files::LOCALES.iter().filter_map(source).collect()
}

/// The words of all languages.
#[derive(Debug)]
pub(crate) struct AllWords(BTreeMap<Language, Words>);

/// The words of one language, with the values of a deployment.
#[derive(Debug)]
pub(crate) struct Words {
    messages: BTreeMap<String, Message>,
    /// Puts the same values into the content of the language.
    pub(crate) substitution: Substitution,
}

/// A message in one language.
#[derive(Debug)]
pub(crate) struct Message {
    html: String,
    text: String,
    pub(crate) links: Vec<String>,
    file: String,
    line: usize,
}

impl AllWords {
    pub(crate) fn read(sources: &[Source], site: &SiteVariables) -> Result<Self, BuildErrors> {
        let catalogue = mailkey_words::read(sources).map_err(|faults| {
            let error = |fault: mailkey_words::Fault| {
                let mailkey_words::Fault { file, line, problem } = fault;
                BuildError { file, line, fault: Fault::Message(problem) }
            };
            BuildErrors(faults.into_iter().map(error).collect())
        })?;
        let (mut all, mut errors) = (BTreeMap::new(), Vec::new());
        for language in Language::ALL {
            let file = format!("locales/{}", language.tag());
            match catalogue.language(language.tag()) {
                Some(messages) => drop(all.insert(language, Words::new(messages, &file, site, &mut errors))),
                None => errors.push(BuildError { file, line: 1, fault: Fault::NoMessages(language.english_name()) }),
            }
        }
        BuildErrors::unless_empty(errors)?;
        Ok(Self(all))
    }

    pub(crate) fn of(&self, language: Language) -> &Words {
        // `read` returns all languages or an error.
        &self.0[&language]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Language, &Words)> {
        self.0.iter().map(|(language, words)| (*language, words))
    }
}

impl Words {
    fn new(messages: &Messages, folder: &str, site: &SiteVariables, errors: &mut Vec<BuildError>) -> Self {
        let no_address = messages.get("no-fixed-address");
        // A variable in it is reported below, like in every other message.
        let no_address = no_address
            .map_or(String::new(), |message| with_marks(&message.pieces, messages, &BTreeMap::new(), &mut |_| ()));
        let substitution = Substitution::new(site, &no_address);
        let mut marks = substitution.marks().collect::<BTreeMap<_, _>>();
        marks.extend(FILLS.map(|name| (name, format!("{OPEN}{name}{CLOSE}"))));
        let format = |(id, message): (&String, &mailkey_words::Message)| {
            let (file, line) = (format!("{folder}/{}", message.file), message.line);
            let mut report = |fault| errors.push(BuildError { file: file.clone(), line, fault });
            let text = with_marks(&message.pieces, messages, &marks, &mut report);
            let inline = markdown::inline(&text, &substitution, report);
            let text = inline.text.replace(OPEN, "{").replace(CLOSE, "}");
            (id.clone(), Message { html: inline.html, text, links: inline.links, file, line })
        };
        let mut messages = messages.iter().map(format).collect();
        mark_fills(&mut messages);
        Self { messages, substitution }
    }

    /// A message as HTML. Its links are those of the English pages.
    pub(crate) fn html(&self, id: &str) -> Result<&str, Fault> {
        Ok(&self.get(id)?.html)
    }

    /// A message as text, for attributes. Variables that scripts fill in are names in curly brackets.
    pub(crate) fn text(&self, id: &str) -> Result<&str, Fault> {
        Ok(&self.get(id)?.text)
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// The rest of each id that begins with `prefix`.
    pub(crate) fn ids_after<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.messages.keys().filter_map(move |id| id.strip_prefix(prefix))
    }

    fn get(&self, id: &str) -> Result<&Message, Fault> {
        self.messages.get(id).ok_or_else(|| Fault::NoMessage(id.to_owned()))
    }
}

impl Message {
    pub(crate) fn error(&self, fault: Fault) -> BuildError {
        BuildError { file: self.file.clone(), line: self.line, fault }
    }
}

/// The Markdown of a message, with marks in place of its variables.
fn with_marks(
    pieces: &[Piece],
    messages: &Messages,
    marks: &BTreeMap<&str, String>,
    report: &mut impl FnMut(Fault),
) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Emphasis | Piece::EndOfEmphasis => out.push_str("**"),
            Piece::Variable(name) => match marks.get(name.as_str()) {
                Some(mark) => out.push_str(mark),
                None => report(Fault::UnknownVariable(name.clone())),
            },
            Piece::Message(id) => {
                let pieces = messages.get(id).map_or(&[][..], |message| &message.pieces);
                out.push_str(&with_marks(pieces, messages, marks, report));
            }
            Piece::Choice(_) => report(Fault::Message("layouts can't choose by a number".to_owned())),
        }
    }
    out
}

/// Turns the variables that scripts fill in into elements, isolated from the text direction around them.
fn mark_fills(messages: &mut BTreeMap<String, Message>) {
    let fills = FILLS.map(|name| {
        let until_then = messages.get(&format!("fill-{name}")).map_or("", |message| message.html.as_str());
        (format!("{OPEN}{name}{CLOSE}"), format!("<bdi data-fill=\"{name}\">{until_then}</bdi>"))
    });
    for message in messages.values_mut().filter(|message| message.html.contains(OPEN)) {
        for (mark, element) in &fills {
            message.html = message.html.replace(mark, element);
        }
    }
}

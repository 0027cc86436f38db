//! Renders Markdown and collects its headings, links and plain text.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::Fault;
use crate::picture::Pictures;
use crate::variables::Substitution;
use crate::words::Words;

/// The rendered text of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) html: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) links: Vec<Link>,
    /// Its plain text, for the search. The first passage is the text before the first heading; it may be empty.
    pub(crate) passages: Vec<Passage>,
}

/// The plain text between two headings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passage {
    /// The index of its heading.
    pub(crate) heading: Option<usize>,
    pub(crate) text: String,
    /// Its commands and programs, without data such as JSON.
    pub(crate) code: String,
    /// Whether it contains data.
    pub(crate) has_data: bool,
    /// What the next text belongs to.
    inside: Inside,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Prose,
    Code,
    /// Examples of data, and the heads of tables.
    Skipped,
}

impl Passage {
    /// Adds the text of an event, with a space after each line and block.
    fn add(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                self.inside = match &**language {
                    "note" => Inside::Prose,
                    "json" | "http" | "" => Inside::Skipped,
                    _ => Inside::Code,
                };
                self.has_data |= self.inside == Inside::Skipped;
            }
            Event::Start(Tag::TableHead) => self.inside = Inside::Skipped,
            Event::End(TagEnd::TableHead) => self.inside = Inside::Prose,
            Event::End(TagEnd::CodeBlock) => {
                self.inside = Inside::Prose;
                self.separate();
            }
            Event::Text(_) | Event::Code(_) if self.inside == Inside::Skipped => {}
            Event::Text(code) if self.inside == Inside::Code => {
                self.code.push_str(code);
                self.code.push(' ');
            }
            Event::Text(text) | Event::Code(text) => self.text.push_str(text),
            Event::SoftBreak | Event::HardBreak => self.separate(),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::TableRow | TagEnd::BlockQuote(_),
            ) => self.separate(),
            _ => {}
        }
    }

    fn separate(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
    }
}

/// A rendered message of a layout.
#[derive(Debug, Default)]
pub(crate) struct Inline {
    pub(crate) html: String,
    pub(crate) text: String,
    pub(crate) links: Vec<String>,
}

/// Renders Markdown that has no blocks, and whose variables are [marked](Substitution::mark).
pub(crate) fn inline(text: &str, substitution: &Substitution, mut report: impl FnMut(Fault)) -> Inline {
    let mut inline = Inline::default();
    let mut out = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_SMART_PUNCTUATION).map(|event| fill(event, substitution)) {
        match &event {
            Event::Html(_) | Event::InlineHtml(_) => report(Fault::RawHtml),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => continue,
            Event::Start(Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::List(_)) | Event::Rule => {
                report(Fault::Block);
            }
            Event::Start(Tag::Link { dest_url, .. }) => inline.links.push(dest_url.to_string()),
            Event::SoftBreak => inline.text.push(' '),
            _ => inline.text.push_str(text_of(&event).unwrap_or_default()),
        }
        out.push(event);
    }
    html::push_html(&mut inline.html, out.into_iter());
    inline
}

#[derive(Clone, Debug)]
pub(crate) struct Heading {
    /// 2 for `##`, and so on.
    pub(crate) level: u8,
    pub(crate) id: String,
    pub(crate) text: String,
    /// Its line in the text, counted from 1.
    pub(crate) line: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) target: String,
    /// Its line in the text, counted from 1.
    pub(crate) line: usize,
}

/// Renders the text of a page, whose variables are [marked](Substitution::mark).
pub(crate) fn render(text: &str, words: &Words, pictures: &Pictures, mut report: impl FnMut(usize, Fault)) -> Rendered {
    let substitution = &words.substitution;
    let mut rendered = Rendered { passages: vec![Passage::default()], ..Rendered::default() };
    let mut out = Vec::new();
    let (mut in_table, mut in_head) = (false, false);
    let line_ends = text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
    let mut events = Parser::new_ext(
        text,
        Options::ENABLE_SMART_PUNCTUATION
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_TABLES
            | Options::ENABLE_GFM,
    )
    .into_offset_iter()
    .map(|(event, range)| (fill(event, substitution), line_at(&line_ends, range.start)));

    while let Some((event, line)) = events.next() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => report(line, Fault::RawHtml),
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                report(line, Fault::SecondTitle);
                out.push(event);
            }
            Event::Start(Tag::Heading { level, id, .. }) => {
                let inside = until(&mut events, TagEnd::Heading(level));
                let heading = Heading::new(level, id, &inside, line);
                if rendered.headings.iter().any(|earlier| earlier.id == heading.id) {
                    report(line, Fault::DuplicateId(heading.id.clone()));
                }
                collect_links(&inside, line, &mut rendered.links);
                heading.write(inside, &mut out);
                rendered.passages.push(Passage { heading: Some(rendered.headings.len()), ..Passage::default() });
                rendered.headings.push(heading);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                let alt = until(&mut events, TagEnd::Image).iter().filter_map(text_of).collect::<String>();
                match pictures.html(&dest_url, &alt) {
                    Ok(picture) => out.push(Event::InlineHtml(picture.into())),
                    Err(fault) => report(line, fault),
                }
            }
            Event::Start(Tag::BlockQuote(Some(kind))) => match callout(kind, words) {
                Ok(begin) => out.push(Event::Html(begin.into())),
                Err(fault) => report(line, fault),
            },
            Event::End(TagEnd::BlockQuote(Some(_))) => out.push(Event::Html("</div>\n".into())),
            _ => {
                if let Some(passage) = rendered.passages.last_mut() {
                    passage.add(&event);
                }
                match &event {
                    Event::Start(Tag::Table(_)) => in_table = true,
                    Event::End(TagEnd::Table) => in_table = false,
                    Event::Start(Tag::TableHead) => in_head = true,
                    Event::End(TagEnd::TableHead) => in_head = false,
                    Event::End(TagEnd::TableCell)
                        if in_head && matches!(out.last(), Some(Event::Start(Tag::TableCell))) =>
                    {
                        report(line, Fault::UnnamedColumn);
                    }
                    Event::Code(code) if in_table && (code.contains('.') || code.len() > LONG_CODE) => {
                        breakable(code, &mut out);
                        continue;
                    }
                    _ => {}
                }
                collect_links(std::slice::from_ref(&event), line, &mut rendered.links);
                out.push(event);
            }
        }
    }
    html::push_html(&mut rendered.html, out.into_iter());
    rendered.html = align_figures(&rendered.html);
    rendered
}

/// Aligns columns of figures by a class, because the site's policy forbids inline styles. A table that has only figures
/// after its first column has one class for all of them, because the size of a page is limited.
fn align_figures(html: &str) -> String {
    const RIGHT: &str = " style=\"text-align: right\"";
    let mut tables = html.split("<table>");
    let mut out = tables.next().unwrap_or_default().to_owned();
    for table in tables {
        let (table, rest) = table.split_once("</table>").unwrap_or((table, ""));
        let count = |text: &str| table.matches(text).count();
        let cells = count("<td") + count("<th") - count("<thead");
        let (class, cell) = if count(RIGHT) > 0 && count(RIGHT) + count("<tr>") == cells {
            (" class=\"figures\"", "")
        } else {
            ("", " class=\"n\"")
        };
        out.push_str(&format!("<table{class}>{}</table>{rest}", table.replace(RIGHT, cell)));
    }
    out
}

/// The events up to the end of an element.
fn until<'a>(events: &mut impl Iterator<Item = (Event<'a>, usize)>, end: TagEnd) -> Vec<Event<'a>> {
    events.map(|(event, _)| event).take_while(|event| *event != Event::End(end)).collect()
}

impl Heading {
    fn new(level: HeadingLevel, id: Option<CowStr<'_>>, inside: &[Event<'_>], line: usize) -> Self {
        let text = inside.iter().filter_map(text_of).collect::<String>();
        let id = id.map_or_else(|| slug(&text), |id| id.to_string());
        Self { level: level as u8, id, text, line }
    }

    /// Makes the whole heading a link to itself, so that screen readers announce no extra link text. A heading that
    /// contains a link stays plain.
    fn write<'a>(&self, inside: Vec<Event<'a>>, out: &mut Vec<Event<'a>>) {
        let Self { level, id, .. } = self;
        let linked = !inside.iter().any(|event| matches!(event, Event::Start(Tag::Link { .. })));
        let (open, close) =
            if linked { (format!(r##"<a class="anchor" href="#{id}">"##), "</a>") } else { (String::new(), "") };
        out.push(Event::InlineHtml(format!(r#"<h{level} id="{id}">{open}"#).into()));
        out.extend(inside);
        out.push(Event::Html(format!("{close}</h{level}>\n").into()));
    }
}

/// The beginning of a callout, `> [!WARNING]`. Its name is written out, because not everyone sees its colour.
fn callout(kind: BlockQuoteKind, words: &Words) -> Result<String, Fault> {
    let (class, name) = match kind {
        BlockQuoteKind::Note => ("", "callout-note"),
        BlockQuoteKind::Tip => ("", "callout-tip"),
        BlockQuoteKind::Important => ("", "callout-important"),
        BlockQuoteKind::Warning => (" warning", "callout-warning"),
        BlockQuoteKind::Caution => (" warning", "callout-caution"),
    };
    let name = words.html(name)?;
    Ok(format!("<div class=\"callout{class}\" role=\"note\">\n<p><strong>{name}</strong></p>\n"))
}

/// Names that are longer, for example of tests, may break in a table. In bytes.
const LONG_CODE: usize = 36;

/// Code in a table cell that may break after each dot or underscore, for example a host name or a long name.
fn breakable<'a>(code: &str, out: &mut Vec<Event<'a>>) {
    out.push(Event::InlineHtml("<code>".into()));
    let breaks = if code.len() > LONG_CODE { &['.', '_'][..] } else { &['.'] };
    for part in code.split_inclusive(breaks) {
        out.push(Event::Text(part.to_owned().into()));
        if part.ends_with(breaks) {
            out.push(Event::InlineHtml("<wbr>".into()));
        }
    }
    out.push(Event::InlineHtml("</code>".into()));
}

/// Replaces the marks in an event. The HTML writer escapes the values.
fn fill<'a>(event: Event<'a>, substitution: &Substitution) -> Event<'a> {
    let filled = |text: CowStr<'a>| CowStr::from(substitution.fill(&text));
    match event {
        Event::Text(text) => Event::Text(filled(text)),
        Event::Code(text) => Event::Code(filled(text)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: filled(dest_url), title: filled(title), id })
        }
        other => other,
    }
}

fn collect_links(events: &[Event<'_>], line: usize, links: &mut Vec<Link>) {
    for event in events {
        if let Event::Start(Tag::Link { dest_url, .. }) = event {
            links.push(Link { target: dest_url.to_string(), line });
        }
    }
}

fn text_of<'a>(event: &'a Event<'_>) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        _ => None,
    }
}

/// The id of a heading without an explicit one.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// The line of an offset, counted from 1.
fn line_at(line_ends: &[usize], offset: usize) -> usize {
    line_ends.partition_point(|end| *end < offset) + 1
}

//! The search index: the words of all public pages. The search runs in the browser.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::addresses::Addresses;
use crate::front_matter::{FrontMatter, Layout};
use crate::language::Edition;
use crate::page::Page;

/// The maximum size of a file of the index, in bytes. A longer page has a file of its own.
const PART_BYTES: usize = 100 * 1024;

/// Text beside an example of data that is shorter than this only introduces it, in bytes.
const SHORT_PROSE: usize = 80;

/// The files of each edition's index.
pub(crate) fn parts(pages: &[Page], addresses: &Addresses) -> BTreeMap<Edition, Vec<String>> {
    let mut entries = BTreeMap::<Edition, Vec<Value>>::new();
    let listed = pages.iter().filter(|page| page.edition.is_listed());
    for page in listed.filter(|page| page.is_public() && page.front.layout != Layout::Search) {
        entries.entry(page.edition).or_default().push(entry(page, addresses));
    }
    entries.into_iter().map(|(edition, entries)| (edition, split(&entries))).collect()
}

/// Each part is an array of pages: `[path, title, description, [[id, heading, text, code], ...], phrases, in all languages,
/// audience]`. The passage before the first heading has an empty id and heading. Code is searched, but never shown.
fn split(entries: &[Value]) -> Vec<String> {
    let mut parts = vec![String::new()];
    for entry in entries.iter().map(Value::to_string) {
        let full = parts.last().is_some_and(|part| !part.is_empty() && part.len() + entry.len() > PART_BYTES);
        if full {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(if part.is_empty() { '[' } else { ',' });
            part.push_str(&entry);
        }
    }
    for part in &mut parts {
        part.push_str(if part.is_empty() { "[]" } else { "]" });
    }
    parts
}

fn entry(page: &Page, addresses: &Addresses) -> Value {
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let passages = page.body.passages.iter().filter_map(|passage| {
        let heading = passage.heading.and_then(|at| page.body.headings.get(at));
        let (text, code) = (in_one_line(&passage.text), in_one_line(&passage.code));
        let (id, title) = heading.map_or(("", ""), |heading| (heading.id.as_str(), heading.text.as_str()));
        // A result that led to little but a JSON example wouldn't help.
        let only_data = passage.has_data && text.len() < SHORT_PROSE && code.is_empty();
        let is_empty = text.is_empty() && title.is_empty();
        if only_data || is_empty {
            return None;
        }
        Some(if code.is_empty() { json!([id, title, text]) } else { json!([id, title, text, code]) })
    });
    let passages = passages.collect::<Vec<_>>();
    let is_translated = addresses.is_translated(&page.original);
    let phrases = match (page.front.search.as_str(), code_of(page)) {
        (phrases, code) if phrases.is_empty() || code.is_empty() => format!("{phrases}{code}"),
        (phrases, code) => format!("{phrases}, {code}"),
    };
    let FrontMatter { title, description, .. } = &page.front;
    json!([page.path, title, description, passages, phrases, u8::from(is_translated), audience(page, is_translated)])
}

/// Whom the page is for: 0 everyone, 1 people who look up an error message, 2 administrators, 3 operators, 4 developers and alarms.
/// The search ranks pages for everyone first.
fn audience(page: &Page, is_translated: bool) -> u8 {
    match page.original.split('/').nth(1).unwrap_or_default() {
        _ if is_translated || page.edition != Edition::Unprefixed => 0,
        "problems" | "glossary" => 1,
        "admins" | "findings" | "support-desk" => 2,
        "reference" => 4,
        // An alarm's email links to its page, so the search prefers the page on the topic.
        _ if page.original.starts_with("/operators/alarms/") => 4,
        _ => 3,
    }
}

/// The code of a problem or a cause in responses of the API. People search for it.
fn code_of(page: &Page) -> String {
    match page.front.layout {
        Layout::Problem => page.slug().to_owned(),
        Layout::Finding => page.slug().replace('-', "_"),
        _ => String::new(),
    }
}

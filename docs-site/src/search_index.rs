//! The search index: the words of all public pages. The search runs in the browser.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::addresses::Addresses;
use crate::front_matter::Layout;
use crate::language::Edition;
use crate::page::Page;

/// The maximum size of a file of the index, in bytes. A longer page has a file of its own.
const PART_BYTES: usize = 100 * 1024;

/// The files of each edition's index.
pub(crate) fn parts(pages: &[Page], addresses: &Addresses) -> BTreeMap<Edition, Vec<String>> {
    let mut entries = BTreeMap::<Edition, Vec<Value>>::new();
    let listed = pages.iter().filter(|page| page.edition.is_listed());
    for page in listed.filter(|page| page.is_public() && page.front.layout != Layout::Search) {
        entries.entry(page.edition).or_default().push(entry(page, addresses));
    }
    entries.into_iter().map(|(edition, entries)| (edition, split(&entries))).collect()
}

/// Each part is an array of pages: `[path, title, description, [[id, heading, text], ...], code, in all languages]`.
/// The passage before the first heading has an empty id and heading.
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
    let passages = page.body.passages.iter().filter_map(|passage| {
        let heading = passage.heading.and_then(|at| page.body.headings.get(at));
        let text = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (id, title) = heading.map_or(("", ""), |heading| (heading.id.as_str(), heading.text.as_str()));
        (!text.is_empty() || !title.is_empty()).then(|| json!([id, title, text]))
    });
    let translated = u8::from(addresses.is_translated(&page.original));
    let passages = passages.collect::<Vec<_>>();
    json!([page.path, page.front.title, page.front.description, passages, code_of(page), translated])
}

/// The code of a problem or a cause in responses of the API. People search for it.
fn code_of(page: &Page) -> String {
    match page.front.layout {
        Layout::Problem => page.slug().to_owned(),
        Layout::Finding => page.slug().replace('-', "_"),
        _ => String::new(),
    }
}

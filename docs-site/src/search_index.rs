//! What the search knows: the words of every public page, made when the site is built and read in the browser.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::addresses::Addresses;
use crate::front_matter::Layout;
use crate::language::Edition;
use crate::page::Page;

/// From this size on, in bytes, the index goes on in another file, so that none is long on its way.
const PART_BYTES: usize = 100 * 1024;

/// The index of each edition in parts.
pub(crate) fn parts(pages: &[Page], addresses: &Addresses) -> BTreeMap<Edition, Vec<String>> {
    let mut entries = BTreeMap::<Edition, Vec<Value>>::new();
    let known = pages.iter().filter(|page| page.edition.is_listed());
    for page in known.filter(|page| page.is_public() && page.front.layout != Layout::Search) {
        entries.entry(page.edition).or_default().push(entry(page, addresses));
    }
    entries.into_iter().map(|(edition, entries)| (edition, split(&entries))).collect()
}

/// The parts, each an array of pages: `[path, title, description, [[id, heading, text], ...], name, in all languages]`.
/// The passage in front of the first heading has an empty id and heading. The name is what programs call it.
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
    json!([page.path, page.front.title, page.front.description, passages, name_of(page), translated])
}

/// What a problem or a cause is called in answers of the API, and so in the hands of those who search for it.
fn name_of(page: &Page) -> String {
    match page.front.layout {
        Layout::Problem => page.slug().to_owned(),
        Layout::Finding => page.slug().replace('-', "_"),
        _ => String::new(),
    }
}

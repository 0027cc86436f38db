//! Checks the internal links of every language.

use std::collections::BTreeMap;

use crate::addresses::Addresses;
use crate::language::Edition;
use crate::page::Page;
use crate::words::AllWords;
use crate::{BuildErrors, Fault};

/// Checks that the linked pages and headings exist. `console` are the paths of the console, whose pages are not part of
/// the content. Links to other sites aren't checked.
pub(crate) fn check(pages: &[Page], addresses: &Addresses, console: &[String]) -> Result<(), BuildErrors> {
    let by_path = by_path(pages);
    // The pages below `/en/` would only repeat the errors of the English pages.
    let errors = pages.iter().filter(|page| page.edition.is_listed()).flat_map(|page| {
        let broken = page.body.links.iter().filter(|link| {
            let target = addresses.target(&link.target, page.edition);
            !console.contains(&target) && !exists(&target, Some(page), &by_path)
        });
        broken.map(|link| page.error_in_text(link.line, Fault::BrokenLink(link.target.clone())))
    });
    BuildErrors::unless_empty(errors.collect())
}

/// Checks the links in the messages of the layouts.
pub(crate) fn check_words(words: &AllWords, pages: &[Page], addresses: &Addresses) -> Result<(), BuildErrors> {
    let by_path = by_path(pages);
    let errors = words.iter().flat_map(|(language, words)| {
        let edition = Edition::listed(language);
        let by_path = &by_path;
        words.messages().flat_map(move |message| {
            let broken = message.links.iter();
            let broken = broken.filter(move |link| !exists(&addresses.target(link, edition), None, by_path));
            broken.map(move |link| message.error(Fault::BrokenLink(link.clone())))
        })
    });
    BuildErrors::unless_empty(errors.collect())
}

fn by_path(pages: &[Page]) -> BTreeMap<&str, &Page> {
    pages.iter().map(|page| (page.path.as_str(), page)).collect()
}

fn exists(target: &str, from: Option<&Page>, pages: &BTreeMap<&str, &Page>) -> bool {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    let (path, fragment) = match target.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (target, None),
    };
    let page = if path.is_empty() { from } else { pages.get(path).copied() };
    page.is_some_and(|page| fragment.is_none_or(|id| page.body.headings.iter().any(|heading| heading.id == id)))
}

//! Every link of the content leads somewhere, in each language.

use std::collections::BTreeMap;

use crate::addresses::Addresses;
use crate::language::{Edition, Language};
use crate::page::Page;
use crate::words::AllWords;
use crate::{BuildErrors, Fault};

/// Checks the links within the site, down to the headings. The outside is not ours to check. `made` are the paths that
/// are no pages of the content, such as the feed; nobody links into them.
pub(crate) fn check(pages: &[Page], addresses: &Addresses, made: &[&str]) -> Result<(), BuildErrors> {
    let by_path = by_path(pages);
    // The pages of `/en/` would have every fault of the English ones once more.
    let errors = pages.iter().filter(|page| page.edition.is_listed()).flat_map(|page| {
        let lost = page.body.links.iter().filter(|link| {
            let target = addresses.target(&link.target, page.edition);
            !made.contains(&target.as_str()) && !leads_somewhere(&target, Some(page), &by_path)
        });
        lost.map(|link| page.error_in_text(link.line, Fault::BrokenLink(link.target.clone())))
    });
    BuildErrors::unless_empty(errors.collect())
}

/// Checks the links of the layouts' words.
pub(crate) fn check_words(words: &AllWords, pages: &[Page], addresses: &Addresses) -> Result<(), BuildErrors> {
    let by_path = by_path(pages);
    let errors = words.iter().flat_map(|(language, words)| {
        let edition = if language == Language::English { Edition::Unprefixed } else { Edition::Of(language) };
        let by_path = &by_path;
        words.messages().flat_map(move |message| {
            let lost = message.links.iter();
            let lost = lost.filter(move |link| !leads_somewhere(&addresses.target(link, edition), None, by_path));
            lost.map(move |link| message.error(Fault::BrokenLink(link.clone())))
        })
    });
    BuildErrors::unless_empty(errors.collect())
}

fn by_path(pages: &[Page]) -> BTreeMap<&str, &Page> {
    pages.iter().map(|page| (page.path.as_str(), page)).collect()
}

fn leads_somewhere(target: &str, from: Option<&Page>, pages: &BTreeMap<&str, &Page>) -> bool {
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

//! Every link of the content leads somewhere.

use std::collections::BTreeMap;

use crate::page::Page;
use crate::{BuildErrors, Fault};

/// Checks the links within the site, down to the headings. The outside is not ours to check. `made` are the paths that
/// are no pages of the content, such as the feed; nobody links into them.
pub(crate) fn check(pages: &[Page], made: &[&str]) -> Result<(), BuildErrors> {
    let by_path = pages.iter().map(|page| (page.path.as_str(), page)).collect::<BTreeMap<_, _>>();
    let errors = pages.iter().flat_map(|page| {
        let lost = page
            .body
            .links
            .iter()
            .filter(|link| !made.contains(&link.target.as_str()) && !leads_somewhere(&link.target, page, &by_path));
        lost.map(|link| page.error_in_text(link.line, Fault::BrokenLink(link.target.clone())))
    });
    BuildErrors::unless_empty(errors.collect())
}

fn leads_somewhere(target: &str, from: &Page, pages: &BTreeMap<&str, &Page>) -> bool {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    let (path, fragment) = match target.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (target, None),
    };
    let page = if path.is_empty() { Some(&from) } else { pages.get(path) };
    page.is_some_and(|page| fragment.is_none_or(|id| page.body.headings.iter().any(|heading| heading.id == id)))
}

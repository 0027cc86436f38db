//! Every link of the content leads somewhere.

use crate::page::Page;
use crate::{BuildErrors, Fault};

/// Checks the links within the site, down to the headings. The outside is not ours to check.
pub(crate) fn check(pages: &[Page]) -> Result<(), BuildErrors> {
    let errors = pages.iter().flat_map(|page| {
        page.body.links.iter().filter(|link| !leads_somewhere(&link.target, page, pages)).map(|link| {
            let fault = Fault::BrokenLink(link.target.clone());
            page.error_in_text(link.line, fault)
        })
    });
    BuildErrors::unless_empty(errors.collect())
}

fn leads_somewhere(target: &str, from: &Page, pages: &[Page]) -> bool {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    let (path, fragment) = match target.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (target, None),
    };
    let page = if path.is_empty() { Some(from) } else { pages.iter().find(|page| page.path == path) };
    page.is_some_and(|page| fragment.is_none_or(|id| page.body.headings.iter().any(|heading| heading.id == id)))
}

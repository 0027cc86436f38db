//! The relations between pages: parents, previous and next page, navigation.
//!
//! Computed once for all pages, so that the time per page doesn't grow with their number.

use std::collections::{BTreeMap, HashMap};

use crate::front_matter::Layout;
use crate::language::Edition;
use crate::page::Page;

pub(crate) struct Outline<'a> {
    pages: &'a [Page],
    by_path: HashMap<&'a str, &'a Page>,
    nav: BTreeMap<Edition, Vec<&'a Page>>,
    /// The pages with a previous and a next page, by folder.
    by_folder: HashMap<&'a str, Vec<&'a Page>>,
    /// The position of each of them in its folder, by path.
    places: HashMap<&'a str, usize>,
}

impl<'a> Outline<'a> {
    pub(crate) fn of(pages: &'a [Page]) -> Self {
        let mut by_folder = HashMap::<_, Vec<_>>::new();
        let mut places = HashMap::new();
        let mut nav = BTreeMap::<_, Vec<_>>::new();
        for page in pages.iter().filter(|page| page.front.nav.is_some()) {
            nav.entry(page.edition).or_default().push(page);
        }
        for page in pages.iter().filter(|page| has_siblings(page)) {
            let siblings = by_folder.entry(page.folder()).or_default();
            places.insert(page.path.as_str(), siblings.len());
            siblings.push(page);
        }
        Self { pages, by_path: pages.iter().map(|page| (page.path.as_str(), page)).collect(), nav, by_folder, places }
    }

    pub(crate) fn nav(&self, edition: Edition) -> &[&'a Page] {
        self.nav.get(&edition).map_or(&[], Vec::as_slice)
    }

    /// The parents of a page, starting with the home page of its edition.
    pub(crate) fn above(&self, page: &Page) -> Vec<&'a Page> {
        let ends = page.path.match_indices('/').map(|(at, _)| &page.path[..=at]);
        let above = ends.filter(|path| *path != page.path).filter_map(|path| self.by_path.get(path).copied());
        above.filter(|above| above.edition == page.edition).collect()
    }

    pub(crate) fn below(&self, section: &Page) -> impl Iterator<Item = &'a Page> {
        self.pages.iter().filter(|other| other.is_below(section))
    }

    /// The previous and the next page in the same folder.
    pub(crate) fn neighbours(&self, page: &Page) -> (Option<&'a Page>, Option<&'a Page>) {
        let Some(&at) = self.places.get(page.path.as_str()) else {
            return (None, None);
        };
        let sibling = |at: usize| self.by_folder.get(page.folder())?.get(at).copied();
        (at.checked_sub(1).and_then(sibling), sibling(at + 1))
    }
}

fn has_siblings(page: &Page) -> bool {
    matches!(page.front.layout, Layout::Page | Layout::Faq | Layout::Problem | Layout::Finding) && page.original != "/"
}

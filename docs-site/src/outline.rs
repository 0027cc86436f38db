//! How the pages lie to one another: what is above each, and what is read before and after it.
//!
//! Found out once for all pages, so that a page costs the same however many there are.

use std::collections::{BTreeMap, HashMap};

use crate::front_matter::Layout;
use crate::language::Edition;
use crate::page::Page;

/// The pages, in the order in which readers meet them, and their places.
pub(crate) struct Outline<'a> {
    pages: &'a [Page],
    by_path: HashMap<&'a str, &'a Page>,
    /// The pages of the navigation at the top.
    nav: BTreeMap<Edition, Vec<&'a Page>>,
    /// Those to be read, by the folder that they are in.
    by_folder: HashMap<&'a str, Vec<&'a Page>>,
    /// The place of each page to be read among those of its folder, by its path.
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
        for page in pages.iter().filter(|page| is_read_in_turn(page)) {
            let siblings = by_folder.entry(page.folder()).or_default();
            places.insert(page.path.as_str(), siblings.len());
            siblings.push(page);
        }
        Self { pages, by_path: pages.iter().map(|page| (page.path.as_str(), page)).collect(), nav, by_folder, places }
    }

    pub(crate) fn nav(&self, edition: Edition) -> &[&'a Page] {
        self.nav.get(&edition).map_or(&[], Vec::as_slice)
    }

    /// The pages above one, from the home page of its edition down.
    pub(crate) fn above(&self, page: &Page) -> Vec<&'a Page> {
        let ends = page.path.match_indices('/').map(|(at, _)| &page.path[..=at]);
        let above = ends.filter(|path| *path != page.path).filter_map(|path| self.by_path.get(path).copied());
        above.filter(|above| above.edition == page.edition).collect()
    }

    /// The pages below a section, in their order.
    pub(crate) fn below(&self, section: &Page) -> impl Iterator<Item = &'a Page> {
        self.pages.iter().filter(|other| other.is_below(section))
    }

    /// The pages that one reads before and after this one, in the folder that it is in.
    pub(crate) fn neighbours(&self, page: &Page) -> (Option<&'a Page>, Option<&'a Page>) {
        let Some(&at) = self.places.get(page.path.as_str()) else {
            return (None, None);
        };
        let sibling = |at: usize| self.by_folder.get(page.folder())?.get(at).copied();
        (at.checked_sub(1).and_then(sibling), sibling(at + 1))
    }
}

/// Whether a page is one of those that are read one after the other.
fn is_read_in_turn(page: &Page) -> bool {
    matches!(page.front.layout, Layout::Page | Layout::Faq | Layout::Problem | Layout::Finding) && page.original != "/"
}

//! Makes the links of an edition lead to its own pages, or to the English ones that aren't translated.

use std::collections::BTreeSet;

use crate::language::{Edition, Language};

/// The paths of the English pages that exist in every language.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    translated: BTreeSet<String>,
}

/// The beginning of an internal link in generated HTML.
const LINK: &str = "<a href=\"/";

impl Addresses {
    pub(crate) fn new(translated: impl Iterator<Item = String>) -> Self {
        Self { translated: translated.collect() }
    }

    pub(crate) fn is_translated(&self, original: &str) -> bool {
        self.translated.contains(original)
    }

    /// The target of a link in an edition. Links are written with the path of the English page: `/guide/#junk`.
    pub(crate) fn target(&self, link: &str, edition: Edition) -> String {
        if self.is_translated(path_of(link)) { edition.path(link) } else { link.to_owned() }
    }

    /// The attributes of such a link, with `hreflang` if it leads to another language.
    pub(crate) fn attributes(&self, link: &str, edition: Edition) -> String {
        let foreign = edition.language() != Language::English && !self.is_translated(path_of(link));
        format!("href=\"{}\"{}", self.target(link, edition), if foreign { " hreflang=\"en\"" } else { "" })
    }

    /// Makes all links of a text stay in an edition where possible.
    pub(crate) fn localise(&self, html: &str, edition: Edition) -> String {
        if edition == Edition::Unprefixed {
            return html.to_owned();
        }
        let mut pieces = html.split(LINK);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (target, rest) = piece.split_once('"').unwrap_or((piece, ""));
            out.push_str("<a ");
            out.push_str(&self.attributes(&format!("/{target}"), edition));
            out.push_str(rest);
        }
        out
    }
}

/// A link without its query and fragment.
fn path_of(link: &str) -> &str {
    link.split(['#', '?']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_in_their_edition_or_name_the_language_of_their_target() {
        let addresses = Addresses::new(["/guide/".to_owned()].into_iter());
        let html = "<p><a href=\"/guide/#junk\">a</a> <a href=\"/problems/\">b</a> <a href=\"mailto:c@d\">c</a></p>";
        let german = "<p><a href=\"/de/guide/#junk\">a</a> <a href=\"/problems/\" hreflang=\"en\">b</a> \
                      <a href=\"mailto:c@d\">c</a></p>";
        assert_eq!(addresses.localise(html, Edition::Unprefixed), html);
        assert_eq!(addresses.localise(html, Edition::Of(Language::German)), german);
        let english = html.replace("/guide/", "/en/guide/");
        assert_eq!(addresses.localise(html, Edition::Of(Language::English)), english);
    }
}

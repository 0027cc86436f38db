//! Where the links of an edition lead: to its own pages, and to the English ones where there are no others.

use std::collections::BTreeSet;

use crate::language::{Edition, Language};

/// The pages that there are in every language, by the addresses of the English ones.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    translated: BTreeSet<String>,
}

/// How a link that the generator itself wrote begins.
const LINK: &str = "<a href=\"/";

impl Addresses {
    pub(crate) fn new(translated: impl Iterator<Item = String>) -> Self {
        Self { translated: translated.collect() }
    }

    pub(crate) fn is_translated(&self, original: &str) -> bool {
        self.translated.contains(original)
    }

    /// Where a link of the content leads in an edition. It is written as the English page is addressed: `/guide/#junk`.
    pub(crate) fn target(&self, link: &str, edition: Edition) -> String {
        if self.is_translated(path_of(link)) { edition.path(link) } else { link.to_owned() }
    }

    /// The attributes of such a link, which says so if it leads to another language.
    pub(crate) fn attributes(&self, link: &str, edition: Edition) -> String {
        let foreign = edition.language() != Language::English && !self.is_translated(path_of(link));
        format!("href=\"{}\"{}", self.target(link, edition), if foreign { " hreflang=\"en\"" } else { "" })
    }

    /// Has every link in a text lead into its edition.
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

/// A link without what stands behind the path.
fn path_of(link: &str) -> &str {
    link.split(['#', '?']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_in_their_edition_where_they_can_and_say_so_where_they_cannot() {
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

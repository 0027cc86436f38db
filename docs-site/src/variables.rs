//! What differs from one deployment to the next, and how it gets into the content.

use crate::Fault;

/// What the site says about the deployment it belongs to.
#[derive(Clone, Debug)]
pub struct SiteVariables {
    /// Where the site is served, without a slash at the end: `https://portal.example`.
    pub site_url: String,
    /// The only brand that the site shows: the portal's own.
    pub portal_name: String,
    /// Who helps when these pages do not.
    pub support_email: String,
    /// The domain that the portal's mail comes from, for IT departments that allow-list it.
    pub sending_domain: String,
    /// The addresses that the portal's mail comes from; empty if the deployment has no dedicated ones.
    pub sending_ips: Vec<String>,
    /// The length of the shortest password that the portal takes, in characters.
    pub min_password_length: u32,
}

impl SiteVariables {
    /// NIST SP 800-63B-4 asks for 15 characters where a password is the only factor.
    pub const DEFAULT_MIN_PASSWORD_LENGTH: u32 = 15;

    /// An address of the site with its host.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.site_url.trim_end_matches('/'))
    }

    /// The names that content may use, each with its value. `no_address` is what to say instead of the addresses of a
    /// deployment that has none of its own.
    fn named(&self, no_address: &str) -> [(&'static str, String); 6] {
        [
            ("site_url", self.site_url.trim_end_matches('/').to_owned()),
            ("portal_name", self.portal_name.clone()),
            ("support_email", self.support_email.clone()),
            ("sending_domain", self.sending_domain.clone()),
            ("sending_ips", self.sending_ips_in_words(no_address)),
            ("min_password_length", self.min_password_length.to_string()),
        ]
    }

    /// Mail by way of a shared pool has no address of its own to name; the guide's note must be true there, too.
    fn sending_ips_in_words(&self, no_address: &str) -> String {
        if self.sending_ips.is_empty() { no_address.to_owned() } else { self.sending_ips.join(", ") }
    }
}

/// Stand for a variable while Markdown is parsed. A value must never be parsed itself: a portal called `*Tom &
/// <Jerry>*` is exactly that. Both are private-use characters, which mean nothing to Markdown.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// Puts values in place of `{{ variables }}`, in two steps around the parsing of Markdown.
#[derive(Debug)]
pub(crate) struct Substitution {
    named: [(&'static str, String); 6],
}

impl Substitution {
    pub(crate) fn new(site: &SiteVariables, no_address: &str) -> Self {
        Self { named: site.named(no_address) }
    }

    /// Every variable with the mark that stands for it.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.named.iter().enumerate().map(|(position, (name, _))| (*name, format!("{OPEN}{position}{CLOSE}")))
    }

    /// Replaces every `{{ variable }}` of a source by its mark. Unknown ones are reported with their line.
    pub(crate) fn mark(&self, source: &str, mut report: impl FnMut(usize, Fault)) -> String {
        let mut marked = String::with_capacity(source.len());
        for (index, line) in source.split_inclusive('\n').enumerate() {
            let mut rest = line;
            while let Some((before, after)) = rest.split_once("{{") {
                let (name, after) = after.split_once("}}").unwrap_or((after, ""));
                marked.push_str(before);
                match self.named.iter().position(|(known, _)| *known == name.trim()) {
                    Some(position) => marked.push_str(&format!("{OPEN}{position}{CLOSE}")),
                    None => report(index + 1, Fault::UnknownVariable(name.trim().to_owned())),
                }
                rest = after;
            }
            marked.push_str(rest);
        }
        marked
    }

    /// Replaces every mark by its value. What comes out is plain text: whoever writes it into HTML escapes it.
    pub(crate) fn fill(&self, marked: &str) -> String {
        let mut filled = marked.to_owned();
        // Most texts have no variable in them.
        if !marked.contains(OPEN) {
            return filled;
        }
        for (position, (_, value)) in self.named.iter().enumerate() {
            filled = filled.replace(&format!("{OPEN}{position}{CLOSE}"), value);
        }
        filled
    }
}

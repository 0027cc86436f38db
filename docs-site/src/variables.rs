//! The values of a deployment, and how they get into the content.

use crate::Fault;

/// The values of the deployment that the site belongs to.
#[derive(Clone, Debug)]
pub struct SiteVariables {
    /// The URL of the site: `https://portal.example`. A slash at the end is ignored.
    pub site_url: String,
    /// Where people continue after they are back in: the portal's own URL, if it isn't this site.
    pub portal_url: Option<String>,
    /// The portal's name, the only brand on the site.
    pub portal_name: String,
    /// The address to write to when these pages don't help.
    pub support_email: String,
    /// The domain that the portal sends from, for IT departments that allow-list it.
    pub sending_domain: String,
    /// The portal's dedicated sending IP addresses, if it has any.
    pub sending_ips: Vec<String>,
    /// The minimum length of a password, in characters.
    pub min_password_length: u32,
}

impl SiteVariables {
    /// NIST SP 800-63B-4 requires 15 characters if a password is the only factor.
    pub const DEFAULT_MIN_PASSWORD_LENGTH: u32 = 15;

    /// The URL of a path.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.site_url.trim_end_matches('/'))
    }

    /// The variables of the content. `no_address` replaces the IP addresses of a deployment without dedicated ones.
    fn named(&self, no_address: &str) -> [(&'static str, String); 6] {
        [
            ("site_url", self.url_of("")),
            ("portal_name", self.portal_name.clone()),
            ("support_email", self.support_email.clone()),
            ("sending_domain", self.sending_domain.clone()),
            (
                "sending_ips",
                if self.sending_ips.is_empty() { no_address.to_owned() } else { self.sending_ips.join(", ") },
            ),
            ("min_password_length", self.min_password_length.to_string()),
        ]
    }
}

/// Enclose the number of a variable while Markdown is parsed, because values must not be parsed: a portal may be called
/// `*Tom & <Jerry>*`. Both are private-use characters, which have no meaning in Markdown.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// Replaces `{{ variables }}` by their values, in two steps around the parsing of Markdown.
#[derive(Debug)]
pub(crate) struct Substitution {
    named: [(&'static str, String); 6],
}

impl Substitution {
    pub(crate) fn new(site: &SiteVariables, no_address: &str) -> Self {
        Self { named: site.named(no_address) }
    }

    /// Every variable with its mark.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.named.iter().enumerate().map(|(position, (name, _))| (*name, format!("{OPEN}{position}{CLOSE}")))
    }

    /// Replaces every `{{ variable }}` by its mark. Reports unknown variables with their line.
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

    /// Replaces every mark by its value. The result is plain text; the caller escapes it for HTML.
    pub(crate) fn fill(&self, marked: &str) -> String {
        let mut filled = marked.to_owned();
        // Most texts contain no variable.
        if !marked.contains(OPEN) {
            return filled;
        }
        for (position, (_, value)) in self.named.iter().enumerate() {
            filled = filled.replace(&format!("{OPEN}{position}{CLOSE}"), value);
        }
        filled
    }
}

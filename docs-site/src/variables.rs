//! The values of a deployment, and how they get into the content.

use std::path::Path;

use mailkey::brand::{BrandColour, Logo, Palette};

use crate::{Asset, Fault, assets};

/// The size limit of a logo, in bytes.
const LOGO_BYTES: usize = 100 * 1024;

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
    /// The colour of links and buttons, if it isn't the default.
    pub brand_colour: Option<BrandColour>,
    /// The portal's logo, if it has one.
    pub logo: Option<LogoFile>,
}

/// A logo that the site can serve.
#[derive(Clone, Debug)]
pub struct LogoFile {
    pub(crate) format: Logo,
    pub(crate) bytes: Vec<u8>,
}

/// A logo that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLogo {
    /// The file can't be read.
    #[error("can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is too large.
    #[error("has {0} bytes; the limit is {LOGO_BYTES}")]
    Size(usize),
    /// Its name has another ending, or its content is something else.
    #[error("must be a PNG or SVG file")]
    Format,
    /// An SVG file with scripts or references to other files.
    #[error("has scripts or loads other files; save it as a plain SVG file or as PNG")]
    Active,
}

impl LogoFile {
    /// Reads a logo and checks it.
    pub fn read(file: &Path) -> Result<Self, InvalidLogo> {
        Self::new(&file.to_string_lossy(), std::fs::read(file)?)
    }

    fn new(name: &str, bytes: Vec<u8>) -> Result<Self, InvalidLogo> {
        if bytes.len() > LOGO_BYTES {
            return Err(InvalidLogo::Size(bytes.len()));
        }
        let format = Logo::parse(name).ok_or(InvalidLogo::Format)?;
        match format {
            Logo::Png if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Err(InvalidLogo::Format),
            Logo::Png => Ok(Self { format, bytes }),
            Logo::Svg => {
                let text = std::str::from_utf8(&bytes).map_err(|_| InvalidLogo::Format)?.to_ascii_lowercase();
                if !text.contains("<svg") {
                    return Err(InvalidLogo::Format);
                }
                // Browsers don't run scripts of a picture on a page, but would if a reader opened the picture itself.
                let is_active =
                    ["<script", "<foreignobject", "<!entity", "javascript:", "href=\"http", "href='http", "@import"]
                        .iter()
                        .any(|part| text.contains(part))
                        || text.split(char::is_whitespace).any(|word| word.starts_with("on") && word.contains('='));
                if is_active { Err(InvalidLogo::Active) } else { Ok(Self { format, bytes }) }
            }
        }
    }

    /// The file of the site.
    pub(crate) fn asset(&self) -> (String, Asset) {
        let path = self.format.path();
        (path.to_owned(), Asset { bytes: self.bytes.clone(), content_type: assets::content_type(path), language: None })
    }
}

impl SiteVariables {
    /// NIST SP 800-63B-4 requires 15 characters if a password is the only factor.
    pub const DEFAULT_MIN_PASSWORD_LENGTH: u32 = 15;

    /// The URL of a path.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.site_url.trim_end_matches('/'))
    }

    /// The rules that replace the colours of a style sheet.
    pub(crate) fn colours(&self) -> String {
        let Some(colour) = self.brand_colour else {
            return String::new();
        };
        let rule = |Palette { accent, accent_strong, on_accent, tint }| {
            format!(":root{{--accent:{accent};--accent-strong:{accent_strong};--on-accent:{on_accent};--tint:{tint}}}")
        };
        format!("{}@media (prefers-color-scheme:dark){{{}}}", rule(colour.light()), rule(colour.dark()))
    }

    /// The path of the logo.
    pub(crate) fn logo_path(&self) -> Option<&'static str> {
        self.logo.as_ref().map(|logo| logo.format.path())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_a_small_picture_without_scripts() {
        let png = b"\x89PNG\r\n\x1a\n...".to_vec();
        let svg = |text: &str| format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{text}</svg>").into_bytes();
        for (name, bytes, expected) in [
            ("logo.png", png.clone(), "ok"),
            ("logo.svg", svg("<path d=\"M0 0\"/>"), "ok"),
            ("logo.svg", svg("<text>on = off</text>"), "ok"),
            ("logo.png", svg(""), "must be a PNG or SVG file"),
            ("logo.svg", png.clone(), "must be a PNG or SVG file"),
            ("logo.jpg", png, "must be a PNG or SVG file"),
            ("logo.png", vec![0; LOGO_BYTES + 1], "has 102401 bytes; the limit is 102400"),
            (
                "logo.svg",
                svg("<script>1</script>"),
                "has scripts or loads other files; save it as a plain SVG file or as PNG",
            ),
            (
                "logo.svg",
                svg("<path ONCLICK=\"1\"/>"),
                "has scripts or loads other files; save it as a plain SVG file or as PNG",
            ),
            (
                "logo.svg",
                svg("<image href=\"https://a.example\"/>"),
                "has scripts or loads other files; save it as a plain SVG file or as PNG",
            ),
        ] {
            let read = LogoFile::new(name, bytes).map_or_else(|error| error.to_string(), |_| "ok".to_owned());
            assert_eq!(read, expected, "{name}");
        }
    }
}

//! Requirements of the large mail programs: Outlook supports little besides tables, Gmail removes some style sheets,
//! and all of them block remote content.

use super::*;

/// An element's tag: its name and its attributes.
struct Tag<'a> {
    name: &'a str,
    whole: &'a str,
}

impl<'a> Tag<'a> {
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let (_, after) = self.whole.split_once(&format!(" {name}=\""))?;
        after.split_once('"').map(|(value, _)| value)
    }

    fn style(&self) -> &'a str {
        self.attribute("style").unwrap_or_default()
    }
}

/// A document's tags, including those for Outlook only.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let opening = |(at, _): (usize, &str)| {
        let whole = &html[at..at + html[at..].find('>')?];
        let name = whole[1..].split([' ', '>']).next()?;
        name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(Tag { name, whole })
    };
    html.match_indices('<').filter_map(opening).collect()
}

fn style_sheet(html: &str) -> &str {
    html.split_once("<style>").and_then(|(_, after)| after.split_once("</style>")).map(|(sheet, _)| sheet).unwrap()
}

#[test]
fn no_email_loads_resources_runs_scripts_or_contains_a_form() {
    for (name, _, Sample { mail, .. }) in samples() {
        let html = mail.html.to_lowercase();
        for loader in ["src=", "srcset=", "url(", "@import", "@font-face", "background=\"", "javascript:", " on"] {
            let found = if loader == " on" {
                tags(&html).iter().any(|tag| tag.whole.contains(" on"))
            } else {
                html.contains(loader)
            };
            assert!(!found, "{loader} in {name}");
        }
        for tag in tags(&html) {
            let forbidden = [
                "img", "link", "script", "iframe", "object", "embed", "video", "audio", "svg", "base", "form", "input",
                "button", "select", "textarea",
            ];
            assert!(!forbidden.contains(&tag.name), "{} in {name}", tag.whole);
        }
    }
}

#[test]
fn the_layout_uses_tables_up_to_600_pixels_wide() {
    for (name, _, Sample { mail, .. }) in samples() {
        for tag in tags(&mail.html) {
            if tag.name == "table" {
                for (attribute, value) in
                    [("role", "presentation"), ("cellpadding", "0"), ("cellspacing", "0"), ("border", "0")]
                {
                    assert_eq!(tag.attribute(attribute), Some(value), "{attribute} of {} in {name}", tag.whole);
                }
            }
            let width = tag.attribute("width").unwrap_or("100%");
            assert!(width == "100%" || width.parse::<u32>().is_ok_and(|width| width <= 600), "{} in {name}", tag.whole);
            for layout in ["float", "position:", "display: flex", "display: grid", "background-image", "width: 1"] {
                assert!(!tag.style().replace("width: 100%", "").contains(layout), "{layout} in {name}");
            }
        }
        assert!(mail.html.contains("<!--[if mso]><table role=\"presentation\" width=\"600\""), "{name}");
        assert!(mail.html.contains("max-width: 600px;"), "{name}");
    }
}

/// Gmail removes style sheets that it doesn't understand, and those of forwarded emails.
#[test]
fn nothing_depends_on_the_style_sheet() {
    for (name, _, Sample { mail, .. }) in samples() {
        let sheet = style_sheet(&mail.html);
        assert!(sheet.len() < 8192, "{name}");
        // The sheet contains only the color scheme, the narrow and the dark rules. A `}` at the start of a line ends
        // one of them.
        let rules: Vec<_> = sheet.lines().filter(|line| !line.is_empty() && !line.starts_with([' ', '}'])).collect();
        assert!(
            rules.iter().all(|rule| rule.starts_with(":root {") || rule.starts_with("@media (")),
            "{name}: {rules:?}"
        );
        for tag in tags(&mail.html).iter().filter(|tag| tag.attribute("class").is_some()) {
            assert!(!tag.style().is_empty(), "{} in {name}", tag.whole);
        }
        for tag in tags(&mail.html).iter().filter(|tag| ["p", "h1", "a"].contains(&tag.name)) {
            assert!(!tag.style().is_empty(), "{} in {name}", tag.whole);
        }
    }
}

#[test]
fn the_dark_scheme_is_declared_and_covers_every_color() {
    for (name, _, Sample { mail, .. }) in samples() {
        for meta in ["color-scheme", "supported-color-schemes"] {
            assert!(mail.html.contains(&format!("<meta name=\"{meta}\" content=\"light dark\">")), "{name}");
        }
        let (_, dark) = style_sheet(&mail.html).split_once("@media (prefers-color-scheme: dark)").unwrap();
        for tag in tags(&mail.html).iter().filter(|tag| tag.style().contains("#")) {
            let classes = tag.attribute("class").unwrap_or_default();
            let covered = classes.split(' ').any(|class| !class.is_empty() && dark.contains(&format!(".{class} ")));
            assert!(covered, "{} in {name}", tag.whole);
        }
    }
}

#[test]
fn a_hidden_preheader_comes_first() {
    for (name, _, Sample { mail, .. }) in samples() {
        let (_, body) = mail.html.split_once("<body").and_then(|(_, body)| body.split_once('>')).unwrap();
        let (hidden, rest) = body.trim_start().split_once('>').unwrap();
        assert!(hidden.starts_with("<div") && hidden.contains("display: none;"), "{name}: {hidden}");
        let (preheader, _) = rest.split_once("</div>").unwrap();
        assert!((10..200).contains(&preheader.chars().count()), "{name}: {preheader}");
        assert!(!mail.subject.contains(preheader), "{name}: the preheader repeats the subject");
    }
}

/// The cell has the color, for clients that ignore a link's padding. The link has the padding, so that the whole button
/// is clickable. The cell has padding for Outlook.
#[test]
fn the_button_is_a_table_cell_with_a_background_color() {
    for (name, _, Sample { link, mail, .. }) in samples() {
        let Some(link) = link else { continue };
        let tags = tags(&mail.html);
        let at = tags.iter().position(|tag| tag.name == "td" && tag.attribute("class") == Some("button")).unwrap();
        let (cell, anchor) = (&tags[at], &tags[at + 1]);
        assert!(cell.attribute("bgcolor").is_some() && cell.style().contains("mso-padding-alt"), "{name}");
        assert_eq!((anchor.name, anchor.attribute("href")), ("a", Some(link.as_str())), "{name}");
        assert!(anchor.style().contains("padding:") && anchor.style().contains("display: inline-block"), "{name}");
    }
}

/// In right-to-left text, an address would show its last slash first.
#[test]
fn a_visible_address_is_marked_left_to_right() {
    for (name, _, Sample { mail, .. }) in samples() {
        for tag in tags(&mail.html).iter().filter(|tag| tag.name == "a") {
            let href = tag.attribute("href").unwrap();
            let (_, after) = mail.html.split_once(tag.whole).unwrap();
            let is_address = after[1..].starts_with(href.trim_start_matches("mailto:"));
            assert!(!is_address || tag.attribute("dir") == Some("ltr"), "{} in {name}", tag.whole);
        }
    }
}

#[test]
fn in_plain_text_every_link_and_address_has_its_own_line() {
    for (name, _, Sample { mail, .. }) in samples() {
        for line in mail.text.lines().filter(|line| line.contains("://") || line.contains('@')) {
            assert!(!line.contains(' ') && line.is_ascii(), "{name}: {line}");
        }
        for paragraph in mail.text.split("\n\n") {
            assert!(!paragraph.trim().is_empty(), "{name}");
        }
    }
}

//! Renders the outbox's pages.

use std::sync::Arc;

use jiff::Timestamp;

use super::mail::rfc3339;
use super::{FaultMode, SentEmail, links};

/// The style sheet of the outbox, which the gallery also uses.
pub(super) const STYLE: &str = include_str!("../../templates/outbox.css");

const LAYOUT: &str = include_str!("../../templates/layout.html");
const LIST: &str = include_str!("../../templates/outbox.html");
const ROW: &str = include_str!("../../templates/outbox_row.html");
const EMPTY: &str = include_str!("../../templates/outbox_empty.html");
const MAIL: &str = include_str!("../../templates/email.html");
const NO_SUCH_EMAIL: &str = include_str!("../../templates/no_such_email.html");

/// Refreshes the list, so that a new email appears without reloading the page.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"5\">";

/// The number of emails on the page; `outbox.json` has all of them.
const LISTED: usize = 200;

/// The list of emails, newest first.
pub(super) fn outbox(emails: &[Arc<SentEmail>], fault: FaultMode) -> String {
    let rows: String = emails.iter().take(LISTED).map(|mail| row(mail)).collect();
    let list = if emails.is_empty() { EMPTY } else { LIST };
    let main = fill(list, &[("count", &count(emails.len())), ("rows", &rows)]);
    page("Outbox", REFRESH, &(fault_note(fault) + &main))
}

/// One email with its links, text, HTML in a frame, and headers.
pub(super) fn mail(mail: &SentEmail) -> String {
    let main = fill(
        MAIL,
        &[
            ("id", &escape(&mail.id)),
            ("subject", &subject(mail)),
            ("to", &escape(&mail.to)),
            ("from", &escape(&mail.from)),
            ("time", &time(mail.sent_at)),
            ("links", &link_list(mail)),
            ("text", &text_part(mail)),
            ("html", &html_frame(mail)),
            ("headers", &header_rows(mail)),
        ],
    );
    page(&format!("{} · Outbox", subject(mail)), "", &main)
}

/// The page for an unknown email.
pub(super) fn no_such_email() -> String {
    page("Email not found · Outbox", "", NO_SUCH_EMAIL)
}

/// The HTML part for the frame: as sent, but links open in a new page.
pub(super) fn html_part(mail: &SentEmail) -> Option<String> {
    let html = mail.html.as_deref()?;
    let base = "<base target=\"_blank\">";
    let lower = html.to_ascii_lowercase();
    let end_of = |tag| lower.find(tag).and_then(|start| Some(start + lower[start..].find('>')? + 1));
    // An element before the doctype would switch the page to quirks mode.
    let at = end_of("<head>").or_else(|| end_of("<head ")).or_else(|| end_of("<!doctype")).unwrap_or(0);
    Some([&html[..at], base, &html[at..]].concat())
}

fn row(mail: &SentEmail) -> String {
    let first_link = mail.links.first().map(|link| anchor(link, "Open link")).unwrap_or_default();
    fill(
        ROW,
        &[
            ("id", &escape(&mail.id)),
            ("to", &escape(&mail.to)),
            ("subject", &subject(mail)),
            ("time", &time(mail.sent_at)),
            ("link", &first_link),
        ],
    )
}

fn subject(mail: &SentEmail) -> String {
    if mail.subject.trim().is_empty() { "(no subject)".to_owned() } else { escape(&mail.subject) }
}

fn count(emails: usize) -> String {
    match emails {
        1 => "1 email".to_owned(),
        more if more > LISTED => format!("{more} emails, of which the newest {LISTED} are listed"),
        more => format!("{more} emails"),
    }
}

fn fault_note(fault: FaultMode) -> String {
    let Some(mode) = serde_json::to_value(fault).ok().filter(|_| fault != FaultMode::None) else {
        return String::new();
    };
    let mode = escape(mode.as_str().unwrap_or_default());
    format!("<p class=\"note\">The local SES simulates <code>{mode}</code> (<code>/_local/ses-faults</code>).</p>\n")
}

fn link_list(mail: &SentEmail) -> String {
    let items: String = mail.links.iter().map(|link| format!("<li>{}</li>", anchor(link, link))).collect();
    if items.is_empty() { String::new() } else { format!("<h2>Links</h2><ul class=\"links\">{items}</ul>") }
}

fn text_part(mail: &SentEmail) -> String {
    match mail.text.as_deref() {
        Some(text) => format!("<pre class=\"text\">{}</pre>", with_links(text)),
        None => "<p class=\"quiet\">This email has no text part.</p>".to_owned(),
    }
}

fn html_frame(mail: &SentEmail) -> String {
    match mail.html {
        Some(_) => "<iframe src=\"html\" title=\"The HTML part of the email\" \
                    sandbox=\"allow-popups allow-popups-to-escape-sandbox\"></iframe>"
            .to_owned(),
        None => "<p class=\"quiet\">This email has no HTML part.</p>".to_owned(),
    }
}

fn header_rows(mail: &SentEmail) -> String {
    let row =
        |(name, value): (&String, &String)| format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value));
    mail.headers.iter().map(row).collect()
}

fn with_links(text: &str) -> String {
    let mut html = String::new();
    let mut from = 0;
    for span in links::spans(text) {
        html += &escape(&text[from..span.start]);
        html += &anchor(&text[span.clone()], &text[span.clone()]);
        from = span.end;
    }
    html + &escape(&text[from..])
}

fn anchor(link: &str, text: &str) -> String {
    format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escape(link), escape(text))
}

fn time(at: Timestamp) -> String {
    let machine = rfc3339::text(at);
    format!("<time datetime=\"{machine}\">{}</time>", at.strftime("%Y-%m-%d %H:%M:%S UTC"))
}

fn page(title: &str, head: &str, main: &str) -> String {
    fill(LAYOUT, &[("title", title), ("head", head), ("main", main)])
}

/// Fills a template's placeholders with values, which must be HTML. Placeholders inside values are not filled.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        let value = values.iter().find(|(known, _)| *known == name.trim()).map_or("", |(_, value)| value);
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled + rest
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_a_value_are_not_filled() {
        assert_eq!(fill("<{{ a }}|{{b}}|{{c}}>", &[("a", "{{b}}"), ("b", "B")]), "<{{b}}|B|>");
    }

    #[test]
    fn text_is_escaped_and_links_become_anchors() {
        let html = with_links("<b> https://a.example/?x=1&y=2#token=t. \"");
        let link = "https://a.example/?x=1&amp;y=2#token=t";
        assert_eq!(html, format!("&lt;b&gt; <a href=\"{link}\" rel=\"noreferrer\">{link}</a>. &quot;"));
    }
}

//! Renders the gallery's pages.

use std::str::FromStr;

use askama::Template;
use mailkey::Locale;
use mailkey_mailer::emails::samples::Sample;

use super::case::Case;

/// The gallery's additions to the outbox style sheet.
pub(super) const STYLE: &str = include_str!("../../templates/gallery/style.css");

/// The color scheme of an email, independent of the reader's system setting.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    Light,
    Dark,
}

pub(super) struct NoSuchScheme;

impl FromStr for Scheme {
    type Err = NoSuchScheme;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err(NoSuchScheme),
        }
    }
}

impl Scheme {
    /// The email as an email program with this color scheme shows it. Links open in a new page.
    pub(super) fn enforced(self, html: &str) -> String {
        let (scheme, media) = match self {
            Self::Light => ("light", "@media not all"),
            Self::Dark => ("dark", "@media all"),
        };
        html.replace("@media (prefers-color-scheme: dark)", media).replace("light dark", scheme).replacen(
            "<head>",
            "<head>\n<base target=\"_blank\">",
            1,
        )
    }
}

/// The email's path segment.
pub(super) fn name(sample: &Sample) -> String {
    format!("{}.{}", sample.kind, sample.variant)
}

/// The email's label on a page: its kind, and its trigger if the text depends on it.
fn title(sample: &Sample) -> String {
    let kind = sample.kind.as_str().replace('_', " ");
    match sample.variant {
        "self_service" => format!("{kind}, requested by the user"),
        "admin" => format!("{kind}, by an administrator"),
        _ => kind,
    }
}

/// Renders the overview of all emails in all languages.
pub(super) fn overview(case: Case, samples: &[(Locale, Vec<Sample>)]) -> Result<String, askama::Error> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (locale, samples) in samples {
        for (at, sample) in samples.iter().enumerate() {
            match rows.get_mut(at) {
                Some((_, row)) => row.push((*locale, sample)),
                None => rows.push((title(sample), vec![(*locale, sample)])),
            }
        }
    }
    Overview { case, cases: &Case::ALL, locales: Locale::ALL, rows }.render()
}

/// Renders one email in every width and color scheme.
pub(super) fn email(case: Case, locale: Locale, samples: &[Sample], at: usize) -> Result<String, askama::Error> {
    Email { case, cases: &Case::ALL, locale, locales: Locale::ALL, samples, sample: &samples[at] }.render()
}

#[derive(Template)]
#[template(path = "gallery/overview.html")]
struct Overview<'a> {
    case: Case,
    cases: &'a [Case],
    locales: &'a [Locale],
    rows: Vec<Row<'a>>,
}

/// A title and the email in all languages.
type Row<'a> = (String, Vec<(Locale, &'a Sample)>);

#[derive(Template)]
#[template(path = "gallery/email.html")]
struct Email<'a> {
    case: Case,
    cases: &'a [Case],
    locale: Locale,
    locales: &'a [Locale],
    samples: &'a [Sample],
    sample: &'a Sample,
}

/// The size of an email in bytes before transfer encoding.
fn size(sample: &Sample) -> usize {
    sample.mail.subject.len() + sample.mail.text.len() + sample.mail.html.len()
}

#[cfg(test)]
mod tests {
    use mailkey_mailer::emails::{Portal, samples};

    use super::*;

    fn portal() -> Portal {
        Portal {
            name: "Northwind Portal".to_owned(),
            site_url: "https://portal.example".to_owned(),
            support_email: "help@portal.example".to_owned(),
            portal_url: None,
            brand_colour: None,
            logo_url: None,
        }
    }

    #[test]
    fn a_scheme_overrides_the_media_query_of_the_style_sheet() {
        let sample = samples::all(&portal(), Locale::En, None).unwrap().remove(0);
        for (scheme, name, media) in
            [(Scheme::Light, "light", "@media not all {"), (Scheme::Dark, "dark", "@media all {")]
        {
            let html = scheme.enforced(&sample.mail.html);
            assert!(html.contains(media) && !html.contains("prefers-color-scheme"), "{html}");
            assert!(html.contains(&format!("<meta name=\"color-scheme\" content=\"{name}\">")), "{html}");
            assert!(html.contains("<base target=\"_blank\">"), "{html}");
        }
    }

    #[test]
    fn every_case_in_every_language_has_a_page_with_four_frames() {
        for case in Case::ALL {
            for locale in Locale::ALL {
                let samples = samples::all(&case.portal(&portal()), *locale, case.display_name()).unwrap();
                for (at, sample) in samples.iter().enumerate() {
                    let page = email(case, *locale, &samples, at).unwrap();
                    assert_eq!(page.matches("<iframe ").count(), 4, "{}", name(sample));
                    assert!(page.contains(&format!("{} bytes", size(sample))), "{}", name(sample));
                    assert!(!page.contains("<b>Ada</b>"), "{}", name(sample));
                }
            }
        }
    }

    #[test]
    fn the_overview_links_to_every_email_in_every_language() {
        let in_language = |locale: &Locale| (*locale, samples::all(&portal(), *locale, None).unwrap());
        let languages: Vec<_> = Locale::ALL.iter().map(in_language).collect();
        let page = overview(Case::NoName, &languages).unwrap();
        for (locale, samples) in &languages {
            for sample in samples {
                assert!(
                    page.contains(&format!("href=\"/_local/emails/no-name/{locale}/{}/\"", name(sample))),
                    "{page}"
                );
            }
        }
    }
}

//! The pages of the gallery.

use std::str::FromStr;

use askama::Template;
use mailkey::Locale;
use mailkey_mailer::emails::samples::Sample;

use super::case::Case;

/// What the pages of the gallery add to the style sheet of the outbox.
pub(super) const STYLE: &str = include_str!("../../templates/gallery/style.css");

/// The scheme that an email is shown in, whatever the reader's machine is set to.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// There is no such scheme.
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
    /// The email as a program with this scheme shows it: what its style sheet asks of the machine is answered. Its
    /// links open in a page of their own.
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

/// What an email is called in a path.
pub(super) fn name(sample: &Sample) -> String {
    format!("{}.{}", sample.kind, sample.variant)
}

/// What an email is called on a page: its kind, and how it came about where that makes a difference.
fn title(sample: &Sample) -> String {
    let kind = sample.kind.as_str().replace('_', " ");
    match sample.variant {
        "self_service" => format!("{kind}, asked for"),
        "admin" => format!("{kind}, by an administrator"),
        _ => kind,
    }
}

/// All emails in all languages.
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

/// One email, every way it can look.
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

/// An email in all languages, with its title.
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

/// How many bytes of mail a sample is, before it is encoded for the way.
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
        }
    }

    #[test]
    fn a_scheme_decides_what_the_style_sheet_asks() {
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
    fn every_case_in_every_language_has_a_page_that_shows_it_every_way() {
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
    fn the_overview_leads_to_every_email_in_every_language() {
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

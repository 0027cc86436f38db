//! The front matter of a page: the lines between `---` and `---` at its beginning.

use crate::Fault;

#[derive(Clone, Debug, Default)]
pub(crate) struct FrontMatter {
    pub(crate) title: String,
    pub(crate) description: String,
    /// Its position in the navigation and in the list of its section. Pages without one come last.
    pub(crate) order: Option<u32>,
    /// Its name in the navigation at the top, if it is listed there.
    pub(crate) nav: Option<String>,
    pub(crate) layout: Layout,
    /// The HTTP status of a problem page.
    pub(crate) status: Option<u16>,
    /// Its heading in the list of its section.
    pub(crate) group: Option<String>,
    /// Who can do something about a finding.
    pub(crate) who: Option<String>,
    /// Phrases that people search for and the page doesn't use, separated by commas.
    pub(crate) search: String,
    /// Whether the page exists in every language.
    pub(crate) in_all_languages: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    #[default]
    Page,
    Home,
    /// A page with a list of the pages below it.
    Section,
    /// Questions as headings, followed by their answers.
    Faq,
    /// A question of a walk-through. Its first list contains the answers.
    Question,
    Search,
    /// A problem of the API.
    Problem,
    /// A cause that a diagnosis may find.
    Finding,
    ForgotPassword,
    CheckYourMail,
    ResetPassword,
    Activate,
    SignIn,
    /// The page for missing pages.
    NotFound,
}

impl Layout {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "home" => Self::Home,
            "section" => Self::Section,
            "faq" => Self::Faq,
            "question" => Self::Question,
            "search" => Self::Search,
            "problem" => Self::Problem,
            "finding" => Self::Finding,
            "forgot-password" => Self::ForgotPassword,
            "check-your-mail" => Self::CheckYourMail,
            "reset-password" => Self::ResetPassword,
            "activate" => Self::Activate,
            "sign-in" => Self::SignIn,
            "not-found" => Self::NotFound,
            _ => return None,
        })
    }
}

const FENCE: &str = "---";

/// Splits a page into its front matter, its text and the number of lines before the text. Returns `None` if the front
/// matter has no end. All errors go to `report`.
pub(crate) fn split(source: &str, mut report: impl FnMut(usize, Fault)) -> Option<(FrontMatter, &str, usize)> {
    let Some(end) =
        source.lines().skip(1).position(|line| line == FENCE).filter(|_| source.lines().next() == Some(FENCE))
    else {
        report(1, Fault::NoFrontMatter);
        return None;
    };
    let mut front = FrontMatter::default();
    for (index, line) in source.lines().enumerate().skip(1).take(end) {
        if front.read_line(line).is_none() {
            report(index + 1, Fault::UnknownFrontMatter(line.to_owned()));
        }
    }
    for key in front.missing() {
        report(1, Fault::Missing(key));
    }
    let lines_before = end + 2;
    let text_at = source.split_inclusive('\n').take(lines_before).map(str::len).sum::<usize>();
    Some((front, &source[text_at..], lines_before))
}

impl FrontMatter {
    /// Reads one line. Returns `None` if its key or value is unknown.
    fn read_line(&mut self, line: &str) -> Option<()> {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        // Values aren't YAML: quotes would appear on the page.
        if value.starts_with('"') {
            return None;
        }
        match key.trim() {
            "title" => self.title = value.to_owned(),
            "description" => self.description = value.to_owned(),
            "order" => self.order = Some(value.parse().ok()?),
            "nav" => self.nav = Some(value.to_owned()),
            "layout" => self.layout = Layout::named(value)?,
            "status" => self.status = Some(value.parse().ok()?),
            "group" => self.group = Some(value.to_owned()),
            "who" => self.who = Some(value.to_owned()),
            "search" => self.search = value.to_owned(),
            "languages" => self.in_all_languages = (value == "all").then_some(true)?,
            _ => return None,
        }
        Some(())
    }

    fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.title.is_empty() {
            missing.push("title");
        }
        if self.description.is_empty() {
            missing.push("description");
        }
        if self.layout == Layout::Problem && self.status.is_none() {
            missing.push("status");
        }
        if self.layout == Layout::Finding && self.who.is_none() {
            missing.push("who");
        }
        missing
    }
}

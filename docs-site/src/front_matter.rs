//! The lines between `---` and `---` at the head of a page.

use crate::Fault;

/// What the head of a page says about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrontMatter {
    pub(crate) title: String,
    pub(crate) description: String,
    /// Its place among its neighbours, in the navigation and in the list of its section; pages without come last.
    pub(crate) order: Option<u32>,
    /// Its name in the navigation at the top; without one it is not there.
    pub(crate) nav: Option<String>,
    pub(crate) layout: Layout,
    /// The HTTP status of a problem page.
    pub(crate) status: Option<u16>,
    /// The heading under which the list of its section shows it.
    pub(crate) group: Option<String>,
    /// What changed in it that its readers should hear of, the newest first.
    pub(crate) changes: Vec<Change>,
    /// Who can do something about a finding.
    pub(crate) who: Option<String>,
    /// Whether the page is there in every language.
    pub(crate) in_all_languages: bool,
}

/// A change of a page, for the feed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The day, as `2026-11-22`.
    pub(crate) day: String,
    pub(crate) what: String,
}

impl Change {
    /// From `2026-11-22 What changed`.
    fn read(value: &str) -> Option<Self> {
        let (day, what) = value.split_once(' ')?;
        let [year, month, date] = day.split('-').collect::<Vec<_>>().try_into().ok()?;
        let number = |text: &str, length, range: std::ops::RangeInclusive<u32>| {
            text.len() == length && text.parse().is_ok_and(|number| range.contains(&number))
        };
        let is_day = number(year, 4, 2020..=9999) && number(month, 2, 1..=12) && number(date, 2, 1..=31);
        (is_day && !what.is_empty()).then(|| Self { day: day.to_owned(), what: what.to_owned() })
    }
}

/// How a page is laid out, and with that what it can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// To be read.
    #[default]
    Page,
    /// The three ways in.
    Home,
    /// To be read, with a list of the pages below it.
    Section,
    /// Questions, each a heading, and their answers.
    Faq,
    /// One question of a walk-through, whose first list is the answers.
    Question,
    /// Searching the site.
    Search,
    /// One problem of the API.
    Problem,
    /// One cause of a diagnosis.
    Finding,
    ForgotPassword,
    CheckYourMail,
    ResetPassword,
    Activate,
    SignIn,
    /// The answer for every path that leads nowhere.
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

/// Splits a page into its front matter, its text and the number of lines before the text. Every fault goes to `report`;
/// there is no front matter only if there is no telling where it ends.
pub(crate) fn split(source: &str, mut report: impl FnMut(usize, Fault)) -> Option<(FrontMatter, &str, usize)> {
    let Some(end) =
        source.lines().skip(1).position(|line| line == FENCE).filter(|_| source.lines().next() == Some(FENCE))
    else {
        report(1, Fault::NoFrontMatter);
        return None;
    };
    let mut front = FrontMatter::default();
    for (index, line) in source.lines().enumerate().skip(1).take(end) {
        if front.take(line).is_none() {
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
    /// Takes one line; `None` if it cannot be understood.
    fn take(&mut self, line: &str) -> Option<()> {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        match key.trim() {
            "title" => self.title = value.to_owned(),
            "description" => self.description = value.to_owned(),
            "order" => self.order = Some(value.parse().ok()?),
            "nav" => self.nav = Some(value.to_owned()),
            "layout" => self.layout = Layout::named(value)?,
            "status" => self.status = Some(value.parse().ok()?),
            "group" => self.group = Some(value.to_owned()),
            "changed" => self.changes.push(Change::read(value)?),
            "who" => self.who = Some(value.to_owned()),
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

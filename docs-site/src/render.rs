//! Lays pages out.

use askama::Template;

use crate::assets::Assets;
use crate::front_matter::Layout;
use crate::markdown::Heading;
use crate::outline::Outline;
use crate::page::Page;
use crate::{Fault, SiteVariables, feeds, structured_data};

/// From this many sections on a page is long enough for a table of contents.
const SECTIONS_OF_A_LONG_PAGE: usize = 4;

/// The finished HTML of one page.
///
/// `index` names the assets that the search reads.
pub(crate) fn html(
    page: &Page,
    outline: &Outline<'_>,
    site: &SiteVariables,
    assets: &Assets,
    index: &[String],
) -> Result<String, Fault> {
    let shell = Shell::around(page, outline, site, assets)?;
    let html = match page.front.layout {
        Layout::Page | Layout::NotFound | Layout::Faq => Reading { contents: contents(page), shell }.render(),
        Layout::Question => Question { shell }.render(),
        Layout::Search => {
            let index = index.iter().map(|name| assets.path(name)).collect::<Result<Vec<_>, _>>()?.join(" ");
            Search { index, shell }.render()
        }
        Layout::Home => Home { shell }.render(),
        Layout::Section => Section { groups: groups(page, outline), shell }.render(),
        Layout::Problem => Problem { status: page.front.status.unwrap_or_default(), shell }.render(),
        Layout::Finding => {
            let who = page.front.who.as_deref().unwrap_or_default();
            Finding { cause: page.slug().replace('-', "_"), who, shell }.render()
        }
        Layout::ForgotPassword => ForgotPassword { shell }.render(),
        Layout::CheckYourMail => CheckYourMail { shell }.render(),
        Layout::ResetPassword => SetPassword { activation: false, shell }.render(),
        Layout::Activate => SetPassword { activation: true, shell }.render(),
        Layout::SignIn => SignIn { shell }.render(),
    };
    Ok(html?)
}

/// What surrounds every page.
struct Shell<'a> {
    site: &'a SiteVariables,
    page: &'a Page,
    /// The pages of the navigation at the top.
    nav: &'a [&'a Page],
    /// The pages above this one, from the home page down.
    trail: Vec<&'a Page>,
    stylesheets: Vec<&'a str>,
    icon: &'a str,
    scripts: Vec<&'a str>,
    /// The reading pages in front of and behind this one, in the folder that it is in.
    previous: Option<&'a Page>,
    next: Option<&'a Page>,
    /// What the page says to search engines.
    structured_data: Option<String>,
}

impl<'a> Shell<'a> {
    fn around(
        page: &'a Page,
        outline: &'a Outline<'a>,
        site: &'a SiteVariables,
        assets: &'a Assets,
    ) -> Result<Self, Fault> {
        let (previous, next) = outline.neighbours(page);
        let scripts = scripts(page.front.layout);
        Ok(Self {
            site,
            page,
            nav: outline.nav(),
            trail: outline.above(page),
            stylesheets: sheets(page.front.layout).iter().map(|name| assets.path(name)).collect::<Result<_, _>>()?,
            icon: assets.path("icon.svg")?,
            scripts: scripts.iter().map(|name| assets.path(name)).collect::<Result<_, _>>()?,
            previous,
            next,
            structured_data: (page.front.layout == Layout::Faq).then(|| structured_data::faq(page)),
        })
    }

    /// The page's one address, for search engines. Pages that only a link in a mail leads to have none, nor has the one
    /// for missing pages.
    fn canonical(&self) -> Option<String> {
        self.page.is_public().then(|| self.page.url(self.site))
    }

    /// Whether a page of the navigation is this page or above it.
    fn is_current(&self, nav: &Page) -> bool {
        self.page.path.starts_with(&nav.path)
    }
}

/// The scripts of a layout. What is only read has none.
fn scripts(layout: Layout) -> &'static [&'static str] {
    match layout {
        Layout::Page | Layout::Home | Layout::Section | Layout::Faq | Layout::Question => &[],
        Layout::Problem | Layout::Finding | Layout::NotFound => &[],
        Layout::Search => &["search.js"],
        Layout::ForgotPassword => &["forgot-password.js"],
        Layout::CheckYourMail => &["check-your-mail.js"],
        Layout::ResetPassword | Layout::Activate => &["set-password.js", "forgot-password.js"],
        Layout::SignIn => &["sign-in.js"],
    }
}

/// The style of a layout. What is only read has to do with one sheet.
fn sheets(layout: Layout) -> &'static [&'static str] {
    match layout {
        Layout::Home | Layout::Question => &["site.css", "cards.css"],
        _ if scripts(layout).is_empty() => &["site.css"],
        _ => &["site.css", "forms.css"],
    }
}

/// The pages of a section, in their order. Those of one group stand together, where the first of them stands.
fn groups<'a>(section: &Page, outline: &Outline<'a>) -> Vec<Group<'a>> {
    let mut groups = Vec::<Group<'a>>::new();
    for page in outline.below(section) {
        let title = page.front.group.as_deref();
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.pages.push(page),
            None => groups.push(Group { title, pages: vec![page] }),
        }
    }
    groups
}

fn contents(page: &Page) -> Vec<&Heading> {
    let sections = page.body.headings.iter().filter(|heading| heading.level == 2).collect::<Vec<_>>();
    if sections.len() < SECTIONS_OF_A_LONG_PAGE { Vec::new() } else { sections }
}

#[derive(Template)]
#[template(path = "page.html")]
struct Reading<'a> {
    shell: Shell<'a>,
    contents: Vec<&'a Heading>,
}

#[derive(Template)]
#[template(path = "question.html")]
struct Question<'a> {
    shell: Shell<'a>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search<'a> {
    shell: Shell<'a>,
    /// The paths of the index's parts, with spaces between them.
    index: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    shell: Shell<'a>,
}

#[derive(Template)]
#[template(path = "section.html")]
struct Section<'a> {
    shell: Shell<'a>,
    groups: Vec<Group<'a>>,
}

/// Pages of a section that belong together.
struct Group<'a> {
    title: Option<&'a str>,
    pages: Vec<&'a Page>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    shell: Shell<'a>,
    status: u16,
}

#[derive(Template)]
#[template(path = "finding.html")]
struct Finding<'a> {
    shell: Shell<'a>,
    /// Its stable name in the answers of the API.
    cause: String,
    who: &'a str,
}

#[derive(Template)]
#[template(path = "forgot-password.html")]
struct ForgotPassword<'a> {
    shell: Shell<'a>,
}

#[derive(Template)]
#[template(path = "check-your-mail.html")]
struct CheckYourMail<'a> {
    shell: Shell<'a>,
}

#[derive(Template)]
#[template(path = "set-password.html")]
struct SetPassword<'a> {
    shell: Shell<'a>,
    /// Whether the account gets its first password here.
    activation: bool,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignIn<'a> {
    shell: Shell<'a>,
}

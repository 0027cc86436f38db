//! Lays pages out.

use askama::Template;

use crate::front_matter::Layout;
use crate::language::{Edition, Language};
use crate::markdown::Heading;
use crate::outline::Outline;
use crate::page::Page;
use crate::words::Words;
use crate::{Context, Fault, SiteVariables, feeds, structured_data};

/// Why a password is refused, by the codes of the API. Each has its words in every language: `reason-…`.
const WEAKNESSES: [&str; 5] = ["too_short", "too_long", "too_common", "is_email_address", "is_portal_name"];

/// From this many sections on a page is long enough for a table of contents.
const SECTIONS_OF_A_LONG_PAGE: usize = 4;

/// The finished HTML of one page.
pub(crate) fn html(page: &Page, context: &Context<'_>) -> Result<String, Fault> {
    let shell = Shell::around(page, context)?;
    let html = match page.front.layout {
        Layout::Page | Layout::NotFound | Layout::Faq => Reading { contents: contents(page), shell }.render(),
        Layout::Question => Question { shell }.render(),
        Layout::Search => Search { index: index(page, context)?, prefix: prefix(page.edition), shell }.render(),
        Layout::Home => Home { shell }.render(),
        Layout::Section => Section { groups: groups(page, context.outline), shell }.render(),
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
    context: &'a Context<'a>,
    site: &'a SiteVariables,
    words: &'a Words,
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
}

impl<'a> Shell<'a> {
    fn around(page: &'a Page, context: &'a Context<'a>) -> Result<Self, Fault> {
        let Context { outline, site, words, assets, .. } = context;
        let (previous, next) = outline.neighbours(page);
        Ok(Self {
            context,
            site,
            words: words.of(page.edition.language())?,
            page,
            nav: outline.nav(page.edition),
            trail: outline.above(page),
            stylesheets: sheets(page).iter().map(|name| assets.path(name)).collect::<Result<_, _>>()?,
            icon: assets.path("icon.svg")?,
            scripts: scripts(page.front.layout).iter().map(|name| assets.path(name)).collect::<Result<_, _>>()?,
            previous,
            next,
        })
    }

    /// Words of the layout as HTML, with links of this edition.
    fn say(&self, message: &str) -> Result<String, Fault> {
        Ok(self.context.addresses.localise(self.words.html(message)?, self.page.edition))
    }

    /// Why a password is refused.
    fn reason(&self, code: &str) -> Result<String, Fault> {
        self.say(&format!("reason-{}", code.replace('_', "-")))
    }

    /// Words of the layout for an attribute.
    fn text(&self, message: &str) -> Result<&str, Fault> {
        self.words.text(message)
    }

    /// The text of the page, with links of this edition.
    fn body(&self) -> String {
        let html = self.context.addresses.localise(&self.page.body.html, self.page.edition);
        if self.page.front.layout == Layout::Faq { structured_data::faq(&html) } else { html }
    }

    /// The attributes of a link that is written as the English page is addressed.
    fn link(&self, original: &str) -> String {
        self.context.addresses.attributes(original, self.page.edition)
    }

    /// Where a page of this edition is.
    fn path(&self, original: &str) -> String {
        self.context.addresses.target(original, self.page.edition)
    }

    fn language(&self) -> Language {
        self.page.edition.language()
    }

    /// Whether the page is this one, in whatever language.
    fn is(&self, original: &str) -> bool {
        self.page.original == original
    }

    /// The page's one address, for search engines. Pages that only a link in a mail leads to have none, nor has the one
    /// for missing pages.
    fn canonical(&self) -> Option<String> {
        self.page.is_public().then(|| self.page.url(self.site))
    }

    /// The page in every language, for search engines.
    fn alternates(&self) -> Vec<(&'static str, String)> {
        feeds::alternates(self.page, self.context)
    }

    /// The page in every language, for readers; of a page that is in English only, the home page.
    fn languages(&self) -> Vec<(Language, String)> {
        let addresses = self.context.addresses;
        let here = self.page.original.as_str();
        let there = if addresses.is_translated(here) && !here.ends_with(".html") { here } else { "/" };
        let all = Language::ALL.into_iter().filter(|_| addresses.is_translated(there));
        all.map(|language| (language, Edition::Of(language).path(there))).collect()
    }

    fn feed(&self) -> String {
        if self.page.edition.is_listed() { self.page.edition.path(feeds::FEED) } else { feeds::FEED.to_owned() }
    }

    /// Whether a page of the navigation is this page or above it.
    fn is_current(&self, nav: &Page) -> bool {
        self.page.path.starts_with(&nav.path)
    }
}

/// The pages of `/en/` have the index of the English ones, and lead to their own.
fn prefix(edition: Edition) -> String {
    if edition.is_listed() { String::new() } else { edition.path("") }
}

/// The paths of the index's parts, with spaces between them.
fn index(page: &Page, context: &Context<'_>) -> Result<String, Fault> {
    let edition = if page.edition.is_listed() { page.edition } else { Edition::Unprefixed };
    let names = context.index.get(&edition).into_iter().flatten();
    Ok(names.map(|name| context.assets.path(name)).collect::<Result<Vec<_>, _>>()?.join(" "))
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

/// The styles of a page. What is only read has to do with few.
fn sheets(page: &Page) -> Vec<&'static str> {
    let mut sheets = vec!["site.css"];
    match page.front.layout {
        Layout::Home | Layout::Question => sheets.push("cards.css"),
        layout if !scripts(layout).is_empty() => sheets.push("forms.css"),
        _ => {}
    }
    let is_shown = |element: &str| page.body.html.contains(element);
    let is_reference = matches!(page.front.layout, Layout::Section | Layout::Problem | Layout::Finding);
    if is_reference || is_shown("<table") || is_shown("<img ") || is_shown("class=\"callout") {
        sheets.push("reference.css");
    }
    if is_shown("<pre>") {
        sheets.push("code.css");
    }
    sheets
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
    /// What comes in front of the paths of the index, where the page is there in every language.
    prefix: String,
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

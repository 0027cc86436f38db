//! Puts pages into their layouts.

use askama::Template;

use crate::front_matter::Layout;
use crate::language::{Edition, Language};
use crate::markdown::Heading;
use crate::outline::Outline;
use crate::page::Page;
use crate::words::Words;
use crate::{Context, Fault, SiteVariables, sitemap};

/// A page with at least this many sections has a table of contents.
const SECTIONS_OF_A_LONG_PAGE: usize = 4;

pub(crate) fn html(page: &Page, context: &Context<'_>) -> Result<String, Fault> {
    let shell = Shell::around(page, context)?;
    let html = match page.front.layout {
        Layout::Page | Layout::NotFound | Layout::Faq => Reading { contents: contents(page), shell }.render(),
        Layout::Question => Question { shell }.render(),
        Layout::Search => Search { index: index(page, context)?, prefix: prefix(page.edition), shell }.render(),
        Layout::Home => Home { shell }.render(),
        Layout::Section => {
            Section { groups: groups(page, context.outline, |listed| listed.folder() == page.path), shell }.render()
        }
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

/// The frame of every page.
struct Shell<'a> {
    context: &'a Context<'a>,
    site: &'a SiteVariables,
    words: &'a Words,
    page: &'a Page,
    nav: &'a [&'a Page],
    /// The parents of the page, starting with the home page.
    trail: Vec<&'a Page>,
    stylesheets: Vec<&'a str>,
    icon: &'a str,
    scripts: Vec<&'a str>,
    /// Its neighbours in the same folder.
    previous: Option<&'a Page>,
    next: Option<&'a Page>,
    /// The section that the page belongs to, if it has one, for the navigation at the side.
    section: Option<Side<'a>>,
}

/// A section and its pages, as the navigation at the side shows them.
struct Side<'a> {
    section: &'a Page,
    groups: Vec<Group<'a>>,
}

impl<'a> Side<'a> {
    /// Pages in a folder of the section are listed only on the pages of that folder, so that the list stays short.
    fn of(page: &'a Page, outline: &Outline<'a>, trail: &[&'a Page]) -> Option<Self> {
        let mut line = trail.iter().copied().chain([page]);
        let section = line.find(|above| above.front.layout == Layout::Section)?;
        let groups = groups(section, outline, |listed| page.path.starts_with(listed.folder()));
        Some(Self { section, groups })
    }
}

impl<'a> Shell<'a> {
    fn around(page: &'a Page, context: &'a Context<'a>) -> Result<Self, Fault> {
        let Context { outline, site, words, assets, .. } = context;
        let (previous, next) = outline.neighbours(page);
        let trail = outline.above(page);
        let section = Side::of(page, outline, &trail);
        Ok(Self {
            context,
            site,
            words: words.of(page.edition.language()),
            page,
            nav: outline.nav(page.edition),
            trail,
            stylesheets: sheets(page, section.is_some())
                .iter()
                .map(|name| assets.path(name))
                .collect::<Result<_, _>>()?,
            icon: assets.path("icon.svg")?,
            scripts: scripts(page.front.layout)
                .iter()
                .chain(has_copy_buttons(page).then_some(&"copy.js"))
                .map(|name| assets.path(name))
                .collect::<Result<_, _>>()?,
            previous,
            next,
            section,
        })
    }

    /// A message as HTML, with links of this edition.
    fn say(&self, message: &str) -> Result<String, Fault> {
        Ok(self.context.addresses.localise(self.words.html(message)?, self.page.edition))
    }

    /// The reasons for refusing a password: the code in the API, and its words.
    fn reasons(&self) -> Result<Vec<(String, String)>, Fault> {
        let reason = |id: &str| Ok((id.replace('-', "_"), self.say(&format!("reason-{id}"))?));
        self.words.ids_after("reason-").map(reason).collect()
    }

    /// A message for an attribute.
    fn text(&self, message: &str) -> Result<&str, Fault> {
        self.words.text(message)
    }

    /// The text of the page, with links of this edition.
    fn body(&self) -> String {
        let html = self.context.addresses.localise(&self.page.body.html, self.page.edition);
        if self.page.front.layout == Layout::Faq { with_microdata(&html) } else { html }
    }

    /// The attributes of a link to a page. `original` is the path of the English page.
    fn link(&self, original: &str) -> String {
        self.context.addresses.attributes(original, self.page.edition)
    }

    /// The path of a page in this edition.
    fn path(&self, original: &str) -> String {
        self.context.addresses.target(original, self.page.edition)
    }

    fn language(&self) -> Language {
        self.page.edition.language()
    }

    /// Whether the page is this one, in any language.
    fn is(&self, original: &str) -> bool {
        self.page.original == original
    }

    /// The canonical URL, if search engines may list the page.
    fn canonical(&self) -> Option<String> {
        self.page.is_public().then(|| self.page.url(self.site))
    }

    /// The URLs of all translations, for search engines.
    fn alternates(&self) -> Vec<(&'static str, String)> {
        sitemap::alternates(self.page, self.context)
    }

    /// The paths of all translations, for readers. For a page in English only, those of the home page.
    fn languages(&self) -> Vec<(Language, String)> {
        let addresses = self.context.addresses;
        let here = self.page.original.as_str();
        let target = if addresses.is_translated(here) && !here.ends_with(".html") { here } else { "/" };
        let all = Language::ALL.into_iter().filter(|_| addresses.is_translated(target));
        all.map(|language| (language, Edition::Of(language).path(target))).collect()
    }

    /// Whether a page of the navigation is this page or a parent.
    fn is_current(&self, nav: &Page) -> bool {
        self.page.path.starts_with(&nav.path)
    }
}

/// Marks the questions of a page and their answers for search engines, as microdata of a schema.org `FAQPage`.
fn with_microdata(html: &str) -> String {
    let mut questions = html.split("<h2 ");
    let mut out = questions.next().unwrap_or_default().to_owned();
    for question in questions {
        let (heading, answer) = question.split_once("</h2>").unwrap_or((question, ""));
        out.push_str(&format!(
            "<div itemprop=mainEntity itemscope itemtype=https://schema.org/Question><h2 itemprop=name {heading}</h2>\
             <div itemprop=acceptedAnswer itemscope itemtype=https://schema.org/Answer><div itemprop=text>{answer}\
             </div></div></div>\n"
        ));
    }
    out
}

/// The search below `/en/` uses the index of the unprefixed pages and adds this prefix to its paths.
fn prefix(edition: Edition) -> String {
    if edition.is_listed() { String::new() } else { edition.path("") }
}

/// The paths of the search index, separated by spaces.
fn index(page: &Page, context: &Context<'_>) -> Result<String, Fault> {
    let edition = if page.edition.is_listed() { page.edition } else { Edition::Unprefixed };
    let names = context.index.get(&edition).into_iter().flatten();
    Ok(names.map(|name| context.assets.path(name)).collect::<Result<Vec<_>, _>>()?.join(" "))
}

/// The scripts of a layout. Most pages have none.
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

/// Pages for developers have buttons that copy their code. They work without.
fn has_copy_buttons(page: &Page) -> bool {
    ["/operators/", "/reference/"].iter().any(|section| page.original.starts_with(section))
        && page.body.html.contains("<pre>")
}

/// The style sheets of a page: only those that it needs, because its size is limited.
fn sheets(page: &Page, is_in_section: bool) -> Vec<&'static str> {
    let mut sheets = vec!["site.css"];
    match page.front.layout {
        Layout::Home | Layout::Question => sheets.push("cards.css"),
        layout if !scripts(layout).is_empty() => sheets.push("forms.css"),
        _ => {}
    }
    let contains = |element: &str| page.body.html.contains(element);
    let is_reference = matches!(page.front.layout, Layout::Section | Layout::Problem | Layout::Finding);
    if is_reference || contains("<table") || contains("<img ") || contains("class=\"callout") {
        sheets.push("reference.css");
    }
    if is_in_section {
        sheets.push("side.css");
    }
    if contains("<pre>") {
        sheets.push("code.css");
    }
    sheets
}

/// The pages below a section that belong on the list, in groups. A group is in the position of its first page.
fn groups<'a>(section: &Page, outline: &Outline<'a>, belongs: impl Fn(&Page) -> bool) -> Vec<Group<'a>> {
    let mut groups = Vec::<Group<'a>>::new();
    for page in outline.below(section).filter(|page| belongs(page)) {
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
    index: String,
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
    /// Its code in the API.
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
    /// Whether this is the account's first password.
    activation: bool,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignIn<'a> {
    shell: Shell<'a>,
}

//! What programs read of the site: the map of its pages, what robots may do, and the feed of changes.

use crate::highlight::escape;
use crate::language::{Edition, Language};
use crate::page::Page;
use crate::{Asset, BuildError, Context, Fault, Site, SiteVariables};

/// The map of the site, as sitemaps.org has it.
const SITEMAP: &str = "/sitemap.xml";
/// The feed of changes, as Atom (RFC 4287).
pub(crate) const FEED: &str = "/feed.xml";
const ROBOTS: &str = "/robots.txt";

/// All three, the feed in each language that has pages.
pub(crate) fn build(context: &Context<'_>) -> Result<Site, BuildError> {
    let Context { pages, site, .. } = context;
    let mut built = Site::from([
        (SITEMAP.to_owned(), asset(sitemap(pages, context), "application/xml")),
        (ROBOTS.to_owned(), asset(robots(site), "text/plain; charset=utf-8")),
    ]);
    for edition in editions(pages) {
        let error = |fault: Fault| BuildError { file: "locales/".to_owned(), line: 1, fault };
        let title = context.words.of(edition.language()).and_then(|words| words.text("account-help")).map_err(error)?;
        let text = feed(pages, edition, title, site);
        built.insert(edition.path(FEED), asset(text, "application/atom+xml; charset=utf-8"));
    }
    Ok(built)
}

/// The editions that have pages of their own.
fn editions(pages: &[Page]) -> Vec<Edition> {
    let mut editions = pages.iter().map(|page| page.edition).filter(|edition| edition.is_listed()).collect::<Vec<_>>();
    editions.sort_unstable();
    editions.dedup();
    editions
}

/// Where a page stands in each language: its tag, or `x-default` for readers of any other, and the address.
pub(crate) fn alternates(page: &Page, context: &Context<'_>) -> Vec<(&'static str, String)> {
    if !context.addresses.is_translated(&page.original) {
        return Vec::new();
    }
    let of = |language: Language| match language {
        Language::English => Edition::Unprefixed,
        language => Edition::Of(language),
    };
    let url = |edition: Edition| context.site.url_of(&edition.path(&page.original));
    let languages = Language::ALL.into_iter().map(|language| (language.tag(), url(of(language))));
    languages.chain([("x-default", url(Edition::Unprefixed))]).collect()
}

fn asset(text: String, content_type: &'static str) -> Asset {
    Asset { bytes: text.into_bytes(), content_type, language: None }
}

fn sitemap(pages: &[Page], context: &Context<'_>) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for page in pages.iter().filter(|page| page.is_public() && page.edition.is_listed()) {
        out.push_str(&format!("<url><loc>{}</loc>", escaped(&page.url(context.site))));
        for (language, url) in alternates(page, context) {
            let url = escaped(&url);
            out.push_str(&format!("<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{url}\"/>"));
        }
        if let Some(change) = page.front.changes.iter().max_by_key(|change| &change.day) {
            out.push_str(&format!("<lastmod>{}</lastmod>", change.day));
        }
        out.push_str("</url>\n");
    }
    out.push_str("</urlset>\n");
    out
}

fn robots(site: &SiteVariables) -> String {
    let url = site.site_url.trim_end_matches('/');
    format!("User-agent: *\nDisallow: /api/\nDisallow: /admin/\nSitemap: {url}{SITEMAP}\n")
}

/// The newest change first. A change happened at some time of its day; the feed says midnight, for want of a better
/// one.
fn feed(pages: &[Page], edition: Edition, title: &str, site: &SiteVariables) -> String {
    let url = site.site_url.trim_end_matches('/');
    let home = edition.path("/");
    let of_edition = pages.iter().filter(|page| page.edition == edition);
    let changes = of_edition.flat_map(|page| page.front.changes.iter().map(move |change| (page, change)));
    let mut changes = changes.collect::<Vec<_>>();
    changes.sort_by(|(page, change), (other_page, other)| {
        other
            .day
            .cmp(&change.day)
            .then_with(|| page.path.cmp(&other_page.path))
            .then_with(|| change.what.cmp(&other.what))
    });
    let newest = changes.first().map_or("2026-01-01", |(_, change)| change.day.as_str());
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{language}\">\n\
         <title>{name}: {title}</title>\n<id>{url}{home}</id>\n<link href=\"{url}{home}\"/>\n\
         <link rel=\"self\" href=\"{url}{feed}\"/>\n<updated>{newest}T00:00:00Z</updated>\n\
         <author><name>{name}</name></author>\n",
        name = escaped(&site.portal_name),
        url = escaped(url),
        language = edition.language().tag(),
        feed = edition.path(FEED),
        title = escaped(title),
    );
    for (position, (page, change)) in changes.iter().enumerate() {
        let page_url = escaped(&page.url(site));
        // Several changes of one day to one page, which stand together here, are told apart by their number.
        let same = |(other, earlier): &&(&Page, &crate::front_matter::Change)| {
            other.path == page.path && earlier.day == change.day
        };
        let later = changes.iter().skip(position + 1).take_while(same).count();
        out.push_str(&format!(
            "<entry><title>{title}</title><id>{page_url}#changed-{day}-{later}</id><link href=\"{page_url}\"/>\
             <updated>{day}T00:00:00Z</updated><summary>{what}</summary></entry>\n",
            title = escaped(&page.front.title),
            day = change.day,
            what = escaped(&change.what),
        ));
    }
    out.push_str("</feed>\n");
    out
}

/// What text has to be in XML: what it has to be in HTML. Control characters have no place there at all.
fn escaped(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    let mut out = String::with_capacity(plain.len());
    escape(&plain, &mut out);
    out
}

//! Each way in which content can be wrong, and that what is there is compiled in.

use std::collections::BTreeSet;
use std::path::Path;

use crate::assets::{self, Assets};
use crate::content::{PICTURES, PictureFile, SOURCES, Source};
use crate::{Fault, Site, SiteVariables, build_from, reference, words};

mod languages;

const HOME: Source = Source::written("index.md", "---\ntitle: Home\ndescription: Here.\n---\n## Way in {#in}\n");

/// As much of a picture of 3 by 2 pixels as tells its size.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02";

fn variables() -> SiteVariables {
    SiteVariables {
        site_url: "https://portal.example/".to_owned(),
        portal_name: "*Tom* & <Jerry>'s".to_owned(),
        support_email: "help@portal.example".to_owned(),
        sending_domain: "mail.portal.example".to_owned(),
        sending_ips: vec!["192.0.2.1".to_owned(), "192.0.2.2".to_owned()],
        min_password_length: 15,
    }
}

/// Builds a home page and one page of the given text.
fn build_with(text: &'static str) -> Result<Site, Vec<String>> {
    build_sources(&[HOME, Source::written("page.md", text)])
}

fn build_sources(sources: &[Source]) -> Result<Site, Vec<String>> {
    let picture = |name: &'static str| PictureFile { name: name.into(), bytes: PNG.into() };
    let pictures = vec![picture("form.png"), picture("record.png"), picture("record-dark.png")];
    build_from(sources, pictures, words::FILES, &variables())
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[track_caller]
fn check_faults(text: &'static str, expected: &[&str]) {
    assert_eq!(build_with(text).expect_err("the content is wrong"), expected);
}

/// The HTML of the page that [`build_with`] was given.
#[track_caller]
fn page_of(text: &'static str) -> String {
    let site = build_with(text).expect("the content is right");
    String::from_utf8_lossy(&site["/page/"].bytes).into_owned()
}

#[track_caller]
fn check_contains(text: &'static str, expected: &str) {
    let site = build_with(text).expect("the content is right");
    let html = std::str::from_utf8(&site["/page/"].bytes).expect("pages are UTF-8");
    assert!(html.contains(expected), "{expected} is not in {html}");
}

#[test]
fn a_page_without_front_matter_is_refused() {
    let expected = "content/page.md:1: the page has to begin with front matter between two lines of `---`";
    check_faults("Hello.\n", &[expected]);
    check_faults("---\ntitle: Never ends\n", &[expected]);
}

#[test]
fn a_page_without_title_or_description_is_refused() {
    check_faults("---\ndescription: Of what?\n---\n", &["content/page.md:1: the front matter has no `title`"]);
    check_faults("---\ntitle: Short\n---\n", &["content/page.md:1: the front matter has no `description`"]);
}

#[test]
fn a_problem_page_without_status_is_refused() {
    check_faults(
        "---\ntitle: Odd\ndescription: Odd.\nlayout: problem\n---\n",
        &["content/page.md:1: the front matter has no `status`"],
    );
}

#[test]
fn front_matter_that_is_not_understood_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\ncolour: red\nlayout: circus\norder: first\n---\n",
        &[
            "content/page.md:4: `colour: red` is not understood in the front matter",
            "content/page.md:5: `layout: circus` is not understood in the front matter",
            "content/page.md:6: `order: first` is not understood in the front matter",
        ],
    );
}

#[test]
fn an_unknown_variable_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\nHello.\n\nFrom {{ portal_nam }}, to {{ support_email.\n",
        &[
            "content/page.md:7: the site has no variable `portal_nam`",
            "content/page.md:7: the site has no variable `support_email.`",
        ],
    );
}

#[test]
fn a_link_that_leads_nowhere_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n[a](/) [b](/#in)\n[c](/gone/)\n\n## [d](/#out)\n\n[e](#here) [f](guide/) [g](//evil.example)\n",
        &[
            "content/page.md:6: the link to /gone/ leads nowhere",
            "content/page.md:8: the link to /#out leads nowhere",
            "content/page.md:10: the link to #here leads nowhere",
            "content/page.md:10: the link to guide/ leads nowhere",
            "content/page.md:10: the link to //evil.example leads nowhere",
        ],
    );
}

#[test]
fn two_files_for_one_path_are_refused() {
    let text = "---\ntitle: T\ndescription: D\n---\n";
    let sources = [HOME, Source::written("guide.md", text), Source::written("guide/index.md", text)];
    let faults = build_sources(&sources).expect_err("the path is taken");
    assert_eq!(faults, ["content/guide/index.md:1: the path /guide/ is already taken by content/guide.md"]);
}

#[test]
fn two_headings_with_one_id_are_refused() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n## Same\n\n## Same\n",
        &["content/page.md:7: the page already has a heading with the id `same`"],
    );
}

#[test]
fn a_second_title_is_refused() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n# Again\n",
        &["content/page.md:5: a page's title is its only first-level heading; begin with `##`"],
    );
}

#[test]
fn html_in_markdown_is_refused() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n<p style=\"color: red\">Hello.</p>\n",
        &["content/page.md:5: write Markdown, not HTML"],
    );
    check_faults(
        "---\ntitle: T\ndescription: D\n---\nAn <b>inline</b> one.\n",
        &["content/page.md:5: write Markdown, not HTML"; 2],
    );
}

#[test]
fn a_table_whose_columns_have_no_name_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\nTwo:\n\n| | Mailkey |\n|---|---|\n| Start | |\n",
        &[
            "content/page.md:7: a column of this table has no name; readers who can't see where it stands are told its name",
        ],
    );
}

#[test]
fn all_faults_are_reported_at_once() {
    let sources = [
        HOME,
        Source::written("a.md", "---\ntitle: T\n---\n{{ who }}\n"),
        Source::written("b.md", "---\ndescription: D\n---\n"),
    ];
    assert_eq!(build_sources(&sources).expect_err("much is wrong").len(), 3);
}

#[test]
fn an_import_of_no_asset_is_refused_at_its_line() {
    let Err(error) = Assets::hashed_from(&[("a.js", "// A.\nimport { b } from \"./b.js\";\n")]) else {
        panic!("there is no b.js");
    };
    assert_eq!(error.to_string(), "assets/a.js:2: there is no asset `b.js`");
    assert!(matches!(error.fault, Fault::NoSuchAsset(_)));
}

#[test]
fn a_changed_module_changes_the_names_of_those_that_import_it() {
    let name_of_importer = |imported| {
        let files = [("b.js", imported), ("a.js", "import { b } from \"./b.js\";\n")];
        Assets::hashed_from(&files).expect("both are there").path("a.js").expect("it is there").to_owned()
    };
    assert_ne!(name_of_importer("export const b = 1;\n"), name_of_importer("export const b = 2;\n"));
}

#[test]
fn the_value_of_a_variable_is_text_and_neither_markdown_nor_html() {
    let escaped = "*Tom* &amp; &lt;Jerry&gt;'s";
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n**{{ portal_name }}**\n",
        &format!("<strong>{escaped}</strong>"),
    );
    check_contains("---\ntitle: T\ndescription: D\n---\n    {{portal_name}}\n", &format!("<pre><code>{escaped}"));
    check_contains(
        "---\ntitle: {{ portal_name }}\ndescription: D\n---\n",
        "<h1>*Tom* &#38; &#60;Jerry&#62;&#39;s</h1>",
    );
}

#[test]
fn a_picture_has_its_size_its_words_and_its_dark_twin() {
    let text = "---\ntitle: T\ndescription: D\n---\n![The \"form\" of *X*](/pictures/form.png)\n\n![R](/pictures/record.png)\n";
    let html = page_of(text);
    let form = "<img src=\"/assets/form.fbff3d23b342.png\" width=\"3\" height=\"2\" loading=\"lazy\" decoding=\"async\" \
                alt=\"The “form” of X\">";
    assert!(html.contains(&format!("<p>{form}</p>")), "{html}");
    let dark = "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"/assets/record-dark.";
    assert!(html.contains(dark) && html.contains("alt=\"R\"></picture>"), "{html}");
}

#[test]
fn a_picture_that_is_not_there_or_says_nothing_is_refused_at_its_line() {
    let text = "---\ntitle: T\ndescription: D\n---\n![There](/pictures/none.png)\n\n![](/pictures/form.png)\n\n\
                ![Far](https://elsewhere.example/form.png)\n";
    check_faults(
        text,
        &[
            "content/page.md:5: there is no picture /pictures/none.png; pictures are `/pictures/NAME`, and lie in \
             `content/pictures/`",
            "content/page.md:7: the picture /pictures/form.png needs words in its brackets, for those who can't see it",
            "content/page.md:9: there is no picture https://elsewhere.example/form.png; pictures are `/pictures/NAME`, \
             and lie in `content/pictures/`",
        ],
    );
}

#[test]
fn a_picture_that_is_none_is_refused() {
    let none = PictureFile { name: "form.png".into(), bytes: b"GIF89a".as_slice().into() };
    let errors = build_from(&[HOME], vec![none], words::FILES, &variables()).expect_err("it is no picture");
    assert_eq!(errors.to_string(), "content/pictures/form.png:1: this is no PNG and no WebP picture");
}

#[test]
fn variables_may_stand_in_links() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n[{{ support_email }}](mailto:{{ support_email }}) [here]({{ site_url }}/a/)\n",
        "<a href=\"mailto:help@portal.example\">help@portal.example</a> <a href=\"https://portal.example/a/\">here</a>",
    );
}

#[test]
fn a_heading_links_to_itself() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n## What `now`? Ärger!\n",
        "<h2 id=\"what-now-ärger\"><a class=\"anchor\" href=\"#what-now-ärger\">What <code>now</code>? Ärger!</a></h2>",
    );
}

#[test]
fn a_long_page_has_a_table_of_contents_and_a_short_one_has_none() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n## A\n\n## B\n\n### B1\n\n## C\n\n## D {#dee}\n",
        "<li><a href=\"#dee\">D</a></li>",
    );
    let short = build_with("---\ntitle: T\ndescription: D\n---\n## A\n\n## B\n\n## C\n").expect("the content is right");
    assert!(!String::from_utf8_lossy(&short["/page/"].bytes).contains("On this page"));
}

#[test]
fn a_finding_without_the_one_who_can_do_something_is_refused() {
    check_faults(
        "---\ntitle: Odd\ndescription: Odd.\nlayout: finding\n---\n",
        &["content/page.md:1: the front matter has no `who`"],
    );
}

#[test]
fn a_change_needs_a_day_and_words() {
    check_faults(
        "---\ntitle: T\ndescription: D\nchanged: 2026-13-01 No such month.\nchanged: 2026-1-1 Short.\nchanged: 2026-11-22\n---\n",
        &[
            "content/page.md:4: `changed: 2026-13-01 No such month.` is not understood in the front matter",
            "content/page.md:5: `changed: 2026-1-1 Short.` is not understood in the front matter",
            "content/page.md:6: `changed: 2026-11-22` is not understood in the front matter",
        ],
    );
}

#[track_caller]
fn text_at(site: &Site, path: &str) -> String {
    String::from_utf8(site[path].bytes.clone()).expect("it is UTF-8")
}

#[test]
fn the_feed_has_every_change_and_the_newest_first() {
    let site = build_with(
        "---\ntitle: T\ndescription: D\nchanged: 2026-11-21 Older & <wiser>.\nchanged: 2026-11-22 {{ portal_name }} one.\n\
         changed: 2026-11-22 Two.\n---\n",
    );
    let feed = text_at(&site.expect("the content is right"), "/feed.xml");
    let ids = feed.split("<id>").skip(2).filter_map(|rest| rest.split("</id>").next()).collect::<Vec<_>>();
    let expected = ["2026-11-22-1", "2026-11-22-0", "2026-11-21-0"];
    assert_eq!(ids, expected.map(|day| format!("https://portal.example/page/#changed-{day}")));
    assert!(
        feed.contains("<updated>2026-11-22T00:00:00Z</updated>\n<author>"),
        "the feed is as new as its newest entry"
    );
    assert!(feed.contains("<summary>Older &amp; &lt;wiser&gt;.</summary>"));
    assert!(feed.contains("<summary>*Tom* &amp; &lt;Jerry&gt;'s one.</summary>"));
}

#[test]
fn the_map_has_every_page_that_is_for_everybody() {
    let page =
        |layout: &str| format!("---\ntitle: T\ndescription: D\nlayout: {layout}\nchanged: 2026-11-22 New.\n---\n");
    let sources = [
        HOME,
        Source::made("faq.md".to_owned(), page("faq"), "a test"),
        Source::made("activate.md".to_owned(), page("activate"), "a test"),
        Source::made("404.md".to_owned(), page("not-found"), "a test"),
    ];
    let site = build_sources(&sources).expect("the content is right");
    let map = text_at(&site, "/sitemap.xml");
    assert_eq!(map.matches("<loc>").count(), 2);
    assert!(map.contains("<url><loc>https://portal.example/faq/</loc><lastmod>2026-11-22</lastmod></url>"));
    assert!(text_at(&site, "/robots.txt").ends_with("\nSitemap: https://portal.example/sitemap.xml\n"));
    assert!(text_at(&site, "/activate/").contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[test]
fn the_questions_are_told_to_search_engines_where_they_stand() {
    let site = build_with(
        "---\ntitle: T\ndescription: D\nlayout: faq\n---\nIntro.\n\n## Why *{{ portal_name }}*? {#why}\n\nBecause.\n\n- One\n- Two\n\n## And? {#and}\n",
    );
    let html = text_at(&site.expect("the content is right"), "/page/");
    assert!(html.contains("<main id=\"main\" tabindex=\"-1\" itemscope itemtype=\"https://schema.org/FAQPage\">"));
    let question =
        "<div itemprop=mainEntity itemscope itemtype=https://schema.org/Question><h2 itemprop=name id=\"why\">";
    let answer = "<div itemprop=acceptedAnswer itemscope itemtype=https://schema.org/Answer><div itemprop=text>\n<p>Because.</p>\n<ul>";
    assert!(html.contains(&format!("<p>Intro.</p>\n{question}")), "{html}");
    assert!(html.contains(&format!("</h2>{answer}")), "{html}");
    assert_eq!(html.matches("<div").count(), html.matches("</div>").count());
}

#[test]
fn pages_of_one_folder_lead_to_one_another_in_their_order() {
    let page = |order: u32| format!("---\ntitle: Page {order}\ndescription: D\norder: {order}\n---\n");
    let sources = [
        HOME,
        Source::made("a/last.md".to_owned(), page(3), "a test"),
        Source::made("a/first.md".to_owned(), page(1), "a test"),
        Source::made("a/middle.md".to_owned(), page(2), "a test"),
        Source::made("b/other.md".to_owned(), page(2), "a test"),
    ];
    let site = build_sources(&sources).expect("the content is right");
    let neighbours = |path: &str| {
        let html = text_at(&site, path);
        ["prev", "next"].map(|rel| {
            let link = html.split(&format!("<a rel=\"{rel}\" href=\"")).nth(1);
            link.and_then(|rest| rest.split('"').next()).map(str::to_owned)
        })
    };
    assert_eq!(neighbours("/a/first/"), [None, Some("/a/middle/".to_owned())]);
    assert_eq!(neighbours("/a/middle/"), ["/a/first/", "/a/last/"].map(|path| Some(path.to_owned())));
    assert_eq!(neighbours("/a/last/"), [Some("/a/middle/".to_owned()), None]);
    assert_eq!(neighbours("/b/other/"), [None, None]);
}

#[test]
fn code_is_coloured_and_its_variables_are_filled_in() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n```json\n{\"a\": \"{{ portal_name }}\"}\n```\n",
        "<pre><code class=\"language-json\">{<span class=k>&quot;a&quot;</span>: \
         <span class=s>&quot;*Tom* &amp; &lt;Jerry&gt;'s&quot;</span>}\n</code></pre>",
    );
}

#[test]
fn a_callout_says_its_name() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n> [!WARNING]\n> Not *so*.\n",
        "<div class=\"callout warning\" role=\"note\">\n<p><strong>Warning</strong></p>\n<p>Not <em>so</em>.</p>\n</div>",
    );
}

#[test]
fn a_description_of_the_api_that_is_none_is_refused_at_its_line() {
    let error = reference::sources_of("{\n  \"paths\": }", &BTreeSet::new()).expect_err("it is no JSON");
    assert!(
        error.to_string().starts_with("functions/common/api/openapi.json:2: the description of the API can't be read")
    );
}

#[test]
fn the_search_knows_every_passage_and_begins_another_file_when_one_is_long() {
    let text = "lamp ".repeat(12_000);
    let page = |name: &str| {
        let text = format!("---\ntitle: {name}\ndescription: D\n---\nIntro.\n\n## In `{name}` {{#in}}\n\n{text}\n");
        Source::made(format!("{name}.md"), text, "a test")
    };
    let site = build_sources(&[HOME, page("a"), page("b"), page("c")]).expect("the content is right");
    let parts = site.iter().filter(|(path, _)| path.starts_with("/assets/search-"));
    let parts = parts.map(|(_, asset)| serde_json::from_slice::<serde_json::Value>(&asset.bytes).expect("it is JSON"));
    let parts = parts.collect::<Vec<_>>();
    assert_eq!(parts.len(), 3);
    let entries = parts.iter().flat_map(|part| part.as_array().expect("it is a list")).collect::<Vec<_>>();
    assert_eq!(entries.len(), 4);
    let entry = entries.iter().find(|entry| entry[0] == "/b/").expect("the page is there");
    assert_eq!(entry[3][0], serde_json::json!(["", "", "Intro."]));
    assert_eq!(entry[3][1][0], "in");
    assert_eq!(entry[3][1][1], "In b");
}

#[test]
fn every_file_of_the_content_is_registered() {
    let pictures = PICTURES.iter().map(|picture| format!("pictures/{}", picture.name));
    let registered = SOURCES.iter().map(|source| source.file.to_string()).chain(pictures).collect();
    assert_eq!(files_in("content"), registered, "add new files to src/content.rs");
}

#[test]
fn every_asset_is_registered() {
    let registered = assets::FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files_in("assets"), registered, "add new files to src/assets.rs");
}

fn files_in(folder: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![root.clone()];
    let mut files = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).expect("it is below the root");
                files.insert(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files
}

/// What the fuzzer found its way with (`tests/fuzz/run`), once more.
#[test]
fn the_corpus_of_the_fuzzer_is_replayed() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpora/front_matter.txt");
    for line in std::fs::read_to_string(corpus).unwrap().lines() {
        let text = String::from_utf8_lossy(&BASE64_STANDARD.decode(line).unwrap()).into_owned();
        if let Some((_, body, lines)) = crate::front_matter::split(&text, |_, _| {}) {
            assert!(text.ends_with(body) && lines >= 2);
        }
        for language in ["sh", "json", "http", "python", "js"] {
            let _ = crate::highlight::html(language, &text);
        }
    }
}

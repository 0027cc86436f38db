//! What becomes of valid content.

use super::{build_sources, build_with, check_contains, home, text_at};
use crate::assets::Assets;
use crate::content::Source;

#[test]
fn a_changed_module_changes_the_names_of_its_importers() {
    let name_of_importer = |imported| {
        let files = [("b.js", imported), ("a.js", "import { b } from \"./b.js\";\n")];
        Assets::hashed("assets", &files, "")
            .expect("both files exist")
            .path("a.js")
            .expect("the asset exists")
            .to_owned()
    };
    assert_ne!(name_of_importer("export const b = 1;\n"), name_of_importer("export const b = 2;\n"));
}

#[test]
fn the_value_of_a_variable_is_neither_markdown_nor_html() {
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
fn a_picture_has_a_size_an_alternative_text_and_a_dark_variant() {
    let text = "---\ntitle: T\ndescription: D\n---\n![The \"form\" of *X*](/pictures/form.png)\n\n![R](/pictures/record.png)\n";
    let html = text_at(&build_with(text).expect("the content is valid"), "/page/");
    let form = "<img src=\"/assets/form.fbff3d23b342.png\" width=\"3\" height=\"2\" loading=\"lazy\" decoding=\"async\" \
                alt=\"The “form” of X\">";
    assert!(html.contains(&format!("<p>{form}</p>")), "{html}");
    let dark = "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"/assets/record-dark.";
    assert!(html.contains(dark) && html.contains("alt=\"R\"></picture>"), "{html}");
}

#[test]
fn links_may_contain_variables() {
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
    let short = build_with("---\ntitle: T\ndescription: D\n---\n## A\n\n## B\n\n## C\n").expect("the content is valid");
    assert!(!String::from_utf8_lossy(&short["/page/"].bytes).contains("On this page"));
}

#[test]
fn the_sitemap_has_every_public_page() {
    let page = |layout: &str| format!("---\ntitle: T\ndescription: D\nlayout: {layout}\n---\n");
    let sources = [
        home(),
        Source::generated("faq.md".to_owned(), page("faq"), "a test"),
        Source::generated("activate.md".to_owned(), page("activate"), "a test"),
        Source::generated("404.md".to_owned(), page("not-found"), "a test"),
    ];
    let site = build_sources(&sources).expect("the content is valid");
    let map = text_at(&site, "/sitemap.xml");
    assert_eq!(map.matches("<loc>").count(), 2);
    assert!(map.contains("<url><loc>https://portal.example/faq/</loc></url>"));
    assert!(text_at(&site, "/robots.txt").ends_with("\nSitemap: https://portal.example/sitemap.xml\n"));
    assert!(text_at(&site, "/activate/").contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[test]
fn questions_and_answers_are_marked_for_search_engines() {
    let site = build_with(
        "---\ntitle: T\ndescription: D\nlayout: faq\n---\nIntro.\n\n## Why *{{ portal_name }}*? {#why}\n\nBecause.\n\n- One\n- Two\n\n## And? {#and}\n",
    );
    let html = text_at(&site.expect("the content is valid"), "/page/");
    assert!(html.contains("<main id=\"main\" tabindex=\"-1\" itemscope itemtype=\"https://schema.org/FAQPage\">"));
    let question =
        "<div itemprop=mainEntity itemscope itemtype=https://schema.org/Question><h2 itemprop=name id=\"why\">";
    let answer = "<div itemprop=acceptedAnswer itemscope itemtype=https://schema.org/Answer><div itemprop=text>\n<p>Because.</p>\n<ul>";
    assert!(html.contains(&format!("<p>Intro.</p>\n{question}")), "{html}");
    assert!(html.contains(&format!("</h2>{answer}")), "{html}");
    assert_eq!(html.matches("<div").count(), html.matches("</div>").count());
}

#[test]
fn columns_of_figures_are_aligned_by_a_class() {
    let page = |table: &str| format!("---\ntitle: T\ndescription: D\n---\n{table}");
    let figures = "| What | A | B |\n|---|---:|---:|\n| x | 1 | 2 |\n| y | 3 | 4 |\n";
    check_contains(
        &page(figures),
        "<table class=\"figures\"><thead><tr><th>What</th><th>A</th><th>B</th></tr></thead>",
    );
    check_contains(&page(figures), "<tr><td>y</td><td>3</td><td>4</td></tr>");
    let mixed = "| What | A | B |\n|---|---:|---|\n| x | 1 | two |\n";
    check_contains(&page(mixed), "<table><thead><tr><th>What</th><th class=\"n\">A</th><th>B</th></tr></thead>");
    check_contains(&page(mixed), "<tr><td>x</td><td class=\"n\">1</td><td>two</td></tr>");
    check_contains(&page("| What | A |\n|---|---|\n| x | 1 |\n"), "<table><thead><tr><th>What</th><th>A</th>");
}

#[test]
fn examples_of_data_are_not_searched_and_commands_are() {
    let text = "---\ntitle: T\ndescription: D\nsearch: lamp, torch\n---\nIntro.\n\n## Run {#run}\n\nDo:\n\n```sh\nmailkey x\n```\n\n\
                ## Example {#example}\n\nSent so:\n\n```json\n{\"a\": 1}\n```\n\n## Table {#table}\n\n| Head | B |\n|---|---|\n| one | two |\n";
    let site = build_with(text).expect("the content is valid");
    let index = site.iter().find(|(path, _)| path.starts_with("/assets/search-0")).expect("there is an index").1;
    let index = serde_json::from_slice::<serde_json::Value>(&index.bytes).expect("the index is JSON");
    let entry = index.as_array().expect("it is an array").iter().find(|entry| entry[0] == "/page/");
    let passages =
        serde_json::json!([["", "", "Intro."], ["run", "Run", "Do:", "mailkey x"], ["table", "Table", "one two"]]);
    assert_eq!(entry.expect("the page is in it")[3], passages);
    assert_eq!(entry.expect("the page is in it")[4], "lamp, torch");
}

#[test]
fn pages_of_a_folder_link_to_their_neighbours() {
    let page = |order: u32| format!("---\ntitle: Page {order}\ndescription: D\norder: {order}\n---\n");
    let sources = [
        home(),
        Source::generated("a/last.md".to_owned(), page(3), "a test"),
        Source::generated("a/first.md".to_owned(), page(1), "a test"),
        Source::generated("a/middle.md".to_owned(), page(2), "a test"),
        Source::generated("b/other.md".to_owned(), page(2), "a test"),
    ];
    let site = build_sources(&sources).expect("the content is valid");
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
fn variables_in_code_are_replaced() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n```json\n{\"a\": \"{{ portal_name }}\"}\n```\n",
        "<pre><code class=\"language-json\">{\"a\": \"*Tom* &amp; &lt;Jerry&gt;'s\"}\n</code></pre>",
    );
}

#[test]
fn a_callout_has_a_name() {
    check_contains(
        "---\ntitle: T\ndescription: D\n---\n> [!WARNING]\n> Not *so*.\n",
        "<div class=\"callout warning\" role=\"note\">\n<p><strong>Warning</strong></p>\n<p>Not <em>so</em>.</p>\n</div>",
    );
}

#[test]
fn the_search_index_has_every_passage_and_is_split_into_files() {
    let text = "lamp ".repeat(12_000);
    let page = |name: &str| {
        let text = format!("---\ntitle: {name}\ndescription: D\n---\nIntro.\n\n## In `{name}` {{#in}}\n\n{text}\n");
        Source::generated(format!("{name}.md"), text, "a test")
    };
    let site = build_sources(&[home(), page("a"), page("b"), page("c")]).expect("the content is valid");
    let parts = site.iter().filter(|(path, _)| path.starts_with("/assets/search-"));
    let parts =
        parts.map(|(_, asset)| serde_json::from_slice::<serde_json::Value>(&asset.bytes).expect("the index is JSON"));
    let parts = parts.collect::<Vec<_>>();
    assert_eq!(parts.len(), 3);
    let entries = parts.iter().flat_map(|part| part.as_array().expect("a part is an array")).collect::<Vec<_>>();
    assert_eq!(entries.len(), 4);
    let entry = entries.iter().find(|entry| entry[0] == "/b/").expect("the page is in the index");
    assert_eq!(entry[3][0], serde_json::json!(["", "", "Intro."]));
    assert_eq!(entry[3][1][0], "in");
    assert_eq!(entry[3][1][1], "In b");
}

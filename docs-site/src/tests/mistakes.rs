//! Each kind of mistake in the content is reported with its file and line.

use std::collections::BTreeSet;
use std::path::Path;

use super::{build, build_sources, check_faults, home};
use crate::assets::Assets;
use crate::content::{Content, PictureFile, Source};
use crate::{reference, words};

#[test]
fn a_page_without_front_matter_is_refused() {
    let expected = "content/page.md:1: a page must begin with front matter between two lines of `---`";
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
fn a_finding_that_names_nobody_who_can_fix_it_is_refused() {
    check_faults(
        "---\ntitle: Odd\ndescription: Odd.\nlayout: finding\n---\n",
        &["content/page.md:1: the front matter has no `who`"],
    );
}

#[test]
fn an_unknown_key_or_value_in_front_matter_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\ncolour: red\nlayout: circus\norder: first\n---\n",
        &[
            "content/page.md:4: the front matter has an unknown key or value: `colour: red`",
            "content/page.md:5: the front matter has an unknown key or value: `layout: circus`",
            "content/page.md:6: the front matter has an unknown key or value: `order: first`",
        ],
    );
}

#[test]
fn an_unknown_variable_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\nHello.\n\nFrom {{ portal_nam }}, to {{ support_email.\n",
        &["content/page.md:7: unknown variable `portal_nam`", "content/page.md:7: unknown variable `support_email.`"],
    );
}

#[test]
fn a_broken_link_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n[a](/) [b](/#in)\n[c](/gone/)\n\n## [d](/#out)\n\n[e](#here) [f](guide/) [g](//evil.example)\n",
        &[
            "content/page.md:6: broken link: /gone/",
            "content/page.md:8: broken link: /#out",
            "content/page.md:10: broken link: #here",
            "content/page.md:10: broken link: guide/",
            "content/page.md:10: broken link: //evil.example",
        ],
    );
}

#[test]
fn two_files_for_one_path_are_refused() {
    let text = "---\ntitle: T\ndescription: D\n---\n";
    let sources = [home(), Source::written("guide.md", text), Source::written("guide/index.md", text)];
    let faults = build_sources(&sources).expect_err("both files have the same path");
    assert_eq!(faults, ["content/guide/index.md:1: the path /guide/ already belongs to content/guide.md"]);
}

#[test]
fn two_headings_with_one_id_are_refused() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n## Same\n\n## Same\n",
        &["content/page.md:7: another heading of the page already has the id `same`"],
    );
}

#[test]
fn a_second_title_is_refused() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n# Again\n",
        &["content/page.md:5: a page's title is its only first-level heading; start with `##`"],
    );
}

#[test]
fn html_in_markdown_is_refused() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\n<p style=\"color: red\">Hello.</p>\n",
        &["content/page.md:5: use Markdown instead of HTML"],
    );
    check_faults(
        "---\ntitle: T\ndescription: D\n---\nAn <b>inline</b> one.\n",
        &["content/page.md:5: use Markdown instead of HTML"; 2],
    );
}

#[test]
fn a_table_column_without_heading_is_refused_at_its_line() {
    check_faults(
        "---\ntitle: T\ndescription: D\n---\nTwo:\n\n| | Mailkey |\n|---|---|\n| Start | |\n",
        &["content/page.md:7: a table column has no heading; screen readers announce it with every cell"],
    );
}

#[test]
fn a_picture_without_file_or_alternative_text_is_refused_at_its_line() {
    let text = "---\ntitle: T\ndescription: D\n---\n![There](/pictures/none.png)\n\n![](/pictures/form.png)\n\n\
                ![Far](https://elsewhere.example/form.png)\n";
    check_faults(
        text,
        &[
            "content/page.md:5: there is no picture /pictures/none.png; use `/pictures/NAME` for the file content/pictures/NAME",
            "content/page.md:7: the picture /pictures/form.png has no alternative text; write it in the square brackets",
            "content/page.md:9: there is no picture https://elsewhere.example/form.png; use `/pictures/NAME` for the file content/pictures/NAME",
        ],
    );
}

#[test]
fn a_file_that_is_not_a_picture_is_refused() {
    let gif = PictureFile { name: "form.png".to_owned(), bytes: b"GIF89a".to_vec() };
    let content = Content { sources: vec![home()], pictures: vec![gif] };
    let errors = build(content, &words::sources()).expect_err("this isn't a PNG or WebP picture");
    assert_eq!(errors, ["content/pictures/form.png:1: this isn't a PNG or WebP picture"]);
}

#[test]
fn an_import_of_an_unknown_file_is_refused_at_its_line() {
    let Err(error) = Assets::hashed("assets", &[("a.js", "// A.\nimport { b } from \"./b.js\";\n")], "") else {
        panic!("b.js doesn't exist");
    };
    assert_eq!(error.to_string(), "assets/a.js:2: there is no file `b.js`, or two files import each other");
}

#[test]
fn a_description_of_the_api_that_is_not_json_is_refused_at_its_line() {
    let error = reference::sources_of("{\n  \"paths\": }", &BTreeSet::new()).expect_err("this isn't JSON");
    assert!(
        error.to_string().starts_with("functions/common/api/openapi.json:2: can't read the description of the API")
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let sources = [
        home(),
        Source::written("a.md", "---\ntitle: T\n---\n{{ who }}\n"),
        Source::written("b.md", "---\ndescription: D\n---\n"),
    ];
    assert_eq!(build_sources(&sources).expect_err("three things are wrong").len(), 3);
}

/// The fuzzer is `tests/fuzz/run`.
#[test]
fn front_matter_that_the_fuzzer_found_is_split_without_loss() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpora/front_matter.txt");
    for line in std::fs::read_to_string(corpus).unwrap().lines() {
        let text = String::from_utf8_lossy(&BASE64_STANDARD.decode(line).unwrap()).into_owned();
        if let Some((_, body, lines)) = crate::front_matter::split(&text, |_, _| {}) {
            assert!(text.ends_with(body) && lines >= 2);
        }
    }
}

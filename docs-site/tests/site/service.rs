//! Each code of the API is explained on its page.

use std::collections::BTreeSet;

use mailkey_docs_site::{Language, address_in};
use serde_json::Value;

use super::api::{codes_of, problems};
use super::{attributes, between, html, site};

#[test]
fn every_problem_has_a_page_with_the_example_of_the_api() {
    let pages = site().keys().filter_map(|path| path.strip_prefix("/problems/")?.strip_suffix('/'));
    assert_eq!(pages.map(str::to_owned).collect::<BTreeSet<_>>(), codes_of("Problem.code"));
    for problem in problems() {
        let code = problem["code"].as_str().expect("a problem has a code");
        let path = format!("/problems/{code}/");
        let html = html(&path);
        let example = example_of(html);
        assert_eq!(example["type"], format!("https://portal.example{path}"));
        assert_eq!(example["title"], between(html, "<h1>", "</h1>"));
        for field in ["title", "status", "code", "detail"] {
            assert_eq!(example[field], problem[field], "{code}: {field}");
        }
        assert!(html.contains(&format!("Status <code>{}</code>", problem["status"])), "{code}");
        for section in ["What happened", "What to do", "For operators", "Example response"] {
            assert!(html.contains(&format!(">{section}</a></h2>")), "{code}: {section}");
        }
    }
}

/// The first JSON on a page.
#[track_caller]
fn example_of(html: &str) -> Value {
    serde_json::from_str(between(html, "<code class=\"language-json\">", "</code>")).expect("the example is JSON")
}

#[test]
fn the_page_of_an_invalid_token_has_the_title_that_the_api_promises() {
    assert_eq!(between(html("/problems/invalid-token/"), "<h1>", "</h1>"), "Invalid Token");
}

#[test]
fn every_cause_has_a_page_with_its_meaning_and_what_to_do() {
    let causes = codes_of("findings.cause");
    let path_of = |cause: &String| format!("/findings/{}/", cause.replace('_', "-"));
    let pages = site().keys().filter(|path| path.starts_with("/findings/") && *path != "/findings/");
    assert_eq!(pages.cloned().collect::<BTreeSet<_>>(), causes.iter().map(path_of).collect());
    for cause in &causes {
        let path = path_of(cause);
        let html = html(&path);
        assert!(html.contains(&format!("Cause <code>{cause}</code>")), "{cause}");
        assert!(super::html("/findings/").contains(&format!("href=\"{path}\"")), "{cause} is not in the list");
        for id in ["meaning", "evidence", "fix", "tell"] {
            assert!(html.contains(&format!("<h2 id=\"{id}\">")), "{cause}: {id}");
        }
        for language in ["sh", "http"] {
            let code = format!("<code class=\"language-{language}\">");
            assert!(html.contains(&code), "{cause} has no fix in {language}");
        }
    }
}

#[test]
fn every_alarm_of_the_sender_is_in_the_table_of_its_page() {
    assert_eq!(first_cells("/operators/events/"), codes_of("alarms.kind"));
}

#[test]
fn every_status_and_reason_is_in_the_tables_of_the_email_log_and_every_kind_and_trigger_in_its_text() {
    let path = "/operators/email-log/";
    let listed = &codes_of("EmailLogEntry.status") | &codes_of("EmailLogEntry.reason");
    assert_eq!(first_cells(path), listed);
    check_contains_codes(path, "EmailLogEntry.kind");
    check_contains_codes(path, "EmailLogEntry.trigger");
}

#[test]
fn every_reason_for_a_suppression_is_on_its_page() {
    check_contains_codes("/operators/suppressions/", "Suppression.reason");
}

#[track_caller]
fn check_contains_codes(path: &str, field: &str) {
    for code in codes_of(field) {
        assert!(html(path).contains(&format!("<code>{code}</code>")), "{path}: {code}");
    }
}

/// The codes in the first cells of all tables.
fn first_cells(path: &str) -> BTreeSet<String> {
    let cells = html(path).split("<tr><td><code>").skip(1).filter_map(|row| row.split("</code>").next());
    cells.map(str::to_owned).collect()
}

#[test]
fn every_reason_for_refusing_a_password_has_words_in_every_language() {
    let explained = html("/problems/weak-password/").split("<li><code>").skip(1);
    let explained = explained.filter_map(|item| item.split("</code>").next()).collect::<BTreeSet<_>>();
    assert!(!explained.is_empty());
    for path in ["/reset-password/", "/activate/"] {
        for language in Language::ALL {
            let reasons = attributes(html(&address_in(language, path)), "data-reason").into_iter();
            assert_eq!(reasons.collect::<BTreeSet<_>>(), explained, "{path}");
        }
    }
}

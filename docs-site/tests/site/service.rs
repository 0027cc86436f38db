//! The pages about the service's codes: each code of the service has its page, and each page says what the service
//! says.

use std::collections::{BTreeMap, BTreeSet};

use super::{between, site, source_of};

/// The problems that the API answers with, and their statuses.
pub(crate) const PROBLEMS: [(&str, u16); 23] = [
    ("account-inactive", 403),
    ("account-locked", 423),
    ("address-suppressed", 409),
    ("admin-required", 403),
    ("already-active", 409),
    ("email-taken", 409),
    ("internal-error", 500),
    ("invalid-credentials", 401),
    ("invalid-token", 400),
    ("malformed-request", 400),
    ("method-not-allowed", 405),
    ("not-allowed", 403),
    ("not-found", 404),
    ("not-resendable", 409),
    ("origin-refused", 403),
    ("payload-too-large", 413),
    ("service-unavailable", 503),
    ("sign-in-required", 401),
    ("stale-version", 409),
    ("too-many-requests", 429),
    ("unsupported-media-type", 415),
    ("user-inactive", 409),
    ("weak-password", 422),
];

/// The causes that a finding of a diagnosis can have.
pub(crate) fn causes() -> Vec<String> {
    text_forms(&source_of("diagnosis/cause.rs"), "Cause").into_values().collect()
}

/// Where the answer of a diagnosis says that a cause is explained.
pub(crate) fn path_of_finding(cause: &str) -> String {
    format!("/findings/{}/", cause.replace('_', "-"))
}

#[test]
fn every_problem_page_has_an_example_that_agrees_with_it() {
    let site = site();
    for (code, status) in PROBLEMS {
        let path = format!("/problems/{code}/");
        let html = String::from_utf8_lossy(&site[&path].bytes).into_owned();
        let example = example_of(&html);
        assert_eq!(example["type"], format!("https://portal.example{path}"));
        assert_eq!(example["title"], between(&html, "<h1>", "</h1>"));
        assert_eq!(example["status"], status);
        assert_eq!(example["code"], code);
        assert!(example["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{code}");
        assert!(html.contains(&format!("Status <code>{status}</code>")), "{code}");
        for section in ["What happened", "What to do", "For operators", "Example response"] {
            assert!(html.contains(&format!(">{section}</a></h2>")), "{code}: {section}");
        }
    }
}

#[test]
fn the_problem_pages_are_those_of_the_service_and_say_what_it_says() {
    let source = source_of("../../api/src/problem.rs");
    let codes = text_forms(&source, "ProblemType");
    let pages = PROBLEMS.map(|(code, _)| code);
    assert_eq!(codes.values().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(pages));
    let (titles, details) = (words_of(&source, "title"), words_of(&source, "detail"));
    let site = site();
    for (variant, code) in &codes {
        let html = String::from_utf8_lossy(&site[&format!("/problems/{code}/")].bytes).into_owned();
        let example = example_of(&html);
        assert_eq!(example["title"], titles[variant], "{code}");
        assert_eq!(example["detail"], details[variant], "{code}");
    }
}

#[test]
fn the_page_of_an_invalid_token_has_the_title_that_the_api_promises() {
    let site = site();
    let html = String::from_utf8_lossy(&site["/problems/invalid-token/"].bytes).into_owned();
    assert_eq!(between(&html, "<h1>", "</h1>"), "Invalid Token");
}

/// The first JSON of a page, without its colours.
#[track_caller]
fn example_of(html: &str) -> serde_json::Value {
    let json = between(html, "<code class=\"language-json\">", "</code>");
    let words = json.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let json = words.collect::<String>().replace("&quot;", "\"");
    serde_json::from_str(&json).expect("the example is JSON")
}

/// What a method of `ProblemType` says of each variant.
#[track_caller]
fn words_of(source: &str, method: &str) -> BTreeMap<String, String> {
    let arms = between(source, &format!("fn {method}(self) -> &'static str {{"), "\n    }\n");
    let arms = arms.split("Self::").skip(1);
    let arms = arms.map(|arm| (arm.split_once(" =>").expect("an arm has an arrow").0, between(arm, "\"", "\"")));
    arms.map(|(variant, words)| (variant.to_owned(), words.to_owned())).collect()
}

#[test]
fn every_cause_has_a_page_that_says_what_it_means_and_what_to_do() {
    let site = site();
    let pages = site.keys().filter(|path| path.starts_with("/findings/") && *path != "/findings/");
    let explained = pages.cloned().collect::<BTreeSet<_>>();
    assert_eq!(explained, causes().iter().map(|cause| path_of_finding(cause)).collect::<BTreeSet<_>>());
    let index = String::from_utf8_lossy(&site["/findings/"].bytes).into_owned();
    for cause in causes() {
        let path = path_of_finding(&cause);
        let html = String::from_utf8_lossy(&site[&path].bytes).into_owned();
        assert!(html.contains(&format!("Cause <code>{cause}</code>")), "{cause}");
        assert!(index.contains(&format!("href=\"{path}\"")), "{cause} is not in the list");
        for (id, section) in [
            ("meaning", "What it means"),
            ("evidence", "How we know"),
            ("fix", "What to do"),
            ("tell", "What to tell the user"),
        ] {
            assert!(html.contains(&format!("<h2 id=\"{id}\">")) && html.contains(section), "{cause}: {section}");
        }
        for language in ["sh", "http"] {
            assert!(
                html.contains(&format!("<code class=\"language-{language}\">")),
                "{cause} has no fix in {language}"
            );
        }
    }
}

#[test]
fn the_page_of_the_alarms_has_every_alarm() {
    let alarms = text_forms(&source_of("sender/alarm.rs"), "AlarmKind");
    let site = site();
    let html = String::from_utf8_lossy(&site["/operators/events/"].bytes).into_owned();
    let shown = html.split("<tr><td><code>").skip(1).filter_map(|row| row.split("</code>").next());
    assert_eq!(shown.map(str::to_owned).collect::<BTreeSet<_>>(), alarms.into_values().collect());
}

#[test]
fn the_page_of_the_suppressions_has_every_reason() {
    let reasons = text_forms(&source_of("suppression/mod.rs"), "SuppressionReason");
    let site = site();
    let html = String::from_utf8_lossy(&site["/operators/suppressions/"].bytes).into_owned();
    for reason in reasons.values() {
        assert!(html.contains(&format!("<td><code>{reason}</code></td>")), "{reason}");
    }
}

#[test]
fn the_page_of_the_email_log_has_every_word_of_the_log_and_no_other_in_its_tables() {
    let (entry, status) = (source_of("email_log/entry.rs"), source_of("email_log/status.rs"));
    let site = site();
    let html = String::from_utf8_lossy(&site["/operators/email-log/"].bytes).into_owned();
    let shown = html.split("<tr><td><code>").skip(1);
    let shown = shown.map(|row| row.split("</code>").next().unwrap_or_default().to_owned());
    let mut known = text_forms(&status, "DeliveryStatus");
    known.extend(text_forms(&entry, "Reason"));
    assert_eq!(shown.collect::<BTreeSet<_>>(), known.into_values().collect());
    for kind in [text_forms(&entry, "EmailKind"), text_forms(&entry, "Trigger")] {
        for word in kind.values() {
            assert!(html.contains(&format!("<code>{word}</code>")), "{word}");
        }
    }
}

/// The variants of a type of the service, each with its text form.
#[track_caller]
fn text_forms(source: &str, name: &str) -> BTreeMap<String, String> {
    let forms = between(source, &format!("text_form!({name} {{"), "});");
    let pairs = forms.split(',').filter_map(|pair| pair.split_once(" = "));
    let pairs = pairs.map(|(variant, text)| (variant.trim().to_owned(), text.trim().trim_matches('"').to_owned()));
    pairs.collect()
}

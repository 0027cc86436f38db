//! What every reader of the finished site can rely on.

#![allow(clippy::expect_used, reason = "the helpers of a test are part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use mailkey_docs_site::{Language, Site, SiteVariables, address_in, build};

/// The problems that the API answers with, and their statuses.
const PROBLEMS: [(&str, u16); 23] = [
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
fn causes() -> Vec<String> {
    text_forms(&source_of("diagnosis/cause.rs"), "Cause").into_values().collect()
}

/// A page that is read costs at most this, with its style and its icon, uncompressed. Its pictures come when its reader
/// gets to them, and have a limit of their own.
const READING_PAGE_BYTES: usize = 20 * 1024;
const PICTURE_BYTES: usize = 42 * 1024;

fn variables() -> SiteVariables {
    SiteVariables {
        site_url: "https://portal.example".to_owned(),
        portal_name: "Harbour Portal".to_owned(),
        support_email: "help@portal.example".to_owned(),
        sending_domain: "mail.portal.example".to_owned(),
        sending_ips: vec!["192.0.2.1".to_owned()],
        min_password_length: SiteVariables::DEFAULT_MIN_PASSWORD_LENGTH,
    }
}

fn site() -> &'static Site {
    static SITE: LazyLock<Site> = LazyLock::new(built);
    &SITE
}

fn built() -> Site {
    build(&variables()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// All pages but those of the console, which has its own tests: their paths and their HTML.
fn pages(site: &Site) -> Vec<(&str, &str)> {
    let pages = site.iter().filter(|(_, asset)| asset.content_type.starts_with("text/html"));
    let pages = pages.filter(|(path, _)| !path.starts_with("/admin/"));
    pages.map(|(path, asset)| (path.as_str(), std::str::from_utf8(&asset.bytes).expect("pages are UTF-8"))).collect()
}

/// The values of an attribute, in the order of the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The pages in all languages, but for the steps of the walk-through.
const IN_ALL_LANGUAGES: [&str; 11] = [
    "/",
    "/404.html",
    "/activate/",
    "/check-your-mail/",
    "/faq/",
    "/forgot-password/",
    "/guide/",
    "/help/no-email/",
    "/reset-password/",
    "/search/",
    "/sign-in/",
];

#[test]
fn all_pages_are_there() {
    let site = site();
    let mut expected = PROBLEMS.map(|(code, _)| format!("/problems/{code}/")).to_vec();
    expected.extend(causes().iter().map(|cause| path_of_finding(cause)));
    expected.extend(["/", "/404.html"].map(str::to_owned));
    expected.extend(["activate", "check-your-mail", "forgot-password", "reset-password", "sign-in"].map(top));
    expected.extend(["faq", "findings", "glossary", "guide", "help/no-email", "operators", "problems"].map(top));
    expected.extend(["admins", "reference", "search"].map(top));
    let tasks = [
        "activate-or-deactivate",
        "change-security-settings",
        "check-the-sender",
        "find-a-user",
        "lift-a-suppression",
        "make-an-api-key",
        "read-the-audit-log",
        "read-the-email-log",
        "resend-an-activation",
        "reset-a-password",
        "unlock-an-account",
        "why-no-email",
    ];
    expected.extend(tasks.map(|name| format!("/admins/{name}/")));
    let walk = ["address", "ask", "before", "junk", "link", "mailbox", "old", "wait", "when"];
    expected.extend(walk.map(|name| format!("/help/no-email/{name}/")));
    let operators = [
        "alarms",
        "api",
        "breaking",
        "canary",
        "configure",
        "dependencies",
        "deploy",
        "domain-events",
        "email-log",
        "events",
        "import",
        "languages",
        "measurements",
        "portal-session",
        "quick-start",
        "running",
        "scale",
        "sender",
        "suppressions",
        "threat-model",
    ];
    expected.extend(operators.map(|name| format!("/operators/{name}/")));
    let alarms = [
        "bounce-rate",
        "canary-silent",
        "complaint-rate",
        "lock-spike",
        "mailer-errors",
        "mails-without-feedback",
        "requests-age",
        "sender-paused",
        "sender-quota",
        "server-errors",
        "ses-events-age",
        "unhandled-domain-events",
        "unhandled-requests",
        "unhandled-ses-events",
    ];
    expected.extend(alarms.map(|name| format!("/operators/alarms/{name}/")));
    // What people read who only want to get in is there in every language.
    let translated =
        IN_ALL_LANGUAGES.into_iter().map(str::to_owned).chain(walk.map(|name| format!("/help/no-email/{name}/")));
    for path in translated {
        expected.extend(Language::ALL.map(|language| address_in(language, &path)));
    }
    expected.sort();
    // The reference follows the description of the API.
    let mut there = pages(site).iter().map(|(path, _)| (*path).to_owned()).collect::<Vec<_>>();
    there.retain(|path| !path.starts_with("/reference/") || path == "/reference/");
    assert_eq!(there, expected);
}

fn top(name: &str) -> String {
    format!("/{name}/")
}

/// The description of the API.
fn api() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/common/openapi.json");
    let text = std::fs::read_to_string(path).expect("the description is there");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Every operation of the API: its method and path, and its id.
fn operations(api: &serde_json::Value) -> Vec<(String, String)> {
    let paths = api["paths"].as_object().expect("it has paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.filter_map(move |(method, operation)| {
            let id = operation["operationId"].as_str()?.replace('_', "-");
            Some((format!("{} {path}", method.to_uppercase()), id))
        })
    });
    operations.collect()
}

#[test]
fn the_reference_has_every_operation_and_every_object_and_no_other() {
    let (site, api) = (site(), api());
    let objects = api["components"]["schemas"].as_object().expect("it has schemas");
    let mut there = site.keys().filter(|path| path.starts_with("/reference/object-")).count();
    assert_eq!(there, objects.len());
    there = site.keys().filter(|path| path.starts_with("/reference/") && !path.contains("/object-")).count();
    let operations = operations(&api);
    assert_eq!(there, operations.len() + 1, "and the list of them");
    for (route, id) in operations {
        let html = String::from_utf8_lossy(&site[&format!("/reference/{id}/")].bytes).into_owned();
        assert_eq!(between(&html, "<h1>", "</h1>"), route);
        assert!(html.contains(" id=\"answer\"") && html.contains("language-sh"), "{id}");
    }
}

#[test]
fn no_page_names_a_route_that_the_api_does_not_have() {
    let known = operations(&api()).into_iter().map(|(route, _)| route).collect::<BTreeSet<_>>();
    for (path, html) in pages(site()) {
        let pieces = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let text = pieces.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            for call in text.split(&format!("{method} /api/")).skip(1) {
                let end = call.find(|c: char| !c.is_alphanumeric() && !"/-{}._".contains(c)).unwrap_or(call.len());
                let route = format!("{method} /api/{}", call[..end].trim_end_matches('.'));
                assert!(known.contains(&route), "{path}: {route}");
            }
        }
    }
}

#[test]
fn two_builds_are_equal() {
    assert_eq!(built(), built());
}

#[test]
fn every_page_has_a_language_a_title_a_description_and_one_heading() {
    for (path, html) in pages(site()) {
        assert!(html.starts_with("<!doctype html>"), "{path}");
        let language = language_of(path);
        let direction = if language == Language::Arabic { " dir=\"rtl\"" } else { "" };
        assert!(html.contains(&format!("<html lang=\"{}\"{direction}>", language.tag())), "{path}");
        assert_eq!(site()[path].language, Some(language), "{path}");
        assert!(html.contains(" · Harbour Portal</title>"), "{path}");
        assert!(html.contains("<meta name=\"description\" property=\"og:description\" content=\""), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert_eq!(html.matches("<main").count(), 1, "{path}");
    }
}

fn language_of(path: &str) -> Language {
    let named = |language: &Language| path.starts_with(&address_in(*language, "/"));
    Language::ALL.into_iter().find(named).unwrap_or(Language::English)
}

#[test]
fn no_two_pages_have_the_same_title() {
    // Those of `/en/` are the English ones once more.
    let pages = pages(site()).into_iter().filter(|(path, _)| !path.starts_with("/en/")).collect::<Vec<_>>();
    let titles = pages.iter().map(|(path, html)| (language_of(path), between(html, "<title>", "</title>")));
    assert_eq!(titles.collect::<BTreeSet<_>>().len(), pages.len());
}

#[test]
fn every_page_leads_to_every_language() {
    for (path, html) in pages(site()) {
        let footer = between(html, "<nav class=\"languages\"", "</nav>");
        let original = language_of(path).tag();
        let original = path.strip_prefix(&format!("/{original}")).unwrap_or(path);
        let translated = IN_ALL_LANGUAGES.contains(&original) || original.starts_with("/help/");
        let there = if translated && original != "/404.html" { original } else { "/" };
        for language in Language::ALL {
            let (path, tag, name) = (address_in(language, there), language.tag(), language.own_name());
            let link = format!("<a href=\"{path}\" lang=\"{tag}\"");
            assert!(footer.contains(&link) && footer.contains(&format!(">{name}</a>")), "{path}: {footer}");
        }
    }
}

#[test]
fn no_page_has_an_inline_script_or_style() {
    for (path, html) in pages(site()) {
        assert!(!html.contains(" style=") && !html.contains("<style"), "{path}");
        assert!(attribute_names(html).all(|name| !name.starts_with("on")), "{path}");
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" type=\"module\" src=\"/assets/"), "{path}");
            assert!(between(script, ">", "</script>").is_empty(), "{path}");
        }
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for (path, asset) in site() {
        let text = String::from_utf8_lossy(&asset.bytes);
        for source in attributes(&text, "src") {
            assert!(source.starts_with("/assets/"), "{path}: {source}");
        }
        assert!(!text.contains("url(") && !text.contains("@import"), "{path}");
    }
}

#[test]
fn every_internal_link_leads_somewhere() {
    let site = site();
    for (path, html) in pages(site) {
        for link in attributes(html, "href").into_iter().chain(attributes(html, "src")) {
            let link = link.strip_prefix("https://portal.example").unwrap_or(link);
            let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
            if target.starts_with("mailto:") || target.starts_with("https://") {
                continue;
            }
            let target = if target.is_empty() { if fragment.is_empty() { "/" } else { path } } else { target };
            let answer = site.get(target).unwrap_or_else(|| panic!("{path} links to {link}"));
            let ids = String::from_utf8_lossy(&answer.bytes).into_owned();
            assert!(fragment.is_empty() || attributes(&ids, "id").contains(&fragment), "{path} links to {link}");
        }
    }
}

#[test]
fn every_import_of_a_script_leads_to_a_script() {
    let site = site();
    for (path, asset) in site.iter().filter(|(path, _)| path.ends_with(".js")) {
        let text = String::from_utf8_lossy(&asset.bytes);
        for import in text.lines().filter(|line| line.starts_with("import ")) {
            assert!(site.contains_key(between(import, "from \"", "\"")), "{path}: {import}");
        }
    }
}

#[test]
fn every_id_is_there_once_and_every_label_has_its_field() {
    for (path, html) in pages(site()) {
        let ids = attributes(html, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}");
        for name in ["for", "aria-describedby", "aria-labelledby"] {
            for id in attributes(html, name).iter().flat_map(|value| value.split(' ')) {
                assert!(ids.contains(&id), "{path}: nothing has the id {id}");
            }
        }
    }
}

#[test]
fn a_page_that_is_read_is_small_and_has_no_script() {
    let site = site();
    for (path, html) in pages(site).iter().filter(|(path, _)| !acts(path)) {
        let loaded = attributes(html, "href").into_iter().filter(|href| href.starts_with("/assets/"));
        let bytes =
            html.len() + loaded.collect::<BTreeSet<_>>().iter().map(|path| site[*path].bytes.len()).sum::<usize>();
        assert!(bytes <= READING_PAGE_BYTES, "{path}: {bytes} bytes");
        assert!(!html.contains("<script type=\"module\""), "{path}");
    }
}

#[test]
fn every_task_of_an_administrator_is_shown_and_no_picture_is_large_or_left_over() {
    let site = site();
    let mut shown = BTreeSet::new();
    for (path, html) in pages(site) {
        let sources = attributes(html, "src").into_iter().chain(attributes(html, "srcset"));
        let pictures = sources.filter(|source| site[*source].content_type == "image/webp").collect::<Vec<_>>();
        let is_task = path.starts_with("/admins/") && path != "/admins/";
        assert_eq!(pictures.len(), if is_task { 2 } else { 0 }, "{path}: one, and its dark twin");
        shown.extend(pictures);
    }
    let there = site.iter().filter(|(_, asset)| asset.content_type == "image/webp");
    assert!(there.clone().all(|(_, asset)| asset.bytes.len() <= PICTURE_BYTES));
    assert_eq!(shown, there.map(|(path, _)| path.as_str()).collect());
}

/// Whether a page does something, and so has a script.
fn acts(path: &str) -> bool {
    let path = path.strip_prefix(&format!("/{}", language_of(path).tag())).unwrap_or(path);
    ["/activate/", "/check-your-mail/", "/forgot-password/", "/reset-password/", "/search/", "/sign-in/"]
        .contains(&path)
}

#[test]
fn a_form_never_puts_what_is_typed_into_an_address() {
    for (path, html) in pages(site()) {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            // What is searched for is the exception: that address is what one passes on.
            if form.contains(" role=\"search\"") {
                assert_eq!(attributes(form, "name"), ["q"], "{path}");
                continue;
            }
            assert!(form.contains(" method=\"post\""), "{path}");
            assert!(form.contains("<button type=\"submit\""), "{path}");
            assert!(
                between(form, "<button type=\"submit\"", ">").contains(" disabled"),
                "{path}: it waits for its script"
            );
        }
    }
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
    let source = source_of("problem.rs");
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

/// The first JSON of a page, without its colours.
#[track_caller]
fn example_of(html: &str) -> serde_json::Value {
    let json = between(html, "<code class=\"language-json\">", "</code>");
    let words = json.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let json = words.collect::<String>().replace("&quot;", "\"");
    serde_json::from_str(&json).expect("the example is JSON")
}

/// Where the answer of a diagnosis says that a cause is explained.
fn path_of_finding(cause: &str) -> String {
    format!("/findings/{}/", cause.replace('_', "-"))
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

/// A file of the service, of which these pages tell.
fn source_of(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/common/src").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The variants of a type of the service, each with its text form.
#[track_caller]
fn text_forms(source: &str, name: &str) -> BTreeMap<String, String> {
    let forms = between(source, &format!("text_form!({name} {{"), "});");
    let pairs = forms.split(',').filter_map(|pair| pair.split_once(" = "));
    let pairs = pairs.map(|(variant, text)| (variant.trim().to_owned(), text.trim().trim_matches('"').to_owned()));
    pairs.collect()
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
fn the_page_of_an_invalid_token_has_the_title_that_the_api_promises() {
    let site = site();
    let html = String::from_utf8_lossy(&site["/problems/invalid-token/"].bytes).into_owned();
    assert_eq!(between(&html, "<h1>", "</h1>"), "Invalid Token");
}

#[test]
fn the_note_for_the_it_department_names_the_sender() {
    let with_addresses = built();
    let without = build(&SiteVariables { sending_ips: Vec::new(), ..variables() }).unwrap_or_else(|e| panic!("{e}"));
    for (site, address) in [(&with_addresses, "192.0.2.1"), (&without, "")] {
        for path in ["/de/guide/", "/fr/guide/", "/es/guide/", "/ar/guide/"] {
            let html = String::from_utf8_lossy(&site[path].bytes).into_owned();
            let note = between(&html, "<code class=\"language-note\">", "</code>");
            assert!(note.matches("mail.portal.example").count() == 3 && note.contains(address), "{path}: {note}");
            assert!(!note.contains("allow") && !note.contains('#'), "{path}: {note}");
        }
    }
    // To the end of the line: what follows the words in their file, such as a comment, is no part of them.
    let unknown = "IP addresses: not fixed; please allow the domain\n\nThese are";
    for (site, addresses) in [(with_addresses, "IP addresses: 192.0.2.1"), (without, unknown)] {
        for path in ["/guide/", "/findings/probably-in-junk/"] {
            let html = String::from_utf8_lossy(&site[path].bytes).into_owned();
            let note = between(&html, "<code class=\"language-note\">", "</code>");
            assert!(note.contains("Sending domain: mail.portal.example") && note.contains(addresses), "{path}: {note}");
        }
    }
}

#[test]
fn the_rules_for_a_password_are_said_before_it_can_be_wrong() {
    let site = build(&SiteVariables { min_password_length: 12, ..variables() }).unwrap_or_else(|e| panic!("{e}"));
    for path in ["/reset-password/", "/activate/"] {
        assert!(String::from_utf8_lossy(&site[path].bytes).contains("At least 12 characters."), "{path}");
        for language in Language::ALL {
            let html = String::from_utf8_lossy(&site[&address_in(language, path)].bytes).into_owned();
            assert!(between(&html, " id=\"new-password-hint\">", "</ul>").contains("12"), "{path}");
        }
    }
}

/// The reasons of the service for refusing a password.
#[test]
fn every_reason_for_refusing_a_password_has_words_in_every_language() {
    let source = source_of("account/password.rs");
    let codes = between(&source, "pub fn code(self) -> &'static str {", "\n    }\n");
    let codes = codes.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>();
    assert_eq!(codes.len(), 5);
    for path in ["/reset-password/", "/activate/"] {
        for language in Language::ALL {
            let html = String::from_utf8_lossy(&site()[&address_in(language, path)].bytes).into_owned();
            assert_eq!(attributes(&html, "data-reason").into_iter().collect::<BTreeSet<_>>(), codes);
        }
    }
}

/// The distribution has the same function, which has to know these addresses.
#[test]
fn the_edge_knows_the_languages_and_the_pages_that_they_have() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("edge/choose-language.js");
    let script = std::fs::read_to_string(path).expect("the function is there");
    let quoted = |text: &str| text.split('\'').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let languages = quoted(between(&script, "const LANGUAGES = [", "]"));
    assert_eq!(languages, Language::ALL.map(|language| language.tag().to_owned()).into());
    let pages = |path: &&String| path.ends_with('/');
    let translated = site().keys().filter(pages).filter_map(|path| path.strip_prefix("/en").map(str::to_owned));
    let translated = translated.collect::<BTreeSet<_>>();
    assert_eq!(quoted(between(&script, "const PAGES = [", "]")), translated);

    let mut english_only = BTreeMap::<&str, Vec<&str>>::new();
    let in_a_language = |path: &str| Language::ALL.iter().any(|language| path.starts_with(&address_in(*language, "/")));
    for path in site().keys().filter(pages).filter(|path| !translated.contains(*path) && !in_a_language(path)) {
        let (folder, name) = path.trim_end_matches('/').rsplit_once('/').expect("a path begins with a slash");
        english_only.entry(&path[..=folder.len()]).or_default().push(name);
    }
    let lines = english_only.iter().map(|(folder, names)| format!("  '{folder}': '{}',\n", names.join(" ")));
    let expected = format!("\n{}", lines.collect::<String>());
    let listed = between(&script, "const ENGLISH_PAGES = {", "};");
    assert!(
        listed == expected,
        "ENGLISH_PAGES of choose-language.js, and of infra/template.yaml, should be:\n{expected}"
    );

    let files = site().keys().filter(|path| !path.ends_with('/') && !path.starts_with("/assets/"));
    let files = files.filter(|path| !path.ends_with("/404.html")).map(String::as_str).collect::<BTreeSet<_>>();
    let feeds = ["/feed.xml", "/ar/feed.xml", "/de/feed.xml", "/es/feed.xml", "/fr/feed.xml"];
    assert_eq!(
        files,
        feeds.into_iter().chain(["/robots.txt", "/sitemap.xml"]).collect(),
        "FILES of choose-language.js"
    );
}

/// What stands between two markers, the first time.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    found.unwrap_or_else(|| panic!("{start} … {end} is missing")).0
}

fn attribute_names(html: &str) -> impl Iterator<Item = &str> {
    let tags = html.split('<').filter_map(|tag| tag.split('>').next());
    tags.flat_map(str::split_whitespace).filter_map(|word| word.split_once('=')).map(|(name, _)| name)
}

//! Which pages there are.

use mailkey_docs_site::{Language, address_in};

use super::languages::IN_ALL_LANGUAGES;
use super::service::{PROBLEMS, causes, path_of_finding};
use super::{pages, site};

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
        "peers",
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

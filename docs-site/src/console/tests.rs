use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn built() -> Site {
    let site = SiteVariables {
        site_url: "https://portal.example".to_owned(),
        portal_name: "Tom & <Jerry>".to_owned(),
        support_email: "help@portal.example".to_owned(),
        sending_domain: "mail.portal.example".to_owned(),
        sending_ips: Vec::new(),
        min_password_length: 15,
    };
    build(&site, &Assets::hashed().expect("the site has assets")).expect("the console is right")
}

fn modules() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(name, _)| name.ends_with(".mjs"))
}

#[test]
fn every_file_of_the_console_is_registered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("console");
    let in_folder = |folder: &Path, extensions: [&str; 2]| {
        let entries = std::fs::read_dir(folder).expect("the folder can be listed");
        let names = entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
        names.filter(|name| extensions.iter().any(|end| name.ends_with(end))).collect::<BTreeSet<_>>()
    };
    let registered = FILES.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(in_folder(&root, [".mjs", ".css"]), registered);
    let pages = PAGES.iter().map(|page| page.module.replace(".mjs", ".html")).collect::<BTreeSet<_>>();
    assert_eq!(in_folder(&root.join("pages"), [".html", ".html"]), pages);
}

#[test]
fn the_portals_name_is_text() {
    for (path, asset) in built().iter().filter(|(path, _)| path.starts_with("/admin/")) {
        let html = String::from_utf8_lossy(&asset.bytes);
        assert!(html.contains("Tom &#38; &#60;Jerry&#62;</title>"), "{path}");
        assert!(!html.contains("<Jerry>"), "{path}");
    }
}

#[test]
fn every_page_has_its_place_in_the_navigation() {
    for (path, asset) in built().iter().filter(|(path, _)| path.starts_with("/admin/")) {
        let html = String::from_utf8_lossy(&asset.bytes);
        assert_eq!(html.matches("aria-current=\"page\"").count(), 1, "{path}");
    }
}

#[test]
fn every_import_leads_to_a_module() {
    let site = built();
    for (path, asset) in site.iter().filter(|(path, _)| path.ends_with(".mjs")) {
        assert_eq!(asset.content_type, "text/javascript; charset=utf-8");
        let text = String::from_utf8_lossy(&asset.bytes);
        for import in text.lines().filter(|line| line.starts_with("import ")) {
            let target = import.split("from \"").nth(1).and_then(|rest| rest.split('"').next());
            assert!(target.is_some_and(|target| site.contains_key(target)), "{path}: {import}");
        }
    }
}

/// What an answer says must never become HTML, code, or a place to go to.
#[test]
fn no_module_makes_html_or_code_of_text() {
    let banned = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "setHTMLUnsafe",
        "createContextualFragment",
        "eval(",
        "new Function",
        "localStorage",
        "\"style\"",
    ];
    for (name, text) in modules() {
        for word in banned {
            assert!(!text.contains(word), "{name} has {word}");
        }
    }
}

#[test]
fn only_one_module_talks_to_the_service() {
    for (name, text) in modules().filter(|(name, _)| *name != "api.mjs") {
        assert!(!text.contains("fetch(") && !text.contains("XMLHttpRequest"), "{name}");
    }
}

#[test]
fn a_sign_in_leads_back_to_every_page_and_to_nothing_else() {
    let frame = modules().find(|(name, _)| *name == "frame.mjs").map(|(_, text)| text).expect("it is there");
    let list = frame.split("const PAGES = [").nth(1).and_then(|rest| rest.split(']').next()).expect("it is there");
    let listed = list.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>();
    assert_eq!(listed, PAGES.iter().map(|page| page.path).collect::<BTreeSet<_>>());
}

/// A code without words is still shown, with its underscores taken out; but a code of ours should have better ones.
#[test]
fn every_code_of_the_service_has_words() {
    let words = modules().find(|(name, _)| *name == "words.mjs").map(|(_, text)| text).expect("it is there");
    for (file, form, table) in [
        ("email_log/status.rs", "DeliveryStatus", "export const STATUS"),
        ("email_log/entry.rs", "EmailKind", "export const KIND"),
        ("email_log/entry.rs", "Trigger", "export const TRIGGER"),
        ("email_log/entry.rs", "Reason", "const REASON"),
        ("account/user.rs", "UserStatus", "export const USER_STATUS"),
        ("account/user.rs", "Role", "export const ROLE"),
        ("diagnosis/cause.rs", "Certainty", "export const CERTAINTY"),
        ("suppression/mod.rs", "SuppressionReason", "export const SUPPRESSION"),
        ("suppression/mod.rs", "Scope", "export const SCOPE"),
        ("sender/checks.rs", "CheckName", "export const CHECK"),
        ("dns/sender_check.rs", "CheckState", "export const CHECK_STATE"),
    ] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/common/domain/src").join(file);
        let source = std::fs::read_to_string(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        let codes = between(&source, &format!("text_form!({form} {{"), "}");
        let codes = codes.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>();
        let body = between(words, &format!("{table} = {{"), "};").replace(['\n', '{'], ",");
        let keys = body.split(", ").chain(body.split(',')).filter_map(|entry| entry.trim().split_once(':'));
        let keys = keys.map(|(key, _)| key).collect::<BTreeSet<_>>();
        let missing = codes.difference(&keys).collect::<Vec<_>>();
        assert!(!codes.is_empty() && missing.is_empty(), "{table} lacks {missing:?}");
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).map(|(_, rest)| rest).unwrap_or_else(|| panic!("{start} is missing"));
    rest.split_once(end).map_or(rest, |(found, _)| found)
}

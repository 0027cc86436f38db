//! Guarantees for every email, tested for every kind in every language.

mod clients;
mod languages;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use mailkey::{
    Locale,
    email_log::{EmailKind, Origin},
};

use super::samples::Sample;
use super::words::Words;
use super::*;

fn portal() -> Portal {
    Portal {
        name: "Northwind Portal".to_owned(),
        site_url: "https://portal.example".to_owned(),
        support_email: "help@portal.example".to_owned(),
        portal_url: None,
        brand_colour: None,
        logo_url: None,
    }
}

fn samples_of(portal: &Portal, display_name: Option<&str>) -> Vec<(String, Locale, Sample)> {
    let in_language = |locale: Locale| {
        let samples = samples::all(portal, locale, display_name).unwrap();
        samples.into_iter().map(move |sample| (format!("{} {} {locale}", sample.kind, sample.variant), locale, sample))
    };
    Locale::ALL.iter().copied().flat_map(in_language).collect()
}

fn samples() -> Vec<(String, Locale, Sample)> {
    samples_of(&portal(), Some("Ada O'Hara"))
}

/// The first sample of a kind in English.
fn english(kind: EmailKind) -> Rendered {
    let samples = samples::all(&portal(), Locale::En, None).unwrap();
    samples.into_iter().find(|sample| sample.kind == kind).unwrap().mail
}

/// A part's text on one line, without emphasis.
fn said(part: &str) -> String {
    part.replace("<strong>", "").replace("</strong>", "").replace('\n', " ")
}

#[test]
fn the_footer_leads_to_the_portal_and_other_links_to_its_help_pages() {
    let url = "https://www.northwind.example/app";
    let portal = Portal { portal_url: Some(url.to_owned()), ..portal() };
    for (name, _, sample) in samples_of(&portal, None) {
        assert!(sample.mail.text.trim_end().trim_end_matches('\u{2069}').ends_with(url), "{name}");
        assert!(sample.mail.html.contains(&format!("href=\"{url}\"")), "{name}");
        assert_eq!(sample.mail.html.matches("northwind.example").count(), 2, "{name}: only in the footer");
        assert!(!sample.mail.html.contains("href=\"https://portal.example/\""), "{name}");
    }
}

#[test]
fn links_and_buttons_have_the_portals_colour_and_the_logo_has_a_text() {
    let colour = mailkey::brand::BrandColour::parse("#7a1fa2").unwrap();
    let logo_url = "https://portal.example/logo.png";
    let portal = Portal { brand_colour: Some(colour), logo_url: Some(logo_url.to_owned()), ..portal() };
    for (name, _, sample) in samples_of(&portal, None) {
        let html = sample.mail.html;
        assert!(html.contains("#7a1fa2") && html.contains(&colour.dark().accent.to_string()), "{name}");
        assert!(!html.contains("#1a56c4") && !html.contains("#8fb8ff"), "{name}: a default colour is left");
        let picture = html.split("<img ").nth(1).unwrap().split('>').next().unwrap();
        assert!(picture.contains(logo_url) && picture.contains("alt=\"Northwind Portal\""), "{name}: {picture}");
        assert_eq!(html.matches("src=").count(), 1, "{name}");
    }
    assert!(samples().iter().all(|(_, _, sample)| !sample.mail.html.contains("src=")));
}

#[test]
fn every_email_matches_its_snapshot() {
    for locale in Locale::ALL {
        let mut texts = String::new();
        for Sample { kind, variant, mail, .. } in samples::all(&portal(), *locale, Some("Ada O'Hara")).unwrap() {
            texts += &format!("==== {kind}, {variant}\nSubject: {}\n\n{}\n", mail.subject, mail.text);
            // One layout for each direction is enough; the other languages differ only in their texts.
            if matches!(locale, Locale::En | Locale::Ar) {
                insta::assert_snapshot!(format!("{locale}.{kind}.{variant}.html"), mail.html);
            }
        }
        insta::assert_snapshot!(format!("{locale}.txt"), texts);
    }
}

#[test]
fn every_kind_has_a_sample_and_a_folder_of_templates() {
    let folders: BTreeSet<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let sampled: BTreeSet<String> = samples().into_iter().map(|(.., sample)| sample.kind.to_string()).collect();
    assert_eq!(folders, sampled);
    let ours = EmailKind::ALL.iter().filter(|kind| kind.origin() == Origin::Mailkey);
    assert_eq!(sampled, ours.map(ToString::to_string).collect());
}

#[test]
fn both_parts_contain_the_exact_link_and_in_the_text_it_has_its_own_line() {
    for (name, _, Sample { link, mail, .. }) in samples() {
        let Some(link) = link else { continue };
        assert_eq!(mail.text.lines().filter(|line| *line == link).count(), 1, "{name}");
        assert_eq!(mail.text.matches(&link).count(), 1, "{name}");
        assert_eq!(mail.html.matches(&format!("href=\"{link}\"")).count(), 2, "button and full text of {name}");
        assert!(mail.html.contains(&format!(">{link}</a>")), "{name}");
        assert!(!mail.subject.contains("token"), "{name}");
    }
}

#[test]
fn the_secret_link_is_the_first_link_of_its_email() {
    for (name, _, Sample { link, mail, .. }) in samples() {
        let Some(link) = link else { continue };
        assert_eq!(links(&mail.text).next(), Some(link.as_str()), "{name}");
        assert_eq!(links(&mail.html).next(), Some(link.as_str()), "{name}");
    }
}

#[test]
fn a_password_notice_says_when_and_what_to_do_if_someone_else_did_it() {
    let mail = english(EmailKind::PasswordChanged);
    for part in [&mail.text, &mail.html] {
        let said = said(part);
        assert!(said.contains("Saturday 7 March 2026 at 12:00 UTC"), "{said}");
        assert!(said.contains("https://portal.example/forgot-password/"), "{said}");
        assert!(said.contains("help@portal.example"), "{said}");
    }
}

#[test]
fn a_lock_notice_says_when_for_how_long_and_what_to_do() {
    let mail = english(EmailKind::AccountLocked);
    for part in [&mail.text, &mail.html] {
        let said = said(part);
        assert!(said.contains("on Saturday 7 March 2026 at 12:00 UTC."), "{said}");
        assert!(said.contains("You can’t sign in for 15 minutes."), "{said}");
        assert!(said.contains("Nothing was changed."), "{said}");
        assert!(said.contains("https://portal.example/forgot-password/"), "{said}");
        assert!(said.contains("write to us: "), "{said}");
    }
}

#[test]
fn an_unlock_notice_says_when_and_where_to_sign_in() {
    let mail = english(EmailKind::AccountUnlocked);
    for part in [&mail.text, &mail.html] {
        let said = said(part);
        assert!(said.contains("Saturday 7 March 2026 at 12:00 UTC"), "{said}");
        assert!(said.contains("https://portal.example/sign-in/"), "{said}");
        assert!(said.contains("write to us: "), "{said}");
    }
}

#[test]
fn an_address_notice_says_when_and_whom_to_ask_and_links_to_no_form() {
    let mail = english(EmailKind::AddressChanged);
    for part in [&mail.text, &mail.html] {
        let said = said(part);
        assert!(said.contains("Saturday 7 March 2026 at 12:00 UTC"), "{said}");
        assert!(said.contains("Write to us immediately: "), "{said}");
        assert!(links(part).all(|link| link == "https://portal.example/"), "{part}");
    }
}

#[test]
fn the_only_address_in_an_email_is_the_support_address() {
    for (name, _, Sample { mail, .. }) in samples() {
        for part in [&mail.text, &mail.html] {
            let addresses = part.matches('@').count() - part.matches("@media").count();
            assert_eq!(addresses, part.matches("help@portal.example").count(), "{name}");
        }
    }
}

#[test]
fn a_link_email_says_that_the_link_works_once_for_how_long_and_until_when() {
    for (kind, lifetime, until) in [
        (EmailKind::PasswordReset, "24 hours", "until Sunday 8 March 2026 at 12:00 UTC"),
        (EmailKind::Activation, "7 days", "until Saturday 14 March 2026 at 12:00 UTC"),
    ] {
        let mail = english(kind);
        for part in [&mail.text, &mail.html] {
            let said = said(part);
            assert!(said.contains(&format!("works once, for {lifetime} ({until}).")), "{said}");
        }
    }
}

#[test]
fn only_emails_requested_by_an_administrator_say_so() {
    for Sample { kind, variant, mail, .. } in samples::all(&portal(), Locale::En, None).unwrap() {
        for part in [&mail.text, &mail.html] {
            assert_eq!(part.contains("An administrator of Northwind Portal"), variant == "admin", "{kind} {variant}");
        }
    }
}

#[test]
fn no_display_name_brings_a_host_or_markup_into_an_email() {
    for called in [
        "<a href=//evil.test>",
        "{{7*7}}",
        "Visit evil.test now",
        "\u{202E}tset.live",
        "https://evil.test/",
        "a\r\nBcc: x",
        "{ $portal }",
    ] {
        for (name, locale, Sample { mail, .. }) in samples_of(&portal(), Some(called)) {
            for part in [&mail.subject, &mail.text, &mail.html] {
                for trace in ["evil", "live", "49", "7*7", "Bcc", "{{", "\r", "\u{202E}", "$portal"] {
                    assert!(!part.contains(trace), "{trace:?} of {called:?} in {name}: {part}");
                }
            }
            let greeting = Words::of(locale).greeting_to_nobody();
            assert!(mail.text.starts_with(&format!("{greeting}\n")), "{name}: {}", mail.text);
            assert!(mail.html.contains(&format!(">{greeting}</p>")), "{name}: {}", mail.html);
        }
    }
}

#[test]
fn a_name_is_escaped_in_html_and_plain_in_text() {
    for Sample { kind, mail, .. } in samples::all(&portal(), Locale::En, Some("Tom & \"Jerry\" O'Hara")).unwrap() {
        if kind == EmailKind::Canary {
            continue;
        }
        assert!(mail.text.starts_with("Hello Tom & \"Jerry\" O'Hara,\n"), "{kind}");
        assert!(mail.html.contains("Hello Tom &#38; &#34;Jerry&#34; O&#39;Hara,"), "{kind}");
    }
}

#[test]
fn the_document_title_is_the_escaped_subject() {
    let mut portal = portal();
    portal.name = "North & <Wind>".to_owned();
    for (name, _, Sample { mail, .. }) in samples_of(&portal, None) {
        let title = mail.subject.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
        assert!(mail.html.contains(&format!("<title>{title}</title>")), "{name}: {}", mail.html);
        assert!(!mail.html.contains("<Wind>"), "{name}: {}", mail.html);
    }
}

#[test]
fn every_link_leads_to_the_site() {
    for (name, _, Sample { mail, .. }) in samples() {
        for link in links(&mail.text).chain(links(&mail.html)) {
            assert!(link.starts_with("https://portal.example/"), "{link} in {name}");
        }
    }
}

#[test]
fn every_line_is_within_the_limits_of_email() {
    let mut portal = portal();
    portal.name = "\u{202E}Nörthwind\r\nBcc: everybody ".repeat(200);
    for (name, _, Sample { link, mail, .. }) in samples_of(&portal, Some(&"é".repeat(60))) {
        assert!(mail.subject.len() < 500, "{name}: {}", mail.subject);
        assert!(!mail.subject.contains(char::is_control), "{name}: {:?}", mail.subject);
        for line in mail.text.lines() {
            assert!(line.chars().count() < 78 || link.as_deref() == Some(line), "{name}: {line}");
        }
        for part in [&mail.text, &mail.html] {
            assert!(part.lines().all(|line| line.len() <= 998), "{name}");
            assert!(!part.contains(|c: char| c.is_control() && c != '\n'), "{name}");
            assert!(!part.contains('\u{202E}'), "{name}");
        }
    }
}

#[test]
fn every_email_is_smaller_than_twenty_kilobytes() {
    let mut portal = portal();
    portal.name = "\u{1F511}".repeat(500);
    for (name, _, Sample { mail, .. }) in samples_of(&portal, Some(&"\u{20000}".repeat(60))) {
        let size = mail.subject.len() + mail.text.len() + mail.html.len();
        assert!(size < 20_000, "{name} has {size} octets");
    }
}

#[test]
fn debug_output_never_contains_the_link() {
    let (portal, locale) = (&portal(), Locale::En);
    let lifetime = SignedDuration::from_hours(24);
    let expires_at = "2026-03-08T12:00:00Z".parse().unwrap();
    let (display_name, link, started_by_administrator) = (Some("Ada"), "https://portal.example/#token=x", true);
    let reset = PasswordReset { portal, locale, display_name, link, expires_at, lifetime, started_by_administrator };
    let activation = Activation { portal, locale, display_name, link, expires_at, lifetime, started_by_administrator };
    for printed in [
        format!("{reset:?}"),
        format!("{activation:?}"),
        format!("{:?}", reset.render().unwrap()),
        format!("{:?}", activation.render().unwrap()),
    ] {
        assert!(!printed.contains("token") && !printed.contains("https"), "{printed}");
        assert!(!printed.contains("Ada"), "{printed}");
    }
}

/// Finds everything with a scheme and a host.
fn links(part: &str) -> impl Iterator<Item = &str> {
    part.match_indices("://").map(|(at, _)| {
        let start = part[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
        let length =
            part[start..].find(|c: char| c.is_whitespace() || "\"<>'".contains(c)).unwrap_or(part.len() - start);
        &part[start..start + length]
    })
}

//! What is promised of every email, tested of every kind.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::samples::*;
use super::*;

#[test]
fn every_email_reads_as_it_did_when_somebody_last_looked() {
    for (kind, variant, mail) in samples() {
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        insta::assert_snapshot!(format!("{kind}.{variant}.txt"), text);
        insta::assert_snapshot!(format!("{kind}.{variant}.html"), mail.html);
    }
}

#[test]
fn every_folder_of_templates_is_a_kind_with_a_sample() {
    let folders: BTreeSet<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let kinds: BTreeSet<String> = samples().into_iter().map(|(kind, ..)| kind.to_owned()).collect();
    assert_eq!(folders, kinds);
}

#[test]
fn the_link_stands_in_both_parts_exactly_and_in_the_text_alone_on_its_line() {
    for (kind, variant, link, mail) in samples_with_links() {
        assert_eq!(mail.text.lines().filter(|line| *line == link).count(), 1, "{kind} {variant}");
        assert_eq!(mail.text.matches(link).count(), 1, "{kind} {variant}");
        assert_eq!(
            mail.html.matches(&format!("href=\"{link}\"")).count(),
            2,
            "button and full text of {kind} {variant}"
        );
        assert!(mail.html.contains(&format!(">{link}</a>")), "{kind} {variant}");
        assert!(!mail.subject.contains("token"), "{kind} {variant}");
    }
}

#[test]
fn the_first_link_of_a_mail_is_the_one_it_is_about() {
    for (kind, variant, link, mail) in samples_with_links() {
        assert_eq!(links(&mail.text).next(), Some(link), "{kind} {variant}");
        assert_eq!(links(&mail.html).next(), Some(link), "{kind} {variant}");
    }
}

#[test]
fn a_changed_password_says_when_and_what_to_do_if_it_was_somebody_else() {
    let mail = password_changed(&portal(), None);
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("Saturday 7 March 2026 at 12:00 UTC"), "{part}");
        assert!(part.contains("https://portal.example/forgot-password/"), "{part}");
        assert!(part.contains("help@portal.example"), "{part}");
    }
}

#[test]
fn a_locked_account_says_when_and_for_how_long_and_what_to_do() {
    let mail = account_locked(&portal(), None);
    for part in [&mail.text, &mail.html] {
        let said = part.replace("<strong>", "").replace("</strong>", "").replace('\n', " ");
        assert!(said.contains("on Saturday 7 March 2026 at 12:00 UTC."), "{said}");
        assert!(said.contains("closed for 15 minutes from then."), "{said}");
        assert!(said.contains("Nothing was changed."), "{said}");
        assert!(said.contains("https://portal.example/forgot-password/"), "{said}");
        assert!(said.contains("write to us: "), "{said}");
    }
}

#[test]
fn an_unlocked_account_says_when_and_where_to_sign_in() {
    let mail = account_unlocked(&portal(), None);
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("Saturday 7 March 2026 at 12:00 UTC"), "{part}");
        assert!(part.contains("https://portal.example/sign-in/"), "{part}");
        assert!(part.contains("write to us: "), "{part}");
    }
}

#[test]
fn a_changed_address_says_when_and_whom_to_ask_and_sends_nobody_to_where_the_former_one_is_of_no_use() {
    let mail = address_changed(&portal(), None);
    for part in [&mail.text, &mail.html] {
        let said = part.replace('\n', " ");
        assert!(said.contains("Saturday 7 March 2026 at 12:00 UTC"), "{said}");
        assert!(said.contains("Write to us at once: "), "{said}");
        assert!(links(part).all(|link| link == "https://portal.example/"), "{part}");
    }
}

#[test]
fn no_mail_names_an_address_but_the_one_to_ask_at() {
    for (kind, variant, mail) in samples() {
        for part in [&mail.text, &mail.html] {
            let addresses = part.matches('@').count() - part.matches("@media").count();
            assert_eq!(addresses, part.matches("help@portal.example").count(), "{kind} {variant}");
        }
    }
}

#[test]
fn a_mail_with_a_link_says_how_long_and_until_when_it_works_and_that_it_works_once() {
    for (mail, lifetime, until) in [
        (password_reset(&portal(), None, false), "24 hours", "until Sunday 8 March 2026 at 12:00 UTC"),
        (activation(&portal(), None, true), "7 days", "until Saturday 14 March 2026 at 12:00 UTC"),
    ] {
        for part in [&mail.text, &mail.html] {
            let said = part.replace("<strong>", "").replace("</strong>", "").replace('\n', " ");
            assert!(said.contains(&format!("works once, and for {lifetime}: {until}.")), "{said}");
        }
    }
}

#[test]
fn what_an_administrator_started_says_so_and_nothing_else_does() {
    for (kind, variant, mail) in samples() {
        for part in [&mail.text, &mail.html] {
            assert_eq!(part.contains("An administrator of Northwind Portal"), variant == "admin", "{kind} {variant}");
        }
    }
}

#[test]
fn whatever_the_user_is_called_no_mail_names_another_host_or_holds_their_markup() {
    for name in [
        "<a href=//evil.test>",
        "{{7*7}}",
        "Visit evil.test now",
        "\u{202E}tset.live",
        "https://evil.test/",
        "a\r\nBcc: x",
    ] {
        for (kind, variant, mail) in samples_of(&portal(), Some(name)) {
            for part in [&mail.subject, &mail.text, &mail.html] {
                for trace in ["evil", "live", "49", "7*7", "Bcc", "{{", "\r", "\u{202E}"] {
                    assert!(!part.contains(trace), "{trace:?} of {name:?} in {kind} {variant}: {part}");
                }
            }
            assert!(mail.text.starts_with("Hello,\n"), "{}", mail.text);
            assert!(mail.html.contains(">Hello,</p>"), "{}", mail.html);
        }
    }
}

#[test]
fn a_name_is_escaped_in_html_and_plain_in_text() {
    for (kind, variant, mail) in samples_of(&portal(), Some("Tom & \"Jerry\" O'Hara")) {
        assert!(mail.text.starts_with("Hello Tom & \"Jerry\" O'Hara,\n"), "{kind} {variant}");
        assert!(mail.html.contains("Hello Tom &#38; &#34;Jerry&#34; O&#39;Hara,"), "{kind} {variant}");
    }
}

#[test]
fn a_document_is_titled_as_the_mail_is_and_escaped() {
    let mut portal = portal();
    portal.name = "North & <Wind>".to_owned();
    for (kind, variant, mail) in samples_of(&portal, None) {
        let title = mail.subject.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
        assert!(mail.html.contains(&format!("<title>{title}</title>")), "{kind} {variant}: {}", mail.html);
        assert!(!mail.html.contains("<Wind>"), "{kind} {variant}: {}", mail.html);
    }
}

#[test]
fn no_mail_names_a_host_but_the_sites() {
    for (kind, variant, mail) in samples() {
        for link in links(&mail.text).chain(links(&mail.html)) {
            assert!(link.starts_with("https://portal.example/"), "{link} in {kind} {variant}");
        }
    }
}

#[test]
fn no_mail_loads_anything() {
    for (kind, variant, mail) in samples() {
        let html = mail.html.to_lowercase();
        for loader in ["<img", "<link", "<script", "<iframe", "src=", "url(", "@import", "@font-face", "background=\""]
        {
            assert!(!html.contains(loader), "{loader} in {kind} {variant}");
        }
    }
}

#[test]
fn every_part_keeps_its_lines_within_what_mail_can_carry() {
    let mut portal = portal();
    portal.name = "\u{202E}Nörthwind\r\nBcc: everybody ".repeat(200);
    for (kind, variant, mail) in samples_of(&portal, Some(&"é".repeat(60))) {
        assert!(mail.subject.len() < 500, "{kind} {variant}: {}", mail.subject);
        assert!(!mail.subject.contains(char::is_control), "{kind} {variant}: {:?}", mail.subject);
        for line in mail.text.lines() {
            assert!(
                line.chars().count() < 78 || [RESET_LINK, ACTIVATION_LINK].contains(&line),
                "{kind} {variant}: {line}"
            );
        }
        for part in [&mail.text, &mail.html] {
            assert!(part.lines().all(|line| line.len() <= 998), "{kind} {variant}");
            assert!(!part.contains(|c: char| c.is_control() && c != '\n'), "{kind} {variant}");
            assert!(!part.contains('\u{202E}'), "{kind} {variant}");
        }
    }
}

#[test]
fn every_mail_stays_below_twenty_kilobytes() {
    let mut portal = portal();
    portal.name = "\u{1F511}".repeat(500);
    for (kind, variant, mail) in samples_of(&portal, Some(&"\u{20000}".repeat(60))) {
        let size = mail.subject.len() + mail.text.len() + mail.html.len();
        assert!(size < 20_000, "{kind} {variant} has {size} octets");
    }
}

#[test]
fn nothing_prints_the_link_by_accident() {
    let portal = portal();
    let lifetime = SignedDuration::from_hours(24);
    let expires_at = noon() + lifetime;
    let (display_name, link, started_by_administrator) = (Some("Ada"), RESET_LINK, true);
    let reset = PasswordReset { portal: &portal, display_name, link, expires_at, lifetime, started_by_administrator };
    let activation = Activation { portal: &portal, display_name, link, expires_at, lifetime, started_by_administrator };
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

/// Everything with a scheme and a host.
fn links(part: &str) -> impl Iterator<Item = &str> {
    part.match_indices("://").map(|(at, _)| {
        let start = part[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
        let length =
            part[start..].find(|c: char| c.is_whitespace() || "\"<>'".contains(c)).unwrap_or(part.len() - start);
        &part[start..start + length]
    })
}

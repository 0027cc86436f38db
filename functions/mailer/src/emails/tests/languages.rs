//! Guarantees for every language.

use super::*;
use crate::emails::phrase::{END_OF_ISOLATE, ISOLATE};

#[test]
fn a_document_declares_its_language_and_direction() {
    for (name, locale, Sample { mail, .. }) in samples() {
        let direction = locale.direction();
        assert!(mail.html.contains(&format!("<html lang=\"{locale}\" dir=\"{direction}\">")), "{name}");
        assert!(mail.html.contains(&format!("lang=\"{locale}\" dir=\"{direction}\">")), "{name}");
        let (side, other) = if locale == Locale::Ar { ("right", "left") } else { ("left", "right") };
        assert!(mail.html.contains(&format!("text-align: {side};")), "{name}");
        assert!(!mail.html.contains(&format!("text-align: {other};")), "{name}");
    }
}

/// Compares line by line: no two languages share a sentence.
#[test]
fn nothing_is_left_in_english() {
    let lines = |text: &str| -> BTreeSet<String> {
        let own = |line: &&str| line.contains(' ') && !line.contains("://");
        text.lines().filter(own).map(ToOwned::to_owned).collect()
    };
    let english = samples::all(&portal(), Locale::En, None).unwrap();
    for locale in Locale::ALL.iter().filter(|locale| **locale != Locale::En) {
        for (sample, english) in samples::all(&portal(), *locale, None).unwrap().iter().zip(&english) {
            let (kind, mail) = (sample.kind, &sample.mail);
            assert_ne!(mail.subject, english.mail.subject, "{kind} {locale}");
            let shared: Vec<_> = lines(&mail.text).intersection(&lines(&english.mail.text)).cloned().collect();
            assert!(shared.is_empty(), "{kind} {locale}: {shared:?}");
        }
    }
}

#[test]
fn every_language_mentions_the_administrator() {
    for locale in Locale::ALL {
        let samples = samples::all(&portal(), *locale, None).unwrap();
        for kind in [EmailKind::PasswordReset, EmailKind::Activation] {
            let texts: BTreeSet<_> = samples.iter().filter(|s| s.kind == kind).map(|s| &s.mail.text).collect();
            assert_eq!(texts.len(), 2, "{kind} {locale}");
        }
    }
}

#[test]
fn only_a_name_of_the_other_direction_is_isolated() {
    for (called, isolated_in) in
        [("Ada O'Hara", vec![Locale::Ar]), ("محمد علی", vec![Locale::En, Locale::De, Locale::Fr, Locale::Es])]
    {
        for (name, locale, Sample { kind, mail, .. }) in samples_of(&portal(), Some(called)) {
            if kind == EmailKind::Canary {
                continue;
            }
            let greeting = mail.text.lines().next().unwrap();
            let isolated = greeting.contains(&format!("{ISOLATE}{called}{END_OF_ISOLATE}"));
            assert_eq!(isolated, isolated_in.contains(&locale), "{name}: {greeting:?}");
            assert!(greeting.contains(called), "{name}: {greeting:?}");
        }
    }
}

#[test]
fn every_isolate_ends_on_its_own_line() {
    let mut portal = portal();
    portal.name = "Northwind portal for everybody ".repeat(4);
    for (name, _, Sample { mail, .. }) in samples_of(&portal, Some("Ada O'Hara")) {
        for line in [&mail.subject, &mail.text, &mail.html].into_iter().flat_map(|part| part.lines()) {
            let count = |mark| line.matches(mark).count();
            assert_eq!(count(ISOLATE), count(END_OF_ISOLATE), "{name}: {line:?}");
        }
    }
}

#[test]
fn french_punctuation_follows_a_no_break_space() {
    for (name, locale, Sample { mail, .. }) in samples() {
        if locale != Locale::Fr {
            continue;
        }
        for line in mail.text.lines().chain([mail.subject.as_str()]).filter(|line| !line.contains("://")) {
            for (at, mark) in line.char_indices().filter(|(_, c)| ":?!;".contains(*c)) {
                let before = line[..at].chars().next_back();
                if before.is_some_and(|c| c.is_ascii_digit()) {
                    continue; // Part of a time, such as 12:00.
                }
                let expected = if mark == ':' { '\u{A0}' } else { '\u{202F}' };
                assert_eq!(before, Some(expected), "{name}: {line}");
            }
            assert!(!line.replace("O'Hara", "").contains('\''), "an apostrophe is ’ in {name}: {line}");
        }
    }
}

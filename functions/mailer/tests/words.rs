//! What the build makes of the words of the emails, and what it refuses.

#[path = "../build/catalogue.rs"]
mod catalogue;
#[path = "../build/check.rs"]
mod check;
#[path = "../build/pattern.rs"]
mod pattern;
#[path = "../build/rust.rs"]
mod rust;

use catalogue::{Source, read};

/// English and another language, each with one file.
fn sources(english: &str, language: &str, other: &str) -> Vec<Source> {
    let source = |language: &str, text: &str| Source {
        language: language.to_owned(),
        file: "letter.ftl".to_owned(),
        text: text.to_owned(),
    };
    vec![source("en", english), source(language, other)]
}

#[track_caller]
fn check_refused(english: &str, language: &str, other: &str, expected: &[&str]) {
    let faults = match read(&sources(english, language, other)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(faults, expected);
}

#[test]
fn what_a_language_lacks_is_named() {
    check_refused("a = A\nb = B", "de", "a = A", &["locales/de/letter.ftl: b: this message is missing"]);
    check_refused(
        "a = A",
        "de",
        "a = A\nb = B",
        &["locales/de/letter.ftl: b: locales/en/letter.ftl has no such message"],
    );
    check_refused("a = { $n }", "de", "a = A", &["locales/de/letter.ftl: a: it does not say $n"]);
}

#[test]
fn what_does_not_parse_is_named_with_its_line() {
    check_refused(
        "a = A",
        "de",
        "# Fine\n\na = { $n",
        &["locales/de/letter.ftl:3: this is not Fluent: Expected a token starting with \"}\""],
    );
    check_refused("a = A\na = B", "de", "a = A", &["locales/en/letter.ftl: a: there are two messages of this name"]);
}

#[test]
fn what_is_not_known_is_named() {
    check_refused("a = { $n }", "de", "a = { $n } { $m }", &["locales/de/letter.ftl: a: the variable $m is not known"]);
    check_refused("a = A", "de", "a = { b }", &["locales/de/letter.ftl: a: there is no message b"]);
    check_refused(
        "a = { b }\nb = { a }",
        "de",
        "a = A\nb = B",
        &[
            "locales/en/letter.ftl: a: the message b is made of others itself",
            "locales/en/letter.ftl: b: the message a is made of others itself",
        ],
    );
}

#[test]
fn plural_categories_are_those_of_the_language() {
    let english = "a = { $n ->\n  [one] one\n *[other] more\n}";
    check_refused(
        english,
        "de",
        "a = { $n ->\n  [few] x\n *[other] y\n}",
        &["locales/de/letter.ftl: a: [few] is no plural category of this language; it has one, other"],
    );
    let arabic = "a = { $n ->\n  [zero] 0\n  [one] 1\n  [two] 2\n  [few] 3\n  [many] 4\n *[other] 5\n}";
    check_refused(english, "ar", arabic, &[]);
    check_refused(
        english,
        "tlh",
        "a = { $n ->\n *[monday] x\n}",
        &["locales/tlh/letter.ftl: a: [monday] is no plural category of this language; it has other"],
    );
}

#[test]
fn what_sentences_do_not_need_is_refused() {
    for (message, why) in [
        ("a = { NUMBER($n) }", "it may hold variables, messages, literals and choices by a number only"),
        ("a = { 7 }", "it may hold variables, messages, literals and choices by a number only"),
        ("a = A\n    .title = B", "attributes are not used here"),
        ("a = an **emphasis", "an emphasis (**) does not end"),
        ("a = { b ->\n *[other] x\n}", "this is not Fluent"),
    ] {
        let faults = read(&sources(message, "de", "a = A")).err().unwrap();
        assert!(faults[0].to_string().contains(why), "{}", faults[0]);
    }
    check_refused(
        "-a = A",
        "de",
        "-a = A",
        &["locales/en/letter.ftl: a: terms are not used here", "locales/de/letter.ftl: a: terms are not used here"],
    );
}

#[test]
fn a_message_becomes_a_method() {
    let english = "days-left =\n    Only **{ $n ->\n        [0] none\n        [one] one\n       *[other] { $n }\n    }** for\n    \
                   { $who }: { end }{ \"\\u00A0\" }!\nend = the end";
    let german = "days-left = { $who }: { $n }{ end }\nend = Ende";
    let code = match read(&sources(english, "de", german)) {
        Ok(catalogue) => rust::methods(&catalogue),
        Err(faults) => panic!("{faults:?}"),
    };
    insta::assert_snapshot!(code);
}

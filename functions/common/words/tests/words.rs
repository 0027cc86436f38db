//! What is refused, and the Rust code that is generated.

use mailkey_words::{Source, methods, read};

/// English and another language, each with one file.
fn sources(english: &str, language: &str, other: &str) -> Vec<Source> {
    let source = |language: &str, text: &str| Source {
        language: language.to_owned(),
        file: "frame.ftl".to_owned(),
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
fn a_message_or_variable_that_a_language_lacks_or_adds_is_refused() {
    for (english, german, expected) in [
        ("a = A\nb = B", "a = A", "locales/en/frame.ftl:2: `b` is missing in locales/de/frame.ftl"),
        ("a = A", "a = A\nb = B", "locales/de/frame.ftl:2: `b` is missing in locales/en/frame.ftl"),
        ("a = { $n }", "a = A", "locales/de/frame.ftl:1: `a` doesn't use $n, but the English message does"),
        ("a = { $n }", "\na = { $n } { $m }", "locales/de/frame.ftl:2: `a` uses $m, but the English message doesn't"),
    ] {
        check_refused(english, "de", german, &[expected]);
    }
}

#[test]
fn a_message_in_another_file_than_in_english_is_refused() {
    let mut sources = sources("a = A\nb = B", "de", "a = A");
    sources.push(Source { language: "de".to_owned(), file: "other.ftl".to_owned(), text: "b = B".to_owned() });
    let faults = read(&sources).expect_err("`b` is in another file");
    let faults = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(faults, ["locales/de/other.ftl:1: `b` belongs in locales/de/frame.ftl"]);
}

#[test]
fn a_file_that_does_not_parse_and_a_message_defined_twice_are_refused() {
    check_refused(
        "a = A",
        "de",
        "# Fine\n\na = { $n",
        &["locales/de/frame.ftl:3: not valid Fluent: Expected a token starting with \"}\""],
    );
    check_refused("a = A\na = B", "de", "a = A", &["locales/en/frame.ftl:2: `a` is defined twice"]);
}

#[test]
fn a_reference_to_an_unknown_or_nested_message_is_refused() {
    let unknown = "locales/de/frame.ftl:1: `a` uses the message `b`, which doesn't exist";
    check_refused("a = A", "de", "a = { b }", &[unknown]);
    check_refused(
        "a = { b }\nb = { a }",
        "de",
        "a = A\nb = B",
        &[
            "locales/en/frame.ftl:1: `a` uses the message `b`, which uses another message",
            "locales/en/frame.ftl:2: `b` uses the message `a`, which uses another message",
        ],
    );
}

#[test]
fn plural_categories_are_those_of_the_language() {
    let english = "a = { $n ->\n  [one] one\n *[other] more\n}";
    for (language, other, expected) in [
        (
            "de",
            "a = { $n ->\n  [few] x\n *[other] y\n}",
            "[few], which isn't a plural category of this language (one, other)",
        ),
        ("tlh", "a = { $n ->\n *[monday] x\n}", "[monday], which isn't a plural category of this language (other)"),
    ] {
        let expected = format!("locales/{language}/frame.ftl:1: `a` has the variant {expected}");
        check_refused(english, language, other, &[&expected]);
    }
    let arabic = "a = { $n ->\n  [zero] 0\n  [one] 1\n  [two] 2\n  [few] 3\n  [many] 4\n *[other] 5\n}";
    check_refused(english, "ar", arabic, &[]);
}

#[test]
fn parts_of_fluent_that_sentences_do_not_need_are_refused() {
    for (message, expected) in [
        ("a = { NUMBER($n) }", "`a` may only contain variables, messages, literals and choices by a number"),
        ("a = { 7 }", "`a` may only contain variables, messages, literals and choices by a number"),
        ("a = A\n    .title = B", "`a` has attributes, which aren't supported"),
        ("a = an **emphasis", "`a` has emphasis (**) without an end"),
        ("a = { b ->\n *[other] x\n}", "not valid Fluent: Message references can't be used as a selector"),
        ("-a = A", "`-a` is a term; terms aren't supported"),
    ] {
        check_refused(message, "de", "", &[&format!("locales/en/frame.ftl:1: {expected}")]);
    }
}

#[test]
fn a_message_becomes_a_method() {
    let english = "days-left =\n    Only **{ $n ->\n        [0] none\n        [one] one\n       *[other] { $n }\n    }** for\n    \
                   { $who }: { end }{ \"\\u00A0\" }!\nend = the end";
    let german = "days-left = { $who }: { $n }{ end }\nend = Ende";
    let catalogue = read(&sources(english, "de", german)).unwrap_or_else(|faults| panic!("{faults:?}"));
    insta::assert_snapshot!(methods(&catalogue));
}

//! Sentences that are made of a word for somebody and one for what is wrong with them, with and without codes.

use super::{super::*, parse};

/// What is wrong with somebody, after and before the word for them.
const AFTER: &[&str] = &[
    "unknown",
    "is unknown",
    "not found",
    "could not be found",
    "cannot be located",
    "does not exist",
    "doesn't exist",
    "no longer exists",
    "never existed",
    "is not valid",
    "is no longer valid",
    "is invalid",
    "is not known here",
    "was not recognised",
    "not listed",
    "not registered",
    "is disabled",
    "has been deactivated",
    "is inactive",
    "has expired",
    "was deleted",
    "has been removed",
    "is closed",
    "has been terminated",
    "is gone",
];
const BEFORE: &[&str] = &[
    "unknown",
    "invalid",
    "no such",
    "non-existent",
    "inactive",
    "disabled",
    "bad",
    "illegal",
    "wrong",
    "unrecognized",
    "expired",
    "not a valid",
];

#[test]
fn a_word_for_the_recipient_and_one_for_what_is_wrong_make_a_dead_mailbox() {
    for who in [
        "user",
        "mailbox",
        "recipient",
        "account",
        "address",
        "email address",
        "e-mail account",
        "inbox",
        "alias",
        "local part",
        "person",
    ] {
        let after = AFTER.iter().map(|wrong| format!("550 {who} {wrong}"));
        for said in after.chain(BEFORE.iter().map(|wrong| format!("550 {wrong} {who}"))) {
            assert_eq!(parse("", &said).cause().fault(), Fault::Address, "{said}");
        }
    }
}

#[test]
fn a_word_for_the_sender_never_makes_a_dead_mailbox() {
    for who in [
        "sender",
        "sender address",
        "sending domain",
        "sender's mailbox",
        "return path",
        "envelope sender",
        "mail from address",
        "your domain",
        "client host",
        "HELO name",
        "reverse DNS",
        "your mail server",
        "originator",
        "reply-to address",
        "your address",
        "sending user",
    ] {
        let after = AFTER.iter().map(|wrong| format!("{who} {wrong}"));
        for said in after.chain(BEFORE.iter().map(|wrong| format!("{wrong} {who}"))) {
            for code in ["550", "550 5.1.1", "550 5.2.1", "554 5.7.1"] {
                let cause = parse("", &format!("{code} {said}")).cause();
                assert!(!matches!(cause.fault(), Fault::Address | Fault::Domain), "{code} {said}: {cause}");
            }
        }
    }
}

#[test]
fn a_code_about_the_mailbox_counts_only_if_no_word_contradicts_it() {
    for code in ["550 5.1.1", "550 5.1.6", "550 5.2.1"] {
        assert_eq!(parse("", &format!("{code} no")).cause().fault(), Fault::Address);
        for words in [
            "reserved address",
            "policy",
            "message refused",
            "too many recipients",
            "spam",
            "quota exceeded",
            "previously bounced",
            "try again later",
            "not permitted",
            "authentication needed",
            "relay",
        ] {
            let cause = parse("", &format!("{code} {words}")).cause();
            assert!(!matches!(cause.fault(), Fault::Address | Fault::Domain), "{code} {words}: {cause}");
        }
    }
}

//! From codes and wording to a cause.

use super::{
    EnhancedCode, Fault, SmtpCause, SmtpReply, about,
    phrases::{self, Phrases, When},
    words::Words,
};

/// What a reply means. First whom it is about: clear words, then sentences about a group, the sender or the recipient,
/// then codes, then vague words. Nothing makes a reply one about the recipient if the server refused something else.
pub(super) fn judge(reply: &SmtpReply) -> SmtpCause {
    if reply.enhanced.is_some_and(|code| code.class == 2) {
        return SmtpCause::Undetermined;
    }
    let words = Words::of(&reply.text);
    let temporary = reply.is_temporary();
    let code = |subject| reply.enhanced.is_some_and(|code| code.subject == subject);
    let possible = |cause: &SmtpCause| match cause.fault() {
        Fault::Address => !refuses_something_else(reply, &words),
        Fault::Domain => !refuses_something_else(reply, &words) && names_recipients_domain(reply, &words),
        _ => true,
    };
    let find_in = |table: &[Phrases], words: &Words| find(table, words, temporary).filter(possible);
    let find = |table: &[Phrases]| find_in(table, &words);
    find(phrases::CLEAR)
        .or_else(|| about::of_group(&words))
        // Details of three digits are Microsoft's own, and as precise as words.
        .or_else(|| {
            reply.enhanced.filter(|code| code.detail >= 100).and_then(|code| by_code(code, &words)).filter(possible)
        })
        .or_else(|| words.names_blocklist.then_some(SmtpCause::SenderReputation))
        .or_else(|| words.french_code().map(french).filter(possible))
        .or_else(|| find_in(phrases::ABOUT_RECIPIENTS, &words.without(about::SENDER).without(about::PASSING)))
        .or_else(|| about::of_sender(&words))
        .or_else(|| {
            about::of_recipient(&words).filter(possible).filter(|cause| !temporary || cause.fault() == Fault::Mailbox)
        })
        .or_else(|| if code(7) || temporary { None } else { about::of_nobody(&words).filter(possible) })
        .or_else(|| {
            if code(1) && !temporary && refuses_recipient(&words) {
                Some(SmtpCause::MailboxDoesNotExist).filter(possible)
            } else {
                None
            }
        })
        .or_else(|| if code(1) { find(phrases::VAGUE) } else { None })
        .or_else(|| reply.enhanced.and_then(|code| by_code(code, &words)).filter(possible))
        .or_else(|| find(phrases::VAGUE))
        // A 5.7.x is about us unless its words are clear: a wrong guess would lock out a good address.
        .or_else(|| if code(7) { None } else { find(phrases::VAGUE_ABOUT_ADDRESSES) })
        .or_else(|| if code(7) || temporary { None } else { about::of_unavailable(&words).filter(possible) })
        .or_else(|| reply.enhanced.and_then(|code| by_subject(code, &words)).filter(possible))
        .or_else(|| reply.basic.and_then(|basic| by_basic(basic, &words)).filter(possible))
        .unwrap_or(SmtpCause::Undetermined)
}

/// Whether the server can't have meant the recipient: it refused another command, or the protocol (RFC 3463 subjects 5
/// and 6; subject 5 with detail 0 means "other"), or its code names the sender's address (5.1.7 and 5.1.8).
fn refuses_something_else(reply: &SmtpReply, words: &Words) -> bool {
    let by_code =
        reply.enhanced.is_some_and(|code| matches!((code.subject, code.detail), (5, 1..) | (6, _) | (1, 7 | 8)));
    by_code || matches!(reply.basic, Some(500 | 502 | 503 | 504 | 530 | 534 | 535)) || words.refuse_another_command()
}

/// Whether a dead domain is the recipient's. Where a server answered, its domain exists, so it most likely means the
/// sender's. SES itself says 5.1.2, 5.4.4 and the like before it asks any server.
fn names_recipients_domain(reply: &SmtpReply, words: &Words) -> bool {
    let by_code = reply.enhanced.is_some_and(|code| matches!((code.subject, code.detail), (1, 2 | 10) | (4, 4 | 310)));
    by_code
        || matches!(reply.basic, Some(521 | 556)) && words.is_empty()
        || words.contain(&[
            "null mx",
            "nullmx",
            "recipient domain",
            "does not accept mail",
            "accepts no email",
            "tenant or domain",
            "mail domain",
            "no mx for",
        ])
}

fn refuses_recipient(words: &Words) -> bool {
    words.contain(&[
        "recipient address rejected",
        "recipient addresses rejected",
        "recipient rejected",
        "recipient denied",
        "address rejected",
        "recipient is not",
        "rcpt is rejected",
    ])
}

/// The numbers that Orange and La Poste give to what is wrong with the recipient. All others are about the sender.
fn french(number: u32) -> SmtpCause {
    match number {
        416 | 418 => SmtpCause::MailboxDoesNotExist,
        417 => SmtpCause::MailboxFull,
        420 | 426 => SmtpCause::MailboxDisabled,
        104 | 999 => SmtpCause::RateLimited,
        401 | 402 | 517 => SmtpCause::SenderUnauthenticated,
        405 | 421 => SmtpCause::SenderAddressRefused,
        514 => SmtpCause::MessageTooLarge,
        506 | 513 => SmtpCause::SpamContent,
        _ => SmtpCause::SenderReputation,
    }
}

fn find(table: &[Phrases], words: &Words, temporary: bool) -> Option<SmtpCause> {
    let fits = |row: &&Phrases| match row.when {
        When::Always => true,
        When::Temporary => temporary,
        When::Lasting => !temporary,
    };
    table.iter().filter(fits).find(|row| words.contain(row.words)).map(|row| row.cause)
}

/// What a server may say of itself with a code about the mailbox.
#[rustfmt::skip] // Many short phrases to a line.
const NOT_THE_MAILBOX: &[&str] = &[
    "service unavailable", "service not", "service refus", "service indisponible", "service temporarily", "ipv6", "servico",
    "servizio", "servicio", "dienst ", "сервис", "サービス", "服务不可用", "服務不可用",
];

/// By a code that tells: RFC 3463, the IANA registry of enhanced status codes, and what Gmail and Microsoft made of it.
fn by_code(code: EnhancedCode, words: &Words) -> Option<SmtpCause> {
    use SmtpCause::*;
    let temporary = code.class == 4;
    Some(match (code.subject, code.detail) {
        (1, 7 | 8) => SenderAddressRefused,
        (1, 90) => RateLimited,
        // A host that cannot look up an address, or its own directory, says this with class 4.
        (1, _) if temporary => return None,
        // Microsoft 365 says 5.2.1 of its own service, too.
        (1, 1 | 3 | 4 | 6) | (2, 1) if words.contain(NOT_THE_MAILBOX) => return None,
        (1, 1 | 3 | 4 | 6) => MailboxDoesNotExist,
        (1, 2 | 10) if !words.contain(&["reject", "refus", "denied", "block", "policy"]) => DomainInvalid,
        (2, 1) if !temporary => MailboxDisabled,
        (2, 2) => MailboxFull,
        (2, 3) | (3, 4) | (7, 16) => MessageTooLarge,
        (2, 121 | 122) => ReceivingLimit,
        (5, 3) | (7, 15 | 508) => RateLimited,
        (3, 1 | 2) => HostTrouble,
        // Microsoft 365 answers so for addresses that its customer does not have.
        (4, 1) | (7, 504) if !temporary && refuses_recipient(words) => MailboxDoesNotExist,
        (4, 4 | 310) if !temporary => DomainInvalid,
        (4, 6 | 14) => LoopOrRouting,
        (4, 7 | 300) => TimedOut,
        (4, 1..=5 | 8 | 312..=325) => HostTrouble,
        (5, 1 | 2 | 4 | 5 | 6) => Protocol,
        (7, 2 | 12 | 124 | 133..=136) => RestrictedToMembers,
        (7, 500..=699 | 850..=899) if temporary => RateLimited,
        (7, 8 | 9 | 20..=26 | 29 | 30 | 32 | 40 | 509 | 515) => SenderUnauthenticated,
        (7, 27 | 512) => SenderAddressRefused,
        (7, 28) if temporary => RateLimited,
        (7, 28 | 501..=503 | 511 | 513 | 606..=649 | 700..=750) => SenderReputation,
        _ => return None,
    })
}

/// By what a code is about, where its detail tells nothing. 5.1.0 with words that we don't know may be anything.
fn by_subject(code: EnhancedCode, words: &Words) -> Option<SmtpCause> {
    use SmtpCause::*;
    let temporary = code.class == 4;
    Some(match (code.subject, code.detail) {
        (1..=6, _) if temporary => HostTrouble,
        (1, _) if words.is_empty() => MailboxDoesNotExist,
        (3, 1..) | (4, _) => HostTrouble,
        (5, 1..) | (6, _) => Protocol,
        (7, _) => Policy,
        _ => return None,
    })
}

/// By the reply code of RFC 5321 section 4.2.3, RFC 7504 and RFC 7505. 550, 553 and 554 serve for everything, and
/// others do if they come with words that we don't know.
fn by_basic(basic: u16, words: &Words) -> Option<SmtpCause> {
    use SmtpCause::*;
    Some(match basic {
        400..=499 => HostTrouble,
        500..=504 | 555 => Protocol,
        530 | 534 | 535 => SenderUnauthenticated,
        571 => Policy,
        510 | 511 | 551 if words.is_empty() => MailboxDoesNotExist,
        512 | 521 | 556 if words.is_empty() => DomainInvalid,
        552 if words.is_empty() => MailboxFull,
        _ => return None,
    })
}

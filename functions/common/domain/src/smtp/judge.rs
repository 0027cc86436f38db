//! From codes and wording to a cause.

use super::{
    EnhancedCode, Fault,
    SmtpCause::{self, *},
    SmtpReply, about,
    lexicon::Lexicon,
    phrases::{self, Phrases, When},
    vocabulary::{CLEARLY_REFUSED, PASSING, SENDER},
    words::Words,
};

/// Returns the cause from the first step that finds one: clear words, then sentences about a group, the sender or the
/// recipient, then codes, then vague words.
///
/// A mailbox counts as dead only if the server didn't refuse something else, and a code counts only if no word
/// contradicts it.
pub(super) fn judge(reply: &SmtpReply) -> SmtpCause {
    if reply.enhanced.is_some_and(|code| code.class == 2) {
        return Undetermined;
    }
    let words = Words::of(&reply.text);
    let lasting = !reply.is_temporary();
    let code = |subject| reply.enhanced.is_some_and(|code| code.subject == subject);
    let find = |table: &[Phrases]| find(table, lasting, |phrases| words.contain(phrases));
    let steps: [&dyn Fn() -> Option<SmtpCause>; 16] = [
        &|| find(&phrases::CLEAR),
        &|| about::of_group(&words),
        // Details of three digits are Microsoft's own, and as precise as words.
        &|| reply.enhanced.filter(|code| code.detail >= 100).and_then(|code| by_code(code, &words)),
        &|| words.names_blocklist.then_some(SenderReputation),
        &|| words.french_code().map(french),
        &|| about_recipient(&words, lasting),
        &|| about::of_sender(&words),
        &|| about::of_recipient(&words).filter(|cause| lasting || cause.fault() == Fault::Mailbox),
        &|| about::of_nobody(&words).filter(|_| lasting && !code(7)),
        &|| (code(1) && lasting && refuses_recipient(&words)).then_some(MailboxDoesNotExist),
        &|| find(&phrases::VAGUE).filter(|_| code(1)),
        &|| reply.enhanced.and_then(|code| by_code(code, &words)),
        &|| find(&phrases::VAGUE),
        // A 5.7.x is about us unless its words are clear: a wrong guess would lock out a good address.
        &|| find(&phrases::VAGUE_ABOUT_ADDRESSES).filter(|_| !code(7)),
        &|| about::of_unavailable(&words).filter(|_| lasting && !code(7)),
        &|| {
            let by_subject = reply.enhanced.and_then(|code| by_subject(code, &words));
            by_subject.or_else(|| reply.basic.and_then(|basic| by_basic(basic, &words)))
        },
    ];
    let is_possible = |cause: &SmtpCause| match cause.fault() {
        Fault::Address => !refuses_something_else(reply, &words),
        Fault::Domain => !refuses_something_else(reply, &words) && names_recipients_domain(reply, &words),
        _ => true,
    };
    steps.iter().find_map(|step| step().filter(is_possible)).unwrap_or(Undetermined)
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
    by_code || matches!(reply.basic, Some(521 | 556)) && words.is_empty() || words.contain(&RECIPIENTS_DOMAIN)
}

/// Whether it refuses the recipient without a reason.
fn refuses_recipient(words: &Words) -> bool {
    words.contain(&RECIPIENT_REFUSED) && !contradicts_code(words)
}

/// Whether words are about something else than what a code about the mailbox says.
fn contradicts_code(words: &Words) -> bool {
    [&NOT_THE_MAILBOX, &SENDER, &PASSING].into_iter().any(|others| words.contain(others))
}

/// What is about the recipient in sentences about nothing else.
fn about_recipient(words: &Words, lasting: bool) -> Option<SmtpCause> {
    find(&phrases::ABOUT_RECIPIENTS, lasting, |phrases| words.contain_without(phrases, &[&SENDER, &PASSING]))
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

fn find(table: &[Phrases], lasting: bool, is_said: impl Fn(&Lexicon) -> bool) -> Option<SmtpCause> {
    let fits = |row: &&Phrases| match row.when {
        When::Always => true,
        When::Temporary => !lasting,
        When::Lasting => lasting,
    };
    table.iter().filter(fits).find(|row| is_said(&row.words)).map(|row| row.cause)
}

/// The domain of the recipient, rather than that of the sender.
static RECIPIENTS_DOMAIN: Lexicon = Lexicon::new(&[
    "null mx",
    "nullmx",
    "recipient domain",
    "does not accept mail",
    "accepts no email",
    "tenant or domain",
    "mail domain",
    "no mx for",
]);

static RECIPIENT_REFUSED: Lexicon = Lexicon::new(&[
    "recipient address rejected",
    "recipient addresses rejected",
    "recipient rejected",
    "recipient denied",
    "address rejected",
    "recipient is not",
    "rcpt is rejected",
]);

/// What a code about the mailbox does not mean: the server itself, a rule, a limit, the content.
#[rustfmt::skip] // Many short phrases to a line.
static NOT_THE_MAILBOX: Lexicon = Lexicon::new(&[
    "service unavailable", "service not", "service refus", "service indisponible", "service temporarily", "ipv6", "servico",
    "servizio", "servicio", "dienst ", "сервис", "サービス", "服务不可用", "服務不可用", "reserved", "policy", "policies", "spam",
    "junk", "virus", "reputation", "relay", "quota", "exceed", "too many", "maximum", "too large", "too big", "size",
    "content", "header", "attachment", "authenti", "authoriz", "permission", "permitted", "prohibit", "forbidden",
    "filter", "firewall", "suppress", "previously", "unsubscrib", "opted out", "message refused", "mail refused",
    "message rejected", "mail rejected", "email refused", "email rejected", "encrypt", "tls", "certificate", "configuration",
    "internal", "database", "loop", "hop count", "specify",
]);

/// By a code that tells: RFC 3463, the IANA registry of enhanced status codes, and what Gmail and Microsoft made of it.
fn by_code(code: EnhancedCode, words: &Words) -> Option<SmtpCause> {
    let temporary = code.class == 4;
    Some(match (code.subject, code.detail) {
        (1, 7 | 8) => SenderAddressRefused,
        (1, 90) => RateLimited,
        // A host that cannot look up an address, or its own directory, says this with class 4.
        (1, _) if temporary => return None,
        // Microsoft 365 says 5.2.1 of its own service, too.
        (1, 1 | 3 | 4 | 6) | (2, 1) if contradicts_code(words) => return None,
        (1, 1 | 3 | 4 | 6) => MailboxDoesNotExist,
        (1, 2 | 10) if !words.contain(&CLEARLY_REFUSED) => DomainInvalid,
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

//! From codes and wording to a cause.

use super::{
    EnhancedCode, Fault, SmtpCause, SmtpReply,
    phrases::{self, Phrases, When},
};

/// What a reply means: by clear words, then by a code that tells, then by vague words, then by the rough sense of the
/// codes.
pub(super) fn judge(reply: &SmtpReply) -> SmtpCause {
    if reply.enhanced.is_some_and(|code| code.class == 2) {
        return SmtpCause::Unknown;
    }
    let words = comparable(&reply.text);
    let temporary = reply.is_temporary();
    let about_policy = reply.enhanced.is_some_and(|code| code.subject == 7);
    // The address that 5.1.7 and 5.1.8 are about is the sender's, whatever does not exist of it.
    let about_sender = reply.enhanced.is_some_and(|code| matches!((code.subject, code.detail), (1, 7 | 8)));
    find(phrases::CLEAR, &words, temporary)
        .filter(|cause| !about_sender || !matches!(cause.fault(), Fault::Address | Fault::Domain))
        .or_else(|| reply.enhanced.and_then(|code| by_code(code, &words)))
        .or_else(|| find(phrases::VAGUE, &words, temporary))
        // A 5.7.x is about us unless its words are clear: a wrong guess would lock out a good address.
        .or_else(|| if about_policy { None } else { find(phrases::VAGUE_ABOUT_ADDRESSES, &words, temporary) })
        .or_else(|| reply.enhanced.and_then(by_subject))
        .or_else(|| reply.basic.and_then(by_basic))
        .unwrap_or(SmtpCause::Unknown)
}

fn find(table: &[Phrases], words: &str, temporary: bool) -> Option<SmtpCause> {
    let fits = |row: &&Phrases| match row.when {
        When::Always => true,
        When::Temporary => temporary,
        When::Lasting => !temporary,
    };
    table.iter().filter(fits).find(|row| row.words.iter().any(|phrase| words.contains(phrase))).map(|row| row.cause)
}

/// The text as phrases are written: in lower case, without accents, with a space at both ends, and without email
/// addresses, since somebody may well be called spamhaus@.
fn comparable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for piece in text.split_inclusive([' ', '<', '>', '(', ')', '[', ']', ':', ';', ',', '"']) {
        if !piece.contains('@') {
            for c in piece.chars().flat_map(char::to_lowercase) {
                match without_accent(c) {
                    "" => out.push(c),
                    plain => out.push_str(plain),
                }
            }
        } else if let Some(delimiter) = piece.chars().next_back().filter(|c| !c.is_alphanumeric()) {
            out.push('@');
            out.push(delimiter);
        }
    }
    out.push(' ');
    out
}

/// How hosts spell a character that they take for unsafe; empty for all others.
fn without_accent(c: char) -> &'static str {
    match c {
        'ä' => "ae",
        'ö' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à' | 'á' | 'â' | 'ã' => "a",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'ù' | 'ú' | 'û' => "u",
        'ç' => "c",
        'ñ' => "n",
        '\u{2019}' => "'",
        _ => "",
    }
}

/// By a code that tells: RFC 3463, the IANA registry of enhanced status codes, and what Gmail and Microsoft made of it.
fn by_code(code: EnhancedCode, words: &str) -> Option<SmtpCause> {
    use SmtpCause::*;
    let temporary = code.class == 4;
    Some(match (code.subject, code.detail) {
        (1, 7 | 8) => SenderAddressRefused,
        (1, 90) => RateLimited,
        // A host that cannot look up an address, or its own directory, says this with class 4.
        (1, _) if temporary => return None,
        (1, 1 | 3 | 4 | 6) => MailboxDoesNotExist,
        (1, 2 | 10) => DomainInvalid,
        (2, 1) if !temporary => MailboxDisabled,
        (2, 2) => MailboxFull,
        (2, 3) | (3, 4) | (7, 16) => MessageTooLarge,
        (2, 121 | 122) | (5, 3) | (7, 15 | 508) => RateLimited,
        (3, 1 | 2) => HostTrouble,
        // Microsoft 365 answers so for addresses that its customer does not have.
        (4, 1) | (7, 504) if !temporary && words.contains("recipient address rejected") => MailboxDoesNotExist,
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

/// By what a code is about, where its detail tells nothing.
fn by_subject(code: EnhancedCode) -> Option<SmtpCause> {
    use SmtpCause::*;
    let temporary = code.class == 4;
    Some(match (code.subject, code.detail) {
        (1..=6, _) if temporary => HostTrouble,
        (1, _) => MailboxDoesNotExist,
        (3, 1..) | (4, _) => HostTrouble,
        (5 | 6, _) => Protocol,
        (7, _) => Policy,
        _ => return None,
    })
}

/// By the reply code of RFC 5321 section 4.2.3, RFC 7504 and RFC 7505. 550, 553 and 554 serve for everything.
fn by_basic(basic: u16) -> Option<SmtpCause> {
    use SmtpCause::*;
    Some(match basic {
        400..=499 => HostTrouble,
        500..=504 | 555 => Protocol,
        510 | 511 | 551 => MailboxDoesNotExist,
        512 | 521 | 556 => DomainInvalid,
        530 | 534 | 535 => SenderUnauthenticated,
        552 => MailboxFull,
        571 => Policy,
        _ => return None,
    })
}

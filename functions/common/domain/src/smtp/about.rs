//! Whom a sentence is about: a word for the recipient or the sender, near a word for what is wrong with it. This
//! understands replies that no phrase lists.

use super::{
    SmtpCause,
    lexicon::{Lexicon, Text},
    vocabulary::*,
    words::Words,
};

/// A recipient word and a predicate further apart than this don't belong together.
const NEAR: usize = 80;

/// What a reply says about a group: only members may write, or a moderator decides.
pub(super) fn of_group(words: &Words) -> Option<SmtpCause> {
    let about_group = || words.sentences().filter(|sentence| GROUP.is_in(sentence));
    if about_group().any(|sentence| MODERATED.is_in(sentence)) {
        return Some(SmtpCause::ModeratedGroup);
    }
    about_group().any(|sentence| MEMBERS.is_in(sentence)).then_some(SmtpCause::RestrictedToMembers)
}

/// What a reply says about the sender, or about the email.
pub(super) fn of_sender(words: &Words) -> Option<SmtpCause> {
    let mut sentences = words.sentences().map(|sentence| sentence.without(&NOT_DELIVERED));
    if let Some(sentence) = sentences.find(|sentence| SENDER.is_in(sentence) && REFUSED.is_in(sentence)) {
        let of_host = HOST.is_in(&sentence);
        return Some(if of_host { SmtpCause::SenderReputation } else { SmtpCause::SenderAddressRefused });
    }
    let of_email = |sentence: &&Text| EMAIL.is_in(sentence) && CLEARLY_REFUSED.is_in(sentence);
    words.sentences().filter(of_email).any(|sentence| !NOT_DELIVERED.is_in(sentence)).then_some(SmtpCause::Policy)
}

/// What a reply says in a sentence that names neither the recipient nor anything else.
pub(super) fn of_nobody(words: &Words) -> Option<SmtpCause> {
    let says_nothing_else = |sentence: &&Text| {
        let at_host = UNKNOWN_AT.is_in(sentence);
        !says(sentence, &[&SENDER, &EMAIL, &PASSING, &GROUP]) && (at_host || !OTHER_THINGS.is_in(sentence))
    };
    let mut sentences = words.sentences().filter(says_nothing_else);
    sentences.any(|sentence| MISSING.is_in(sentence)).then_some(SmtpCause::MailboxDoesNotExist)
}

/// What a reply says about the recipient, in a sentence without the sender.
pub(super) fn of_recipient(words: &Words) -> Option<SmtpCause> {
    let sentences: Vec<Text> = words
        .sentences()
        .map(|sentence| sentence.without(&NOT_DELIVERED))
        .filter(|sentence| !says(sentence, &[&SENDER, &EMAIL]))
        .collect();
    // A full mailbox passes, so "try again later" fits it. Of anything else it means that nothing is permanent.
    if sentences.iter().any(|sentence| is_near(sentence, &[&MAILBOX], &FULL)) {
        return Some(SmtpCause::MailboxFull);
    }
    let lasting: Vec<&Text> = sentences.iter().filter(|sentence| !PASSING.is_in(sentence)).collect();
    let said = |nouns: &[&Lexicon], predicates| lasting.iter().any(|sentence| is_near(sentence, nouns, predicates));
    if said(&[&ADDRESS, &MAILBOX], &CLOSED) || said(&[&MAILBOX], &BLOCKED) {
        Some(SmtpCause::MailboxDisabled)
    } else {
        let is_bad = || lasting.iter().any(|sentence| is_called_bad(sentence, &[&ADDRESS, &MAILBOX]));
        (said(&[&ADDRESS, &MAILBOX], &GONE) || is_bad()).then_some(SmtpCause::MailboxDoesNotExist)
    }
}

/// That the mailbox is unavailable, in a sentence about nothing else: vague, because hosts say it for several reasons.
pub(super) fn of_unavailable(words: &Words) -> Option<SmtpCause> {
    let says_nothing_else = |sentence: &&Text| !says(sentence, &[&SENDER, &EMAIL, &PASSING, &GROUP, &NO_MAILBOX]);
    let mut sentences = words.sentences().filter(says_nothing_else);
    sentences.any(|sentence| is_near(sentence, &[&MAILBOX], &UNAVAILABLE)).then_some(SmtpCause::MailboxDoesNotExist)
}

fn says(sentence: &Text, lexicons: &[&Lexicon]) -> bool {
    lexicons.iter().any(|lexicon| lexicon.is_in(sentence))
}

fn is_called_bad(sentence: &Text, nouns: &[&Lexicon]) -> bool {
    let ends: Vec<usize> = BAD.found_in(sentence).map(|(at, bad)| at + bad.len()).collect();
    !ends.is_empty() && nouns.iter().flat_map(|nouns| nouns.found_in(sentence)).any(|(at, _)| ends.contains(&at))
}

fn is_near(sentence: &Text, nouns: &[&Lexicon], predicates: &Lexicon) -> bool {
    let nouns: Vec<usize> = nouns.iter().flat_map(|nouns| nouns.found_in(sentence)).map(|(at, _)| at).collect();
    !nouns.is_empty()
        && predicates.found_in(sentence).any(|(at, _)| nouns.iter().any(|noun| at.abs_diff(*noun) <= NEAR))
}

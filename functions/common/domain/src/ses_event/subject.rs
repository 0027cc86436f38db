//! Subjects without the codes in them.
//!
//! The subject of a sign-in email often *is* the one-time code. So the subject of an event is masked while the event is
//! read: every digit, every word that mixes letters and digits, and every long run of letters and digits. What can't be
//! decoded is left out, because nobody can see what it says.

use std::iter::Peekable;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use unicode_normalization::UnicodeNormalization;

use super::field::is_invisible;
use crate::account::mask_addresses;

/// What a masked character is replaced with.
const MASK: char = '•';

/// What takes the place of a run that could be a token, or of text that can't be decoded.
const REMOVED: &str = "[removed]";

/// Runs of letters and digits from this length on could be a token. Few words are longer.
const TOKEN: usize = 16;

/// The longest subject that is kept, in characters. Mail programs show fewer.
const LONGEST: usize = 200;

/// No header of an email is longer than a few lines; longer ones aren't worth the time (RFC 5322 section 2.1.1).
const LONGEST_RAW: usize = 8 * 1024;

/// Padding is often missing or cut off where a mail program split a word.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A subject as it may be stored: decoded (RFC 2047), on one line, without anything that could be a code, and with masked
/// addresses. `None` if nothing is left of it.
pub fn masked_subject(raw: &str) -> Option<String> {
    let raw: String = raw.chars().take(LONGEST_RAW).collect();
    // Some programs encode what is encoded already.
    let decoded = decode(&decode(&raw));
    // Full-width and circled digits become plain ones, and letters with accents one character.
    let plain: String = without_encoded_words(&decoded).nfkc().filter(|c| !is_invisible(*c)).collect();
    let plain = mask_addresses(&plain, None);
    let one_line = plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let masked: Vec<_> = one_line.map(mask_word).collect();
    let masked: String = masked.join(" ").chars().take(LONGEST).collect();
    (!masked.is_empty()).then_some(masked)
}

/// Masks what stands between two spaces.
fn mask_word(word: &str) -> String {
    let runs = || word.split(|c| !is_of_a_token(c));
    // A code may be written in groups: `X7K2-9QPL`, `G-483920`.
    let has_digit = word.chars().any(char::is_numeric);
    let mut masked = String::with_capacity(word.len());
    if runs().any(|run| run.chars().count() >= TOKEN) || is_url_safe_token(word) {
        masked.push_str(&without_tokens(word));
    } else {
        masked.push_str(word);
    }
    if !has_digit {
        return masked;
    }
    let mut shown = String::with_capacity(masked.len());
    let mut run = String::new();
    for c in masked.chars().chain([' ']) {
        if is_of_a_token(c) || c.is_numeric() {
            run.push(c);
            continue;
        }
        shown.extend(mask_run(&run));
        run.clear();
        shown.push(c);
    }
    shown.pop();
    shown
}

/// Of a word with digits, a run shows if it is an ordinary word: without digits, and with a lower-case letter, or in a
/// script that has none.
fn mask_run(run: &str) -> impl Iterator<Item = char> {
    let is_code = run.chars().any(char::is_numeric) || (run.chars().all(|c| !c.is_lowercase()) && run.is_ascii());
    let is_removed = run == REMOVED.trim_matches(['[', ']']);
    run.chars().map(move |c| if is_code && !is_removed { MASK } else { c })
}

/// Letters and digits in scripts that put spaces between words: in others, a sentence is one run.
fn is_of_a_token(c: char) -> bool {
    let is_written_without_spaces = matches!(c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' // Burmese, Khmer
        | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' // kana
        | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}'); // Han
    c.is_alphanumeric() && !is_written_without_spaces
}

/// Tokens of base64url contain hyphens and underscores, which split them into short runs.
fn is_url_safe_token(word: &str) -> bool {
    let runs = word.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.' || c == '='));
    runs.filter(|run| run.len() >= TOKEN).any(|run| {
        let has = |is: fn(&char) -> bool| run.chars().any(|c| is(&c));
        has(char::is_ascii_digit) && (has(char::is_ascii_lowercase) || has(char::is_ascii_uppercase))
    })
}

fn without_tokens(word: &str) -> String {
    let url_safe = is_url_safe_token(word);
    let is_inside = |c: char| is_of_a_token(c) || (url_safe && matches!(c, '-' | '_' | '.' | '='));
    let mut kept = String::new();
    let mut run = String::new();
    for c in word.chars().chain(['\0']) {
        if is_inside(c) {
            run.push(c);
            continue;
        }
        kept.push_str(if run.chars().count() >= TOKEN { REMOVED } else { &run });
        run.clear();
        kept.push(c);
    }
    kept.pop();
    kept
}

/// An encoded word (RFC 2047): `=?charset?B?text?=`.
struct EncodedWord<'a> {
    charset: &'a str,
    encoding: &'a str,
    text: &'a str,
}

/// The encoded word at the beginning of `text`, and its length.
fn encoded_word(text: &str) -> Option<(EncodedWord<'_>, usize)> {
    let rest = text.strip_prefix("=?")?;
    let (charset, rest) = rest.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (content, _) = rest.split_once("?=")?;
    // RFC 2231 allows a language behind the charset.
    let charset = charset.split('*').next().unwrap_or_default();
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    if !is_word(charset) || encoding.len() != 1 || content.contains('?') {
        return None;
    }
    // White space inside is against the rules, and common.
    let length = content.as_ptr() as usize - text.as_ptr() as usize + content.len() + 2;
    Some((EncodedWord { charset, encoding, text: content }, length))
}

enum Piece<'a> {
    Text(&'a str),
    Word(EncodedWord<'a>),
}

/// Splits a header into encoded words and what stands between them. White space between two words belongs to neither.
fn pieces(raw: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(found) = raw[at..].find("=?") {
        let start = at + found;
        let Some((word, length)) = encoded_word(&raw[start..]) else {
            at = start + 2;
            continue;
        };
        let between = &raw[begin..start];
        let only_folds = matches!(pieces.last(), Some(Piece::Word(_))) && between.trim().is_empty();
        if !between.is_empty() && !only_folds {
            pieces.push(Piece::Text(between));
        }
        pieces.push(Piece::Word(word));
        at = start + length;
        begin = at;
    }
    if begin < raw.len() {
        pieces.push(Piece::Text(&raw[begin..]));
    }
    pieces
}

fn decode(raw: &str) -> String {
    let mut decoded = String::new();
    let mut pieces = pieces(raw).into_iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) => decoded.push_str(text),
            Piece::Word(word) => decoded.push_str(&decode_words(word, &mut pieces)),
        }
    }
    decoded
}

/// Decodes a word with those that follow it in the same charset: some programs split a character between two words.
fn decode_words<'a>(first: EncodedWord<'a>, rest: &mut Peekable<impl Iterator<Item = Piece<'a>>>) -> String {
    let charset = first.charset;
    let mut bytes = bytes_of(&first);
    while let Some(Piece::Word(next)) =
        rest.next_if(|piece| matches!(piece, Piece::Word(next) if next.charset.eq_ignore_ascii_case(charset)))
    {
        bytes = bytes.zip(bytes_of(&next)).map(|(bytes, more)| [bytes, more].concat());
    }
    bytes.and_then(|bytes| text_of(&bytes, charset)).unwrap_or_else(|| format!(" {REMOVED} "))
}

fn bytes_of(word: &EncodedWord<'_>) -> Option<Vec<u8>> {
    match word.encoding {
        "B" | "b" => {
            let text: String = word.text.chars().filter(|c| !c.is_whitespace()).collect();
            BASE64.decode(text).ok()
        }
        "Q" | "q" => quoted(word.text),
        _ => None,
    }
}

fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    Some(bytes)
}

/// The charsets that system emails are written in. Others are rare, and their text is left out.
fn text_of(bytes: &[u8], charset: &str) -> Option<String> {
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => String::from_utf8(bytes.to_vec()).ok(),
        "iso-8859-1" | "latin1" | "iso-8859-15" | "latin-9" | "windows-1252" | "cp1252" => {
            Some(bytes.iter().map(|byte| western(*byte)).collect())
        }
        _ => None,
    }
}

/// Western charsets differ in symbols only, which a log does without.
fn western(byte: u8) -> char {
    match byte {
        0x80 | 0xA4 => '€',
        0x85 => '…',
        0x91 | 0x92 => '’',
        0x93 | 0x94 => '"',
        0x96 | 0x97 => '–',
        0x81..=0x9F => ' ',
        byte => char::from(byte),
    }
}

/// What still looks like an encoded word could be decoded by somebody else.
fn without_encoded_words(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        match word.find("=?") {
            Some(at) => {
                kept.push_str(&word[..at]);
                kept.push_str(REMOVED);
                kept.push(' ');
            }
            None => kept.push_str(word),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
